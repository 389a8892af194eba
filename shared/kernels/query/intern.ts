/** Texts to codes: a hash table over the originals, open addressing. A slot is the code and, above it, bits of the hash. */
import {
  COUNT,
  HEAP,
  isLastOriginal,
  lastLength,
  OFFSETS,
  original,
  ORIGINAL_CODES,
  ORIGINAL_HEAP,
  ORIGINAL_OFFSETS,
  ORIGINALS,
  sameBytes,
  TABLE,
  TABLE_BITS,
  TAG_WIDTH,
  tagOf,
  TAGS,
} from './dictionary';
import { entryAt } from './search';

/**
 * Lists entries that folding may change: those with upper-case ASCII, a line feed, or a byte that is not ASCII. Answers how many; at
 * most `most` are written.
 */
export function listSuspects(heap: usize, offsets: usize, entries: u32, out: usize, most: u32): u32 {
  const end = load<u32>(offsets + ((<usize>entries) << 2));
  let found: u32 = 0;
  let entry: u32 = 0;
  let at: u32 = 0;
  while (at < end) {
    let mask = suspectsIn(heap + at);
    const left: i32 = end - at;
    if (left < 16) mask &= (1 << left) - 1;
    if (mask === 0) {
      at += 16;
      continue;
    }
    entry = entryAt(offsets, entries, entry, at + <u32>ctz<i32>(mask));
    if (found < most) store<u32>(out + ((<usize>found) << 2), entry);
    found++;
    at = load<u32>(offsets + ((<usize>entry) << 2), 4);
  }
  return found;
}

/** A bit for each of 16 bytes. */
function suspectsIn(bytes: usize): i32 {
  const here = v128.load(bytes);
  const isUpper = i8x16.le_u(i8x16.sub(here, i8x16.splat(0x41)), i8x16.splat(25));
  return i8x16.bitmask(v128.or(v128.or(isUpper, i8x16.eq(here, i8x16.splat(10))), here));
}

/** Fills the (zeroed) table with all entries. Answers how many stand there a second time. */
export function fillTable(d: usize): u32 {
  const count = load<u32>(d, COUNT);
  let repeats: u32 = 0;
  for (let code: u32 = 1; code < count; code++) {
    const text = original(d, code);
    if (find(d, text, lastLength(), tagOf(d, code))) repeats++;
    else store<u32>(slot, code | (hash << load<u32>(d, TABLE_BITS)));
  }
  return repeats;
}

/** Code of a text, 0 if it is not there. Needs the table. */
export function findText(d: usize, text: usize, size: u32, tag: u32): u32 {
  return find(d, text, size, tag);
}

/** As `findText` for a dictionary that has no table yet: looks at every entry. */
export function seekText(d: usize, text: usize, size: u32, tag: u32): u32 {
  const count = load<u32>(d, COUNT);
  const offsets = load<usize>(d, OFFSETS);
  const originals = load<u32>(d, ORIGINALS);
  // Only a folded text can be equal to its original; the others' originals are looked at one by one.
  for (let i: u32 = 0; i < originals; i++) {
    const code = load<u32>(load<usize>(d, ORIGINAL_CODES) + ((<usize>i) << 2));
    const known = original(d, code);
    if (lastLength() === size && tagOf(d, code) === tag && sameBytes(known, text, size)) return code;
  }
  for (let code: u32 = 1; code < count; code++) {
    const at = offsets + ((<usize>code) << 2);
    const start = load<u32>(at);
    if (load<u32>(at, 4) - start !== size || tagOf(d, code) !== tag) continue;
    if (!sameBytes(load<usize>(d, HEAP) + start, text, size)) continue;
    original(d, code);
    if (!isLastOriginal()) return code;
  }
  return 0;
}

/** Where `find` ended, and the bits of the hash that a slot keeps. */
let slot: usize = 0;
let hash: u32 = 0;

function find(d: usize, text: usize, size: u32, tag: u32): u32 {
  const bits = load<u32>(d, TABLE_BITS);
  const table = load<usize>(d, TABLE);
  const mask: u32 = (1 << bits) - 1;
  const full = hashText(text, size, tag);
  hash = <u32>(full >> 32);
  const kept = hash << bits;
  let place = <u32>full & mask;
  slot = table + ((<usize>place) << 2);
  let held = load<u32>(slot);
  while (held) {
    const code = held & mask;
    if ((held & ~mask) === kept && tagOf(d, code) === tag) {
      const known = original(d, code);
      if (lastLength() === size && sameBytes(known, text, size)) return code;
    }
    place = (place + 1) & mask;
    slot = table + ((<usize>place) << 2);
    held = load<u32>(slot);
  }
  return 0;
}

/** Eight bytes a step, multiply and fold (after wyhash). Reads up to 7 bytes beyond the text. Collisions only cost time. */
function hashText(text: usize, size: u32, tag: u32): u64 {
  let state: u64 = <u64>size ^ (<u64>tag * 0x9e3779b97f4a7c15);
  let i: u32 = 0;
  for (; i + 8 <= size; i += 8) state = step(state ^ load<u64>(text + i));
  if (i < size) state = step(state ^ (load<u64>(text + i) & ((1 << ((<u64>(size - i)) << 3)) - 1)));
  return step(state);
}

function step(state: u64): u64 {
  const mixed = (state ^ 0xa0761d6478bd642f) * 0xe7037ed1a0b428db;
  return mixed ^ (mixed >> 32);
}

/**
 * Codes of `entries` texts to `map[1..]` (`map[0]` is 0); new ones are appended: the folded form to the heap, the original beside
 * it where they differ. The caller has seen to room in every array and in the table. `tags` is 0 or u32 for each text. `seen` is a
 * zeroed byte for each code there was. Answers how many texts stood there twice.
 */
export function intern(
  d: usize,
  heap: usize,
  offsets: usize,
  foldedHeap: usize,
  foldedOffsets: usize,
  tags: usize,
  entries: u32,
  map: usize,
  seen: usize,
): u32 {
  const before = load<u32>(d, COUNT);
  let repeats: u32 = 0;
  store<u32>(map, 0);
  for (let i: usize = 0; i < <usize>entries; i++) {
    const start = load<u32>(offsets + (i << 2));
    const size = load<u32>(offsets + (i << 2), 4) - start;
    const tag = tags ? load<u32>(tags + (i << 2)) : 0;
    let code: u32 = 0;
    if (size > 0 || tag > 0) {
      code = find(d, heap + start, size, tag);
      if (code === 0) {
        code = load<u32>(d, COUNT);
        store<u32>(slot, code | (hash << load<u32>(d, TABLE_BITS)));
        const from = load<u32>(foldedOffsets + (i << 2));
        append(d, code, heap + start, size, foldedHeap + from, load<u32>(foldedOffsets + (i << 2), 4) - from, tag);
      } else if (code >= before || load<u8>(seen + code)) {
        repeats++;
      } else {
        store<u8>(seen + code, 1);
      }
    }
    store<u32>(map + (i << 2), code, 4);
  }
  return repeats;
}

function append(d: usize, code: u32, text: usize, size: u32, fold: usize, foldSize: u32, tag: u32): void {
  const offsets = load<usize>(d, OFFSETS) + ((<usize>code) << 2);
  const end = load<u32>(offsets);
  memory.copy(load<usize>(d, HEAP) + end, fold, foldSize);
  store<u32>(offsets, end + foldSize, 4);
  store<u32>(d, code + 1, COUNT);
  const tags = load<usize>(d, TAGS);
  if (tags) {
    if (load<u32>(d, TAG_WIDTH) === 2) store<u16>(tags + ((<usize>code) << 1), <u16>tag);
    else store<u32>(tags + ((<usize>code) << 2), tag);
  }
  if (size === foldSize && sameBytes(text, fold, size)) return;
  const index = load<u32>(d, ORIGINALS);
  store<u32>(load<usize>(d, ORIGINAL_CODES) + ((<usize>index) << 2), code);
  const at = load<usize>(d, ORIGINAL_OFFSETS) + ((<usize>index) << 2);
  const from = load<u32>(at);
  memory.copy(load<usize>(d, ORIGINAL_HEAP) + from, text, size);
  store<u32>(at, from + size, 4);
  store<u32>(d, index + 1, ORIGINALS);
}
