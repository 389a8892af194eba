/** A column of dictionary codes, as wide as its dictionary needs. While its dictionary is empty it takes no memory: all codes are 0. */
import type { Codes } from '../hot-columns.ts';
import type { Width } from './blocks.ts';
import { BLOCK_ROWS, Blocks, piecesOf } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';

type CodeWidth = 1 | 2 | 4;

export class CodeColumn {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #blocks: Blocks;
  #isEmpty = true;

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#blocks = new Blocks(memory, 1);
  }

  /** All codes are 0, and there are no blocks. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  get width(): CodeWidth {
    return this.#blocks.width as CodeWidth;
  }

  /** Block table; for a column that is not empty. */
  get table(): number {
    return this.#blocks.table;
  }

  /** Address of a block; for a column that is not empty. */
  blockAt(block: number): number {
    return this.#blocks.at(block);
  }

  /** Makes codes up to `largest` fit, `rows` being there. Throws EngineFullError, nothing being lost. */
  fit(largest: number, rows: number): void {
    if (largest === 0) return;
    const width = widthFor(largest);
    if (this.#isEmpty) {
      if (width > this.width) this.#blocks.widen(width, () => undefined);
      this.#blocks.reserve(rows);
      for (const [block, , count] of piecesOf(0, rows)) {
        const at = this.#blocks.at(block);
        this.#memory.u8.fill(0, at, at + count * this.width);
      }
      this.#isEmpty = false;
    } else if (width > this.width) {
      const narrow = this.width;
      this.#blocks.widen(width, (from, to) => {
        this.#kernels.mapCodes(from, narrow, BLOCK_ROWS, 0, to, width);
      });
    }
  }

  /** Room for `rows`. Throws EngineFullError. */
  reserve(rows: number): void {
    if (!this.#isEmpty) this.#blocks.reserve(rows);
  }

  release(rows: number): void {
    this.#blocks.release(rows);
  }

  /**
   * Rows `row`.. get codes `from`..`to` by `map` (address, 0: as they are). There must be room, and codes must fit. `staging` holds a
   * block of them.
   */
  put(row: number, codes: Codes, from: number, to: number, map: number, staging: number): void {
    if (this.#isEmpty) return;
    const { u8 } = this.#memory;
    const sourceWidth = codes.BYTES_PER_ELEMENT;
    const isCopy = map === 0 && sourceWidth === this.width;
    for (const [block, place, count, done] of piecesOf(row, to - from)) {
      const start = codes.byteOffset + (from + done) * sourceWidth;
      const target = this.#blocks.at(block) + place * this.width;
      u8.set(new Uint8Array(codes.buffer, start, count * sourceWidth), isCopy ? target : staging);
      if (!isCopy) this.#kernels.mapCodes(staging, sourceWidth, count, map, target, this.width);
    }
  }

  at(row: number): number {
    if (this.#isEmpty) return 0;
    const address = this.#blocks.rowAt(row);
    const { u8, u16, u32 } = this.#memory;
    if (this.width === 1) return u8[address] as number;
    return (this.width === 2 ? u16[address >>> 1] : u32[address >>> 2]) as number;
  }

  /** All of `count` rows (u32 at `rows`) get `code`, which must fit. */
  set(rows: number, count: number, code: number): void {
    if (!this.#isEmpty) this.#kernels.setRows(this.table, this.width, rows, count, code);
  }

  /** Row `to[i]` takes the code of row `from[i]` (addresses of u32). */
  copy(from: number, to: number, count: number): void {
    if (!this.#isEmpty) this.#kernels.copyRows(this.table, this.width, from, to, count);
  }

  /** Rows in the bitset `last` move behind the others; see `partRows`. */
  part(last: number, first: number, end: number, spare: number): void {
    if (!this.#isEmpty) this.#kernels.partRows(this.table, this.width, last, first, end, spare);
  }
}

function widthFor(largest: number): Width {
  if (largest <= 0xff) return 1;
  return largest <= 0xffff ? 2 : 4;
}
