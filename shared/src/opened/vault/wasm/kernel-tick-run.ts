/** A run of ticks by the loops of shared/kernels/vault/ticks.ts, copied into the kernel's memory. */
import type { FewTicks } from '../../query/hot-columns.ts';
import type { Numbers } from '../packed-arrays.ts';
import { PlainTickRun } from '../plain-tick-run.ts';
import type { TakeTicks, TickBytes, TickRun } from '../tick-runs.ts';
import { createVaultKernel } from './vault-kernel.ts';
import type { VaultKernel } from './vault-kernel.ts';

/** Room for three words, for slots of two bytes, and for the distinct ticks. */
const SLOTS_BYTES = 1024 * 2;
const FEW = 255;

/** `null` where there is no WebAssembly. A run that there is no room for is left to the plain twin. */
export function createKernelTicks(): TakeTicks | null {
  const kernel = createVaultKernel();
  if (kernel === null) return null;
  const boundsAt = Math.ceil(kernel.run.heapBase() / 8) * 8;
  const slotsAt = boundsAt + 16;
  const valuesAt = slotsAt + SLOTS_BYTES;
  const ticksAt = valuesAt + (FEW + 1) * 4;
  return (ticks) => {
    const intoAt = ticksAt + ticks.byteLength;
    if (!kernel.reserve(intoAt + ticks.byteLength)) return new PlainTickRun(ticks);
    kernel.put(ticksAt, ticks);
    return new KernelTickRun(kernel, { count: ticks.length, boundsAt, slotsAt, valuesAt, ticksAt, intoAt });
  };
}

/** Where a run of `count` ticks lies, and what its loops write. */
interface Places {
  readonly count: number;
  readonly boundsAt: number;
  readonly slotsAt: number;
  readonly valuesAt: number;
  readonly ticksAt: number;
  readonly intoAt: number;
}

class KernelTickRun implements TickRun {
  readonly #kernel: VaultKernel;
  readonly #places: Places;

  constructor(kernel: VaultKernel, places: Places) {
    this.#kernel = kernel;
    this.#places = places;
  }

  bounds() {
    const { count, boundsAt, ticksAt } = this.#places;
    this.#kernel.run.boundTicks(ticksAt, count, boundsAt);
    const [least = 0, most = 0, unknown = 0] = this.#kernel.words.subarray(boundsAt / 4, boundsAt / 4 + 3);
    return { least, most, unknown };
  }

  areOnGrain(least: number, grain: number): boolean {
    const { count, ticksAt } = this.#places;
    return this.#kernel.run.areOnGrain(ticksAt, count, least, grain) !== 0;
  }

  few(): FewTicks | null {
    const { count, slotsAt, valuesAt, ticksAt, intoAt } = this.#places;
    const { run, bytes, words } = this.#kernel;
    const distinct = run.listFew(ticksAt, count, slotsAt, valuesAt, intoAt);
    if (distinct > FEW) return null;
    const values = words.subarray(valuesAt / 4, valuesAt / 4 + distinct);
    return { values, codes: bytes.subarray(intoAt, intoAt + count) };
  }

  narrowed(least: number, grain: number, width: TickBytes): Numbers {
    const { count, ticksAt, intoAt } = this.#places;
    const { run, bytes, words } = this.#kernel;
    run.narrowTicks(ticksAt, count, least, grain, width, intoAt);
    if (width === 1) return bytes.subarray(intoAt, intoAt + count);
    return width === 2 ? this.#kernel.shorts(intoAt, count) : words.subarray(intoAt / 4, intoAt / 4 + count);
  }
}
