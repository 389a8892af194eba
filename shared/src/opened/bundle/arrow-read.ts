/**
 * A strict reader of the one Arrow IPC stream form that bundles have: exactly the expected schema, every offset monotonic and in
 * bounds, every code inside its dictionary, row counts equal. Anything else is refused before a value is looked at; a general
 * reader would follow whatever the metadata says. Little-endian machines only, as all that run this are.
 * Source: Arrow columnar format, "Serialization and Interprocess Communication (IPC)".
 */
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { FieldSpec } from './arrow-column.ts';
import { BATCH_ROWS, childrenOf } from './arrow-column.ts';
import type { ArrowColumn } from './arrow-column.ts';
import { BatchBuffers, ColumnReader } from './arrow-batch.ts';
import type { TextDictionary } from './columns.ts';
import { FlatTable, MalformedBuffer } from './flatbuffer.ts';

export interface ArrowTable {
  readonly rows: number;
  readonly columns: readonly ArrowColumn[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** Arrow's numbers (Message.fbs, Schema.fbs). */
const HEADER_SCHEMA = 1;
const HEADER_DICTIONARY = 2;
const HEADER_BATCH = 3;
const METADATA_V5 = 4;
const TYPE = { int: 2, float: 3, utf8: 5, bool: 6, timestamp: 10, list: 12, struct: 13, fixed: 15 };
const DOUBLE = 2;
const MILLISECOND = 1;

const MAX_FIELDS = 256;
const MAX_METADATA_BYTES = 1 << 20;

/** Reads `bytes` as a stream of `fields`. `code` names the rule that was broken, for tests and audit; it holds no content. */
export function readArrowStream(
  bytes: Uint8Array,
  fields: readonly FieldSpec[],
): Result<ArrowTable, { readonly kind: 'malformed'; readonly code: string }> {
  try {
    return ok(new StreamReader(bytes, fields).read());
  } catch (error) {
    if (error instanceof MalformedBuffer) return err({ kind: 'malformed', code: error.message });
    throw error;
  }
}

interface Message {
  readonly headerType: number;
  readonly header: FlatTable;
  readonly body: Uint8Array;
}

class StreamReader {
  readonly #bytes: Uint8Array;
  readonly #fields: readonly FieldSpec[];
  readonly #words = new Map<number, readonly string[] | null>();
  readonly #dictionaries = new Map<number, TextDictionary>();
  #at = 0;

  constructor(bytes: Uint8Array, fields: readonly FieldSpec[]) {
    // A Node Buffer's `slice` is no copy: take the plain view of the same bytes.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fields = fields;
  }

  read(): ArrowTable {
    const first = this.#message();
    if (first?.headerType !== HEADER_SCHEMA) throw new MalformedBuffer('schema missing');
    const metadata = this.#schema(first.header);
    const readers = this.#fields.map((spec) => new ColumnReader(spec));
    let rows = 0;
    for (let short = false; ;) {
      const message = this.#message();
      if (message === null) break;
      if (message.headerType === HEADER_DICTIONARY) {
        if (rows > 0 || short) throw new MalformedBuffer('dictionary after rows');
        this.#dictionary(message);
      } else if (message.headerType === HEADER_BATCH) {
        if (short) throw new MalformedBuffer('short batch before the last');
        const length = this.#batch(message, readers);
        short = length < BATCH_ROWS;
        rows += length;
      } else throw new MalformedBuffer('message type');
    }
    return { rows, columns: readers.map((reader) => reader.finish()), metadata };
  }

  /** Next message, `null` at the end mark, which must be the end of the bytes. */
  #message(): Message | null {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    if (this.#at + 8 > view.byteLength || view.getUint32(this.#at, true) !== 0xffffffff)
      throw new MalformedBuffer('framing');
    const size = view.getUint32(this.#at + 4, true);
    this.#at += 8;
    if (size === 0) {
      if (this.#at !== view.byteLength) throw new MalformedBuffer('bytes after the end');
      return null;
    }
    if (size > MAX_METADATA_BYTES || this.#at + size > view.byteLength) throw new MalformedBuffer('truncated');
    const table = FlatTable.root(new DataView(view.buffer, view.byteOffset + this.#at, size));
    this.#at += size;
    if (table.i16(0) !== METADATA_V5) throw new MalformedBuffer('metadata version');
    const header = table.table(2);
    const bodySize = table.size(3);
    if (header === null || this.#at + bodySize > view.byteLength) throw new MalformedBuffer('truncated');
    const body = this.#bytes.subarray(this.#at, this.#at + bodySize);
    this.#at += bodySize;
    return { headerType: table.u8(1), header, body };
  }

  #schema(header: FlatTable): ReadonlyMap<string, string> {
    if (header.i16(0) !== 0) throw new MalformedBuffer('big-endian');
    const ids = { next: 0 };
    this.#checkFields(header.tables(1, MAX_FIELDS), this.#fields, ids);
    const metadata = new Map<string, string>();
    for (const entry of header.tables(2, MAX_FIELDS)) {
      const key = entry.text(0);
      if (metadata.has(key)) throw new MalformedBuffer('metadata key twice');
      metadata.set(key, entry.text(1));
    }
    return metadata;
  }

  #checkFields(found: readonly FlatTable[], wanted: readonly FieldSpec[], ids: { next: number }): void {
    if (found.length !== wanted.length) throw new MalformedBuffer('number of columns');
    wanted.forEach((spec, at) => {
      const field = found[at];
      if (field === undefined || !this.#isField(field, spec, ids)) throw new MalformedBuffer(`column ${spec.name}`);
      this.#checkFields(field.tables(5, MAX_FIELDS), childrenOf(spec), ids);
    });
  }

  #isField(field: FlatTable, spec: FieldSpec, ids: { next: number }): boolean {
    const type = field.table(3);
    if (type === null || field.text(0) !== spec.name || (field.u8(1) === 1) !== spec.nullable) return false;
    const typeNumber = field.u8(2);
    if (spec.kind !== 'word' && spec.kind !== 'text' && field.has(4)) return false;
    switch (spec.kind) {
      case 'fixed':
        return typeNumber === TYPE.fixed && type.i32(0) === spec.width;
      case 'word':
      case 'text': {
        const encoding = field.table(4);
        const index = encoding?.table(1) ?? null;
        const id = encoding?.size(0) ?? -1;
        if (typeNumber !== TYPE.utf8 || id !== ids.next++) return false;
        this.#words.set(id, spec.kind === 'word' ? spec.words : null);
        return index?.i32(0) === (spec.kind === 'word' ? 8 : 32) && index.u8(1) === 1;
      }
      case 'time':
        return typeNumber === TYPE.timestamp && type.i16(0) === MILLISECOND && type.text(1) === 'UTC';
      case 'small':
        return typeNumber === TYPE.int && type.i32(0) === 8 && type.u8(1) === 0;
      case 'number':
        return typeNumber === TYPE.float && type.i16(0) === DOUBLE;
      case 'flag':
        return typeNumber === TYPE.bool;
      case 'list':
        return typeNumber === TYPE.list;
      case 'struct':
        return typeNumber === TYPE.struct;
    }
  }

  #dictionary({ header, body }: Message): void {
    const id = header.size(0);
    const batch = header.table(1);
    const words = this.#words.get(id);
    if (batch === null || words === undefined || this.#dictionaries.has(id) || header.u8(2) !== 0)
      throw new MalformedBuffer('dictionary');
    const buffers = new BatchBuffers(batch, body);
    const dictionary = buffers.textDictionary(batch.size(0));
    buffers.finish();
    if (words !== null && !holds(dictionary, words)) throw new MalformedBuffer('vocabulary');
    this.#dictionaries.set(id, dictionary);
  }

  #batch({ header, body }: Message, readers: readonly ColumnReader[]): number {
    const length = header.size(0);
    if (length > BATCH_ROWS) throw new MalformedBuffer('batch size');
    const buffers = new BatchBuffers(header, body);
    const ids = { next: 0 };
    for (const reader of readers) reader.append(buffers, length, this.#dictionaries, ids);
    buffers.finish();
    return length;
  }
}

function holds({ offsets, heap }: TextDictionary, words: readonly string[]): boolean {
  const decoder = new TextDecoder();
  return (
    offsets.length === words.length + 1 &&
    words.every((word, i) => decoder.decode(heap.subarray(offsets[i], offsets[i + 1])) === word)
  );
}
