/** Hits block by block, as places in it: what counting by code goes through. */
import { BLOCK_BITS_BYTES } from './bit-sets.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import { Region } from './memory.ts';

const PLACE_BYTES = 2;
/** Kernels write whole vectors. */
const SLACK = 16;

export class BlockHits {
  readonly #columns: Columns;
  readonly #places: Region;

  constructor(columns: Columns) {
    this.#columns = columns;
    this.#places = new Region(columns.memory);
  }

  /**
   * Calls `visit` with each block of `rows` that has hits in the bitset, the address of their places in the block (u16, rising), and how
   * many they are.
   */
  each(bits: number, rows: number, visit: (block: number, places: number, hits: number) => void): void {
    this.#places.reserve(BLOCK_ROWS * PLACE_BYTES + SLACK, 0);
    for (const [block, , count] of piecesOf(0, rows)) {
      const hits = this.#columns.kernels.listBlock(bits + block * BLOCK_BITS_BYTES, count, this.#places.at);
      if (hits > 0) visit(block, this.#places.at, hits);
    }
  }
}
