/**
 * A dictionary as its owner describes it in memory: folded texts one after the other, and beside them the originals of those that
 * folding changed. Code 0 is ''. With `domains`, an entry's text goes on with '@' and the domain that its tag names, if that is not 0.
 */

/** u32: folded texts. Readable for 32 bytes beyond its end. */
export const HEAP: usize = 0;
/** u32: address of `count + 1` u32, where each text begins. */
export const OFFSETS: usize = 4;
/** u32: entries, '' among them. */
export const COUNT: usize = 8;
/** u32: 0, or address of a tag for each entry. */
export const TAGS: usize = 12;
/** u32: bytes of a tag, 2 or 4. */
export const TAG_WIDTH: usize = 16;
/** u32: 0, or address of the domains' dictionary. */
export const DOMAINS: usize = 20;
/** u32: number of originals; their codes (rising), `ORIGINALS + 1` offsets, and bytes follow. */
export const ORIGINALS: usize = 24;
export const ORIGINAL_CODES: usize = 28;
export const ORIGINAL_OFFSETS: usize = 32;
export const ORIGINAL_HEAP: usize = 36;
/** u32: hash table, 2^TABLE_BITS u32 of code and hash bits; 0 is free. */
export const TABLE: usize = 40;
export const TABLE_BITS: usize = 44;

/** A run of bytes: the callee's second result, written by `folded` and `original`. */
let length: u32 = 0;

export function lastLength(): u32 {
  return length;
}

/** Whether the last `original` differed from the folded text. */
let differed: bool = false;

export function isLastOriginal(): bool {
  return differed;
}

export function tagOf(d: usize, code: u32): u32 {
  const tags = load<usize>(d, TAGS);
  if (tags === 0) return 0;
  return load<u32>(d, TAG_WIDTH) === 2
    ? <u32>load<u16>(tags + ((<usize>code) << 1))
    : load<u32>(tags + ((<usize>code) << 2));
}

/** Address of an entry's folded text without its domain; `lastLength` is its length. */
export function folded(d: usize, code: u32): usize {
  const at = load<usize>(d, OFFSETS) + ((<usize>code) << 2);
  const start = load<u32>(at);
  length = load<u32>(at, 4) - start;
  return load<usize>(d, HEAP) + start;
}

/** The same as it came. */
export function original(d: usize, code: u32): usize {
  const index = originalIndex(d, code);
  differed = index >= 0;
  if (index < 0) return folded(d, code);
  const at = load<usize>(d, ORIGINAL_OFFSETS) + ((<usize>index) << 2);
  const start = load<u32>(at);
  length = load<u32>(at, 4) - start;
  return load<usize>(d, ORIGINAL_HEAP) + start;
}

function originalIndex(d: usize, code: u32): i32 {
  let high = load<u32>(d, ORIGINALS);
  if (high === 0) return -1;
  const codes = load<usize>(d, ORIGINAL_CODES);
  let low: u32 = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(codes + ((<usize>middle) << 2)) < code) low = middle + 1;
    else high = middle;
  }
  if (low === load<u32>(d, ORIGINALS) || load<u32>(codes + ((<usize>low) << 2)) !== code) return -1;
  return low;
}

export function sameBytes(a: usize, b: usize, count: u32): bool {
  let i: usize = 0;
  for (; i + 8 <= <usize>count; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  for (; i < <usize>count; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}
