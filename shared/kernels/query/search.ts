/** Texts that contain what is looked for. Marks are one byte a code. */
import { COUNT, DOMAINS, folded, HEAP, lastLength, OFFSETS, sameBytes, tagOf } from './dictionary';

/**
 * Marks (1) the codes whose folded text, without domain, contains `needle`; the first `most` of them are listed. Answers their number.
 * One pass over the heap, 16 places at a time by first and last byte.
 */
export function findTexts(d: usize, needle: usize, size: u32, marks: usize, list: usize, most: u32): u32 {
  const count = load<u32>(d, COUNT);
  const heap = load<usize>(d, HEAP);
  const offsets = load<usize>(d, OFFSETS);
  const end = load<u32>(offsets + ((<usize>count) << 2));
  if (end < size) return 0;
  if (size === 1) return findByte(d, load<u8>(needle), marks, list, most);
  const last = end - size;
  const head = i8x16.splat(load<i8>(needle));
  const tail = i8x16.splat(load<i8>(needle + size - 1));
  let hits: u32 = 0;
  let code: u32 = 0;
  let at: u32 = 0;
  while (at <= last) {
    const a = i8x16.eq(head, v128.load(heap + at));
    const b = i8x16.eq(tail, v128.load(heap + at + size - 1));
    let mask = i8x16.bitmask(v128.and(a, b));
    let next = at + 16;
    while (mask) {
      const place = at + <u32>ctz<i32>(mask);
      if (place > last) return hits;
      mask &= mask - 1;
      if (size > 2 && !sameBytes(heap + place + 1, needle + 1, size - 2)) continue;
      code = entryAt(offsets, count, code, place);
      const until = load<u32>(offsets + ((<usize>code) << 2), 4);
      if (place + size > until) continue;
      store<u8>(marks + code, 1);
      if (hits < most) store<u32>(list + ((<usize>hits) << 2), code);
      hits++;
      if (until >= next) {
        next = until;
        break;
      }
      const gone = <i32>(until - at);
      mask &= -1 << gone;
    }
    at = next;
  }
  return hits;
}

/** As `findTexts` for a single byte, which most texts may have: entry by entry. */
function findByte(d: usize, byte: u8, marks: usize, list: usize, most: u32): u32 {
  const count = load<u32>(d, COUNT);
  const heap = load<usize>(d, HEAP);
  const offsets = load<usize>(d, OFFSETS);
  const wanted = i8x16.splat(byte);
  let hits: u32 = 0;
  let start = load<u32>(offsets, 4);
  for (let code: u32 = 1; code < count; code++) {
    const end = load<u32>(offsets + ((<usize>code) << 2), 4);
    let found: i32 = 0;
    for (; start + 16 <= end && !found; start += 16) {
      found = i8x16.bitmask(i8x16.eq(wanted, v128.load(heap + start)));
    }
    if (!found && start < end) {
      const left: i32 = end - start;
      found = i8x16.bitmask(i8x16.eq(wanted, v128.load(heap + start))) & ((1 << left) - 1);
    }
    start = end;
    if (!found) continue;
    store<u8>(marks + code, 1);
    if (hits < most) store<u32>(list + ((<usize>hits) << 2), code);
    hits++;
  }
  return hits;
}

/** The entry that holds the byte `place`, which lies at or behind the start of `from`. */
export function entryAt(offsets: usize, count: u32, from: u32, place: u32): u32 {
  let low = from;
  let step: u32 = 1;
  while (low + step < count && load<u32>(offsets + ((<usize>(low + step)) << 2)) <= place) {
    low += step;
    step <<= 1;
  }
  let high = min(low + step, count);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(offsets + ((<usize>middle) << 2)) <= place) low = middle;
    else high = middle;
  }
  return low;
}

/** Marks the codes whose domain is marked in `domainMarks`; how many of them were not marked yet. */
export function markByDomain(d: usize, domainMarks: usize, marks: usize): u32 {
  const count = load<u32>(d, COUNT);
  let hits: u32 = 0;
  for (let code: u32 = 1; code < count; code++) {
    if (load<u8>(domainMarks + tagOf(d, code)) === 0 || load<u8>(marks + code)) continue;
    store<u8>(marks + code, 1);
    hits++;
  }
  return hits;
}

/**
 * Marks the codes whose text, without domain, ends in `ending` (`size` bytes, may be none) and whose domain is marked in
 * `domainMarks`; how many of them were not marked yet.
 */
export function markAcross(d: usize, ending: usize, size: u32, domainMarks: usize, marks: usize): u32 {
  const count = load<u32>(d, COUNT);
  let hits: u32 = 0;
  for (let code: u32 = 1; code < count; code++) {
    if (load<u8>(domainMarks + tagOf(d, code)) === 0 || load<u8>(marks + code)) continue;
    const text = folded(d, code);
    const length = lastLength();
    if (length < size || !sameBytes(text + length - size, ending, size)) continue;
    store<u8>(marks + code, 1);
    hits++;
  }
  return hits;
}

/** Makes the mark of codes that are marked 2 where the folded text, domain included, begins with `needle`. */
export function markBeginnings(d: usize, needle: usize, size: u32, marks: usize): void {
  const count = load<u32>(d, COUNT);
  for (let code: u32 = 1; code < count; code++) {
    if (load<u8>(marks + code) && begins(d, code, needle, size)) store<u8>(marks + code, 2);
  }
}

function begins(d: usize, code: u32, needle: usize, size: u32): bool {
  const text = folded(d, code);
  const length = lastLength();
  if (length >= size) return sameBytes(text, needle, size);
  const tag = tagOf(d, code);
  if (tag === 0 || !sameBytes(text, needle, length) || load<u8>(needle + length) !== 0x40) return false;
  const domain = folded(load<usize>(d, DOMAINS), tag);
  const left = size - length - 1;
  return lastLength() >= left && sameBytes(domain, needle + length + 1, left);
}
