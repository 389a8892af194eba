/** The first rows in priority order, found without sorting all: what a vault that was just opened shows. */
import { bitsBytes, wordsOf } from './bit-sets.ts';
import { BLOCK_ROWS } from './blocks.ts';
import type { Columns } from './columns.ts';

const SCORES = 101;
const ID_BYTES = 16;
/** With more rows of one level and score than this, sorting all is as fast. */
const MOST_CANDIDATES = 50_000;

/**
 * Rows at the first `count` places of the order by priority, descending; `null` where too many are equal in level and score. Cost: the
 * planes of the levels once for each level that is needed, one look at the scores of the lowest of these, a sort of the candidates.
 */
export function firstByPriority(columns: Columns, count: number): Uint32Array<ArrayBuffer> | null {
  const { planes, times } = columns;
  const found: { readonly row: number; readonly key: number; readonly ms: number }[] = [];
  const take = (row: number, key: number): void => {
    const ms = times.captured.at(row);
    found.push({ row, key, ms: Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : Math.floor(ms) });
  };
  for (let level = 2 ** planes.level.bits - 1; level >= 0 && found.length < count; level--) {
    const rows = rowsOfLevel(columns, level);
    const scores = rows.map((row) => scoreOf(columns, row));
    const counts = new Uint32Array(SCORES);
    for (let i = 0; i < scores.length; i++) (counts[scores[i] as number] as number)++;
    let least = SCORES;
    let candidates = found.length;
    while (least > 0 && candidates < count) candidates += counts[--least] as number;
    if (candidates > MOST_CANDIDATES) return null;
    for (let i = 0; i < rows.length; i++) {
      const score = scores[i] as number;
      if (score >= least) take(rows[i] as number, level * SCORES + score);
    }
  }
  found.sort((a, b) => b.key - a.key || (a.ms === b.ms ? compareIds(columns, a.row, b.row) : b.ms - a.ms));
  return Uint32Array.from(found.slice(0, count), ({ row }) => row);
}

/** Rising. Rows that are staged are none of them. */
function rowsOfLevel({ memory, kernels, planes, rows }: Columns, level: number): Uint32Array<ArrayBuffer> {
  const words = wordsOf(rows);
  return memory.lend([bitsBytes(rows)], (bits) => {
    memory.u8.fill(0, bits, bits + words * 8);
    planes.level.or(level, bits, words);
    kernels.clearBits(bits, rows, words * 64);
    const count = kernels.countBits(bits, words);
    return memory.lend([count * 4], (list) => {
      kernels.listBits(bits, words, list);
      return memory.u32.slice(list >> 2, (list >> 2) + count);
    });
  });
}

/** Scores are at most 100, a byte each. */
function scoreOf({ memory, codes: { score } }: Columns, row: number): number {
  return score.isEmpty ? 0 : (memory.u8[score.blockAt(Math.floor(row / BLOCK_ROWS)) + (row % BLOCK_ROWS)] as number);
}

function compareIds({ memory, ids }: Columns, a: number, b: number): number {
  const [first, second] = [ids.rowAt(a), ids.rowAt(b)];
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = (memory.u8[first + i] as number) - (memory.u8[second + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
