/**
 * Writes columns as one Arrow IPC stream with apache-arrow. Vectors are made from typed arrays with `makeData`: the library's
 * builders need code generation, which the content security policy refuses. Dictionaries are written once, never as deltas.
 */
import type { Data, DataType } from 'apache-arrow';
import {
  AsyncByteQueue,
  Bool,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  Int8,
  List,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Uint8,
  Utf8,
  Vector,
  makeData,
} from 'apache-arrow';
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import { BATCH_ROWS } from './arrow-column.ts';
import type { TextDictionary } from './columns.ts';
import { NO_CODE, NO_TEXT } from './columns.ts';

/** One field as the library wants it; `dictionary` for `word`, `text` and `coded`. */
interface Bound {
  readonly spec: FieldSpec;
  readonly field: Field;
  readonly dictionary: Vector | null;
  readonly column: ArrowColumn;
  readonly children: readonly Bound[];
}

/**
 * Writes `columns` (in the order of `fields`, `rows` each) with `metadata` on the schema, piece by piece: a batch is made when its
 * first piece is asked for, so that a million rows take the memory of one batch besides their columns.
 */
export function* arrowStreamPieces(
  fields: readonly FieldSpec[],
  columns: readonly ArrowColumn[],
  rows: number,
  metadata: ReadonlyMap<string, string>,
): Generator<Uint8Array, void, undefined> {
  const ids = { next: 0 };
  const bound = fields.map((spec, at) => bind(spec, columns[at], ids));
  const schema = new Schema(
    bound.map(({ field }) => field),
    new Map(metadata),
  );
  const sink = new PieceSink();
  const writer = new RecordBatchStreamWriter();
  writer.reset(sink, schema);
  for (let from = 0; from < rows || from === 0; from += BATCH_ROWS) {
    const to = Math.min(rows, from + BATCH_ROWS);
    const children = bound.map((one) => dataOf(one, from, to));
    writer.write(new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: to - from, children })));
    yield* sink.take();
  }
  writer.finish();
  yield* sink.take();
}

/** The pieces of a stream as one. */
export function writeArrowStream(
  fields: readonly FieldSpec[],
  columns: readonly ArrowColumn[],
  rows: number,
  metadata: ReadonlyMap<string, string>,
): Bytes {
  return concatBytes(...arrowStreamPieces(fields, columns, rows, metadata));
}

/** Where the library's writer puts its bytes; it takes no other kind of sink. */
class PieceSink extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(piece: unknown): void {
    const { buffer, byteOffset, byteLength } = piece as ArrayBufferView;
    if (byteLength > 0) this.#pieces.push(new Uint8Array(buffer, byteOffset, byteLength));
  }

  take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

function bind(spec: FieldSpec, column: ArrowColumn | undefined, ids: { next: number }): Bound {
  if (column?.kind !== spec.kind) throw new TypeError(`column ${spec.name}`);
  const bound = (type: DataType, dictionary: Vector | null, children: readonly Bound[]): Bound => ({
    spec,
    field: new Field(spec.name, type, spec.nullable),
    dictionary,
    column,
    children,
  });
  switch (column.kind) {
    case 'fixed':
      return bound(new FixedSizeBinary(spec.kind === 'fixed' ? spec.width : 0), null, []);
    case 'word': {
      const words = dictionaryVector(dictionaryOf(spec.kind === 'word' ? spec.words : []));
      return bound(new Dictionary(new Utf8(), new Int8(), ids.next++), words, []);
    }
    case 'text':
      return bound(new Dictionary(new Utf8(), new Int32(), ids.next++), dictionaryVector(column.dictionary), []);
    case 'plain':
    case 'label':
      return bound(new Utf8(), null, []);
    case 'time':
      return bound(new TimestampMillisecond('UTC'), null, []);
    case 'small':
      return bound(new Uint8(), null, []);
    case 'number':
      return bound(new Float64(), null, []);
    case 'flag':
      return bound(new Bool(), null, []);
    case 'list': {
      const child = bind(spec.kind === 'list' ? spec.child : spec, column.child, ids);
      return bound(new List(child.field), null, [child]);
    }
    case 'struct': {
      const specs = spec.kind === 'struct' ? spec.children : [];
      const children = specs.map((child, at) => bind(child, column.children[at], ids));
      return bound(new Struct(children.map(({ field }) => field)), null, children);
    }
    case 'coded': {
      const id = ids.next++;
      const specs = spec.kind === 'coded' ? spec.children : [];
      const children = specs.map((child, at) => bind(child, column.table[at], ids));
      const row = new Struct(children.map(({ field }) => field));
      const columns = children.map((child) => dataOf(child, 0, column.entries));
      const table = new Vector([makeData({ type: row, length: column.entries, children: columns })]);
      return bound(new Dictionary(row, new Int32(), id), table, []);
    }
  }
}

/** Rows `from` to `to` (exclusive) of one column. */
function dataOf({ field, dictionary, column, spec, children }: Bound, from: number, to: number): Data {
  const length = to - from;
  const type = field.type;
  switch (column.kind) {
    case 'fixed': {
      const width = spec.kind === 'fixed' ? spec.width : 0;
      const data = column.bytes.subarray(from * width, to * width);
      const isNull = (i: number): boolean => spec.nullable && isZero(data, i * width, width);
      return makeData({ type: type as FixedSizeBinary, length, data, ...nulls(spec, length, isNull) });
    }
    case 'word': {
      const codes = column.values.subarray(from, to);
      const data = new Int8Array(codes).map((code) => Math.max(0, code));
      const validity = nulls(spec, length, (i) => codes[i] === NO_CODE);
      return makeData({
        type: type as Dictionary<Utf8, Int8>,
        length,
        data,
        dictionary: dictionary as Vector<Utf8>,
        ...validity,
      });
    }
    case 'text': {
      const codes = column.codes.subarray(from, to);
      const data = new Int32Array(codes).map((code) => Math.max(0, code));
      const validity = nulls(spec, length, (i) => codes[i] === NO_TEXT);
      return makeData({
        type: type as Dictionary<Utf8, Int32>,
        length,
        data,
        dictionary: dictionary as Vector<Utf8>,
        ...validity,
      });
    }
    case 'plain': {
      const codes = column.codes.subarray(from, to);
      const texts = plainTexts(codes, column.dictionary);
      return makeData({ type: type as Utf8, length, ...texts, ...nulls(spec, length, (i) => codes[i] === NO_TEXT) });
    }
    case 'label': {
      const words = dictionaryOf(spec.kind === 'label' ? spec.words : []);
      return makeData({ type: type as Utf8, length, ...plainTexts(Uint32Array.from(column.values), words) });
    }
    case 'coded':
      return makeData({
        type: type as Dictionary<Struct, Int32>,
        length,
        data: new Int32Array(column.codes.subarray(from, to)),
        dictionary: dictionary as Vector<Struct>,
      });
    case 'time': {
      const values = column.values.subarray(from, to);
      const validity = nulls(spec, length, (i) => Number.isNaN(values[i]));
      return makeData({ type: type as TimestampMillisecond, length, data: toInt64(values), ...validity });
    }
    case 'small': {
      const codes = column.values.subarray(from, to);
      const data = spec.nullable ? codes.map((code) => (code === NO_CODE ? 0 : code)) : codes;
      return makeData({
        type: type as Uint8,
        length,
        data,
        ...nulls(spec, length, (i) => spec.nullable && codes[i] === NO_CODE),
      });
    }
    case 'number':
      return makeData({ type: type as Float64, length, data: column.values.subarray(from, to) });
    case 'flag':
      return makeData({ type: type as Bool, length, data: bitmap(length, (i) => column.values[from + i] === 1) });
    case 'list': {
      const start = column.offsets[from] ?? 0;
      const valueOffsets = new Int32Array(length + 1);
      for (let i = 0; i <= length; i++) valueOffsets[i] = (column.offsets[from + i] ?? 0) - start;
      const child = dataOf(children[0] as Bound, start, column.offsets[to] ?? start);
      return makeData({ type: type as List, length, valueOffsets, child });
    }
    case 'struct':
      return makeData({ type: type as Struct, length, children: children.map((child) => dataOf(child, from, to)) });
  }
}

/** Each row's text, '' for none. */
function plainTexts(
  codes: Uint32Array,
  { offsets, heap }: TextDictionary,
): { readonly valueOffsets: Int32Array<ArrayBuffer>; readonly data: Bytes } {
  const valueOffsets = new Int32Array(codes.length + 1);
  const textOf = (code: number) =>
    code === NO_TEXT ? new Uint8Array(0) : heap.subarray(offsets[code], offsets[code + 1]);
  codes.forEach((code, i) => (valueOffsets[i + 1] = (valueOffsets[i] as number) + textOf(code).length));
  const data = new Uint8Array(valueOffsets[codes.length] as number);
  codes.forEach((code, i) => data.set(textOf(code), valueOffsets[i]));
  return { valueOffsets, data };
}

/** Validity of a nullable column, as far as there are nulls at all. */
function nulls(
  spec: FieldSpec,
  length: number,
  isNull: (i: number) => boolean,
): { readonly nullCount: number; readonly nullBitmap: Bytes } | Record<string, never> {
  if (!spec.nullable) {
    for (let i = 0; i < length; i++) if (isNull(i)) throw new TypeError(`null in column ${spec.name}`);
    return {};
  }
  let nullCount = 0;
  for (let i = 0; i < length; i++) if (isNull(i)) nullCount++;
  return nullCount === 0 ? {} : { nullCount, nullBitmap: bitmap(length, (i) => !isNull(i)) };
}

function bitmap(length: number, isSet: (i: number) => boolean): Bytes {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let i = 0; i < length; i++) if (isSet(i)) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return bits;
}

/** Milliseconds as little-endian 64-bit integers, without a BigInt a value. */
function toInt64(values: Float64Array): BigInt64Array<ArrayBuffer> {
  const halves = new Uint32Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    halves[i * 2] = value % 2 ** 32;
    halves[i * 2 + 1] = Math.floor(value / 2 ** 32);
  }
  return new BigInt64Array(halves.buffer);
}

function isZero(bytes: Bytes, at: number, width: number): boolean {
  for (let i = at; i < at + width; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** A dictionary of `words`, in order. */
function dictionaryOf(words: readonly string[]): TextDictionary {
  const parts = words.map(utf8);
  const offsets = new Uint32Array(words.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = (offsets[i] ?? 0) + part.length));
  const heap = new Uint8Array(offsets[words.length] ?? 0);
  parts.forEach((part, i) => heap.set(part, offsets[i]));
  return { offsets, heap };
}

function dictionaryVector({ offsets, heap }: TextDictionary): Vector<Utf8> {
  const valueOffsets = new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length);
  return new Vector([makeData({ type: new Utf8(), length: offsets.length - 1, valueOffsets, data: heap })]);
}
