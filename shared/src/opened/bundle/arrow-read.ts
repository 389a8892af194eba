/**
 * A strict reader of the one Arrow IPC stream form that bundles have, from chunks of any size: exactly the expected schema, every
 * offset monotonic and in bounds, every code inside its dictionary, row counts equal. Anything else is refused before a value is
 * looked at; a general reader would follow whatever the metadata says. Little-endian machines only, as all that run this are.
 * Source: Arrow columnar format, "Serialization and Interprocess Communication (IPC)".
 */
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import { MAX_BATCH_ROWS } from './arrow-column.ts';
import type { Body, KnownDictionary } from './arrow-batch.ts';
import { batchColumns, batchDictionary, batchTable, roomBehind } from './arrow-batch.ts';
import { checkSchema } from './arrow-schema.ts';
import type { ArrowSchema } from './arrow-schema.ts';
import type { TextDictionary } from './columns.ts';
import { FlatTable, MalformedBuffer } from './flatbuffer.ts';

/** Rows of one record batch. The arrays lie in `buffer`, but for dictionaries, which are the same objects in every batch. */
export interface ArrowBatch {
  readonly rows: number;
  readonly columns: readonly ArrowColumn[];
  readonly buffer: ArrayBuffer;
}

export interface ArrowReaderOptions {
  /** The columns that a stream of this metadata must have; called before anything else of it is looked at. */
  readonly fieldsOf: (metadata: ReadonlyMap<string, string>) => readonly FieldSpec[];
  readonly onSchema: () => Promise<void> | void;
  /** Texts of the column `name`, before any batch. Their arrays may be taken away, if whoever gets the batches knows of it. */
  readonly onTexts?: (name: string, dictionary: TextDictionary) => Promise<void> | void;
  /** The next batch is read once the promise settles; the buffer belongs to whoever gets it. */
  readonly onBatch: (batch: ArrowBatch) => Promise<void> | void;
  /** A buffer of at least `size` bytes, which need not be zero, for the next batch. */
  readonly takeBuffer: (size: number) => Promise<ArrayBuffer> | ArrayBuffer;
  /** Bytes that the stream has at most: larger parts are refused before memory is taken for them. */
  readonly maxBytes: number;
}

/** Arrow's numbers (Message.fbs). */
const HEADER_SCHEMA = 1;
const HEADER_DICTIONARY = 2;
const HEADER_BATCH = 3;
const METADATA_V5 = 4;
const CONTINUATION = 0xffffffff;
const PREFIX_BYTES = 8;
const MAX_METADATA_BYTES = 1 << 20;

interface Message {
  readonly headerType: number;
  readonly header: FlatTable;
  readonly bodySize: number;
}

/** Takes a stream chunk by chunk. Throws MalformedBuffer, whose message names the rule that was broken and holds no content. */
export class ArrowReader {
  readonly #options: ArrowReaderOptions;
  readonly #dictionaries = new Map<number, KnownDictionary>();
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #schema: ArrowSchema | null = null;
  #rows = 0;
  /** Rows of the first batch, which all have but the last. */
  #batchRows = MAX_BATCH_ROWS;
  #isShort = false;

  #part: 'prefix' | 'metadata' | 'body' | 'ended' = 'prefix';
  /** Where the part under way goes, how much of it came, and how much there is. */
  #target: Uint8Array = this.#prefix;
  #came = 0;
  #size = PREFIX_BYTES;
  #message: Message | null = null;
  #bytesLeft: number;

  constructor(options: ArrowReaderOptions) {
    this.#options = options;
    this.#bytesLeft = options.maxBytes;
  }

  /** Rows of the batches so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Settles, or returns, once everything that the chunk completed is done with; the chunk is not kept. */
  write(chunk: Uint8Array): Promise<void> | void {
    this.#bytesLeft -= chunk.length;
    return this.#advance(chunk, 0);
  }

  /** Call once after the last chunk. */
  end(): void {
    if (this.#part === 'ended') return;
    throw new MalformedBuffer(this.#part === 'prefix' ? 'framing' : 'truncated');
  }

  /** Takes the chunk from `at` on. Waits only where somebody else must be waited for. */
  #advance(chunk: Uint8Array, from: number): Promise<void> | void {
    for (let at = from; ;) {
      while (this.#came === this.#size && this.#part !== 'ended') {
        const waits = this.#finishPart(this.#bytesLeft + chunk.length - at);
        const goOnAt = at;
        if (waits !== undefined) return waits.then(() => this.#advance(chunk, goOnAt));
      }
      if (at === chunk.length) return;
      if (this.#part === 'ended') throw new MalformedBuffer('bytes after the end');
      const bytes = chunk.subarray(at, at + this.#size - this.#came);
      this.#target.set(bytes, this.#came);
      this.#came += bytes.length;
      at += bytes.length;
    }
  }

  /** `unread`: bytes that may follow at most. */
  #finishPart(unread: number): Promise<void> | void {
    if (this.#part === 'prefix') return this.#finishPrefix(unread);
    return this.#part === 'metadata' ? this.#finishMetadata(unread) : this.#finishMessage();
  }

  #begin(part: 'prefix' | 'metadata' | 'body' | 'ended', target: Uint8Array, size: number): void {
    this.#part = part;
    this.#target = target;
    this.#size = size;
    this.#came = 0;
  }

  #finishPrefix(unread: number): void {
    const view = new DataView(this.#prefix.buffer);
    if (view.getUint32(0, true) !== CONTINUATION) throw new MalformedBuffer('framing');
    const size = view.getUint32(4, true);
    if (size > MAX_METADATA_BYTES || size > unread) throw new MalformedBuffer('truncated');
    if (size > 0) this.#begin('metadata', new Uint8Array(size), size);
    else if (this.#schema === null) throw new MalformedBuffer('schema missing');
    else this.#begin('ended', this.#prefix, 0);
  }

  #finishMetadata(unread: number): Promise<void> | void {
    const table = FlatTable.root(new DataView(this.#target.buffer, 0, this.#size));
    if (table.i16(0) !== METADATA_V5) throw new MalformedBuffer('metadata version');
    const header = table.table(2);
    const bodySize = table.size(3);
    if (header === null || bodySize > unread) throw new MalformedBuffer('truncated');
    this.#message = { headerType: table.u8(1), header, bodySize };
    const buffer = this.#bodyBuffer(this.#message);
    const begin = (body: ArrayBuffer) => this.#begin('body', new Uint8Array(body), bodySize);
    return buffer instanceof ArrayBuffer ? begin(buffer) : buffer.then(begin);
  }

  /** Memory for a body, once it is clear that it may come here. */
  #bodyBuffer({ headerType, header, bodySize }: Message): Promise<ArrayBuffer> | ArrayBuffer {
    if ((headerType === HEADER_SCHEMA) !== (this.#schema === null)) {
      throw new MalformedBuffer(this.#schema === null ? 'schema missing' : 'message type');
    }
    switch (headerType) {
      case HEADER_SCHEMA:
        return new ArrayBuffer(bodySize);
      case HEADER_DICTIONARY:
        if (this.#rows > 0 || this.#isShort) throw new MalformedBuffer('dictionary after rows');
        return new ArrayBuffer(bodySize);
      case HEADER_BATCH: {
        if (this.#isShort) throw new MalformedBuffer('short batch before the last');
        const rows = header.size(0);
        if (rows > this.#batchRows) throw new MalformedBuffer('batch size');
        return this.#options.takeBuffer(bodySize + roomBehind(this.#schema?.fields ?? [], rows));
      }
      default:
        throw new MalformedBuffer('message type');
    }
  }

  #finishMessage(): Promise<void> | void {
    const message = this.#message;
    if (message === null) throw new TypeError('ArrowReader: no message');
    const body = { buffer: this.#target.buffer as ArrayBuffer, size: message.bodySize };
    this.#message = null;
    this.#begin('prefix', this.#prefix, PREFIX_BYTES);
    if (this.#schema === null) {
      this.#schema = checkSchema(message.header, this.#options.fieldsOf);
      return this.#options.onSchema();
    }
    if (message.headerType === HEADER_DICTIONARY) return this.#takeDictionary(message.header, body, this.#schema);
    return this.#takeBatch(message.header, body, this.#schema);
  }

  #takeDictionary(header: FlatTable, body: Body, schema: ArrowSchema): Promise<void> | void {
    const id = header.size(0);
    const batch = header.table(1);
    const spec = schema.dictionaries.get(id);
    if (batch === null || spec === undefined || this.#dictionaries.has(id) || header.u8(2) !== 0)
      throw new MalformedBuffer('dictionary');
    const length = batch.size(0);
    if (spec.kind === 'coded') {
      this.#dictionaries.set(id, batchTable(batch, body, spec.children, length));
      return;
    }
    const dictionary = batchDictionary(batch, body, length);
    if (spec.kind === 'word' && !holds(dictionary, spec.words)) throw new MalformedBuffer('vocabulary');
    this.#dictionaries.set(id, { dictionary, table: [], entries: length });
    if (spec.kind === 'text') return this.#options.onTexts?.(spec.name, dictionary);
  }

  #takeBatch(header: FlatTable, body: Body, { fields }: ArrowSchema): Promise<void> | void {
    const rows = header.size(0);
    const { onBatch } = this.#options;
    const columns = batchColumns(header, body, fields, rows, this.#dictionaries);
    if (this.#rows === 0) this.#batchRows = Math.max(rows, 1);
    this.#isShort = rows < this.#batchRows;
    this.#rows += rows;
    return onBatch({ rows, columns, buffer: body.buffer });
  }
}

/** A buffer for a batch and for later ones that are somewhat larger: memory that nobody touches costs nothing. */
export function roomyBuffer(size: number): ArrayBuffer {
  return new ArrayBuffer(Math.ceil((size * 9) / 8));
}

/** One buffer for all batches of a stream: each must be done with before the next is read. */
export function oneBuffer(): (size: number) => ArrayBuffer {
  let buffer = new ArrayBuffer(0);
  return (size) => {
    if (buffer.byteLength < size) buffer = roomyBuffer(size);
    return buffer;
  };
}

function holds({ offsets, heap }: TextDictionary, words: readonly string[]): boolean {
  const decoder = new TextDecoder();
  return (
    offsets.length === words.length + 1 &&
    words.every((word, i) => decoder.decode(heap.subarray(offsets[i], offsets[i + 1])) === word)
  );
}
