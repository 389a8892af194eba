/** Distinct times of a column: what a load brought was seen at one time, so that two bytes a row are enough. */
import type { Ms } from '../../../base/brand.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';

/** More distinct times than this are not worth a code. */
const MAX_TIMES = 16_384;
const TIME_BYTES = 8;
const SLOTS_BYTES = 2 * 65_536;
/** Some rows may bring so many new times, or one in so many rows. */
const LEAST_NEW = 64;
const ROWS_FOR_NEW = 8;
const TOO_MANY = 0xffffffff;

export class TimeCodes {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #values: Region;
  readonly #slots: Region;
  #count = 1;

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#values = new Region(memory);
    this.#slots = new Region(memory);
  }

  /** Address of the times (f64 by code); 0 before the first. */
  get values(): number {
    return this.#values.at;
  }

  /** Address of the table that finds codes. */
  get slots(): number {
    return this.#slots.at;
  }

  /** Times by code; the first one, NaN, is none. */
  times(): Float64Array {
    return this.#memory.f64.slice(this.#values.at >> 3, (this.#values.at >> 3) + this.#count);
  }

  /**
   * Writes codes (u16) of `given` times (f64, NaN: unknown), which so many rows have, to `out`. `false` where too many of them are new:
   * what `out` holds then means nothing. Throws EngineFullError.
   */
  put(times: number, given: number, out: number, rows = given): boolean {
    this.#start();
    const most = Math.min(MAX_TIMES, this.#count + Math.max(LEAST_NEW, Math.ceil(rows / ROWS_FOR_NEW)));
    const { at } = this.#values;
    const count = this.#kernels.codeTimes(times, given, at, this.#slots.at, this.#count, most, out) >>> 0;
    if (count !== TOO_MANY) this.#count = count;
    else this.#forgetFrom(this.#count);
    return count !== TOO_MANY;
  }

  /** Whether all `times` have codes now. Throws EngineFullError. */
  learn(times: readonly Ms[]): boolean {
    if (times.length === 0) return true;
    return this.#memory.lend([times.length * TIME_BYTES, times.length * 2], (at, out) => {
      this.#memory.f64.set(times, at >> 3);
      return this.put(at, times.length, out);
    });
  }

  #start(): void {
    if (this.#values.at !== 0) return;
    this.#values.reserve(MAX_TIMES * TIME_BYTES, 0);
    this.#slots.reserve(SLOTS_BYTES, 0);
    this.#memory.u8.fill(0, this.#slots.at, this.#slots.at + SLOTS_BYTES);
    this.#memory.f64[this.#values.at >> 3] = Number.NaN;
  }

  /** Slots are filled anew with the codes below `count`. */
  #forgetFrom(count: number): void {
    this.#memory.u8.fill(0, this.#slots.at, this.#slots.at + SLOTS_BYTES);
    const known = this.times().slice(1, count);
    this.#count = 1;
    this.#memory.lend([known.length * TIME_BYTES, known.length * 2], (times, out) => {
      this.#memory.f64.set(known, times >> 3);
      const { at } = this.#values;
      this.#count = this.#kernels.codeTimes(times, known.length, at, this.#slots.at, 1, MAX_TIMES, out);
    });
  }
}
