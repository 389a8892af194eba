/**
 * The one WebAssembly memory of an engine, handed out in pieces of whole 4 KiB. Memory that was not touched before is slow (about
 * 10 microseconds for 4 KiB were measured), so the lowest free piece is taken first and what is given back is used again.
 */
import { EngineFullError } from '../engine-full.ts';

const UNIT = 4096;
const PAGE = 65_536;
/** 4 GiB, all that 32-bit addresses reach. */
const MAX_PAGES = 65_536;
/** Memory grows by a third, or by so many pages at least: growing takes time and makes all views anew. What is not touched costs nothing. */
const GROWTH = 4 / 3;
const LEAST_GROWTH = 64;

interface Piece {
  start: number;
  units: number;
}

export class WasmMemory {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
  /** Views over all of it, made anew when it grows: do not keep them across `take`. */
  u8!: Uint8Array<ArrayBuffer>;
  u16!: Uint16Array<ArrayBuffer>;
  u32!: Uint32Array<ArrayBuffer>;
  f64!: Float64Array<ArrayBuffer>;
  i64!: BigInt64Array<ArrayBuffer>;
  /** Free pieces by address; no two touch. */
  readonly #free: Piece[] = [];
  readonly #maxPages: number;
  /** Units from here on were never taken. */
  #end = 0;
  /** Units below were taken, or touched ahead. */
  #touched = 0;

  /** `maxBytes` for tests that fill it. */
  constructor(maxBytes = MAX_PAGES * PAGE) {
    this.#maxPages = Math.min(MAX_PAGES, Math.floor(maxBytes / PAGE));
    this.#makeViews();
  }

  /** Bytes up to the end of what was ever taken. */
  get bytes(): number {
    return this.#end * UNIT;
  }

  /** Leaves the first `bytes` to the kernels. Call once, before `take`. */
  startAt(bytes: number): void {
    this.#end = Math.ceil(bytes / UNIT);
  }

  /** Address of at least `bytes` bytes of any content. Throws EngineFullError; then nothing has changed. */
  take(bytes: number): number {
    const units = Math.max(1, Math.ceil(bytes / UNIT));
    const index = this.#free.findIndex((piece) => piece.units >= units);
    const piece = this.#free[index];
    if (piece === undefined) return this.#takeAtEnd(units);
    const { start } = piece;
    piece.start += units;
    piece.units -= units;
    if (piece.units === 0) this.#free.splice(index, 1);
    return start * UNIT;
  }

  /**
   * Touches memory that will be taken, up to `bytes` in all and at most `most` of them; whether there is more to touch. Room that the
   * system does not give is not touched.
   */
  touch(bytes: number, most: number): boolean {
    const wanted = Math.min(this.#maxPages, Math.ceil(bytes / PAGE));
    const hasPages = this.u8.length / PAGE;
    if (wanted > hasPages) {
      if (!this.#growTo(wanted, hasPages)) return false;
      this.#makeViews();
    }
    const end = wanted * (PAGE / UNIT);
    const from = Math.max(this.#end, this.#touched);
    const to = Math.min(end, from + Math.ceil(most / UNIT));
    // What was never taken is zero already.
    for (let unit = from; unit < to; unit++) this.u8[unit * UNIT] = 0;
    this.#touched = Math.max(from, to);
    return this.#touched < end;
  }

  /** Gives back what `take` gave for as many bytes. */
  give(address: number, bytes: number): void {
    const start = address / UNIT;
    const units = Math.max(1, Math.ceil(bytes / UNIT));
    let index = this.#free.findIndex((piece) => piece.start > start);
    if (index < 0) index = this.#free.length;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    const joinsAfter = after !== undefined && start + units === after.start;
    if (before !== undefined && before.start + before.units === start) {
      before.units += units + (joinsAfter ? after.units : 0);
      if (joinsAfter) this.#free.splice(index, 1);
    } else if (joinsAfter) {
      after.start = start;
      after.units += units;
    } else {
      this.#free.splice(index, 0, { start, units });
    }
  }

  /** Gives back all but the first `kept` of the bytes that were taken. */
  shrink(address: number, bytes: number, kept: number): void {
    const keptBytes = Math.max(1, Math.ceil(kept / UNIT)) * UNIT;
    const all = Math.max(1, Math.ceil(bytes / UNIT)) * UNIT;
    if (all > keptBytes) this.give(address + keptBytes, all - keptBytes);
  }

  /** Lets `use` have pieces of these sizes and takes them back. */
  lend<T>(sizes: readonly number[], use: (...addresses: number[]) => T): T {
    const taken: number[] = [];
    try {
      for (const size of sizes) taken.push(this.take(size));
      return use(...taken);
    } finally {
      taken.forEach((address, i) => {
        this.give(address, sizes[i] as number);
      });
    }
  }

  #takeAtEnd(units: number): number {
    // A free piece at the very end is part of it.
    const last = this.#free.at(-1);
    const joins = last !== undefined && last.start + last.units === this.#end;
    const start = joins ? last.start : this.#end;
    const neededPages = Math.ceil(((start + units) * UNIT) / PAGE);
    const hasPages = this.u8.length / PAGE;
    if (neededPages > hasPages) this.#grow(neededPages, hasPages);
    if (joins) this.#free.pop();
    this.#end = start + units;
    return start * UNIT;
  }

  #grow(neededPages: number, hasPages: number): void {
    const wanted = Math.min(
      this.#maxPages,
      Math.max(neededPages, hasPages + LEAST_GROWTH, Math.ceil(hasPages * GROWTH)),
    );
    if (neededPages > this.#maxPages || !this.#growTo(wanted, hasPages)) {
      if (neededPages > this.#maxPages || !this.#growTo(neededPages, hasPages)) throw new EngineFullError(this.bytes);
    }
    this.#makeViews();
  }

  #growTo(pages: number, hasPages: number): boolean {
    try {
      this.memory.grow(pages - hasPages);
      return true;
    } catch {
      // RangeError: the device or its browser gives no more.
      return false;
    }
  }

  #makeViews(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }
}

/** A piece that grows and then may lie elsewhere. */
export class Region {
  readonly #memory: WasmMemory;
  #at = 0;
  #bytes = 0;

  constructor(memory: WasmMemory) {
    this.#memory = memory;
  }

  /** Address; 0 while nothing was reserved. */
  get at(): number {
    return this.#at;
  }

  /** Bytes there are; behind those that were written they may be anything. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for `bytes`, half as much again where it has to grow. The first `kept` bytes stay. Throws as `take`, unchanged. */
  reserve(bytes: number, kept: number): void {
    if (bytes <= this.#bytes) return;
    const size = this.#bytes === 0 ? bytes : Math.max(bytes, Math.ceil(this.#bytes * 1.5));
    const at = this.#memory.take(size);
    if (kept > 0) this.#memory.u8.copyWithin(at, this.#at, this.#at + kept);
    this.free();
    this.#at = at;
    this.#bytes = Math.ceil(size / UNIT) * UNIT;
  }

  /** Takes over what `other` has, which then has nothing. */
  become(other: Region): void {
    this.free();
    [this.#at, this.#bytes] = [other.#at, other.#bytes];
    [other.#at, other.#bytes] = [0, 0];
  }

  free(): void {
    if (this.#bytes > 0) this.#memory.give(this.#at, this.#bytes);
    this.#at = 0;
    this.#bytes = 0;
  }
}
