import { nodeHash } from './merkle.ts';
import { tileOfNode } from './tile.ts';
import type { NewNode, ReadNode } from './tree.ts';

/**
 * Nodes of a tree out of its tiles. A tile holds every eighth level only; the seven between are hashed once and kept, since the
 * proofs of one batch ask for the same ones again and again.
 */

const HASH_BYTES = 32;
const ROWS = 8;
const TILE_WIDTH = 256;
/** A tile with the levels above it takes 16 KiB. */
const MAX_TILES = 1024;

/** A tile and the seven levels over it; `filled[row]` hashes of each are known. */
interface Pyramid {
  readonly rows: readonly Uint8Array[];
  readonly filled: number[];
}

/** Keeps the tiles that were used last. Only committed nodes belong in here: nothing of it is ever taken back. */
export class TileNodes {
  readonly #pyramids = new Map<string, Pyramid>();

  /** How many hashes of tile `level`, `index` are held. */
  held(level: number, index: number): number {
    return this.#pyramids.get(keyOf(level, index))?.filled[0] ?? 0;
  }

  /** Takes the tile's hashes (32 bytes each, up to 256). Cost: one hash for each of them, once. */
  putTile(level: number, index: number, hashes: Uint8Array): void {
    const pyramid = emptyPyramid();
    const bottom = pyramid.rows[0] as Uint8Array;
    bottom.set(hashes.subarray(0, bottom.length));
    pyramid.filled[0] = Math.min(TILE_WIDTH, Math.floor(hashes.length / HASH_BYTES));
    fillUpwards(pyramid);
    this.#keep(keyOf(level, index), pyramid);
  }

  /** Takes a node that an append made, where the tile it belongs to is held up to it; else it is read from the tile later. */
  putNode({ level, index, hash }: NewNode): void {
    const at = tileOfNode(level, index);
    const column = at.first / 2 ** at.above;
    const key = keyOf(at.level, at.index);
    let pyramid = this.#pyramids.get(key);
    if (pyramid === undefined) {
      if (at.above > 0 || column > 0) return;
      pyramid = emptyPyramid();
      this.#keep(key, pyramid);
    }
    if (pyramid.filled[at.above] !== column) return;
    (pyramid.rows[at.above] as Uint8Array).set(hash, column * HASH_BYTES);
    pyramid.filled[at.above] = column + 1;
  }

  /** Hash of a whole subtree. Throws where its tile is not held: the caller puts tiles first. */
  readonly node: ReadNode = (level, index) => {
    const at = tileOfNode(level, index);
    const key = keyOf(at.level, at.index);
    const pyramid = this.#pyramids.get(key);
    const column = at.first / 2 ** at.above;
    if (pyramid === undefined || column >= (pyramid.filled[at.above] ?? 0)) {
      throw new RangeError(`TileNodes: node ${level}/${index} is not held`);
    }
    this.#keep(key, pyramid);
    return (pyramid.rows[at.above] as Uint8Array).slice(column * HASH_BYTES, (column + 1) * HASH_BYTES);
  };

  #keep(key: string, pyramid: Pyramid): void {
    this.#pyramids.delete(key);
    this.#pyramids.set(key, pyramid);
    if (this.#pyramids.size <= MAX_TILES) return;
    const [oldest] = this.#pyramids.keys();
    if (oldest !== undefined) this.#pyramids.delete(oldest);
  }
}

/** The tiles that proofs about leaf `index` in a tree of `size` leaves read: those on its way up, and those at the right edge. */
export function tilesOfProof(
  index: number,
  size: number,
): readonly { readonly level: number; readonly index: number }[] {
  const tiles = new Map<string, { readonly level: number; readonly index: number }>();
  let [at, last] = [index, size - 1];
  for (let level = 0; last >= 0; level++) {
    for (const one of [at, last]) {
      const tile = { level, index: Math.floor(one / TILE_WIDTH) };
      if (one <= last && one >= 0) tiles.set(keyOf(tile.level, tile.index), tile);
    }
    at = Math.floor(at / TILE_WIDTH);
    last = Math.floor((last + 1) / TILE_WIDTH) - 1;
  }
  return [...tiles.values()];
}

function emptyPyramid(): Pyramid {
  return {
    rows: Array.from({ length: ROWS }, (_, row) => new Uint8Array((TILE_WIDTH >> row) * HASH_BYTES)),
    filled: Array<number>(ROWS).fill(0),
  };
}

function fillUpwards({ rows, filled }: Pyramid): void {
  for (let row = 1; row < ROWS; row++) {
    const below = rows[row - 1] as Uint8Array;
    const count = Math.floor((filled[row - 1] ?? 0) / 2);
    for (let i = 0; i < count; i++) {
      const left = 2 * i * HASH_BYTES;
      const node = nodeHash(
        below.subarray(left, left + HASH_BYTES),
        below.subarray(left + HASH_BYTES, left + 2 * HASH_BYTES),
      );
      (rows[row] as Uint8Array).set(node, i * HASH_BYTES);
    }
    filled[row] = count;
  }
}

function keyOf(level: number, index: number): string {
  return `${level}/${index}`;
}
