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
 * Counts `total` rows of `mask` by code, as many numbers as `values` says (at most 16) added to `out`; no code is larger. Counted is
 * where bits stand together; what has one of them and not the others follows.
 */
export function countValues(planes: usize, values: u32, mask: usize, total: u32, words: u32, out: usize): void {
  const plane0 = load<usize>(planes);
  const plane1 = load<usize>(planes, 4);
  const plane2 = load<usize>(planes, 8);
  memory.fill(TOGETHER, 0, 64);
  store<u32>(TOGETHER, total);
  if (values <= 4) countTwo(plane0, values > 2 ? plane1 : 0, mask, words);
  else countThree(plane0, plane1, plane2, values > 6, 0, mask, words, TOGETHER);
  if (values > 8) countThree(plane0, plane1, plane2, true, load<usize>(planes, 12), mask, words, TOGETHER + 32);
  for (let bit: usize = 4; bit < 64; bit <<= 1) {
    for (let at: usize = 0; at < 64; at += 4) {
      if ((at & bit) === 0) store<u32>(TOGETHER + at, load<u32>(TOGETHER + at) - load<u32>(TOGETHER + at + bit));
    }
  }
  for (let at: usize = 0; at < (<usize>values) << 2; at += 4) {
    store<u32>(out + at, load<u32>(out + at) + load<u32>(TOGETHER + at));
  }
}

/** For each set of planes, by code: rows that have at least these bits. */
const TOGETHER: usize = memory.data(64, 16);

function countTwo(plane0: usize, plane1: usize, mask: usize, words: u32): void {
  let n1: u64 = 0;
  let n2: u64 = 0;
  let n3: u64 = 0;
  for (let i: usize = 0; i < (<usize>words) << 3; i += 8) {
    const rows = load<u64>(mask + i);
    const p0 = rows & load<u64>(plane0 + i);
    n1 += popcnt<u64>(p0);
    if (plane1 === 0) continue;
    const p1 = load<u64>(plane1 + i);
    n2 += popcnt<u64>(rows & p1);
    n3 += popcnt<u64>(p0 & p1);
  }
  store<u32>(TOGETHER, <u32>n1, 4);
  store<u32>(TOGETHER, <u32>n2, 8);
  store<u32>(TOGETHER, <u32>n3, 12);
}

/** `hasLast`: there are codes above 5. `fourth`: only rows in that plane, and their number as well; 0: all. */
function countThree(
  plane0: usize,
  plane1: usize,
  plane2: usize,
  hasLast: bool,
  fourth: usize,
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
  for (let i: usize = 0; i < (<usize>words) << 3; i += 8) {
    let rows = load<u64>(mask + i);
    if (fourth) {
      rows &= load<u64>(fourth + i);
      n0 += popcnt<u64>(rows);
    }
    const p0 = load<u64>(plane0 + i);
    const p1 = rows & load<u64>(plane1 + i);
    const p2 = rows & load<u64>(plane2 + i);
    n1 += popcnt<u64>(rows & p0);
    n2 += popcnt<u64>(p1);
    n3 += popcnt<u64>(p1 & p0);
    n4 += popcnt<u64>(p2);
    n5 += popcnt<u64>(p2 & p0);
    if (hasLast) {
      const p12 = p1 & p2;
      n6 += popcnt<u64>(p12);
      n7 += popcnt<u64>(p12 & p0);
    }
  }
  if (fourth) store<u32>(out, <u32>n0);
  store<u32>(out, <u32>n1, 4);
  store<u32>(out, <u32>n2, 8);
  store<u32>(out, <u32>n3, 12);
  store<u32>(out, <u32>n4, 16);
  store<u32>(out, <u32>n5, 20);
  store<u32>(out, <u32>n6, 24);
  store<u32>(out, <u32>n7, 28);
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
