/** A column in blocks of 65,536 rows, so that it grows without a copy. Kernels find a row through the table of block addresses. */
import { EngineFullError } from '../engine-full.ts';
import type { WasmMemory } from './memory.ts';

export const BLOCK_ROWS = 65_536;
/** 2^26 rows: what an id's slot can name. */
export const MAX_BLOCKS = 1024;

/** Bytes of a value. */
export type Width = 1 | 2 | 4 | 8 | 16;

export class Blocks {
  /** Address of the table (u32 by block). */
  readonly table: number;
  readonly #memory: WasmMemory;
  readonly #addresses: number[] = [];
  #width: Width;

  constructor(memory: WasmMemory, width: Width) {
    this.#memory = memory;
    this.#width = width;
    this.table = memory.take(MAX_BLOCKS * 4);
  }

  get width(): Width {
    return this.#width;
  }

  get count(): number {
    return this.#addresses.length;
  }

  /** Address of a block that is there. */
  at(block: number): number {
    return this.#addresses[block] as number;
  }

  /** Address of a row that has room. */
  rowAt(row: number): number {
    return this.at(Math.floor(row / BLOCK_ROWS)) + (row % BLOCK_ROWS) * this.#width;
  }

  /** Room for `rows`. Throws EngineFullError. */
  reserve(rows: number): void {
    const needed = Math.ceil(rows / BLOCK_ROWS);
    if (needed > MAX_BLOCKS) throw new EngineFullError(this.#memory.bytes);
    while (this.count < needed) this.#put(this.count, this.#memory.take(BLOCK_ROWS * this.#width));
  }

  /** Gives back what lies behind `rows`. */
  release(rows: number): void {
    const needed = Math.ceil(rows / BLOCK_ROWS);
    while (this.count > needed) this.#memory.give(this.#addresses.pop() as number, BLOCK_ROWS * this.#width);
  }

  /** All blocks in another width; `copy` fills each anew from what it was. Throws EngineFullError, unchanged. */
  widen(width: Width, copy: (from: number, to: number) => void): void {
    const wide = new Array<number>();
    try {
      while (wide.length < this.count) wide.push(this.#memory.take(BLOCK_ROWS * width));
    } catch (error) {
      for (const address of wide) this.#memory.give(address, BLOCK_ROWS * width);
      throw error;
    }
    wide.forEach((address, block) => {
      const narrow = this.at(block);
      copy(narrow, address);
      this.#memory.give(narrow, BLOCK_ROWS * this.#width);
      this.#put(block, address);
    });
    this.#width = width;
  }

  #put(block: number, address: number): void {
    this.#addresses[block] = address;
    this.#memory.u32[(this.table >> 2) + block] = address;
  }
}

/** Cuts rows `first`..`first + rows` at block ends: block, first row in it, rows, and how many came before. */
export function* piecesOf(first: number, rows: number): Generator<readonly [N, N, N, N]> {
  for (let done = 0; done < rows;) {
    const row = first + done;
    const count = Math.min(rows - done, BLOCK_ROWS - (row % BLOCK_ROWS));
    yield [Math.floor(row / BLOCK_ROWS), row % BLOCK_ROWS, count, done];
    done += count;
  }
}

type N = number;
