/**
 * Binary form of blocks at rest: numbers and arrays one behind the other, little-endian, every array at a multiple of its element's
 * size. One packer is used for all blocks of an import, so that its memory is touched once.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Codes } from '../query/hot-columns.ts';

export type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

const FIRST_BYTES = 64 * 1024;

export class ArrayPacker {
  #bytes: Bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Begins anew; what `finish` gave out is written over. */
  reset(): void {
    this.#at = 0;
  }

  get length(): number {
    return this.#at;
  }

  u32(value: number): void {
    this.#place(4, 4);
    this.#view.setUint32(this.#at - 4, value, true);
  }

  f64(value: number): void {
    this.#place(8, 8);
    this.#view.setFloat64(this.#at - 8, value, true);
  }

  array(values: Numbers): void {
    const at = this.#place(values.byteLength, values.BYTES_PER_ELEMENT);
    this.#bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  }

  /** Room for an array that the caller fills before the next call. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    // Asked for first: making room may move the bytes.
    const at = this.#place(length, 1);
    return new Uint8Array(this.#bytes.buffer, at, length);
  }

  /** As `bytes`, 16 bits each. */
  shorts(length: number): Uint16Array<ArrayBuffer> {
    const at = this.#place(length * 2, 2);
    return new Uint16Array(this.#bytes.buffer, at, length);
  }

  /** As `bytes`, 32 bits each. */
  words(length: number): Uint32Array<ArrayBuffer> {
    const at = this.#place(length * 4, 4);
    return new Uint32Array(this.#bytes.buffer, at, length);
  }

  /** As narrow as their largest value; nothing but the value where all are the same. */
  codes(values: Codes, from = 0, to = values.length): void {
    const largest = largestOf(values, from, to);
    if (largest < 0) {
      this.u32(0);
      // Where there are none, what stands at `from` may be left from another batch: no reader would have it.
      this.u32(from < to ? (values[from] as number) : 0);
    } else if (largest <= 0xff) {
      this.u32(1);
      narrow(values, from, this.bytes(to - from));
    } else if (largest <= 0xffff) {
      this.u32(2);
      narrow(values, from, this.shorts(to - from));
    } else {
      this.u32(4);
      narrow(values, from, this.words(to - from));
    }
  }

  /** What was packed since `reset`, valid until the next. */
  finish(): Bytes {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Where `length` bytes at a multiple of `alignment` begin; they are passed. */
  #place(length: number, alignment: number): number {
    const start = Math.ceil(this.#at / alignment) * alignment;
    const end = start + length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#bytes.fill(0, this.#at, start);
    this.#at = end;
    return start;
  }
}

/** -1 where all values are the same, else the largest, or the first that needs the whole width of the array. */
function largestOf(values: Codes, from: number, to: number): number {
  if (values instanceof Uint8Array) return largestByte(values, from, to);
  return values instanceof Uint16Array ? largestShort(values, from, to) : largestWord(values, from, to);
}

// One loop per width: a loop that has met all three runs at half the speed. Most end after a few rows.

function largestByte(values: Uint8Array, from: number, to: number): number {
  const first = values[from];
  for (let i = from; i < to; i++) if (values[i] !== first) return 0xff;
  return -1;
}

function largestShort(values: Uint16Array, from: number, to: number): number {
  const first = values[from] as number;
  let isConstant = true;
  let largest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (value !== first) isConstant = false;
    if (value > largest) largest = value;
    if (largest > 0xff && !isConstant) return largest;
  }
  return isConstant ? -1 : largest;
}

function largestWord(values: Uint32Array, from: number, to: number): number {
  const first = values[from] as number;
  let isConstant = true;
  let largest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] as number;
    if (value !== first) isConstant = false;
    if (value > largest) largest = value;
    if (largest > 0xffff && !isConstant) return largest;
  }
  return isConstant ? -1 : largest;
}

function narrow(values: Codes, from: number, into: Codes): void {
  if (values.BYTES_PER_ELEMENT === into.BYTES_PER_ELEMENT) into.set(values.subarray(from, from + into.length));
  else if (into instanceof Uint16Array) wordsToShorts(values as Uint32Array, from, into);
  else if (values instanceof Uint16Array) shortsToBytes(values, from, into as Uint8Array);
  else wordsToBytes(values as Uint32Array, from, into as Uint8Array);
}

function wordsToShorts(values: Uint32Array, from: number, into: Uint16Array): void {
  for (let i = 0; i < into.length; i++) into[i] = values[from + i] as number;
}

function wordsToBytes(values: Uint32Array, from: number, into: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = values[from + i] as number;
}

function shortsToBytes(values: Uint16Array, from: number, into: Uint8Array): void {
  for (let i = 0; i < into.length; i++) into[i] = values[from + i] as number;
}

/** Thrown by readers of blocks: the bytes were authentic, but an older or broken writer made them. */
export class MalformedBlock extends Error {
  constructor(rule: string) {
    super(`block: ${rule}`);
    this.name = 'MalformedBlock';
  }
}

/** Runs a decoder; `null` for bytes that are no such block. */
export function decoded<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedBlock) return null;
    throw error;
  }
}

/** Reads what `ArrayPacker` wrote: views over the bytes, which begin at an address of their own (a multiple of 8). */
export class ArrayReader {
  readonly #bytes: Bytes;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  u32(): number {
    return this.#view.getUint32(this.#place(4, 4), true);
  }

  /** A number that says how many things follow. */
  count(most: number): number {
    const value = this.u32();
    if (value > most) throw new MalformedBlock('count');
    return value;
  }

  f64(): number {
    return this.#view.getFloat64(this.#place(8, 8), true);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#place(length, 1), length);
  }

  shorts(length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#place(length * 2, 2), length);
  }

  words(length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#place(length * 4, 4), length);
  }

  doubles(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#place(length * 8, 8), length);
  }

  /** What `ArrayPacker.codes` wrote, none above `most`. `constant` gives room for codes that are all the same. */
  codes(length: number, most: number, constant: (length: number) => Codes = (n) => new Uint32Array(n)): Codes {
    const width = this.u32();
    if (width === 0) {
      const value = this.count(most);
      const codes = value <= 0xff ? constant(length) : new Uint32Array(length);
      return codes.fill(value) as Codes;
    }
    if (width === 1) return checked(this.bytes(length), most);
    if (width === 2) return checked(this.shorts(length), most);
    if (width === 4) return checked(this.words(length), most);
    throw new MalformedBlock('width');
  }

  /** Every byte was read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedBlock('size');
  }

  #place(length: number, alignment: number): number {
    const start = Math.ceil(this.#at / alignment) * alignment;
    if (!(start + length <= this.#bytes.length)) throw new MalformedBlock('size');
    this.#at = start + length;
    return start;
  }
}

/** Offsets that begin at 0, never fall and end at `end`. */
export function checkRising(offsets: Uint32Array, end: number): void {
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== end) throw new MalformedBlock('offset');
  for (let i = 1; i < offsets.length; i++) {
    if ((offsets[i] as number) < (offsets[i - 1] as number)) throw new MalformedBlock('offset');
  }
}

function checked<T extends Codes>(codes: T, most: number): T {
  if (most >= 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1) return codes;
  const isWithin =
    codes instanceof Uint8Array
      ? areBytesWithin(codes, most)
      : codes instanceof Uint16Array
        ? areShortsWithin(codes, most)
        : areWordsWithin(codes, most);
  if (!isWithin) throw new MalformedBlock('code');
  return codes;
}

// One loop per width, as above.

function areBytesWithin(codes: Uint8Array, most: number): boolean {
  let isWithin = true;
  for (let i = 0; i < codes.length; i++) if ((codes[i] as number) > most) isWithin = false;
  return isWithin;
}

function areShortsWithin(codes: Uint16Array, most: number): boolean {
  let isWithin = true;
  for (let i = 0; i < codes.length; i++) if ((codes[i] as number) > most) isWithin = false;
  return isWithin;
}

function areWordsWithin(codes: Uint32Array, most: number): boolean {
  let isWithin = true;
  for (let i = 0; i < codes.length; i++) if ((codes[i] as number) > most) isWithin = false;
  return isWithin;
}
