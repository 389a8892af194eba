/** Rows counted by small codes and by time. One block at a time, its bits from its first row; `levels` and the like hold a byte a row. */
import { codeInPlanes } from './planes';

/** Distinct counts of rows: level (3 bits), state (4), whether somebody owns it. */
const KINDS: usize = 256;
/** Four times: few kinds come again and again, and one count waits for the last. */
const COUNTS: usize = memory.data(4 * 1024, 16);

/** Codes of `rows` rows from `row` (a multiple of 16) on, a byte each; up to 15 more are written. `planes`: a table, lowest bit first. */
export function unpackPlanes(planes: usize, count: u32, row: u32, rows: u32, out: usize): void {
  const spread = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const masks = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  for (let i: u32 = 0; i < rows; i += 16) {
    const at = <usize>((row + i) >> 3);
    let codes = i8x16.splat(0);
    for (let b: u32 = 0; b < count; b++) {
      const bits = i8x16.swizzle(i16x8.splat(load<i16>(load<usize>(planes + ((<usize>b) << 2)) + at)), spread);
      const isSet = i8x16.eq(v128.and(bits, masks), masks);
      codes = v128.or(codes, v128.and(isSet, i8x16.splat(<i8>((<u32>1) << b))));
    }
    v128.store(out + i, codes);
  }
}

/** Codes of the listed rows (u32), a byte each. */
export function gatherPlanes(planes: usize, count: u32, rows: usize, length: u32, out: usize): void {
  for (let i: u32 = 0; i < length; i++) {
    store<u8>(out + i, <u8>codeInPlanes(planes, count, load<u32>(rows + ((<usize>i) << 2))));
  }
}

/** Adds rows `from`..`to` by kind to `counts` (256 u32: level, state << 3, owned << 7). Any of the columns may be 0: all are. */
export function countKinds(
  levels: usize,
  states: usize,
  owners: usize,
  ownerWidth: u32,
  from: u32,
  to: u32,
  counts: usize,
): void {
  memory.fill(COUNTS, 0, 4 * 1024);
  for (let row: usize = from; row < <usize>to; row++) {
    let kind: u32 = levels ? <u32>load<u8>(levels + row) : 0;
    if (states) kind |= (<u32>load<u8>(states + row)) << 3;
    if (owners) kind |= (<u32>isOwned(owners, ownerWidth, row)) << 7;
    const at = COUNTS + ((row & 3) << 10) + ((<usize>kind) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  for (let i: usize = 0; i < KINDS << 2; i += 4) {
    const sum =
      load<u32>(COUNTS + i) + load<u32>(COUNTS + i, 1024) + load<u32>(COUNTS + i, 2048) + load<u32>(COUNTS + i, 3072);
    store<u32>(counts + i, load<u32>(counts + i) + sum);
  }
}

function isOwned(owners: usize, width: u32, row: usize): bool {
  if (width === 1) return load<u8>(owners + row) !== 0;
  return width === 2 ? load<u16>(owners + (row << 1)) !== 0 : load<u32>(owners + (row << 2)) !== 0;
}

/**
 * Counts hits of a block of coded times by code and by level into `counts` (u32, eight a code). Those of odd rows are counted `half` bytes
 * behind: neighbours often have one time, and one count waits for the last.
 */
export function countCoded(codes: usize, bits: usize, rows: u32, levels: usize, counts: usize, half: usize): void {
  for (let first: u32 = 0; first < rows; first += 64) {
    let left = load<u64>(bits + (first >> 3));
    if (left === u64.MAX_VALUE) {
      for (let row: usize = first; row < <usize>first + 64; row++) countOne(codes, row, levels, counts, half);
      continue;
    }
    for (; left; left &= left - 1) countOne(codes, <usize>first + <usize>ctz<u64>(left), levels, counts, half);
  }
}

function countOne(codes: usize, row: usize, levels: usize, counts: usize, half: usize): void {
  const level = levels ? <usize>load<u8>(levels + row) : 0;
  const at = counts + (row & 1) * half + ((<usize>load<u16>(codes + (row << 1))) << 5) + (level << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Widens the bounds at `out` (two f64: lowest, highest) by the times of hits, which are not coded; how many of them are known. */
export function boundHits(times: usize, base: f64, unit: f64, bits: usize, rows: u32, out: usize): u32 {
  return unit === 0
    ? boundOf<f64>(times, base, unit, bits, rows, out)
    : boundOf<u32>(times, base, unit, bits, rows, out);
}

function boundOf<T>(times: usize, base: f64, unit: f64, bits: usize, rows: u32, out: usize): u32 {
  let low = load<f64>(out);
  let high = load<f64>(out, 8);
  let known: u32 = 0;
  for (let first: u32 = 0; first < rows; first += 64) {
    for (let left = load<u64>(bits + (first >> 3)); left; left &= left - 1) {
      const time = timeOf<T>(times, base, unit, <usize>first + <usize>ctz<u64>(left));
      known += <u32>(time === time);
      if (time < low) low = time;
      if (time > high) high = time;
    }
  }
  store<f64>(out, low);
  store<f64>(out, high, 8);
  return known;
}

/**
 * Counts hits by step of `stepMs` from `from` on and by level into `counts` (u32 by step, eight a step). Times are not coded; those that are
 * unknown or before or behind all steps are left out.
 */
export function countSteps(
  times: usize,
  base: f64,
  unit: f64,
  bits: usize,
  rows: u32,
  levels: usize,
  from: f64,
  stepMs: f64,
  steps: u32,
  counts: usize,
): void {
  if (unit === 0) stepsOf<f64>(times, base, unit, bits, rows, levels, from, stepMs, steps, counts);
  else stepsOf<u32>(times, base, unit, bits, rows, levels, from, stepMs, steps, counts);
}

function stepsOf<T>(
  times: usize,
  base: f64,
  unit: f64,
  bits: usize,
  rows: u32,
  levels: usize,
  from: f64,
  stepMs: f64,
  steps: u32,
  counts: usize,
): void {
  const end = <f64>steps;
  for (let first: u32 = 0; first < rows; first += 64) {
    for (let left = load<u64>(bits + (first >> 3)); left; left &= left - 1) {
      const row = <usize>first + <usize>ctz<u64>(left);
      const step = (timeOf<T>(times, base, unit, row) - from) / stepMs;
      // Not for a time that is unknown.
      if (!(step >= 0 && step < end)) continue;
      const level = levels ? <usize>load<u8>(levels + row) : 0;
      const at = counts + ((<usize>(<u32>step)) << 5) + (level << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
}

/** `timeAt` for a block whose format is known beforehand. */
function timeOf<T>(times: usize, base: f64, unit: f64, row: usize): f64 {
  if (sizeof<T>() === 8) return load<f64>(times + (row << 3));
  const tick = load<u32>(times + (row << 2));
  return tick === 0xffffffff ? f64.NaN : base + <f64>tick * unit;
}
