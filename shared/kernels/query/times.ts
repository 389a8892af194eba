/**
 * One block of a column of times: u32 ticks (`base + tick * unit` milliseconds, all ones: unknown); f64 milliseconds (NaN: unknown), of
 * which `unit` 0 says so; or u16 codes of distinct times, of which `unit` -1 says so, and `base` is the address of the times (f64; code 0
 * is unknown). Bitsets begin at the block's first row.
 */

/** Bytes of a block in a table of formats: address u32, nothing u32, base f64, unit f64. */
const FORMAT_BYTES: usize = 24;
const EARLIER: u32 = 0;
const LATER: u32 = 1;
const NO_TICK: u32 = 0xffffffff;
const UNKNOWN: f64 = f64.NaN;

/** Time of row `row` in a block. */
export function timeAt(times: usize, base: f64, unit: f64, row: u32): f64 {
  if (unit < 0) return load<f64>(<usize>base + ((<usize>load<u16>(times + ((<usize>row) << 1))) << 3));
  if (unit === 0) return load<f64>(times + ((<usize>row) << 3));
  const tick = load<u32>(times + ((<usize>row) << 2));
  return tick === NO_TICK ? UNKNOWN : base + <f64>tick * unit;
}

/** Lowest and highest tick to `out`; NO_TICK and 0 where all are unknown. */
export function boundTicks(ticks: usize, rows: u32, out: usize): void {
  let low: u32 = NO_TICK;
  let high: u32 = 0;
  for (let i: usize = 0; i < (<usize>rows) << 2; i += 4) {
    const tick = load<u32>(ticks + i);
    if (tick === NO_TICK) continue;
    low = min(low, tick);
    high = max(high, tick);
  }
  store<u32>(out, low);
  store<u32>(out, high, 4);
}

/** Lowest and highest time to `out`; infinities where all are unknown. */
export function boundTimes(times: usize, rows: u32, out: usize): void {
  let low: f64 = f64.POSITIVE_INFINITY;
  let high: f64 = f64.NEGATIVE_INFINITY;
  for (let i: usize = 0; i < (<usize>rows) << 3; i += 8) {
    const time = load<f64>(times + i);
    if (time < low) low = time;
    if (time > high) high = time;
  }
  store<f64>(out, low);
  store<f64>(out, high, 8);
}

/** Ticks of another base and unit: `tick * factor + plus`. `target` may be `source`. */
export function rescaleTicks(source: usize, rows: u32, factor: u32, plus: u32, target: usize): void {
  for (let i: usize = 0; i < (<usize>rows) << 2; i += 4) {
    const tick = load<u32>(source + i);
    store<u32>(target + i, tick === NO_TICK ? NO_TICK : tick * factor + plus);
  }
}

export function ticksToTimes(source: usize, rows: u32, base: f64, unit: f64, target: usize): void {
  for (let row: u32 = 0; row < rows; row++) store<f64>(target + ((<usize>row) << 3), timeAt(source, base, unit, row));
}

/** The rows with `low` <= tick <= `high` (< NO_TICK). Bits behind `rows` may be anything. */
export function withinTicks(ticks: usize, rows: u32, low: u32, high: u32, out: usize): void {
  const from = i32x4.splat(low);
  const width = i32x4.splat(high - low);
  for (let i: u32 = 0; i < rows; i += 16) {
    const p = ticks + ((<usize>i) << 2);
    const a = i32x4.le_u(i32x4.sub(v128.load(p), from), width);
    const b = i32x4.le_u(i32x4.sub(v128.load(p, 16), from), width);
    const c = i32x4.le_u(i32x4.sub(v128.load(p, 32), from), width);
    const d = i32x4.le_u(i32x4.sub(v128.load(p, 48), from), width);
    const hits = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
    store<u16>(out + (i >> 3), <u16>i8x16.bitmask(hits));
  }
}

/** The rows with `from` <= time < `to`, written over `out`. */
export function withinTimes(times: usize, rows: u32, from: f64, to: f64, out: usize): void {
  for (let first: u32 = 0; first < rows; first += 64) {
    let hits: u64 = 0;
    const until = min<u32>(64, rows - first);
    for (let j: u32 = 0; j < until; j++) {
      const time = load<f64>(times + ((<usize>(first + j)) << 3));
      hits |= (<u64>(i32(time >= from) & i32(time < to))) << j;
    }
    store<u64>(out + (first >> 3), hits);
  }
}

/**
 * Row `to[i]` takes the time of row `from[i]`, one after the other, where it is `EARLIER`, `LATER`, or (2) where it is known. The
 * times fit the blocks of `to`; `slots` is the table of `codeTimes`.
 */
export function mergeTimes(formats: usize, slots: usize, from: usize, to: usize, count: u32, which: u32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const time = timeIn(formats, load<u32>(from + i));
    const row = load<u32>(to + i);
    const known = timeIn(formats, row);
    if (time !== time) continue;
    if (known === known && ((which === EARLIER && time >= known) || (which === LATER && time <= known))) continue;
    const block = formats + <usize>(row >> 16) * FORMAT_BYTES;
    const at = load<usize>(block);
    const unit = load<f64>(block, 16);
    if (unit < 0) {
      store<u16>(at + ((<usize>(row & 0xffff)) << 1), <u16>codeOf(<usize>load<f64>(block, 8), slots, time));
    } else if (unit === 0) store<f64>(at + ((<usize>(row & 0xffff)) << 3), time);
    else store<u32>(at + ((<usize>(row & 0xffff)) << 2), <u32>((time - load<f64>(block, 8)) / unit));
  }
}

function timeIn(formats: usize, row: u32): f64 {
  const block = formats + <usize>(row >> 16) * FORMAT_BYTES;
  return timeAt(load<usize>(block), load<f64>(block, 8), load<f64>(block, 16), row & 0xffff);
}

/**
 * Codes (u16) of times, new ones being added to `values` (f64, the first one NaN), of which there are `count`, and to `slots` (2^16 u16,
 * 0: free). Answers how many there are then, or all ones once there would be more than `most`.
 */
export function codeTimes(
  times: usize,
  rows: u32,
  values: usize,
  slots: usize,
  count: u32,
  most: u32,
  out: usize,
): u32 {
  let known = count;
  let before: f64 = UNKNOWN;
  let code: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const time = load<f64>(times + ((<usize>row) << 3));
    // Rows of one load stand together.
    if (time !== before) {
      before = time;
      code = codeOf(values, slots, time);
      if (code === 0 && time === time) {
        if (known >= most) return 0xffffffff;
        code = known++;
        store<f64>(values + ((<usize>code) << 3), time);
        store<u16>(slot, <u16>code);
      }
    }
    store<u16>(out + ((<usize>row) << 1), <u16>code);
  }
  return known;
}

/** Where `codeOf` ended. */
let slot: usize = 0;

/** 0: unknown, or not there. */
function codeOf(values: usize, slots: usize, time: f64): u32 {
  if (time !== time) return 0;
  let place = <u32>((reinterpret<u64>(time) * 0x9e3779b97f4a7c15) >> 48);
  slot = slots + ((<usize>place) << 1);
  let code = <u32>load<u16>(slot);
  while (code && load<f64>(values + ((<usize>code) << 3)) !== time) {
    place = (place + 1) & 0xffff;
    slot = slots + ((<usize>place) << 1);
    code = load<u16>(slot);
  }
  return code;
}
