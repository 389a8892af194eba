/** The first rows in priority order, found without sorting all: what a vault that was just opened shows. */
import type { Columns } from './columns.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';

const SCORE_BITS = 7;
const LEVELS = 8;
const ID_BYTES = 16;
/** With more rows of one level and score than this, sorting all is as fast. */
const MOST_CANDIDATES = 50_000;

/**
 * Rows at the first `count` places of the order by priority, descending; `null` where too many are equal in level and score. Cost: two
 * passes over level and score, some nanoseconds a row, and a sort of the candidates.
 */
export function firstByPriority(columns: Columns, count: number): Uint32Array<ArrayBuffer> | null {
  const counts = new Uint32Array(LEVELS << SCORE_BITS);
  for (const [, keys] of keysByBlock(columns)) {
    for (let i = 0; i < keys.length; i++) (counts[keys[i] as number] as number)++;
  }
  let least = counts.length;
  let candidates = 0;
  while (least > 0 && candidates < count) candidates += counts[--least] as number;
  if (candidates > MOST_CANDIDATES) return null;
  const found: { readonly row: number; readonly key: number; readonly ms: number }[] = [];
  const { captured } = columns.times;
  for (const [first, keys] of keysByBlock(columns)) {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as number;
      if (key < least) continue;
      const ms = captured.at(first + i);
      found.push({ row: first + i, key, ms: Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : Math.floor(ms) });
    }
  }
  found.sort((a, b) => b.key - a.key || (a.ms === b.ms ? compareIds(columns, a.row, b.row) : b.ms - a.ms));
  return Uint32Array.from(found.slice(0, count), ({ row }) => row);
}

/** First row of each block, and for its rows level and score as one number; the array is used again. */
function* keysByBlock({ memory, codes, planes, rows }: Columns): Generator<readonly [number, Uint16Array]> {
  const all = new Uint16Array(Math.min(rows, BLOCK_ROWS));
  const { score } = codes;
  const { level } = planes;
  for (const [block, , count] of piecesOf(0, rows)) {
    const keys = all.subarray(0, count);
    if (score.isEmpty) keys.fill(0);
    else keys.set(memory.u8.subarray(score.blockAt(block), score.blockAt(block) + count));
    for (let bit = 0; bit < level.bits && !level.isEmpty; bit++) {
      addBit(memory.u8, level.plane(bit) + (block * BLOCK_ROWS) / 8, SCORE_BITS + bit, keys);
    }
    yield [block * BLOCK_ROWS, keys];
  }
}

/** A plane's bits, from address `at` on, as bit `to` of the keys. */
function addBit(u8: Uint8Array, at: number, to: number, keys: Uint16Array): void {
  for (let i = 0; i < keys.length; i++) {
    keys[i] = (keys[i] as number) | ((((u8[at + (i >> 3)] as number) >> (i & 7)) & 1) << to);
  }
}

function compareIds({ memory, ids }: Columns, a: number, b: number): number {
  const [first, second] = [ids.rowAt(a), ids.rowAt(b)];
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = (memory.u8[first + i] as number) - (memory.u8[second + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
