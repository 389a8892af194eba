/**
 * Watched names: every run of host characters with a dot is looked at from its end, and every suffix of it at a label border. Each
 * pass reads a list of places and writes a shorter one.
 */
import { bitOf, bitsOf, firstBits, FOLD, hostSets, isInRow, maskBefore, MIX } from './bytes';
import { mark } from './marks';
import {
  hasExcluded,
  hasShort,
  HIT,
  lookUp,
  shortHash,
  shortTails,
  suffixHash,
  tails,
  tailShift,
  wholes,
  wholeShift,
} from './name-table';

const DOT: u32 = 0x2e;
const PERCENT: u32 = 0x25;
const BACKSLASH: u32 = 0x5c;
/** RFC 1035, section 2.3.4. */
const LONGEST_NAME: u32 = 253;

/** A suffix in one word: where it ends, whether the run follows an escape, how long it is. */
const END_SHIFT: u32 = 9;
const ESCAPED: u32 = 0x100;
const LENGTH: u32 = 0xff;

/** Two words (host characters, dots) for every 64 bytes of the window; two words of 0 before the first. */
let masks: usize = 0;
/** Two lists of u32, of which each pass reads one and writes the other. */
let listA: usize = 0;
let listB: usize = 0;

export function placeNames(masksAt: usize, listAAt: usize, listBAt: usize): void {
  masks = masksAt;
  listA = listAAt;
  listB = listBAt;
}

/** Newlines that the last `collectEnds` saw. */
export let newlineCount: i32 = 0;

/** Lists where runs with a dot end (exclusive), and keeps the masks. Reads up to 64 bytes past `b`. Returns the list's bytes. */
export function collectEnds(a: usize, b: usize, newline: i32): i32 {
  const sets = hostSets();
  const dots = i8x16.splat(0x2e);
  const newlines = i8x16.splat(<i8>newline);
  const first = listA;
  let next = first;
  let mask = masks;
  let carry: u64 = 0;
  let counts = i16x8.splat(0);
  // The round at `b` itself, where a round begins there, ends a run that reaches it.
  for (let at = a; at <= b; at += 64) {
    let v = v128.load(at);
    let host = bitsOf(isInRow(v, sets));
    let dot = bitsOf(i8x16.eq(v, dots));
    let seen = i8x16.eq(v, newlines);
    v = v128.load(at, 16);
    host |= bitsOf(isInRow(v, sets)) << 16;
    dot |= bitsOf(i8x16.eq(v, dots)) << 16;
    seen = i8x16.add(seen, i8x16.eq(v, newlines));
    v = v128.load(at, 32);
    host |= bitsOf(isInRow(v, sets)) << 32;
    dot |= bitsOf(i8x16.eq(v, dots)) << 32;
    seen = i8x16.add(seen, i8x16.eq(v, newlines));
    v = v128.load(at, 48);
    host |= bitsOf(isInRow(v, sets)) << 48;
    dot |= bitsOf(i8x16.eq(v, dots)) << 48;
    seen = i8x16.add(seen, i8x16.eq(v, newlines));
    if (at + 64 > b) {
      const valid = firstBits(b - at);
      host &= valid;
      dot &= valid;
      seen = countRest(at, b, newline);
    }
    counts = i16x8.add(counts, i16x8.extadd_pairwise_i8x16_s(seen));
    store<u64>(mask, host);
    store<u64>(mask, dot, 8);
    mask += 16;
    // A run plus its dots carries into the bit just past it, if it has a dot; further dots of it carry no more.
    const sum = host + dot;
    const total = sum + carry;
    carry = <u64>(sum < host) | <u64>(total < sum);
    let past = total & ~host;
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
  const pairs = i32x4.extadd_pairwise_i16x8_s(counts);
  newlineCount = -(
    i32x4.extract_lane(pairs, 0) +
    i32x4.extract_lane(pairs, 1) +
    i32x4.extract_lane(pairs, 2) +
    i32x4.extract_lane(pairs, 3)
  );
  return <i32>(next - first);
}

/** Minus the newlines in fewer than 64 bytes, in the first lane. */
function countRest(at: usize, b: usize, newline: i32): v128 {
  let count: i8 = 0;
  for (let byte = at; byte < b; byte++) if (<i32>load<u8>(byte) === newline) count--;
  return i8x16.replace_lane(i8x16.splat(0), 0, count);
}

/** Keeps the ends in the list (`bytes` long) that a name's last bytes stand before, without the dots that follow it. */
export function keepEnds(a: usize, bytes: i32): i32 {
  if (hasShort) return keepShortEnds(a, bytes);
  const from = listA;
  const into = listB;
  const filter = tails;
  const shift = tailShift;
  const last8 = a - 8;
  let kept: u32 = 0;
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    let at = load<u32>(from + i);
    let tail = load<u64>(last8 + at);
    if (<u32>(tail >>> 56) === DOT) {
      at = withoutDots(a, at);
      tail = load<u64>(last8 + at);
    }
    store<u32>(into + kept, at);
    kept += bitOf(filter, <u32>(((tail | FOLD) * MIX) >>> shift)) << 2;
  }
  return <i32>kept;
}

/** The same, where a name may have less than 8 bytes. */
function keepShortEnds(a: usize, bytes: i32): i32 {
  const from = listA;
  const into = listB;
  const filter = tails;
  const shift = tailShift;
  const shortFilter = shortTails;
  const last8 = a - 8;
  let kept: u32 = 0;
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    let at = load<u32>(from + i);
    let tail = load<u64>(last8 + at);
    if (<u32>(tail >>> 56) === DOT) {
      at = withoutDots(a, at);
      tail = load<u64>(last8 + at);
    }
    tail |= FOLD;
    store<u32>(into + kept, at);
    const isShort = bitOf(shortFilter, shortHash(<u32>(tail >>> 32)));
    kept += (bitOf(filter, <u32>((tail * MIX) >>> shift)) | isShort) << 2;
  }
  return <i32>kept;
}

function withoutDots(a: usize, end: u32): u32 {
  let at = end;
  while (at > 0 && <u32>load<u8>(a + at - 1) === DOT) at--;
  return at;
}

/** Lists the suffixes, shortest first, of the runs that end where the list says. */
export function collectSuffixes(a: usize, bytes: i32): i32 {
  const from = listB;
  const first = listA;
  const bits = masks;
  let next = first;
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    const at = load<u32>(from + i);
    const run = <u32>clz(~maskBefore(bits, at));
    const before = <u32>load<u8>(a + at - run - 1);
    if (run === 64 || before === PERCENT || before === BACKSLASH) {
      next = collectSlowly(a, at, next);
      continue;
    }
    // A bit for every dot but the last, since a name has two labels, and one for the border before the run.
    let borders = maskBefore(bits + 8, at) & ~(<u64>-1 >>> <u64>run);
    borders = (borders & ~(((<u64>1) << 63) >>> clz(borders))) | (((<u64>1) << 63) >>> <u64>run);
    const found = <usize>popcnt(borders);
    const base = at << END_SHIFT;
    store<u32>(next, base | <u32>clz(borders));
    borders &= ~(((<u64>1) << 63) >>> clz(borders));
    store<u32>(next, base | <u32>clz(borders), 4);
    borders &= ~(((<u64>1) << 63) >>> clz(borders));
    store<u32>(next, base | <u32>clz(borders), 8);
    borders &= ~(((<u64>1) << 63) >>> clz(borders));
    for (let more = next + 12; borders !== 0; more += 4) {
      store<u32>(more, base | <u32>clz(borders));
      borders &= ~(((<u64>1) << 63) >>> clz(borders));
    }
    next += found << 2;
  }
  return <i32>(next - first);
}

/** The same, byte by byte, for runs of 64 bytes and more and for those after an escape, where the name may begin later. */
function collectSlowly(a: usize, at: u32, into: usize): usize {
  let next = into;
  let run: u32 = 0;
  while (run < at && run <= LONGEST_NAME) {
    const word = <u32>(at - run - 1);
    if (((load<u64>(masks + ((word >>> 6) << 4)) >>> (word & 63)) & 1) === 0) break;
    run++;
  }
  const start = a + at - run;
  let escape: u32 = 0;
  if (run < at && run <= LONGEST_NAME) {
    const before = <u32>load<u8>(start - 1);
    if (before === PERCENT) escape = 2;
    else if (before === BACKSLASH) {
      const kind = <u32>load<u8>(start) | 0x20;
      escape = kind === 0x75 ? 5 : kind === 0x78 ? 3 : 1;
    }
  }
  const base = (at << END_SHIFT) | (escape > 0 ? ESCAPED : 0);
  for (let length: u32 = 1; length <= run && length <= LONGEST_NAME; length++) {
    const isBorder = length === run || <u32>load<u8>(a + at - length - 1) === DOT || length + escape === run;
    if (!isBorder) continue;
    store<u32>(next, base | length);
    next += 4;
  }
  return next;
}

/** Keeps the suffixes whose hash is that of a name. */
export function keepSuffixes(a: usize, bytes: i32): i32 {
  const from = listA;
  const into = listB;
  const filter = wholes;
  const shift = wholeShift;
  let kept: u32 = 0;
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    const suffix = load<u32>(from + i);
    const hash = suffixHash(a + (suffix >>> END_SHIFT), suffix & LENGTH);
    store<u32>(into + kept, suffix);
    kept += bitOf(filter, <u32>(hash >>> shift)) << 2;
  }
  return <i32>kept;
}

/** Marks the ends of runs of which the longest listed suffix is a hit; after an escape, where any is. */
export function markNames(a: usize, bytes: i32): void {
  let lastAt: u32 = 0;
  let verdict: u32 = 0;
  for (let i: usize = 0; i < <usize>bytes; i += 4) {
    const suffix = load<u32>(listB + i);
    const at = suffix >>> END_SHIFT;
    const flag = lookUp(a + at, suffix & LENGTH);
    if (flag === 0) continue;
    if (flag === HIT && (!hasExcluded || (suffix & ESCAPED) !== 0)) {
      mark(at - 1);
      continue;
    }
    if (at !== lastAt && verdict === HIT) mark(lastAt - 1);
    lastAt = at;
    verdict = flag;
  }
  if (verdict === HIT) mark(lastAt - 1);
}
