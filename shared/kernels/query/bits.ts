/** Whole bitsets. `words` is a multiple of four; `out` may be one of the operands. */
import { setBit } from './bit';

/** The first `rows` bits 1, the others 0. */
export function fillBits(out: usize, rows: u32, words: u32): void {
  const whole = rows >> 6;
  memory.fill(out, 0xff, (<usize>whole) << 3);
  memory.fill(out + ((<usize>whole) << 3), 0, (<usize>(words - whole)) << 3);
  if (rows & 63) store<u64>(out + ((<usize>whole) << 3), ((<u64>1) << (rows & 63)) - 1);
}

export function andBits(a: usize, b: usize, out: usize, words: u32): void {
  for (let i: usize = 0; i < (<usize>words) << 3; i += 16) {
    v128.store(out + i, v128.and(v128.load(a + i), v128.load(b + i)));
  }
}

/**
 * Bits that are in each of the first `inside` bitsets (at least one) of a table (u32 by bitset) and in none of the others, `count` in
 * all; their number.
 */
export function meetBits(sets: usize, inside: u32, count: u32, out: usize, words: u32): u32 {
  const others = sets + ((<usize>inside) << 2);
  const end = sets + ((<usize>count) << 2);
  let sum: u64 = 0;
  for (let i: usize = 0; i < (<usize>words) << 3; i += 32) {
    const first = load<usize>(sets) + i;
    let a = v128.load(first);
    let b = v128.load(first, 16);
    for (let set = sets + 4; set < others; set += 4) {
      const other = load<usize>(set) + i;
      a = v128.and(a, v128.load(other));
      b = v128.and(b, v128.load(other, 16));
    }
    for (let set = others; set < end; set += 4) {
      const other = load<usize>(set) + i;
      a = v128.andnot(a, v128.load(other));
      b = v128.andnot(b, v128.load(other, 16));
    }
    v128.store(out + i, a);
    v128.store(out + i, b, 16);
    sum += popcnt<u64>(i64x2.extract_lane(a, 0)) + popcnt<u64>(i64x2.extract_lane(a, 1));
    sum += popcnt<u64>(i64x2.extract_lane(b, 0)) + popcnt<u64>(i64x2.extract_lane(b, 1));
  }
  return <u32>sum;
}

export function orBits(a: usize, b: usize, out: usize, words: u32): void {
  for (let i: usize = 0; i < (<usize>words) << 3; i += 16) {
    v128.store(out + i, v128.or(v128.load(a + i), v128.load(b + i)));
  }
}

/** `a` without `b`. */
export function withoutBits(a: usize, b: usize, out: usize, words: u32): void {
  for (let i: usize = 0; i < (<usize>words) << 3; i += 16) {
    v128.store(out + i, v128.andnot(v128.load(a + i), v128.load(b + i)));
  }
}

export function countBits(a: usize, words: u32): u32 {
  let sum: u64 = 0;
  for (let i: usize = 0; i < (<usize>words) << 3; i += 32) {
    sum += popcnt<u64>(load<u64>(a + i)) + popcnt<u64>(load<u64>(a + i, 8));
    sum += popcnt<u64>(load<u64>(a + i, 16)) + popcnt<u64>(load<u64>(a + i, 24));
  }
  return <u32>sum;
}

/** Bits `from`..`to` become 0. */
export function clearBits(bits: usize, from: u32, to: u32): void {
  for (let row = from; row < to;) {
    if ((row & 7) === 0 && row + 8 <= to) {
      store<u8>(bits + (row >> 3), 0);
      row += 8;
    } else {
      setBit(bits, row++, 0);
    }
  }
}

/** The rows of all bits; their number. */
export function listBits(bits: usize, words: u32, out: usize): u32 {
  let count: u32 = 0;
  for (let word: u32 = 0; word < words; word++) {
    for (let left = load<u64>(bits + ((<usize>word) << 3)); left; left &= left - 1) {
      store<u32>(out + ((<usize>count) << 2), (word << 6) + <u32>ctz<u64>(left));
      count++;
    }
  }
  return count;
}

/** Rows of one block (`rows` of it are read) as 16-bit places in it; their number. Up to 16 bytes behind them are written. */
export function listBlock(bits: usize, rows: u32, out: usize): u32 {
  let to = out;
  for (let first: u32 = 0; first < rows; first += 64) {
    let left = load<u64>(bits + (first >> 3));
    const count = <u32>popcnt<u64>(left);
    if (count > 2) {
      to = listWord(left, first, to);
      continue;
    }
    // Few hits in a word are the rule: whether there are none, one or two is not worth a branch that is often guessed wrong.
    store<u16>(to, <u16>(first + <u32>ctz<u64>(left)));
    left &= left - 1;
    store<u16>(to, <u16>(first + <u32>ctz<u64>(left)), 2);
    to += (<usize>count) << 1;
  }
  return <u32>((to - out) >> 1);
}

function listWord(word: u64, first: u32, out: usize): usize {
  let to = out;
  if (word === u64.MAX_VALUE) {
    let places = i16x8.add(i16x8.splat(<i16>first), i16x8(0, 1, 2, 3, 4, 5, 6, 7));
    for (let i: usize = 0; i < 128; i += 16) {
      v128.store(to + i, places);
      places = i16x8.add(places, i16x8.splat(8));
    }
    return to + 128;
  }
  for (let left = word; left; left &= left - 1) {
    store<u16>(to, <u16>(first + <u32>ctz<u64>(left)));
    to += 2;
  }
  return to;
}
