/**
 * A column of times. Each block has its own base and unit, so that 32 bits a row are enough for nearly any; a block whose times do not
 * fit holds f64.
 */
import type { Ms } from '../../../base/brand.ts';
import type { HotTimes } from '../hot-columns.ts';
import { NO_TICK } from '../hot-columns.ts';
import { BLOCK_ROWS, Blocks, piecesOf } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';

const TICK_BYTES = 4;
const TIME_BYTES = 8;

/** Bytes of a block's format as kernels read it. */
const FORMAT_BYTES = 24;

/** Which of two times a merge keeps; kernels know the numbers. */
export const EARLIER_TIME = 0;
export const LATER_TIME = 1;
/** That of the row merged, if it is known. */
export const KNOWN_TIME = 2;

/** How a block holds times: `baseMs + tick * unitMs`; unit 0: f64. */
export interface TimeFormat {
  readonly baseMs: Ms;
  readonly unitMs: number;
}

/** Known times lie in [lowMs, highMs] at whole units from lowMs; `lowMs` above `highMs`: none is known. */
interface Span {
  readonly lowMs: Ms;
  readonly highMs: Ms;
  readonly unitMs: number;
}

const AS_TIMES: TimeFormat = { baseMs: 0, unitMs: 0 };

export class TimeColumn {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #blocks: Blocks;
  readonly #formats: TimeFormat[] = [];

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#blocks = new Blocks(memory, TICK_BYTES);
  }

  /** Block table. */
  get table(): number {
    return this.#blocks.table;
  }

  blockAt(block: number): number {
    return this.#blocks.at(block);
  }

  formatOf(block: number): TimeFormat {
    return this.#formats[block] ?? AS_TIMES;
  }

  /** Room for `rows`. Throws EngineFullError. */
  reserve(rows: number): void {
    this.#blocks.reserve(rows);
    while (this.#formats.length < this.#blocks.count) this.#formats.push({ baseMs: 0, unitMs: 1 });
  }

  release(rows: number): void {
    for (let block = Math.ceil(rows / BLOCK_ROWS); block < this.#blocks.count; block++) this.#toTicks(block);
    this.#blocks.release(rows);
    this.#formats.length = this.#blocks.count;
  }

  /** Rows `row`.. get times `from`..`to`. There must be room; `staging` holds a block. Throws EngineFullError, rows before unchanged. */
  put(row: number, times: HotTimes, from: number, to: number, staging: number): void {
    const { u32, f64 } = this.#memory;
    for (const [block, place, count, done] of piecesOf(row, to - from)) {
      const [start, end] = [from + done, from + done + count];
      if (times instanceof Float64Array) {
        f64.set(times.subarray(start, end), staging / TIME_BYTES);
        this.#putTimes(block, place, count, staging);
        continue;
      }
      const given = { baseMs: times.baseMs, unitMs: times.unitMs };
      if (!(Number.isSafeInteger(given.unitMs) && given.unitMs > 0)) throw new RangeError('ticks of no whole unit');
      const held = this.formatOf(block);
      if (place === 0) this.#restart(block, given);
      if (place === 0 || (held.baseMs === given.baseMs && held.unitMs === given.unitMs)) {
        u32.set(times.ticks.subarray(start, end), (this.blockAt(block) + place * TICK_BYTES) / TICK_BYTES);
      } else {
        u32.set(times.ticks.subarray(start, end), staging / TICK_BYTES);
        this.#putTicks(block, place, count, staging, given);
      }
    }
  }

  /** NaN: unknown. */
  at(row: number): Ms {
    const block = Math.floor(row / BLOCK_ROWS);
    const { baseMs, unitMs } = this.formatOf(block);
    const place = row % BLOCK_ROWS;
    if (unitMs === 0) return this.#memory.f64[this.blockAt(block) / TIME_BYTES + place] as number;
    const tick = this.#memory.u32[this.blockAt(block) / TICK_BYTES + place] as number;
    return tick === NO_TICK ? Number.NaN : baseMs + tick * unitMs;
  }

  /** Makes `times` (known ones) fit the blocks of `rows`, so that `merge` cannot fail. Throws EngineFullError, nothing being lost. */
  fit(rows: Uint32Array, times: Float64Array, held: number): void {
    const spans = new Map<number, Span>();
    rows.forEach((row, i) => {
      const ms = times[i] as number;
      if (Number.isNaN(ms)) return;
      const block = Math.floor(row / BLOCK_ROWS);
      const span = spans.get(block);
      if (span === undefined) spans.set(block, { lowMs: ms, highMs: ms, unitMs: 0 });
      else spans.set(block, joined(span, { lowMs: ms, highMs: ms, unitMs: 0 }));
    });
    for (const [block, span] of spans) {
      this.#refit(block, Math.min(BLOCK_ROWS, held - block * BLOCK_ROWS), span);
    }
  }

  /** Row `to[i]` takes the time of row `from[i]` (addresses of u32) if it is the one to keep. It fits (`fit`). */
  merge(from: number, to: number, count: number, which: number, formats: number): void {
    const { u32, f64 } = this.#memory;
    for (let block = 0; block < this.#blocks.count; block++) {
      const at = formats + block * FORMAT_BYTES;
      const { baseMs, unitMs } = this.formatOf(block);
      u32[at >> 2] = this.blockAt(block);
      f64[(at >> 3) + 1] = baseMs;
      f64[(at >> 3) + 2] = unitMs;
    }
    this.#kernels.mergeTimes(formats, from, to, count, which);
  }

  /** Bytes that `merge` needs for formats. */
  get formatBytes(): number {
    return this.#blocks.count * FORMAT_BYTES;
  }

  /** Rows in the bitset `last` move behind the others, of `first`..`end`; their blocks have one format afterwards. Throws EngineFullError. */
  part(last: number, first: number, end: number, spare: number): void {
    const pieces = [...piecesOf(first - (first % BLOCK_ROWS), end - first + (first % BLOCK_ROWS))];
    const whole = pieces.map(([block, , count]) => this.#spanOf(block, count)).reduce(joined, NOTHING);
    for (const [block, , count] of pieces) this.#refit(block, count, whole);
    // Two blocks that hold the same span in ticks may still differ in their base.
    const isTicks = pieces.every(([block]) => this.formatOf(block).unitMs !== 0);
    for (const [block, , count] of pieces) {
      if (!isTicks) this.#toTimes(block, count);
      else if (whole !== NOTHING) this.#rescale(block, count, formatFor(whole));
    }
    this.#kernels.partRows(this.table, isTicks ? TICK_BYTES : TIME_BYTES, last, first, end, spare);
  }

  /** Lowest and highest known time of the first `rows`; low above high: none is known. */
  bounds(rows: number): readonly [Ms, Ms] {
    let whole = NOTHING;
    for (const [block, , count] of piecesOf(0, rows)) whole = joined(whole, this.#spanOf(block, count));
    return [whole.lowMs, whole.highMs];
  }

  #putTimes(block: number, place: number, count: number, staged: number): void {
    const format = this.formatOf(block);
    if (format.unitMs !== 0) this.#toTimes(block, place);
    this.#memory.u8.copyWithin(this.blockAt(block) + place * TIME_BYTES, staged, staged + count * TIME_BYTES);
  }

  #putTicks(block: number, place: number, count: number, staged: number, given: TimeFormat): void {
    this.#refit(block, place, this.#spanOfTicks(staged, count, given));
    const format = this.formatOf(block);
    const at = this.blockAt(block);
    if (format.unitMs === 0) {
      this.#kernels.ticksToTimes(staged, count, given.baseMs, given.unitMs, at + place * TIME_BYTES);
    } else {
      this.#rescaleTo(staged, count, given, at + place * TICK_BYTES, format);
    }
  }

  /** A block that holds nothing yet. */
  #restart(block: number, format: TimeFormat): void {
    this.#toTicks(block);
    this.#formats[block] = format;
  }

  /** Makes a block's format hold `span` beside its first `rows`. */
  #refit(block: number, rows: number, span: Span): void {
    const format = this.formatOf(block);
    if (format.unitMs === 0 || span.lowMs > span.highMs) return;
    const whole = joined(this.#spanOf(block, rows), span);
    if (holds(format, whole)) return;
    const after = formatFor(whole);
    if (holds(after, whole)) this.#rescale(block, rows, after);
    else this.#toTimes(block, rows);
  }

  #rescale(block: number, rows: number, format: TimeFormat): void {
    const at = this.blockAt(block);
    this.#rescaleTo(at, rows, this.formatOf(block), at, format);
    this.#formats[block] = format;
  }

  #rescaleTo(from: number, rows: number, before: TimeFormat, to: number, after: TimeFormat): void {
    const factor = before.unitMs / after.unitMs;
    // In 32 bits that wrap: a base may lie below the earliest time.
    const plus = ((before.baseMs - after.baseMs) / after.unitMs) % 2 ** 32;
    this.#kernels.rescaleTicks(from, rows, factor, plus, to);
  }

  #toTimes(block: number, rows: number): void {
    const { baseMs, unitMs } = this.formatOf(block);
    if (unitMs === 0) return;
    const wide = this.#memory.take(BLOCK_ROWS * TIME_BYTES);
    const narrow = this.blockAt(block);
    this.#kernels.ticksToTimes(narrow, rows, baseMs, unitMs, wide);
    this.#memory.give(narrow, BLOCK_ROWS * TICK_BYTES);
    this.#blocks.replace(block, wide);
    this.#formats[block] = AS_TIMES;
  }

  /** A block of f64 to one of ticks, whose content is lost. */
  #toTicks(block: number): void {
    if (this.formatOf(block).unitMs !== 0) return;
    const wide = this.blockAt(block);
    this.#memory.give(wide + BLOCK_ROWS * TICK_BYTES, BLOCK_ROWS * (TIME_BYTES - TICK_BYTES));
    this.#formats[block] = { baseMs: 0, unitMs: 1 };
  }

  #spanOf(block: number, rows: number): Span {
    const format = this.formatOf(block);
    if (rows <= 0) return NOTHING;
    if (format.unitMs !== 0) return this.#spanOfTicks(this.blockAt(block), rows, format);
    return this.#memory.lend([2 * TIME_BYTES], (out) => {
      this.#kernels.boundTimes(this.blockAt(block), rows, out);
      const [lowMs, highMs] = this.#memory.f64.subarray(out / TIME_BYTES) as unknown as [number, number];
      // What times in between are multiples of is not known.
      return { lowMs, highMs, unitMs: Number.NaN };
    });
  }

  #spanOfTicks(ticks: number, rows: number, { baseMs, unitMs }: TimeFormat): Span {
    return this.#memory.lend([2 * TICK_BYTES], (out) => {
      this.#kernels.boundTicks(ticks, rows, out);
      const [low, high] = this.#memory.u32.subarray(out / TICK_BYTES) as unknown as [number, number];
      return low === NO_TICK ? NOTHING : { lowMs: baseMs + low * unitMs, highMs: baseMs + high * unitMs, unitMs };
    });
  }
}

const NOTHING: Span = { lowMs: Number.POSITIVE_INFINITY, highMs: Number.NEGATIVE_INFINITY, unitMs: 0 };

/** A span that holds both. */
function joined(a: Span, b: Span): Span {
  if (a.lowMs > a.highMs) return b;
  if (b.lowMs > b.highMs) return a;
  const distance = Math.abs(a.lowMs - b.lowMs);
  return {
    lowMs: Math.min(a.lowMs, b.lowMs),
    highMs: Math.max(a.highMs, b.highMs),
    unitMs: greatestDivisor(greatestDivisor(a.unitMs, b.unitMs), distance),
  };
}

/** Of two numbers that are not negative; 0 says nothing. NaN where one is no whole number. */
export function greatestDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return Number.NaN;
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Ticks for a span that has a known time; a single time has no unit of its own. */
function formatFor({ lowMs, unitMs }: Span): TimeFormat {
  return { baseMs: lowMs, unitMs: unitMs === 0 ? 1 : unitMs };
}

/** Whether ticks of this format can say all times of the span; not where its unit is no whole number. */
function holds({ baseMs, unitMs }: TimeFormat, span: Span): boolean {
  return (
    span.unitMs % unitMs === 0 &&
    (span.lowMs - baseMs) % unitMs === 0 &&
    span.lowMs >= baseMs &&
    (span.highMs - baseMs) / unitMs < NO_TICK
  );
}
