/** Bitsets over rows for the length of a query, given back and used again. */
import { BLOCK_ROWS } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';

/** Rows that kernels take at a time: four words. */
const STEP = 256;
/** Bytes of a block's bits. */
export const BLOCK_BITS_BYTES = BLOCK_ROWS / 8;
/** Kernels read and write so far beyond the last word. */
const SLACK = 64;
/** Bytes of a table of bitsets. */
const TABLE_BYTES = 4096;

/** Bytes of a bitset for `rows`. */
export function bitsBytes(rows: number): number {
  return wordsOf(rows) * 8 + SLACK;
}

/** Words of a bitset for `rows` that kernels look at. */
export function wordsOf(rows: number): number {
  return Math.ceil(rows / STEP) * 4;
}

export class BitSets {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #free: number[] = [];
  /** Address of a table of bitsets. */
  readonly #table: number;
  #rows = 0;
  #all = 0;
  #none = 0;

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#table = memory.take(TABLE_BYTES);
  }

  /** Words of each. */
  get words(): number {
    return wordsOf(this.#rows);
  }

  get rows(): number {
    return this.#rows;
  }

  /** All rows. The caller does not write. */
  get all(): number {
    return this.#all;
  }

  /** No rows. The caller does not write. */
  get none(): number {
    return this.#none;
  }

  /** Bitsets are of `rows` from now on; those that are out keep their size and are given back by `drop`. Throws EngineFullError. */
  resize(rows: number): void {
    if (rows === this.#rows && this.#all !== 0) return;
    const bytes = bitsBytes(rows);
    const [all, none] = [this.#memory.take(bytes), this.#memory.take(bytes)];
    for (const set of [...this.#free, this.#all, this.#none]) if (set !== 0) this.#memory.give(set, this.#bytes);
    this.#free.length = 0;
    this.#rows = rows;
    [this.#all, this.#none] = [all, none];
    this.#kernels.fillBits(all, rows, this.words);
    this.#memory.u8.fill(0, none, none + bytes);
  }

  /** One of any content. */
  take(): number {
    return this.#free.pop() ?? this.#memory.take(this.#bytes);
  }

  /** One that is empty. */
  empty(): number {
    const set = this.take();
    this.#memory.u8.fill(0, set, set + this.words * 8);
    return set;
  }

  /** `out` gets the rows that are in all of `inside` (at least one) and in none of `outside` (1,000 bitsets in all); their number. */
  meet(inside: readonly number[], outside: readonly number[], out: number): number {
    this.#memory.u32.set([...inside, ...outside], this.#table >> 2);
    return this.#kernels.meetBits(this.#table, inside.length, inside.length + outside.length, out, this.words);
  }

  /** Gives one back that was taken since the last `resize`. */
  give(set: number): void {
    this.#free.push(set);
  }

  /** Gives one back that was taken when there were `rows`. */
  drop(set: number, rows: number): void {
    if (rows === this.#rows) this.give(set);
    else this.#memory.give(set, bitsBytes(rows));
  }

  get #bytes(): number {
    return bitsBytes(this.#rows);
  }
}
