/**
 * One Arrow record batch, checked and turned into columns where it lies: the columns are views of its body, so that a million rows
 * take the memory of one batch. Nulls, times and codes are rewritten in place, which is why no two buffers may overlap.
 */
import { fromUtf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import { MAX_TEXT_BYTES, MAX_TIME_MS } from './arrow-column.ts';
import type { TextDictionary } from './columns.ts';
import { NO_CODE, NO_TEXT } from './columns.ts';
import type { FlatTable } from './flatbuffer.ts';
import { MalformedBuffer } from './flatbuffer.ts';
import { distinctTexts } from './distinct-texts.ts';
import { isUtf8 } from './utf8-check.ts';

const MAX_BUFFERS = 1024;
const ALIGNMENT = 8;

/** A body as it came: `size` bytes of `buffer`, which may go on behind them. */
export interface Body {
  readonly buffer: ArrayBuffer;
  readonly size: number;
}

/** A dictionary, which may have gone to another worker meanwhile, and how many entries it has: texts, or rows of a table. */
export interface KnownDictionary {
  readonly dictionary: TextDictionary;
  readonly table: readonly ArrowColumn[];
  readonly entries: number;
}

/** Room behind the body that `batchColumns` wants for values that have no place in it: a byte for every flag. */
export function roomBehind(fields: readonly FieldSpec[], rows: number): number {
  return ALIGNMENT + fields.filter(({ kind }) => kind === 'flag').length * rows;
}

/** Columns of `fields` with `length` rows each. `dictionaries` by their ids, which count dictionary fields in schema order. */
export function batchColumns(
  batch: FlatTable,
  body: Body,
  fields: readonly FieldSpec[],
  length: number,
  dictionaries: ReadonlyMap<number, KnownDictionary>,
): readonly ArrowColumn[] {
  const buffers = new BatchBuffers(batch, body);
  const ids = { next: 0 };
  const columns = fields.map((spec) => columnOf(spec, buffers, length, dictionaries, ids));
  buffers.finish();
  return columns;
}

/** Rows of a table of a dictionary batch: views of its body, but for texts. */
export function batchTable(
  batch: FlatTable,
  body: Body,
  children: readonly FieldSpec[],
  length: number,
): KnownDictionary {
  const buffers = new BatchBuffers(batch, body);
  buffers.validity(length, false);
  const table = children.map((spec) => columnOf(spec, buffers, length, new Map(), { next: 0 }));
  buffers.finish();
  return { dictionary: NO_ENTRIES.dictionary, table, entries: length };
}

/** Distinct texts of a dictionary batch: views of its body. */
export function batchDictionary(batch: FlatTable, body: Body, length: number): TextDictionary {
  const buffers = new BatchBuffers(batch, body);
  buffers.validity(length, false);
  const texts = textsOf(buffers, length);
  buffers.finish();
  return texts;
}

function textsOf(buffers: BatchBuffers, length: number): TextDictionary {
  const offsets = buffers.offsets(length);
  const heap = buffers.bytes(offsets[length] as number);
  for (let i = 0; i < length; i++) {
    const at = offsets[i] as number;
    if ((offsets[i + 1] as number) - at > MAX_TEXT_BYTES) throw new MalformedBuffer('text length');
    if (at < heap.length && ((heap[at] as number) & 0xc0) === 0x80) throw new MalformedBuffer('utf-8');
  }
  if (!isUtf8(heap)) throw new MalformedBuffer('utf-8');
  return { offsets, heap };
}

const NO_ENTRIES: KnownDictionary = {
  dictionary: { offsets: new Uint32Array(1), heap: new Uint8Array(0) },
  table: [],
  entries: 0,
};

function columnOf(
  spec: FieldSpec,
  buffers: BatchBuffers,
  length: number,
  dictionaries: ReadonlyMap<number, KnownDictionary>,
  ids: { next: number },
): ArrowColumn {
  const validity = buffers.validity(length, spec.nullable);
  switch (spec.kind) {
    case 'fixed': {
      const bytes = buffers.bytes(length * spec.width);
      if (validity !== null) clearNulls(bytes, spec.width, validity, length);
      return { kind: 'fixed', bytes };
    }
    case 'word':
      if (length > 0 && !dictionaries.has(ids.next)) throw new MalformedBuffer('dictionary missing');
      ids.next++;
      return { kind: 'word', values: smallCodes(buffers.bytes(length), spec.words.length, validity) };
    case 'text': {
      const { dictionary, entries } = dictionaries.get(ids.next++) ?? NO_ENTRIES;
      return { kind: 'text', codes: textCodes(buffers.words(length), entries, validity), dictionary };
    }
    case 'coded': {
      const known = dictionaries.get(ids.next++);
      if (known === undefined && length > 0) throw new MalformedBuffer('dictionary missing');
      const { table, entries } = known ?? { table: spec.children.map(emptyColumn), entries: 0 };
      return { kind: 'coded', codes: textCodes(buffers.words(length), entries, validity), entries, table };
    }
    case 'plain': {
      const { offsets, heap } = textsOf(buffers, length);
      const isNull = (row: number) => validity !== null && !isSet(validity, row);
      return { kind: 'plain', ...distinctTexts(offsets, heap, isNull) };
    }
    case 'label': {
      const { offsets, heap } = textsOf(buffers, length);
      const { codes, dictionary } = distinctTexts(offsets, heap, () => false);
      return { kind: 'label', values: labels(codes, dictionary, spec.words) };
    }
    case 'time':
      return { kind: 'time', values: times(buffers.doubles(length), validity) };
    case 'small':
      return { kind: 'small', values: smallCodes(buffers.bytes(length), NO_CODE, validity) };
    case 'number': {
      const values = buffers.doubles(length);
      if (!areFinite(values)) throw new MalformedBuffer('number');
      return { kind: 'number', values };
    }
    case 'flag': {
      const bits = buffers.bytes(Math.ceil(length / 8));
      const values = buffers.behind(length);
      spreadBits(bits, values);
      return { kind: 'flag', values };
    }
    case 'list': {
      const offsets = buffers.offsets(length);
      const child = columnOf(spec.child, buffers, offsets[length] as number, dictionaries, ids);
      return { kind: 'list', offsets, child };
    }
    case 'struct':
      return {
        kind: 'struct',
        children: spec.children.map((child) => columnOf(child, buffers, length, dictionaries, ids)),
      };
  }
}

// Loops have functions of their own: the engine compiles those fast, and `columnOf` with all of them inside slowly and often.

function areFinite(values: Float64Array): boolean {
  // Only for finite numbers is a number less itself 0.
  for (let i = 0; i < values.length; i++) if ((values[i] as number) - (values[i] as number) !== 0) return false;
  return true;
}

/** A byte for each bit. */
function spreadBits(bits: Bytes, values: Bytes): void {
  for (let i = 0; i < values.length;) {
    const eight = bits[i >> 3] as number;
    for (let bit = 0; bit < 8 && i < values.length; bit++, i++) values[i] = (eight >> bit) & 1;
  }
}

/** A column of a table without rows, for which no dictionary need come. Tables hold none but these kinds. */
function emptyColumn(spec: FieldSpec): ArrowColumn {
  switch (spec.kind) {
    case 'fixed':
      return { kind: 'fixed', bytes: new Uint8Array(0) };
    case 'plain':
      return { kind: 'plain', codes: new Uint32Array(0), dictionary: NO_ENTRIES.dictionary };
    case 'time':
    case 'number':
      return { kind: spec.kind, values: new Float64Array(0) };
    case 'label':
      return { kind: 'label', values: new Uint8Array(0) };
    case 'word':
    case 'text':
    case 'small':
    case 'flag':
    case 'list':
    case 'struct':
    case 'coded':
      throw new TypeError(`emptyColumn: ${spec.kind}`);
  }
}

/** Which of `words` each row is. */
function labels(codes: Uint32Array, { offsets, heap }: TextDictionary, words: readonly string[]): Bytes {
  const wordOf = Uint8Array.from({ length: offsets.length - 1 }, (_, entry) => {
    const word = words.indexOf(fromUtf8(heap.subarray(offsets[entry], offsets[entry + 1])) ?? '');
    if (word < 0) throw new MalformedBuffer('vocabulary');
    return word;
  });
  return Uint8Array.from(codes, (code) => wordOf[code] as number);
}

/** Codes under `limit`; nulls become NO_CODE. */
function smallCodes(values: Bytes, limit: number, validity: Bytes | null): Bytes {
  const { length } = values;
  if (validity === null) {
    for (let i = 0; i < length; i++) if ((values[i] as number) >= limit) throw new MalformedBuffer('code');
    return values;
  }
  for (let i = 0; i < length; i++) {
    if (!isSet(validity, i)) values[i] = NO_CODE;
    else if ((values[i] as number) >= limit) throw new MalformedBuffer('code');
  }
  return values;
}

/** Codes of entries; nulls become NO_TEXT. */
function textCodes(codes: Uint32Array<ArrayBuffer>, entries: number, validity: Bytes | null): Uint32Array<ArrayBuffer> {
  const { length } = codes;
  if (validity === null) {
    for (let i = 0; i < length; i++) if ((codes[i] as number) >= entries) throw new MalformedBuffer('code');
    return codes;
  }
  for (let i = 0; i < length; i++) {
    if (!isSet(validity, i)) codes[i] = NO_TEXT;
    else if ((codes[i] as number) >= entries) throw new MalformedBuffer('code');
  }
  return codes;
}

/** 64-bit milliseconds to doubles, over themselves; nulls become NaN. */
function times(values: Float64Array<ArrayBuffer>, validity: Bytes | null): Float64Array<ArrayBuffer> {
  const { length } = values;
  const halves = new Uint32Array(values.buffer, values.byteOffset, length * 2);
  for (let i = 0; i < length; i++) {
    const value = (halves[i * 2 + 1] as number) * 2 ** 32 + (halves[i * 2] as number);
    if (validity !== null && !isSet(validity, i)) values[i] = Number.NaN;
    else if (value > MAX_TIME_MS) throw new MalformedBuffer('time');
    else values[i] = value;
  }
  return values;
}

/** Nodes and buffers of one batch, in order; none may be left over. */
class BatchBuffers {
  readonly #body: Body;
  readonly #nodes: readonly (readonly [number, number])[];
  readonly #buffers: readonly (readonly [number, number])[];
  #node = 0;
  #buffer = 0;
  /** End of the last buffer, and of what was taken behind the body. */
  #end = 0;
  #behind: number;

  constructor(batch: FlatTable, body: Body) {
    if (batch.has(3)) throw new MalformedBuffer('compressed');
    this.#body = body;
    this.#behind = Math.ceil(body.size / ALIGNMENT) * ALIGNMENT;
    this.#nodes = batch.pairs(1, MAX_BUFFERS);
    this.#buffers = batch.pairs(2, MAX_BUFFERS);
  }

  /** Validity bits of the next field, `null` if all its `length` values are there; the bits must agree with the null count. */
  validity(length: number, nullable: boolean): Bytes | null {
    const [found, nulls] = this.#nodes[this.#node++] ?? [-1, 0];
    if (found !== length || nulls > length) throw new MalformedBuffer('row count');
    if (nulls === 0) {
      this.#take(0);
      return null;
    }
    if (!nullable) throw new MalformedBuffer('null');
    const bits = this.bytes(Math.ceil(length / 8));
    if (length - countSet(bits, length) !== nulls) throw new MalformedBuffer('null count');
    return bits;
  }

  /** `length + 1` offsets from 0, never falling. */
  offsets(length: number): Uint32Array<ArrayBuffer> {
    const offsets = this.words(length + 1);
    let before = 0;
    for (let i = 0; i <= length; i++) {
      const offset = offsets[i] as number;
      if (offset < before || (i === 0 && offset !== 0)) throw new MalformedBuffer('offset');
      before = offset;
    }
    return offsets;
  }

  bytes(length: number): Bytes {
    return new Uint8Array(this.#body.buffer, this.#take(length), length);
  }

  words(length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#body.buffer, this.#take(length * 4), length);
  }

  doubles(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#body.buffer, this.#take(length * 8), length);
  }

  /** Bytes behind the body. */
  behind(length: number): Bytes {
    const bytes = new Uint8Array(this.#body.buffer, this.#behind, length);
    this.#behind += length;
    return bytes;
  }

  finish(): void {
    if (this.#node !== this.#nodes.length || this.#buffer !== this.#buffers.length)
      throw new MalformedBuffer('number of buffers');
  }

  /** Where the next buffer's first `size` bytes lie: aligned, as Arrow has it, and behind the buffers before. */
  #take(size: number): number {
    const [at, length] = this.#buffers[this.#buffer++] ?? [0, -1];
    if (length < size || at + length > this.#body.size) throw new MalformedBuffer('buffer');
    if (size === 0) return 0;
    if (at < this.#end || at % ALIGNMENT !== 0) throw new MalformedBuffer('buffer');
    this.#end = at + length;
    return at;
  }
}

/** Zeros for all null rows, run by run: a column that a policy holds back is one run. */
function clearNulls(bytes: Bytes, width: number, validity: Bytes, length: number): void {
  for (let row = 0; row < length; row++) {
    if (isSet(validity, row)) continue;
    const from = row;
    while (row < length && !isSet(validity, row)) row++;
    bytes.fill(0, from * width, row * width);
  }
}

/** How many of the first `length` bits are set. */
function countSet(bits: Bytes, length: number): number {
  let count = 0;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) count += SET_BITS[bits[i] as number] as number;
  for (let i = whole * 8; i < length; i++) count += isSet(bits, i) ? 1 : 0;
  return count;
}

const SET_BITS = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function isSet(bits: Uint8Array, i: number): boolean {
  return (((bits[i >> 3] as number) >> (i & 7)) & 1) === 1;
}
