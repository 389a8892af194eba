/** Small vocabularies as bit planes: plane b holds bit b of each row's code. `planes` is a table of addresses, lowest bit first. */
import { bitAt, setBit } from './bit';

/** Adds bit `bit` of `rows` bytes to a plane, beginning at row `row`, where it is still 0. Reads up to 15 bytes beyond the source. */
export function packPlane(source: usize, rows: u32, bit: i32, plane: usize, row: u32): void {
  for (let i: u32 = 0; i < rows; i += 16) {
    let mask = <u32>i8x16.bitmask(i8x16.shl(v128.load(source + i), 7 - bit));
    if (rows - i < 16) mask &= (1 << (rows - i)) - 1;
    const at = plane + ((row + i) >> 3);
    store<u32>(at, load<u32>(at) | (mask << ((row + i) & 7)));
  }
}

/** Code of one row. */
export function codeInPlanes(planes: usize, count: u32, row: u32): u32 {
  let code: u32 = 0;
  for (let b: u32 = 0; b < count; b++) {
    code |= bitAt(load<usize>(planes + ((<usize>b) << 2)), row) << b;
  }
  return code;
}

/** `out` gets the rows whose code is `value`, beside what it has. */
export function orValue(planes: usize, count: u32, value: u32, out: usize, words: u32): void {
  for (let i: usize = 0; i < (<usize>words) << 3; i += 16) {
    let hits = i8x16.splat(-1);
    for (let b: u32 = 0; b < count; b++) {
      const plane = v128.load(load<usize>(planes + ((<usize>b) << 2)) + i);
      hits = (value >> b) & 1 ? v128.and(hits, plane) : v128.andnot(hits, plane);
    }
    v128.store(out + i, v128.or(v128.load(out + i), hits));
  }
}

/**
 * Counts the codes of three planes over `mask`, eight numbers added to `out`. With `fourth` not 0 only rows whose bit there is
 * `wanted` (0 or 1) count.
 */
export function countValues(
  plane0: usize,
  plane1: usize,
  plane2: usize,
  fourth: usize,
  wanted: u32,
  mask: usize,
  words: u32,
  out: usize,
): void {
  let n0: u64 = 0;
  let n1: u64 = 0;
  let n2: u64 = 0;
  let n3: u64 = 0;
  let n4: u64 = 0;
  let n5: u64 = 0;
  let n6: u64 = 0;
  let n7: u64 = 0;
  const flip: u64 = wanted ? 0 : u64.MAX_VALUE;
  for (let i: usize = 0; i < (<usize>words) << 3; i += 8) {
    let rows = load<u64>(mask + i);
    if (fourth) rows &= load<u64>(fourth + i) ^ flip;
    if (rows === 0) continue;
    const p0 = load<u64>(plane0 + i);
    const p1 = load<u64>(plane1 + i);
    const high = rows & load<u64>(plane2 + i);
    const low = rows ^ high;
    const high1 = high & p1;
    const high0 = high ^ high1;
    const low1 = low & p1;
    const low0 = low ^ low1;
    n1 += popcnt<u64>(low0 & p0);
    n0 += popcnt<u64>(low0);
    n3 += popcnt<u64>(low1 & p0);
    n2 += popcnt<u64>(low1);
    if (high === 0) continue;
    n5 += popcnt<u64>(high0 & p0);
    n4 += popcnt<u64>(high0);
    n7 += popcnt<u64>(high1 & p0);
    n6 += popcnt<u64>(high1);
  }
  add(out, n0 - n1);
  add(out + 4, n1);
  add(out + 8, n2 - n3);
  add(out + 12, n3);
  add(out + 16, n4 - n5);
  add(out + 20, n5);
  add(out + 24, n6 - n7);
  add(out + 28, n7);
}

function add(at: usize, count: u64): void {
  store<u32>(at, load<u32>(at) + <u32>count);
}

/** The bit of each of `count` rows becomes `value`. */
export function setBits(plane: usize, rows: usize, count: u32, value: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    setBit(plane, load<u32>(rows + ((<usize>i) << 2)), value);
  }
}

/** Row `to[i]` takes the bit of row `from[i]`, one after the other. */
export function copyBits(plane: usize, from: usize, to: usize, count: u32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    setBit(plane, load<u32>(to + i), bitAt(plane, load<u32>(from + i)));
  }
}

/**
 * As `copyBits` for a whole code, one pair after the other, where the code of `from` is not above that of `to`. Those pairs are
 * listed; their number.
 */
export function copyLower(
  planes: usize,
  bits: u32,
  from: usize,
  to: usize,
  count: u32,
  outFrom: usize,
  outTo: usize,
): u32 {
  let found: usize = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const source = load<u32>(from + i);
    const target = load<u32>(to + i);
    const code = codeInPlanes(planes, bits, source);
    if (code > codeInPlanes(planes, bits, target)) continue;
    for (let b: u32 = 0; b < bits; b++) setBit(load<usize>(planes + ((<usize>b) << 2)), target, (code >> b) & 1);
    store<u32>(outFrom + (found << 2), source);
    store<u32>(outTo + (found << 2), target);
    found++;
  }
  return <u32>found;
}

/** Rows `first`..`end`: those in `last` move behind the others, each kind in its order. `spare` holds a bit for each of them. */
export function partPlane(plane: usize, last: usize, first: u32, end: u32, spare: usize): void {
  let target = first;
  let held: u32 = 0;
  for (let row = first; row < end; row++) {
    const bit = bitAt(plane, row);
    if (bitAt(last, row)) setBit(spare, held++, bit);
    else setBit(plane, target++, bit);
  }
  for (let i: u32 = 0; i < held; i++) setBit(plane, target++, bitAt(spare, i));
}
