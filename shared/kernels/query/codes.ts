/** One block of a column of codes, 1, 2 or 4 bytes wide. Bitsets begin at the block's first row. */
import { setBit } from './bit';

/** `rows` codes to another width and, with `map` (u32 by code), to other codes. */
export function mapCodes(source: usize, sourceWidth: u32, rows: u32, map: usize, target: usize, width: u32): void {
  if (sourceWidth === 1) mapFrom<u8>(source, rows, map, target, width);
  else if (sourceWidth === 2) mapFrom<u16>(source, rows, map, target, width);
  else mapFrom<u32>(source, rows, map, target, width);
}

function mapFrom<S>(source: usize, rows: u32, map: usize, target: usize, width: u32): void {
  if (width === 1) mapBetween<S, u8>(source, rows, map, target);
  else if (width === 2) mapBetween<S, u16>(source, rows, map, target);
  else mapBetween<S, u32>(source, rows, map, target);
}

function mapBetween<S, T>(source: usize, rows: u32, map: usize, target: usize): void {
  if (map) {
    for (let i: usize = 0; i < <usize>rows; i++) {
      const code = load<u32>(map + ((<usize>load<S>(source + i * sizeof<S>())) << 2));
      store<T>(target + i * sizeof<T>(), <T>code);
    }
  } else {
    for (let i: usize = 0; i < <usize>rows; i++) {
      store<T>(target + i * sizeof<T>(), <T>load<S>(source + i * sizeof<S>()));
    }
  }
}

/** `out` gets the rows whose code is `code`, beside what it has; bits behind `rows` may be anything. */
export function orEqual(codes: usize, width: u32, rows: u32, code: u32, out: usize): void {
  if (width === 1) orEqual8(codes, rows, code, out);
  else if (width === 2) orEqual16(codes, rows, code, out);
  else orEqual32(codes, rows, code, out);
}

function orEqual8(codes: usize, rows: u32, code: u32, out: usize): void {
  const wanted = i8x16.splat(<i8>code);
  for (let i: u32 = 0; i < rows; i += 16) {
    const at = out + (i >> 3);
    store<u16>(at, load<u16>(at) | <u16>i8x16.bitmask(i8x16.eq(v128.load(codes + i), wanted)));
  }
}

function orEqual16(codes: usize, rows: u32, code: u32, out: usize): void {
  const wanted = i16x8.splat(<i16>code);
  for (let i: u32 = 0; i < rows; i += 16) {
    const p = codes + ((<usize>i) << 1);
    const hits = i8x16.narrow_i16x8_s(i16x8.eq(v128.load(p), wanted), i16x8.eq(v128.load(p, 16), wanted));
    const at = out + (i >> 3);
    store<u16>(at, load<u16>(at) | <u16>i8x16.bitmask(hits));
  }
}

function orEqual32(codes: usize, rows: u32, code: u32, out: usize): void {
  const wanted = i32x4.splat(code);
  for (let i: u32 = 0; i < rows; i += 16) {
    const p = codes + ((<usize>i) << 2);
    const low = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(p), wanted), i32x4.eq(v128.load(p, 16), wanted));
    const high = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(p, 32), wanted), i32x4.eq(v128.load(p, 48), wanted));
    const at = out + (i >> 3);
    store<u16>(at, load<u16>(at) | <u16>i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
  }
}

/** `out` gets the rows whose code is marked (one byte a code, 0 or 1), beside what it has. */
export function orMarked(codes: usize, width: u32, rows: u32, marks: usize, out: usize): void {
  if (width === 1) orMarkedOf<u8>(codes, rows, marks, out);
  else if (width === 2) orMarkedOf<u16>(codes, rows, marks, out);
  else orMarkedOf<u32>(codes, rows, marks, out);
}

function orMarkedOf<T>(codes: usize, rows: u32, marks: usize, out: usize): void {
  for (let first: u32 = 0; first < rows; first += 64) {
    const at = out + (first >> 3);
    const had = load<u64>(at);
    if (had === u64.MAX_VALUE) continue;
    let hits: u64 = 0;
    const p = codes + <usize>first * sizeof<T>();
    if (rows - first >= 64) {
      for (let j: usize = 0; j < 64; j += 4) {
        const q = p + j * sizeof<T>();
        const a = <u64>load<u8>(marks + <usize>load<T>(q));
        const b = <u64>load<u8>(marks + <usize>load<T>(q, sizeof<T>()));
        const c = <u64>load<u8>(marks + <usize>load<T>(q, 2 * sizeof<T>()));
        const d = <u64>load<u8>(marks + <usize>load<T>(q, 3 * sizeof<T>()));
        hits |= (a | (b << 1) | (c << 2) | (d << 3)) << j;
      }
    } else {
      for (let j: usize = 0; j < <usize>(rows - first); j++) {
        hits |= (<u64>load<u8>(marks + <usize>load<T>(p + j * sizeof<T>()))) << j;
      }
    }
    store<u64>(at, had | hits);
  }
}

/** `out` gets the rows of an 8-byte column that hold `low` and `high`, beside what it has. */
export function orEqual64(values: usize, rows: u32, low: u32, high: u32, out: usize): void {
  const wanted = <u64>low | ((<u64>high) << 32);
  for (let row: u32 = 0; row < rows; row++) {
    if (load<u64>(values + ((<usize>row) << 3)) === wanted) setBit(out, row, 1);
  }
}

/** Counts codes at `places` (16 bits each) into `counts` (u32 by code). */
export function countCodes(codes: usize, width: u32, places: usize, count: u32, counts: usize): void {
  if (width === 1) countFew(codes, places, count, counts);
  else if (width === 2) countOf<u16>(codes, places, count, counts);
  else countOf<u32>(codes, places, count, counts);
}

/** Counts of 256 codes, four times: few codes come again and again, and one count waits for the last. */
const COUNTS: usize = memory.data(4 * 1024, 16);

function countFew(codes: usize, places: usize, count: u32, counts: usize): void {
  if (count < 2048) {
    countOf<u8>(codes, places, count, counts);
    return;
  }
  memory.fill(COUNTS, 0, 4 * 1024);
  const end = places + ((<usize>(count & ~3)) << 1);
  for (let p = places; p < end; p += 8) {
    const a = COUNTS + ((<usize>load<u8>(codes + <usize>load<u16>(p))) << 2);
    const b = COUNTS + ((<usize>load<u8>(codes + <usize>load<u16>(p, 2))) << 2);
    const c = COUNTS + ((<usize>load<u8>(codes + <usize>load<u16>(p, 4))) << 2);
    const d = COUNTS + ((<usize>load<u8>(codes + <usize>load<u16>(p, 6))) << 2);
    store<u32>(a, load<u32>(a) + 1);
    store<u32>(b, load<u32>(b, 1024) + 1, 1024);
    store<u32>(c, load<u32>(c, 2048) + 1, 2048);
    store<u32>(d, load<u32>(d, 3072) + 1, 3072);
  }
  countOf<u8>(codes, end, count & 3, COUNTS);
  // Codes that occur are below the number of counts; behind them are zeros.
  for (let i: usize = 0; i < 1024; i += 4) {
    const sum =
      load<u32>(COUNTS + i) + load<u32>(COUNTS + i, 1024) + load<u32>(COUNTS + i, 2048) + load<u32>(COUNTS + i, 3072);
    if (sum) store<u32>(counts + i, load<u32>(counts + i) + sum);
  }
}

function countOf<T>(codes: usize, places: usize, count: u32, counts: usize): void {
  const end = places + ((<usize>count) << 1);
  for (let p = places; p < end; p += 2) {
    const at = counts + ((<usize>load<T>(codes + <usize>load<u16>(p) * sizeof<T>())) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Marks the codes at `places` (one byte a code). */
export function markCodes(codes: usize, width: u32, places: usize, count: u32, marks: usize): void {
  if (width === 1) markOf<u8>(codes, places, count, marks);
  else if (width === 2) markOf<u16>(codes, places, count, marks);
  else markOf<u32>(codes, places, count, marks);
}

function markOf<T>(codes: usize, places: usize, count: u32, marks: usize): void {
  const end = places + ((<usize>count) << 1);
  for (let p = places; p < end; p += 2) {
    store<u8>(marks + <usize>load<T>(codes + <usize>load<u16>(p) * sizeof<T>()), 1);
  }
}

/** As `markCodes`, one bit a code: less memory to touch, but one mark may wait for the last. */
export function setCodes(codes: usize, width: u32, places: usize, count: u32, bits: usize): void {
  if (width === 1) setOf<u8>(codes, places, count, bits);
  else if (width === 2) setOf<u16>(codes, places, count, bits);
  else setOf<u32>(codes, places, count, bits);
}

function setOf<T>(codes: usize, places: usize, count: u32, bits: usize): void {
  const end = places + ((<usize>count) << 1);
  for (let p = places; p < end; p += 2) {
    setBit(bits, <u32>load<T>(codes + <usize>load<u16>(p) * sizeof<T>()), 1);
  }
}

/** How many of `count` marks (0 or 1) are set. */
export function countMarks(marks: usize, count: u32): u32 {
  let sum: u64 = 0;
  let i: usize = 0;
  for (; i + 8 <= <usize>count; i += 8) sum += popcnt<u64>(load<u64>(marks + i));
  for (; i < <usize>count; i++) sum += load<u8>(marks + i);
  return <u32>sum;
}

/** 16-byte values to 8 bytes that differ where they differ (but for one pair in 2^64); all zero stays zero, nothing else becomes it. */
export function foldWide(source: usize, rows: u32, target: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const a = load<u64>(source + (i << 4));
    const b = load<u64>(source + (i << 4), 8);
    store<u64>(target + (i << 3), mixed(a, b));
  }
}

/** Two rounds of multiply and shift (the finaliser of splitmix64, Steele et al. 2014), one for each half. */
function mixed(a: u64, b: u64): u64 {
  if ((a | b) === 0) return 0;
  let hash = (a ^ (a >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27) ^ b) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return hash === 0 ? 1 : hash;
}
