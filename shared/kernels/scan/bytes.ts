/** What all passes of the scanner share: case folding, hashes, bit sets, classes of bytes. */

/** Sets bit 5 of eight bytes: one case for letters. Among host characters it tells all others apart still. */
export const FOLD: u64 = 0x2020202020202020;
/** 2^64 divided by the golden ratio (Knuth, multiplicative hashing): the high bits of a product are the good ones. */
export const MIX: u64 = 0x9e3779b97f4a7c15;

export function bitOf(bits: usize, at: u32): u32 {
  return (<u32>load<u8>(bits + (at >>> 3)) >>> (at & 7)) & 1;
}

/** The top bits of 16 bytes, as the lowest of a word. */
export function bitsOf(v: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(v));
}

export function setBit(bits: usize, at: u32): void {
  const byte = bits + (at >>> 3);
  store<u8>(byte, load<u8>(byte) | ((<u8>1) << (<u8>at & 7)));
}

/** The lowest `count` bits, 0 to 63. */
export function firstBits(count: usize): u64 {
  return ((<u64>1) << (<u64>count)) - 1;
}

/** The lowest `length` bytes of a word, 1 to 8. */
export function firstBytes(length: u32): u64 {
  return <u64>-1 >>> (64 - ((<u64>length) << 3));
}

export function lowerCase(v: v128): v128 {
  const isCapital = i8x16.lt_u(i8x16.sub(v, i8x16.splat(0x41)), i8x16.splat(26));
  return v128.or(v, v128.and(isCapital, i8x16.splat(0x20)));
}

/**
 * Classes by two look-ups (Langdale and Lemire, "Parsing gigabytes of JSON per second", 3.1.2): the low nibble gives the set of rows
 * (high nibbles) in which such a byte belongs to the class, the high nibble gives its row. Rows without a member get a bit that no
 * set has, so that one comparison answers, and bytes from 0x80 belong to none.
 */
export function isInRow(v: v128, sets: v128): v128 {
  const rows = v128(-128, -128, 0x01, 0x02, 0x04, 0x08, 0x04, 0x10, -128, -128, -128, -128, -128, -128, -128, -128);
  const row = v128.swizzle(rows, i8x16.shr_u(v, 4));
  return i8x16.eq(v128.and(v128.swizzle(sets, v128.and(v, i8x16.splat(0x0f))), row), row);
}

/** Letters, digits, `.`, `-`, `_`. */
export function hostSets(): v128 {
  return v128(0x1a, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1c, 0x04, 0x04, 0x05, 0x05, 0x0c);
}

/** Letters and digits. */
export function wordSets(): v128 {
  return v128(0x1a, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1e, 0x1c, 0x04, 0x04, 0x04, 0x04, 0x04);
}

/** 64 bits of a mask that has two words for every 64 bytes: the highest stands for the byte before `at`. */
export function maskBefore(bits: usize, at: u32): u64 {
  const word = bits + (((at + 63) >>> 6) << 4) - 16;
  const shift = <u64>((0 - at) & 63);
  // In two steps, since a shift by 64 would be one by 0.
  return (load<u64>(word) << shift) | ((load<u64>(word - 16) >>> 1) >>> (63 - shift));
}
