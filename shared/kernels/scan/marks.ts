/** Marks of places that hold a term, and the lines they lie in. */

/** A bit for each byte of the window; a bit for each word of those that is not 0. All 0 between two windows. */
let marks: usize = 0;
let touched: usize = 0;
/** Pairs of u32: start and end of a line, from the window's start. */
let out: usize = 0;

export function placeMarks(marksAt: usize, touchedAt: usize, outAt: usize): void {
  marks = marksAt;
  touched = touchedAt;
  out = outAt;
}

/** Marks the byte at `at`, counted from the window's start. */
export function mark(at: u32): void {
  const word = marks + ((at >>> 6) << 3);
  store<u64>(word, load<u64>(word) | ((<u64>1) << (at & 63)));
  const group = touched + ((at >>> 12) << 3);
  store<u64>(group, load<u64>(group) | ((<u64>1) << ((at >>> 6) & 63)));
}

/** Turns the marks in `a..b` into lines, each once and in order, and takes them away. Returns the number of lines. */
export function takeLines(a: usize, b: usize, newline: i32): i32 {
  const groups = (b - a + 4095) >>> 12;
  const newlines = i8x16.splat(<i8>newline);
  let next = out;
  let done = a;
  for (let group: usize = 0; group < groups; group++) {
    let words = load<u64>(touched + (group << 3));
    if (words === 0) continue;
    store<u64>(touched + (group << 3), 0);
    do {
      const word = (group << 6) + <usize>ctz(words);
      words &= words - 1;
      let marked = load<u64>(marks + (word << 3));
      store<u64>(marks + (word << 3), 0);
      do {
        const at = a + (word << 6) + <usize>ctz(marked);
        marked &= marked - 1;
        if (at < done) continue;
        store<u32>(next, <u32>(lineStart(at, done, newlines) - a));
        done = lineEnd(at, b, newlines);
        store<u32>(next, <u32>(done - a), 4);
        next += 8;
      } while (marked !== 0);
    } while (words !== 0);
  }
  return <i32>((next - out) >>> 3);
}

/** Just past the last newline before `at`, or `from`. */
function lineStart(at: usize, from: usize, newlines: v128): usize {
  for (let to = at; to > from; to -= 16) {
    const found = <u32>i8x16.bitmask(i8x16.eq(v128.load(to - 16), newlines));
    if (found === 0) continue;
    const start = to - 16 + (32 - clz(found));
    return start > from ? start : from;
  }
  return from;
}

/** Just past the first newline from `at` on, or `to`. */
function lineEnd(at: usize, to: usize, newlines: v128): usize {
  for (let from = at; from < to; from += 16) {
    const found = <u32>i8x16.bitmask(i8x16.eq(v128.load(from), newlines));
    if (found === 0) continue;
    const end = from + ctz(found) + 1;
    return end < to ? end : to;
  }
  return to;
}
