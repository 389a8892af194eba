/** Answers: an order walked past the rows that are not in the bitset. */
import { bitAt } from './bit';

/** Rows between two marks of `countHits`. */
const STRIDE: u32 = 4096;

/** Hits before each 4,096th place of the order to `out`. */
export function countHits(order: usize, rows: u32, bits: usize, out: usize): void {
  let sum: u32 = 0;
  for (let from: u32 = 0; from < rows; from += STRIDE) {
    store<u32>(out + ((<usize>(from / STRIDE)) << 2), sum);
    const end = min(rows, from + STRIDE);
    for (let i = from; i < end; i++) sum += bitAt(bits, load<u32>(order + ((<usize>i) << 2)));
  }
}

/** From place `from` of the order: leaves out `skip` hits, writes up to `limit` to `out`. Answers how many. `out` holds one more. */
export function takeHits(order: usize, rows: u32, bits: usize, from: u32, skip: u32, limit: u32, out: usize): u32 {
  let left = skip;
  let i = from;
  for (; i < rows && left > 0; i++) left -= bitAt(bits, load<u32>(order + ((<usize>i) << 2)));
  let found: u32 = 0;
  for (; i < rows && found < limit; i++) {
    const row = load<u32>(order + ((<usize>i) << 2));
    store<u32>(out + ((<usize>found) << 2), row);
    found += bitAt(bits, row);
  }
  return found;
}

/** How many hits come before `row` in the order, which is one itself. */
export function placeOfHit(order: usize, rows: u32, bits: usize, row: u32): u32 {
  let before: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const here = load<u32>(order + ((<usize>i) << 2));
    if (here === row) break;
    before += bitAt(bits, here);
  }
  return before;
}
