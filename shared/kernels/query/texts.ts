/** The one order of text: folded bytes, then original bytes ('@' and domain included); '' first. */
import { COUNT, DOMAINS, folded, lastLength, original, tagOf } from './dictionary';
import { sortPairs } from './pairs';

const AT: u64 = 0x40;
/** Up to so many texts are sorted by comparing. */
const FEW: u32 = 12;

/** Eight bytes of a text from `from` on, the first one highest, zeros behind its end. Reads up to 7 bytes beyond it. */
function piece(text: usize, length: u32, from: u32): u64 {
  if (from >= length) return 0;
  const bytes = bswap<u64>(load<u64>(text + from));
  const left = length - from;
  return left >= 8 ? bytes : bytes & (~(<u64>0) << ((<u64>(8 - left)) << 3));
}

/** Eight bytes of an entry's folded text, domain included. */
function keyAt(d: usize, code: u32, from: u32): u64 {
  const text = folded(d, code);
  const length = lastLength();
  const tag = tagOf(d, code);
  if (tag === 0 || from + 8 <= length) return piece(text, length, from);
  const domain = folded(load<usize>(d, DOMAINS), tag);
  const domainLength = lastLength();
  if (from > length) return piece(domain, domainLength, from - length - 1);
  const own: u64 = length - from;
  const start = piece(text, length, from) | (AT << (56 - (own << 3)));
  return own === 7 ? start : start | (piece(domain, domainLength, 0) >> ((own + 1) << 3));
}

/** Bytes of an entry's folded text, domain included. */
function wholeLength(d: usize, code: u32): u32 {
  folded(d, code);
  const length = lastLength();
  const tag = tagOf(d, code);
  if (tag === 0) return length;
  folded(load<usize>(d, DOMAINS), tag);
  return length + 1 + lastLength();
}

/** Negative, zero or positive: `a` before `b`, whose first `from` folded bytes are equal. */
function compareFrom(d: usize, a: u32, b: u32, from: u32): i32 {
  if (a === b) return 0;
  const lengthA = wholeLength(d, a);
  const lengthB = wholeLength(d, b);
  for (let at = from; at < max(lengthA, lengthB); at += 8) {
    const x = keyAt(d, a, at);
    const y = keyAt(d, b, at);
    if (x !== y) return x < y ? -1 : 1;
  }
  if (lengthA !== lengthB) return lengthA < lengthB ? -1 : 1;
  return compareOriginals(d, a, b);
}

/** Texts that fold to the same: rare, so byte by byte. */
function compareOriginals(d: usize, a: u32, b: u32): i32 {
  let i: u32 = 0;
  let x = originalByte(d, a, 0);
  let y = originalByte(d, b, 0);
  while (x === y && x >= 0) {
    i++;
    x = originalByte(d, a, i);
    y = originalByte(d, b, i);
  }
  return x - y;
}

/** Byte `i` of the original text, domain included; -1 behind its end. */
function originalByte(d: usize, code: u32, i: u32): i32 {
  const text = original(d, code);
  const length = lastLength();
  if (i < length) return load<u8>(text + i);
  const tag = tagOf(d, code);
  if (tag === 0) return -1;
  if (i === length) return <i32>AT;
  const domain = original(load<usize>(d, DOMAINS), tag);
  return i - length - 1 < lastLength() ? load<u8>(domain + (i - length - 1)) : -1;
}

/** `a` before `b`: by `ranks` (u32 by code) where that is not 0, else by their texts. */
export function compareTexts(d: usize, ranks: usize, a: u32, b: u32): i32 {
  if (ranks === 0) return compareFrom(d, a, b, 0);
  const x = load<u32>(ranks + ((<usize>a) << 2));
  const y = load<u32>(ranks + ((<usize>b) << 2));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Sorts `codes`. `keys` and the spare arrays hold as many (8, 8, 4 bytes each). */
export function sortTexts(d: usize, codes: usize, count: u32, keys: usize, spareKeys: usize, spareCodes: usize): void {
  sortFrom(d, codes, count, 0, keys, spareKeys, spareCodes);
}

/** Sorts codes whose texts share their first `from` bytes: by the next eight, then those that are still equal by the next. */
function sortFrom(
  d: usize,
  codes: usize,
  count: u32,
  from: u32,
  keys: usize,
  spareKeys: usize,
  spareCodes: usize,
): void {
  for (let depth = from; ; depth += 8) {
    if (count <= FEW || haveEnded(d, codes, count, depth)) {
      compareAll(d, codes, count, depth);
      return;
    }
    for (let i: usize = 0; i < <usize>count; i++) {
      store<u64>(keys + (i << 3), keyAt(d, load<u32>(codes + (i << 2)), depth));
    }
    sortPairs(keys, codes, count, spareKeys, spareCodes);
    // Keys are overwritten by what is sorted below, so the end of each run is found before.
    if (load<u64>(keys) === load<u64>(keys + ((<usize>(count - 1)) << 3))) continue;
    let start: u32 = 0;
    while (start < count) {
      const key = load<u64>(keys + ((<usize>start) << 3));
      let end = start + 1;
      while (end < count && load<u64>(keys + ((<usize>end) << 3)) === key) end++;
      if (end - start > 1) {
        const k = (<usize>start) << 3;
        const c = (<usize>start) << 2;
        sortFrom(d, codes + c, end - start, depth + 8, keys + k, spareKeys + k, spareCodes + c);
      }
      start = end;
    }
    return;
  }
}

/** Whether no text goes on at `depth`. */
function haveEnded(d: usize, codes: usize, count: u32, depth: u32): bool {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (wholeLength(d, load<u32>(codes + (i << 2))) > depth) return false;
  }
  return true;
}

/** Shell sort (gaps of Ciura 2001) by comparing: for few, or for texts that differ in length or original only. */
function compareAll(d: usize, codes: usize, count: u32, from: u32): void {
  let gap: u32 = 1;
  while (gap * 9 < count * 4) gap = (gap * 9) / 4 + 1;
  for (; ; gap = max<u32>(1, (gap * 4) / 9)) {
    for (let i = gap; i < count; i++) {
      const code = load<u32>(codes + ((<usize>i) << 2));
      let j = i;
      while (j >= gap) {
        const other = load<u32>(codes + ((<usize>(j - gap)) << 2));
        if (compareFrom(d, other, code, from) <= 0) break;
        store<u32>(codes + ((<usize>j) << 2), other);
        j -= gap;
      }
      store<u32>(codes + ((<usize>j) << 2), code);
    }
    if (gap === 1) return;
  }
}

/** `ranks[order[i]]` becomes i. */
export function invertOrder(order: usize, count: u32, ranks: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    store<u32>(ranks + ((<usize>load<u32>(order + ((<usize>i) << 2))) << 2), i);
  }
}

/**
 * The best `limit` codes to `out`, their number: by count (largest first, none that is 0), then text. Only codes whose mark is `wanted`
 * count, all where `marks` is 0.
 */
export function pickCodes(
  d: usize,
  ranks: usize,
  counts: usize,
  marks: usize,
  wanted: u32,
  limit: u32,
  out: usize,
): u32 {
  const entries = load<u32>(d, COUNT);
  let found: u32 = 0;
  /** Smaller counts are not among the best any more. */
  let least: u32 = 1;
  for (let code: u32 = 0; code < entries; code++) {
    if (marks === 0) code = nextAtLeast(counts, code, entries, least);
    if (code >= entries) break;
    const count = load<u32>(counts + ((<usize>code) << 2));
    if (count < least || (marks && <u32>load<u8>(marks + code) !== wanted)) continue;
    if (found === limit && !isBetter(d, ranks, counts, code, load<u32>(out + ((<usize>(limit - 1)) << 2)))) continue;
    if (found < limit) found++;
    let at = found - 1;
    for (; at > 0; at--) {
      const other = load<u32>(out + ((<usize>(at - 1)) << 2));
      if (!isBetter(d, ranks, counts, code, other)) break;
      store<u32>(out + ((<usize>at) << 2), other);
    }
    store<u32>(out + ((<usize>at) << 2), code);
    if (found === limit) least = load<u32>(counts + ((<usize>load<u32>(out + ((<usize>(limit - 1)) << 2))) << 2));
  }
  return found;
}

/** The first code from `from` on that may have so many, `entries` or more if there is none. */
function nextAtLeast(counts: usize, from: u32, entries: u32, least: u32): u32 {
  const wanted = i32x4.splat(least);
  let code = from;
  for (; code + 8 <= entries; code += 8) {
    const p = counts + ((<usize>code) << 2);
    const a = i32x4.ge_u(v128.load(p), wanted);
    const mask = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, i32x4.ge_u(v128.load(p, 16), wanted)), a));
    if (mask & 0xff) return code + ctz<u32>(<u32>mask);
  }
  return code;
}

function isBetter(d: usize, ranks: usize, counts: usize, code: u32, other: u32): bool {
  const a = load<u32>(counts + ((<usize>code) << 2));
  const b = load<u32>(counts + ((<usize>other) << 2));
  return a === b ? compareTexts(d, ranks, code, other) < 0 : a > b;
}
