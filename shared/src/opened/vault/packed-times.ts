/**
 * Times at rest: as few bytes as their span and their grain need. Loads give all their findings one time, captures lie on whole
 * seconds or days; both show in a block, and each byte saved is read, decrypted and written a million times less.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { FewTicks, HotTimes, TickTimes } from '../query/hot-columns.ts';
import { NO_CODE, NO_TICK } from '../query/hot-columns.ts';
import type { ArrayPacker, ArrayReader } from './packed-arrays.ts';
import { MalformedBlock } from './packed-arrays.ts';

/** One time for all rows. */
const KIND_CONSTANT = 0;
/** Ticks of this many bytes; all ones: unknown. */
type TickBytes = 1 | 2 | 4;
/** At most 255 distinct times and a byte a row; 255: unknown. */
const KIND_FEW = 5;
/** Doubles. */
const KIND_DOUBLES = 8;
/** As the column before. */
const KIND_SAME = 9;

const FEW = 255;
/** Grains that times are tried for, in milliseconds. */
const GRAINS_MS = [86_400_000, 3_600_000, 60_000, 1000];
/** Rows that must lie on a grain before all are asked. */
const SAMPLE = 16;

/** Packs rows `from`..`to`. Not for two packers at once. */
export class TimePacker {
  readonly #slots = new Uint16Array(1024);
  readonly #values = new Uint32Array(FEW);
  #codes = new Uint8Array(0);

  /** `before`: the column packed before this one, which may be the same. */
  pack(packer: ArrayPacker, times: HotTimes, from: number, to: number, before?: HotTimes): void {
    if (before !== undefined && isSame(times, before, from, to)) packer.u32(KIND_SAME);
    else if (times instanceof Float64Array) {
      packer.u32(KIND_DOUBLES);
      packer.array(times.subarray(from, to));
    } else this.#packTicks(packer, times, from, to);
  }

  #packTicks(packer: ArrayPacker, { baseMs, unitMs, ticks }: TickTimes, from: number, to: number): void {
    let least = NO_TICK;
    let most = 0;
    let unknown = 0;
    for (let i = from; i < to; i++) {
      const tick = ticks[i] as number;
      if (tick === NO_TICK) {
        unknown++;
        continue;
      }
      if (tick < least) least = tick;
      if (tick > most) most = tick;
    }
    if (unknown === to - from || (unknown === 0 && least === most)) {
      packer.u32(KIND_CONSTANT);
      packer.f64(unknown > 0 ? Number.NaN : baseMs + least * unitMs);
      return;
    }
    const grain = grainOf(ticks, from, to, least, unitMs);
    const width = widthOf((most - least) / grain);
    if (width > 1 && this.#packFew(packer, baseMs, unitMs, ticks, from, to)) return;
    packer.u32(width);
    packer.f64(baseMs + least * unitMs);
    packer.f64(unitMs * grain);
    const rows = to - from;
    const into = width === 1 ? packer.bytes(rows) : width === 2 ? packer.shorts(rows) : packer.words(rows);
    for (let i = 0; i < rows; i++) {
      const tick = ticks[from + i] as number;
      // The narrow array keeps the low bits: all ones of NO_TICK stay all ones.
      into[i] = tick === NO_TICK ? NO_TICK : (tick - least) / grain;
    }
  }

  /** `false`, and nothing written, if there are too many distinct times. */
  #packFew(packer: ArrayPacker, baseMs: number, unitMs: number, ticks: Uint32Array, from: number, to: number): boolean {
    if (this.#codes.length < to - from) this.#codes = new Uint8Array(to - from);
    this.#slots.fill(0);
    const mask = this.#slots.length - 1;
    let distinct = 0;
    for (let i = from; i < to; i++) {
      const tick = ticks[i] as number;
      let code = FEW;
      if (tick !== NO_TICK) {
        let slot = Math.imul(tick, 0x9e3779b1) >>> 22;
        for (;;) {
          code = (this.#slots[slot] as number) - 1;
          if (code < 0 || this.#values[code] === tick) break;
          slot = (slot + 1) & mask;
        }
        if (code < 0) {
          if (distinct === FEW) return false;
          code = distinct++;
          this.#values[code] = tick;
          this.#slots[slot] = distinct;
        }
      }
      this.#codes[i - from] = code;
    }
    packer.u32(KIND_FEW);
    packer.u32(distinct);
    packer.f64(baseMs);
    packer.f64(unitMs);
    packer.array(this.#values.subarray(0, distinct));
    packer.array(this.#codes.subarray(0, to - from));
    return true;
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
function grainOf(ticks: Uint32Array, from: number, to: number, least: number, unitMs: number): number {
  for (const grainMs of GRAINS_MS) {
    const grain = grainMs / unitMs;
    if (grain <= 1 || !Number.isInteger(grain)) continue;
    if (isOnGrain(ticks, from, Math.min(to, from + SAMPLE), least, grain) && isOnGrain(ticks, from, to, least, grain)) {
      return grain;
    }
  }
  return 1;
}

function isOnGrain(ticks: Uint32Array, from: number, to: number, least: number, grain: number): boolean {
  for (let i = from; i < to; i++) {
    const tick = ticks[i] as number;
    if (tick !== NO_TICK && (tick - least) % grain !== 0) return false;
  }
  return true;
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
