/**
 * Times at rest: as few bytes as their span and their grain need. Loads give all their findings one time, captures lie on whole
 * seconds or days; both show in a block, and each byte saved is read, decrypted and written a million times less.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { FewTicks, HotTimes, TickTimes } from '../query/hot-columns.ts';
import { NO_CODE, NO_TICK } from '../query/hot-columns.ts';
import type { ArrayPacker, ArrayReader } from './packed-arrays.ts';
import { MalformedBlock } from './packed-arrays.ts';
import { createTakeTicks } from './take-ticks.ts';
import type { TakeTicks, TickBytes, TickRun } from './tick-runs.ts';

/** One time for all rows. Kinds 1, 2 and 4: ticks of so many bytes; all ones: unknown. */
const KIND_CONSTANT = 0;
/** At most 255 distinct times and a byte a row; 255: unknown. */
const KIND_FEW = 5;
/** Doubles. */
const KIND_DOUBLES = 8;
/** As the column before. */
const KIND_SAME = 9;

const FEW = 255;
/** Grains that times are tried for, in milliseconds. */
const GRAINS_MS = [86_400_000, 3_600_000, 60_000, 1000];

/** Packs rows `from`..`to`. Not for two packers at once. */
export class TimePacker {
  readonly #take: TakeTicks;

  constructor(take: TakeTicks = createTakeTicks()) {
    this.#take = take;
  }

  /** `before`: the column packed before this one, which may be the same. */
  pack(packer: ArrayPacker, times: HotTimes, from: number, to: number, before?: HotTimes): void {
    if (before !== undefined && isSame(times, before, from, to)) packer.u32(KIND_SAME);
    else if (times instanceof Float64Array) {
      packer.u32(KIND_DOUBLES);
      packer.array(times.subarray(from, to));
    } else this.#packTicks(packer, times, from, to);
  }

  #packTicks(packer: ArrayPacker, { baseMs, unitMs, ticks }: TickTimes, from: number, to: number): void {
    const run = this.#take(ticks.subarray(from, to));
    const { least, most, unknown } = run.bounds();
    if (unknown === to - from || (unknown === 0 && least === most)) {
      packer.u32(KIND_CONSTANT);
      packer.f64(unknown > 0 ? Number.NaN : baseMs + least * unitMs);
      return;
    }
    const grain = grainOf(run, least, unitMs);
    const width = widthOf((most - least) / grain);
    const few = width > 1 ? run.few() : null;
    if (few !== null) {
      packer.u32(KIND_FEW);
      packer.u32(few.values.length);
      packer.f64(baseMs);
      packer.f64(unitMs);
      packer.array(few.values);
      packer.array(few.codes);
      return;
    }
    packer.u32(width);
    packer.f64(baseMs + least * unitMs);
    packer.f64(unitMs * grain);
    packer.array(run.narrowed(least, grain, width));
  }
}

/** Arrays that times are unpacked into. */
export interface TimeRoom {
  readonly bytes: (length: number) => Bytes;
  readonly words: (length: number) => Uint32Array<ArrayBuffer>;
}

/** Reads `rows` times. `room` gives arrays for what is not as it lies. */
export function readTimes(reader: ArrayReader, rows: number, room: TimeRoom, before?: HotTimes): HotTimes {
  const kind = reader.u32();
  if (kind === KIND_SAME && before !== undefined) return before;
  if (kind === KIND_DOUBLES) {
    const times = reader.doubles(rows);
    if (!areTimes(times)) throw new MalformedBlock('time');
    return times;
  }
  if (kind === KIND_CONSTANT) {
    const ms = reader.f64();
    const isKnown = !Number.isNaN(ms);
    const codes = room.bytes(rows).fill(isKnown ? 0 : NO_CODE);
    return fewTicks(isKnown ? ms : 0, 1, { values: new Uint32Array(isKnown ? 1 : 0), codes }, room);
  }
  if (kind === KIND_FEW) {
    const distinct = reader.count(FEW);
    const baseMs = reader.f64();
    const unitMs = reader.f64();
    const values = reader.words(distinct);
    const codes = reader.bytes(rows);
    if (largestCode(codes) >= distinct) throw new MalformedBlock('code');
    return fewTicks(baseMs, unitMs, { values, codes }, room);
  }
  const ticks = room.words(rows);
  const baseMs = reader.f64();
  const unitMs = reader.f64();
  if (kind === 1) widen(reader.bytes(rows), 0xff, ticks);
  else if (kind === 2) widen(reader.shorts(rows), 0xffff, ticks);
  else if (kind === 4) ticks.set(reader.words(rows));
  else throw new MalformedBlock('kind');
  return ticksFrom(baseMs, unitMs, ticks);
}

// Loops in functions of their own: compiled together with what calls them they take the engine many times as long.

function areTimes(times: Float64Array): boolean {
  let areFinite = true;
  for (let i = 0; i < times.length; i++) if (Math.abs(times[i] as number) === Infinity) areFinite = false;
  return areFinite;
}

/** -1 where there is none but NO_CODE. */
function largestCode(codes: Bytes): number {
  let largest = -1;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (code > largest && code !== NO_CODE) largest = code;
  }
  return largest;
}

function ticksFrom(baseMs: number, unitMs: number, ticks: Uint32Array<ArrayBuffer>): TickTimes {
  if (!Number.isFinite(baseMs) || !Number.isFinite(unitMs)) throw new MalformedBlock('time');
  return { baseMs, unitMs, ticks };
}

/** Ticks are written out when somebody asks for them. */
function fewTicks(baseMs: number, unitMs: number, few: FewTicks, room: TimeRoom): TickTimes {
  let ticks: Uint32Array<ArrayBuffer> | null = null;
  return {
    ...ticksFrom(baseMs, unitMs, few.values),
    few,
    get ticks() {
      if (ticks === null) {
        const { values, codes } = few;
        ticks = room.words(codes.length);
        for (let i = 0; i < codes.length; i++) ticks[i] = values[codes[i] as number] ?? NO_TICK;
      }
      return ticks;
    },
  };
}

function widen(narrow: Uint8Array | Uint16Array, unknown: number, into: Uint32Array): void {
  for (let i = 0; i < narrow.length; i++) {
    const tick = narrow[i] as number;
    into[i] = tick === unknown ? NO_TICK : tick;
  }
}

function widthOf(span: number): TickBytes {
  return span < 0xff ? 1 : span < 0xffff ? 2 : 4;
}

/** The largest grain that all ticks lie on, in ticks. */
function grainOf(run: TickRun, least: number, unitMs: number): number {
  const grains = GRAINS_MS.map((grainMs) => grainMs / unitMs);
  return grains.find((grain) => grain > 1 && Number.isInteger(grain) && run.areOnGrain(least, grain)) ?? 1;
}

function isSame(a: HotTimes, b: HotTimes, from: number, to: number): boolean {
  if (a instanceof Float64Array || b instanceof Float64Array) return false;
  for (let i = from; i < to; i++) {
    const [x, y] = [a.ticks[i] as number, b.ticks[i] as number];
    if (x === NO_TICK || y === NO_TICK) {
      if (x !== y) return false;
    } else if (a.baseMs + x * a.unitMs !== b.baseMs + y * b.unitMs) return false;
  }
  return true;
}
