/**
 * Keywords, words and strings: terms that are no names. Of each a few bytes (a gram) stand in a filter and in one table; passes list
 * the places where a gram may begin, `markTerms` compares the terms there in full.
 */
import { bitsOf, firstBits, firstBytes, FOLD, isInRow, lowerCase, maskBefore, MIX, wordSets } from './bytes';
import { mark } from './marks';

/** Kinds of terms, as in `kernel-scanner.ts`: a keyword stands anywhere, and so does a string (which has a byte from 0x80). */
const WORD: u32 = 1;
const STRING: u32 = 2;
const DASH: u32 = 0x2d;
/** Windows are shorter than 2^28 bytes, grams than 16. */
const GRAM_SHIFT: u32 = 28;

/** Two words for every 64 bytes of the window, of which one is used here; two of 0 before the first. */
let masks: usize = 0;
/** Places that passed the filter, as u32: offset from the window's start, in the top bits the length of the gram there. */
let list: usize = 0;
/** Offsets as u32. */
let ends: usize = 0;
/** 2^bits bytes, 4 where a gram has that hash: what it adds to the length of the list. */
let filter: usize = 0;
let filterShift: u64 = 0;
/** Entries of four u32: the gram's hash, address of the term (0: free), its length, place of the gram in it and kind. */
let table: usize = 0;
let tableMask: u32 = 0;
let stride: usize = 0;
let gramBytes: u32 = 0;
/** Bit n: strings have grams of n bytes. */
let stringGrams: u32 = 0;
/** Some string's gram begins with two dashes. */
let hasDashes: bool = false;

/** Keywords are looked for at every `strideBytes`th place, by grams of `keywordGramBytes`. */
export function placeTerms(
  masksAt: usize,
  listAt: usize,
  endsAt: usize,
  filterAt: usize,
  filterBits: i32,
  tableAt: usize,
  tableBits: i32,
  strideBytes: i32,
  keywordGramBytes: i32,
): void {
  masks = masksAt;
  list = listAt;
  ends = endsAt;
  filter = filterAt;
  filterShift = 64 - <u64>filterBits;
  table = tableAt;
  tableMask = (1 << tableBits) - 1;
  stride = <usize>strideBytes;
  gramBytes = <u32>keywordGramBytes;
}

/** Adds the gram at `offset` of a lower-case term; 16 bytes after the term may be read. */
export function addTerm(term: usize, length: u32, offset: u32, bytes: u32, kind: u32): void {
  const hash = gramHash(load<u64>(term + offset), firstBytes(bytes));
  if (kind === STRING) {
    stringGrams |= 1 << bytes;
    if (<u32>load<u8>(term + offset) === DASH) hasDashes = true;
  }
  store<u8>(filter + <usize>(hash >>> filterShift), 4);
  const key = <u32>(hash >>> 32);
  let slot = key & tableMask;
  while (load<u32>(table + (slot << 4), 4) !== 0) slot = (slot + 1) & tableMask;
  const entry = table + (slot << 4);
  store<u32>(entry, key);
  store<u32>(entry, term, 4);
  store<u32>(entry, length, 8);
  store<u32>(entry, (offset << 2) | kind, 12);
}

/** Lists every place on the stride where a keyword's gram may stand. Returns the list's bytes. */
export function collectGrams(a: usize, b: usize): i32 {
  const by = stride;
  const mask = firstBytes(gramBytes);
  const flags = filter;
  const shift = filterShift;
  let next = list;
  let place = gramBytes << GRAM_SHIFT;
  for (let at = a; at < b;) {
    next = keepGram(next, place, gramHash(load<u64>(at), mask), flags, shift);
    at += by;
    place += by;
    next = keepGram(next, place, gramHash(load<u64>(at), mask), flags, shift);
    at += by;
    place += by;
    next = keepGram(next, place, gramHash(load<u64>(at), mask), flags, shift);
    at += by;
    place += by;
    next = keepGram(next, place, gramHash(load<u64>(at), mask), flags, shift);
    at += by;
    place += by;
  }
  return <i32>(next - list);
}

/** Lists the runs of one to four letters and digits that may be a word. */
export function collectWords(a: usize, b: usize): i32 {
  const found = collectWordEnds(a, b);
  const from = ends;
  const bits = masks;
  const flags = filter;
  const shift = filterShift;
  let next = list;
  for (let i: usize = 0; i < found; i += 4) {
    const end = load<u32>(from + i);
    const length = <u32>clz(~maskBefore(bits, end));
    const word = load<u64>(a + end - 8) >>> (64 - ((<u64>length) << 3));
    next = keepGram(
      next,
      (end - length) | (length << GRAM_SHIFT),
      (word | (FOLD & firstBytes(length))) * MIX,
      flags,
      shift,
    );
  }
  return <i32>(next - list);
}

/** Lists where runs of one to four letters and digits end; returns the list's bytes. */
function collectWordEnds(a: usize, b: usize): usize {
  const sets = wordSets();
  let next = ends;
  let mask = masks;
  let lastRuns: u64 = 0;
  for (let at = a; at <= b; at += 64) {
    let runs =
      bitsOf(isInRow(v128.load(at), sets)) |
      (bitsOf(isInRow(v128.load(at, 16), sets)) << 16) |
      (bitsOf(isInRow(v128.load(at, 32), sets)) << 32) |
      (bitsOf(isInRow(v128.load(at, 48), sets)) << 48);
    if (at + 64 > b) runs &= firstBits(b - at);
    store<u64>(mask, runs);
    mask += 16;
    const one = (runs << 1) | (lastRuns >>> 63);
    const five =
      ((runs << 2) | (lastRuns >>> 62)) &
      ((runs << 3) | (lastRuns >>> 61)) &
      ((runs << 4) | (lastRuns >>> 60)) &
      ((runs << 5) | (lastRuns >>> 59));
    lastRuns = runs;
    let past = ~runs & one & ~five;
    const found = <usize>popcnt(past);
    const base = <u32>(at - a);
    store<u32>(next, base + <u32>ctz(past));
    past &= past - 1;
    store<u32>(next, base + <u32>ctz(past), 4);
    past &= past - 1;
    store<u32>(next, base + <u32>ctz(past), 8);
    past &= past - 1;
    store<u32>(next, base + <u32>ctz(past), 12);
    past &= past - 1;
    for (let more = next + 16; past !== 0; more += 4) {
      store<u32>(more, base + <u32>ctz(past));
      past &= past - 1;
    }
    next += found << 2;
  }
  return next - ends;
}

/** Lists the bytes from 0x80, and the dashes before a dash, at which a string's gram may stand. */
export function collectStrings(a: usize, b: usize): i32 {
  const dashes = i8x16.splat(<i8>DASH);
  const flags = filter;
  const shift = filterShift;
  let next = list;
  for (let at = a; at < b; at += 16) {
    const v = v128.load(at);
    let high = <u32>i8x16.bitmask(v);
    if (hasDashes) {
      high |= <u32>i8x16.bitmask(v128.and(i8x16.eq(v, dashes), i8x16.eq(v128.load(at, 1), dashes)));
    }
    if (high === 0) continue;
    if (at + 16 > b) high &= <u32>firstBits(b - at);
    for (; high !== 0; high &= high - 1) {
      const word = load<u64>(at + <usize>ctz(high));
      const offset = <u32>(at - a) + ctz(high);
      for (let grams = stringGrams; grams !== 0; grams &= grams - 1) {
        const bytes = <u32>ctz(grams);
        next = keepGram(next, offset | (bytes << GRAM_SHIFT), gramHash(word, firstBytes(bytes)), flags, shift);
      }
    }
  }
  return <i32>(next - list);
}

/** Marks the places in the list where a term stands in full. */
export function markTerms(a: usize, b: usize, bytes: i32): void {
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    const place = load<u32>(list + i);
    const offset = place & ((1 << GRAM_SHIFT) - 1);
    const hash = gramHash(load<u64>(a + offset), firstBytes(place >>> GRAM_SHIFT));
    if (isTermAt(a, b, a + offset, <u32>(hash >>> 32))) mark(offset);
  }
}

function isTermAt(a: usize, b: usize, at: usize, key: u32): bool {
  let slot = key & tableMask;
  while (true) {
    const entry = table + (slot << 4);
    const term = <usize>load<u32>(entry, 4);
    if (term === 0) return false;
    if (load<u32>(entry) === key) {
      const length = load<u32>(entry, 8);
      const place = load<u32>(entry, 12);
      const start = at - <usize>(place >>> 2);
      const end = start + <usize>length;
      if (start >= a && end <= b && isSame(start, term, length)) {
        if ((place & 3) !== WORD) return true;
        if ((start === a || !isWordByte(start - 1)) && (end === b || !isWordByte(end))) return true;
      }
    }
    slot = (slot + 1) & tableMask;
  }
}

function isSame(text: usize, term: usize, length: u32): bool {
  for (let at: u32 = 0; at < length; at += 16) {
    const same = <u32>i8x16.bitmask(i8x16.eq(lowerCase(v128.load(text + at)), v128.load(term + at)));
    const left = length - at;
    const wanted: u32 = left >= 16 ? 0xffff : (1 << left) - 1;
    if ((same & wanted) !== wanted) return false;
  }
  return true;
}

function isWordByte(at: usize): bool {
  const byte = <u32>load<u8>(at);
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 26;
}

/** Writes a place to the list; it stays there if the filter says so. Returns the list's new end. */
function keepGram(next: usize, place: u32, hash: u64, flags: usize, shift: u64): usize {
  store<u32>(next, place);
  return next + <usize>load<u8>(flags + <usize>(hash >>> shift));
}

function gramHash(word: u64, mask: u64): u64 {
  return ((word | FOLD) & mask) * MIX;
}
