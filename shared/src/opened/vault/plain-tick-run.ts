/** A run of ticks in TypeScript: the twin of wasm/kernel-tick-run.ts. */
import type { FewTicks } from '../query/hot-columns.ts';
import { NO_CODE, NO_TICK } from '../query/hot-columns.ts';
import type { Numbers } from './packed-arrays.ts';
import type { TickBytes, TickRun } from './tick-runs.ts';

const FEW = 255;
const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array } as const;

export class PlainTickRun implements TickRun {
  readonly #ticks: Uint32Array;

  constructor(ticks: Uint32Array) {
    this.#ticks = ticks;
  }

  bounds() {
    let least = NO_TICK;
    let most = 0;
    let unknown = 0;
    for (const tick of this.#ticks) {
      if (tick === NO_TICK) unknown++;
      else {
        if (tick < least) least = tick;
        if (tick > most) most = tick;
      }
    }
    return { least, most, unknown };
  }

  areOnGrain(least: number, grain: number): boolean {
    return this.#ticks.every((tick) => tick === NO_TICK || (tick - least) % grain === 0);
  }

  few(): FewTicks | null {
    const numbers = new Map<number, number>();
    const codes = new Uint8Array(this.#ticks.length);
    for (const [i, tick] of this.#ticks.entries()) {
      let code = tick === NO_TICK ? NO_CODE : numbers.get(tick);
      if (code === undefined) {
        if (numbers.size === FEW) return null;
        code = numbers.size;
        numbers.set(tick, code);
      }
      codes[i] = code;
    }
    return { values: Uint32Array.from(numbers.keys()), codes };
  }

  narrowed(least: number, grain: number, width: TickBytes): Numbers {
    const steps = new ARRAYS[width](this.#ticks.length);
    // The narrow array keeps the low bits: all ones of NO_TICK stay all ones.
    this.#ticks.forEach((tick, i) => (steps[i] = tick === NO_TICK ? NO_TICK : (tick - least) / grain));
    return steps;
  }
}
