/**
 * A column of times. Each block is as narrow as its times allow: codes of a few distinct ones, ticks of its own base and unit, or f64.
 */
import type { Ms } from '../../../base/brand.ts';
import type { FewTicks, HotTimes } from '../hot-columns.ts';
import { NO_CODE, NO_TICK } from '../hot-columns.ts';
import { BLOCK_ROWS, MAX_BLOCKS, piecesOf } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { TimeCodes } from './time-codes.ts';
import type { Span, TimeFormat } from './time-span.ts';
import { formatFor, holds, joined, NOTHING } from './time-span.ts';

const CODE_BYTES = 2;
const TICK_BYTES = 4;
const TIME_BYTES = 8;
/** Bytes of a block's format as kernels read it. */
const FORMAT_BYTES = 24;

/** Which of two times a merge keeps; kernels know the numbers. */
export const EARLIER_TIME = 0;
export const LATER_TIME = 1;
/** That of the row merged, if it is known. */
export const KNOWN_TIME = 2;

export const AS_TIMES = 0;
export const AS_CODES = -1;

interface Block {
  at: number;
  format: TimeFormat;
}

export class TimeColumn {
  /** Address of the table of block addresses. */
  readonly table: number;
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #blocks: Block[] = [];
  readonly #codes: TimeCodes;
  /** Its times were too many for codes once. */
  #isDiverse = false;

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#codes = new TimeCodes(memory, kernels);
    this.table = memory.take(MAX_BLOCKS * 4);
  }

  blockAt(block: number): number {
    return (this.#blocks[block] as Block).at;
  }

  formatOf(block: number): TimeFormat {
    return (this.#blocks[block] as Block).format;
  }

  /** Distinct times by code; the first one, NaN, is none. */
  codedTimes(): Float64Array {
    return this.#codes.times();
  }

  /** Gives back what lies behind `rows`. */
  release(rows: number): void {
    const needed = Math.ceil(rows / BLOCK_ROWS);
    for (const { at, format } of this.#blocks.splice(needed)) this.#memory.give(at, bytesOf(format));
  }

  /** Rows `row`.. get times `from`..`to`. `staging` holds a block of f64. Throws EngineFullError, rows before unchanged. */
  put(row: number, times: HotTimes, from: number, to: number, staging: number): void {
    for (const [block, place, count, done] of piecesOf(row, to - from)) {
      const [start, end] = [from + done, from + done + count];
      const given = givenFormat(times);
      if (place === 0) this.release(block * BLOCK_ROWS);
      const few = times instanceof Float64Array ? undefined : times.few;
      if (few !== undefined && this.#putFew(block, place, start, end, few, given, staging)) continue;
      if (times instanceof Float64Array) this.#memory.f64.set(times.subarray(start, end), staging / TIME_BYTES);
      else this.#memory.u32.set(times.ticks.subarray(start, end), staging / TICK_BYTES);
      if (this.#putCodes(block, place, count, staging, given)) continue;
      if (place === 0) this.#start(block, given);
      const held = this.formatOf(block);
      if (given.unitMs === held.unitMs && given.baseMs === held.baseMs) this.#copy(block, place, count, staging);
      else if (given.unitMs === AS_TIMES) this.#putTimes(block, place, count, staging);
      else this.#putTicks(block, place, count, staging, given);
    }
  }

  /** NaN: unknown. */
  at(row: number): Ms {
    const { at, format } = this.#blocks[Math.floor(row / BLOCK_ROWS)] as Block;
    const { u16, u32, f64 } = this.#memory;
    const place = row % BLOCK_ROWS;
    if (format.unitMs === AS_TIMES) return f64[at / TIME_BYTES + place] as number;
    if (format.unitMs === AS_CODES)
      return f64[format.baseMs / TIME_BYTES + (u16[at / CODE_BYTES + place] as number)] as number;
    const tick = u32[at / TICK_BYTES + place] as number;
    return tick === NO_TICK ? Number.NaN : format.baseMs + tick * format.unitMs;
  }

  /** Makes `times` (known ones) fit the blocks of `rows`, so that `merge` cannot fail. Throws EngineFullError, nothing being lost. */
  fit(rows: Uint32Array, times: Float64Array, held: number): void {
    const heldIn = (block: number) => Math.min(BLOCK_ROWS, held - block * BLOCK_ROWS);
    const spans = new Map<number, Span>();
    const toLearn: number[] = [];
    const learning = new Set<number>();
    for (let i = 0; i < rows.length; i++) {
      const ms = times[i] as number;
      const block = Math.floor((rows[i] as number) / BLOCK_ROWS);
      const { baseMs, unitMs } = this.formatOf(block);
      if (Number.isNaN(ms) || unitMs === AS_TIMES) continue;
      if (unitMs === AS_CODES) {
        toLearn.push(ms);
        learning.add(block);
      } else if (!((ms - baseMs) % unitMs === 0 && ms >= baseMs && (ms - baseMs) / unitMs < NO_TICK)) {
        spans.set(block, joined(spans.get(block) ?? NOTHING, { lowMs: ms, highMs: ms, unitMs: 0 }));
      }
    }
    for (const [block, span] of spans) this.#refit(block, heldIn(block), span);
    if (this.#codes.learn(toLearn)) return;
    for (const block of learning) this.#toTimes(block, heldIn(block));
  }

  /** Row `to[i]` takes the time of row `from[i]` (addresses of u32) if it is the one to keep. It fits (`fit`). */
  merge(from: number, to: number, count: number, which: number, formats: number): void {
    const { u32, f64 } = this.#memory;
    this.#blocks.forEach(({ at, format }, block) => {
      const formatAt = formats + block * FORMAT_BYTES;
      u32[formatAt >> 2] = at;
      f64[(formatAt >> 3) + 1] = format.baseMs;
      f64[(formatAt >> 3) + 2] = format.unitMs;
    });
    this.#kernels.mergeTimes(formats, this.#codes.slots, from, to, count, which);
  }

  /** Bytes that `merge` needs for formats. */
  get formatBytes(): number {
    return this.#blocks.length * FORMAT_BYTES;
  }

  /** Rows in the bitset `last` move behind the others, of `first`..`end`; their blocks have one format afterwards. Throws EngineFullError. */
  part(last: number, first: number, end: number, spare: number): void {
    const pieces = [...piecesOf(first - (first % BLOCK_ROWS), end - first + (first % BLOCK_ROWS))];
    const width = this.#unify(pieces.map(([block, , count]) => [block, count]));
    this.#kernels.partRows(this.table, width, last, first, end, spare);
  }

  /** Lowest and highest known time of the first `rows`, or wider; low above high: none is known. */
  bounds(rows: number): readonly [Ms, Ms] {
    const spans = [...piecesOf(0, rows)].map(([block, , count]) => this.#spanOf(block, count));
    const { lowMs, highMs } = spans.reduce(joined, NOTHING);
    return [lowMs, highMs];
  }

  /** Rows `start`..`end` of few distinct times: these alone are looked for. `false` where a block is not one of codes. */
  #putFew(
    block: number,
    place: number,
    start: number,
    end: number,
    { values, codes }: FewTicks,
    { baseMs, unitMs }: TimeFormat,
    staging: number,
  ): boolean {
    if (!this.#hasCodes(block, place)) return false;
    const [count, given] = [end - start, values.length];
    const out = this.blockAt(block) + place * CODE_BYTES;
    const isDone = this.#memory.lend([given * TIME_BYTES, given * CODE_BYTES, NO_CODE * 4 + 4], (times, known, map) => {
      const { f64 } = this.#memory;
      for (let i = 0; i < given; i++) f64[times / TIME_BYTES + i] = baseMs + (values[i] as number) * unitMs;
      if (!this.#codes.put(times, given, known, count)) return false;
      const { u8, u16, u32 } = this.#memory;
      for (let i = 0; i < given; i++) u32[map / 4 + i] = u16[known / CODE_BYTES + i] as number;
      u32[map / 4 + NO_CODE] = 0;
      u8.set(codes.subarray(start, end), staging);
      this.#kernels.mapCodes(staging, 1, count, map, out, CODE_BYTES);
      this.#place(block, this.blockAt(block), { baseMs: this.#codes.values, unitMs: AS_CODES });
      return true;
    });
    if (!isDone && place === 0) this.release(block * BLOCK_ROWS);
    return isDone;
  }

  /** Whether a block is one of codes; a new one becomes one. */
  #hasCodes(block: number, place: number): boolean {
    const isNew = place === 0;
    if (isNew ? this.#isDiverse : this.formatOf(block).unitMs !== AS_CODES) return false;
    if (isNew) this.#place(block, this.#memory.take(BLOCK_ROWS * CODE_BYTES), { baseMs: 0, unitMs: AS_CODES });
    return true;
  }

  /** `false` where a block is not one of codes. */
  #putCodes(block: number, place: number, count: number, staged: number, given: TimeFormat): boolean {
    const isNew = place === 0;
    if (!this.#hasCodes(block, place)) return false;
    const out = this.blockAt(block) + place * CODE_BYTES;
    const isDone =
      given.unitMs === AS_TIMES
        ? this.#codes.put(staged, count, out)
        : this.#memory.lend([count * TIME_BYTES], (times) => {
            this.#kernels.ticksToTimes(staged, count, given.baseMs, given.unitMs, times);
            return this.#codes.put(times, count, out);
          });
    if (isDone) {
      this.#place(block, this.blockAt(block), { baseMs: this.#codes.values, unitMs: AS_CODES });
      return true;
    }
    this.#isDiverse = true;
    if (isNew) this.release(block * BLOCK_ROWS);
    else this.#toTimes(block, place);
    return false;
  }

  #copy(block: number, place: number, count: number, staged: number): void {
    const { at, format } = this.#blocks[block] as Block;
    const width = widthOf(format);
    this.#memory.u8.copyWithin(at + place * width, staged, staged + count * width);
  }

  #putTimes(block: number, place: number, count: number, staged: number): void {
    this.#toTimes(block, place);
    this.#copy(block, place, count, staged);
  }

  #putTicks(block: number, place: number, count: number, staged: number, given: TimeFormat): void {
    this.#refit(block, place, this.#spanOfTicks(staged, count, given));
    const { at, format } = this.#blocks[block] as Block;
    if (format.unitMs === AS_TIMES) {
      this.#kernels.ticksToTimes(staged, count, given.baseMs, given.unitMs, at + place * TIME_BYTES);
    } else {
      this.#rescaleTo(staged, count, given, at + place * TICK_BYTES, format);
    }
  }

  /** One format for blocks of so many rows; the bytes of a value in it. */
  #unify(blocks: readonly (readonly [block: number, rows: number])[]): number {
    if (blocks.every(([block]) => this.formatOf(block).unitMs === AS_CODES)) return CODE_BYTES;
    for (const [block, rows] of blocks) if (this.formatOf(block).unitMs === AS_CODES) this.#toTimes(block, rows);
    const whole = blocks.map(([block, rows]) => this.#spanOf(block, rows)).reduce(joined, NOTHING);
    for (const [block, rows] of blocks) this.#refit(block, rows, whole);
    const isTicks = blocks.every(([block]) => this.formatOf(block).unitMs !== AS_TIMES);
    for (const [block, rows] of blocks) {
      if (!isTicks) this.#toTimes(block, rows);
      else if (whole !== NOTHING) this.#rescale(block, rows, formatFor(whole));
    }
    return isTicks ? TICK_BYTES : TIME_BYTES;
  }

  /** A block that holds nothing yet. */
  #start(block: number, format: TimeFormat): void {
    this.#place(block, this.#memory.take(bytesOf(format)), format);
  }

  /** Makes the format of a block of ticks hold `span` beside its first `rows`. */
  #refit(block: number, rows: number, span: Span): void {
    const format = this.formatOf(block);
    if (format.unitMs === AS_TIMES || format.unitMs === AS_CODES || span.lowMs > span.highMs) return;
    const whole = joined(this.#spanOf(block, rows), span);
    if (holds(format, whole)) return;
    const after = formatFor(whole);
    if (holds(after, whole)) this.#rescale(block, rows, after);
    else this.#toTimes(block, rows);
  }

  #rescale(block: number, rows: number, format: TimeFormat): void {
    const at = this.blockAt(block);
    this.#rescaleTo(at, rows, this.formatOf(block), at, format);
    this.#place(block, at, format);
  }

  #rescaleTo(from: number, rows: number, before: TimeFormat, to: number, after: TimeFormat): void {
    const factor = before.unitMs / after.unitMs;
    // In 32 bits that wrap: a base may lie below the earliest time.
    const plus = ((before.baseMs - after.baseMs) / after.unitMs) % 2 ** 32;
    this.#kernels.rescaleTicks(from, rows, factor, plus, to);
  }

  #toTimes(block: number, rows: number): void {
    const { at, format } = this.#blocks[block] as Block;
    if (format.unitMs === AS_TIMES) return;
    const after = { baseMs: 0, unitMs: AS_TIMES };
    const wide = this.#memory.take(bytesOf(after));
    this.#kernels.ticksToTimes(at, rows, format.baseMs, format.unitMs, wide);
    this.#memory.give(at, bytesOf(format));
    this.#place(block, wide, after);
  }

  #place(block: number, at: number, format: TimeFormat): void {
    this.#blocks[block] = { at, format };
    this.#memory.u32[(this.table >> 2) + block] = at;
  }

  #spanOf(block: number, rows: number): Span {
    const { at, format } = this.#blocks[block] as Block;
    if (rows <= 0) return NOTHING;
    if (format.unitMs > 0) return this.#spanOfTicks(at, rows, format);
    if (format.unitMs === AS_CODES) {
      const known = this.#codes.times().subarray(1);
      return known.length === 0
        ? NOTHING
        : { lowMs: Math.min(...known), highMs: Math.max(...known), unitMs: Number.NaN };
    }
    return this.#memory.lend([2 * TIME_BYTES], (out) => {
      this.#kernels.boundTimes(at, rows, out);
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

function givenFormat(times: HotTimes): TimeFormat {
  if (times instanceof Float64Array) return { baseMs: 0, unitMs: AS_TIMES };
  const { baseMs, unitMs } = times;
  if (!(Number.isSafeInteger(unitMs) && unitMs > 0)) throw new RangeError('ticks of no whole unit');
  return { baseMs, unitMs };
}

function widthOf({ unitMs }: TimeFormat): number {
  if (unitMs === AS_CODES) return CODE_BYTES;
  return unitMs === AS_TIMES ? TIME_BYTES : TICK_BYTES;
}

function bytesOf(format: TimeFormat): number {
  return BLOCK_ROWS * widthOf(format);
}
