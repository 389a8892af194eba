/** Buffers of one Arrow record batch, taken in schema order, checked, and appended to growing columns. */
import type { Bytes } from '../../base/bytes.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import { MAX_TEXT_BYTES, MAX_TIME_MS, childrenOf } from './arrow-column.ts';
import type { TextDictionary } from './columns.ts';
import { NO_CODE, NO_TEXT } from './columns.ts';
import type { FlatTable } from './flatbuffer.ts';
import { MalformedBuffer } from './flatbuffer.ts';
import { GrowingBytes, GrowingDoubles, GrowingWords } from './growing.ts';

const MAX_BUFFERS = 1024;

/** Nodes and buffers of one batch, in order; none may be left over. */
export class BatchBuffers {
  readonly #body: Uint8Array;
  readonly #nodes: readonly (readonly [number, number])[];
  readonly #buffers: readonly (readonly [number, number])[];
  #node = 0;
  #buffer = 0;

  constructor(batch: FlatTable, body: Uint8Array) {
    if (batch.has(3)) throw new MalformedBuffer('compressed');
    this.#body = body;
    this.#nodes = batch.pairs(1, MAX_BUFFERS);
    this.#buffers = batch.pairs(2, MAX_BUFFERS);
  }

  /** Null count of the next field, which must have `length` values. */
  node(length: number): number {
    const [found, nulls] = this.#nodes[this.#node++] ?? [-1, 0];
    if (found !== length || nulls > length) throw new MalformedBuffer('row count');
    return nulls;
  }

  /** Next buffer: a copy of its first `size` bytes, aligned. */
  take(size: number): Bytes {
    const [at, length] = this.#buffers[this.#buffer++] ?? [0, -1];
    if (length < size || at + length > this.#body.length) throw new MalformedBuffer('buffer');
    return this.#body.slice(at, at + size) as Bytes;
  }

  /** Validity bits of the next field, `null` if all its values are there; the bits must agree with the null count. */
  validity(length: number, nullable: boolean): Bytes | null {
    const nulls = this.node(length);
    if (nulls === 0) {
      this.take(0);
      return null;
    }
    if (!nullable) throw new MalformedBuffer('null');
    const bits = this.take(Math.ceil(length / 8));
    let found = 0;
    for (let i = 0; i < length; i++) if (!isSet(bits, i)) found++;
    if (found !== nulls) throw new MalformedBuffer('null count');
    return bits;
  }

  /** `length + 1` offsets from 0, never falling. */
  offsets(length: number): Uint32Array<ArrayBuffer> {
    const offsets = new Uint32Array(this.take((length + 1) * 4).buffer);
    let before = 0;
    for (let i = 0; i <= length; i++) {
      const offset = offsets[i] as number;
      if (offset < before || (i === 0 && offset !== 0)) throw new MalformedBuffer('offset');
      before = offset;
    }
    return offsets;
  }

  textDictionary(length: number): TextDictionary {
    if (this.validity(length, false) !== null) throw new MalformedBuffer('null');
    const offsets = this.offsets(length);
    const heap = this.take(offsets[length] as number);
    for (let i = 0; i < length; i++) {
      const at = offsets[i] as number;
      if ((offsets[i + 1] as number) - at > MAX_TEXT_BYTES) throw new MalformedBuffer('text length');
      if (at < heap.length && ((heap[at] as number) & 0xc0) === 0x80) throw new MalformedBuffer('utf-8');
    }
    if (!isUtf8(heap)) throw new MalformedBuffer('utf-8');
    return { offsets, heap };
  }

  finish(): void {
    if (this.#node !== this.#nodes.length || this.#buffer !== this.#buffers.length)
      throw new MalformedBuffer('number of buffers');
  }
}

/** Collects one column over all batches. */
export class ColumnReader {
  readonly #spec: FieldSpec;
  readonly #children: readonly ColumnReader[];
  readonly #bytes = new GrowingBytes();
  readonly #words = new GrowingWords();
  readonly #doubles = new GrowingDoubles();
  #dictionary: TextDictionary = { offsets: new Uint32Array(1), heap: new Uint8Array(0) };

  constructor(spec: FieldSpec) {
    this.#spec = spec;
    this.#children = childrenOf(spec).map((child) => new ColumnReader(child));
    if (spec.kind === 'list') this.#words.push(0);
  }

  /** `ids` counts dictionary fields in schema order, as the schema check did. */
  append(
    buffers: BatchBuffers,
    length: number,
    dictionaries: ReadonlyMap<number, TextDictionary>,
    ids: { next: number },
  ): void {
    const spec = this.#spec;
    const validity = buffers.validity(length, spec.nullable);
    switch (spec.kind) {
      case 'fixed':
        this.#appendFixed(buffers.take(length * spec.width), spec.width, validity);
        return;
      case 'word':
        this.#appendWords(buffers.take(length), spec.words.length, validity);
        if (length > 0 && !dictionaries.has(ids.next)) throw new MalformedBuffer('dictionary missing');
        ids.next++;
        return;
      case 'text':
        this.#appendCodes(new Uint32Array(buffers.take(length * 4).buffer), dictionaries.get(ids.next++), validity);
        return;
      case 'time':
        this.#appendTimes(new Uint32Array(buffers.take(length * 8).buffer), validity);
        return;
      case 'small':
        this.#appendWords(buffers.take(length), NO_CODE, validity);
        return;
      case 'number': {
        const values = new Float64Array(buffers.take(length * 8).buffer);
        if (!values.every(Number.isFinite)) throw new MalformedBuffer('number');
        this.#doubles.append(values);
        return;
      }
      case 'flag': {
        const bits = buffers.take(Math.ceil(length / 8));
        for (let i = 0; i < length; i++) this.#bytes.push(isSet(bits, i) ? 1 : 0);
        return;
      }
      case 'list': {
        const offsets = buffers.offsets(length);
        const start = this.#words.last();
        for (let i = 1; i <= length; i++) this.#words.push(start + (offsets[i] as number));
        this.#children[0]?.append(buffers, offsets[length] as number, dictionaries, ids);
        return;
      }
      case 'struct':
        for (const child of this.#children) child.append(buffers, length, dictionaries, ids);
    }
  }

  finish(): ArrowColumn {
    switch (this.#spec.kind) {
      case 'fixed':
        return { kind: 'fixed', bytes: this.#bytes.finish() };
      case 'word':
      case 'small':
      case 'flag':
        return { kind: this.#spec.kind, values: this.#bytes.finish() };
      case 'text':
        return { kind: 'text', codes: this.#words.finish(), dictionary: this.#dictionary };
      case 'time':
      case 'number':
        return { kind: this.#spec.kind, values: this.#doubles.finish() };
      case 'list': {
        const child = this.#children[0]?.finish();
        if (child === undefined) throw new TypeError('list without child');
        return { kind: 'list', offsets: this.#words.finish(), child };
      }
      case 'struct':
        return { kind: 'struct', children: this.#children.map((child) => child.finish()) };
    }
  }

  #appendFixed(values: Bytes, width: number, validity: Bytes | null): void {
    if (validity !== null)
      for (let i = 0; i < values.length / width; i++)
        if (!isSet(validity, i)) values.fill(0, i * width, (i + 1) * width);
    this.#bytes.append(values);
  }

  /** Codes under `limit`; nulls become NO_CODE. */
  #appendWords(values: Bytes, limit: number, validity: Bytes | null): void {
    for (let i = 0; i < values.length; i++) {
      if (validity !== null && !isSet(validity, i)) values[i] = NO_CODE;
      else if ((values[i] as number) >= limit) throw new MalformedBuffer('code');
    }
    this.#bytes.append(values);
  }

  #appendCodes(codes: Uint32Array<ArrayBuffer>, dictionary: TextDictionary | undefined, validity: Bytes | null): void {
    const entries = dictionary === undefined ? 0 : dictionary.offsets.length - 1;
    for (let i = 0; i < codes.length; i++) {
      if (validity !== null && !isSet(validity, i)) codes[i] = NO_TEXT;
      else if ((codes[i] as number) >= entries) throw new MalformedBuffer('code');
    }
    if (dictionary !== undefined) this.#dictionary = dictionary;
    this.#words.append(codes);
  }

  /** `halves`: low and high word of each 64-bit time. */
  #appendTimes(halves: Uint32Array, validity: Bytes | null): void {
    const values = new Float64Array(halves.length / 2);
    for (let i = 0; i < values.length; i++) {
      const value = (halves[i * 2 + 1] as number) * 2 ** 32 + (halves[i * 2] as number);
      if (validity !== null && !isSet(validity, i)) values[i] = Number.NaN;
      else if (value > MAX_TIME_MS) throw new MalformedBuffer('time');
      else values[i] = value;
    }
    this.#doubles.append(values);
  }
}

function isSet(bits: Uint8Array, i: number): boolean {
  return (((bits[i >> 3] as number) >> (i & 7)) & 1) === 1;
}

function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for (let at = 0; at < bytes.length; at += 1 << 20)
      decoder.decode(bytes.subarray(at, at + (1 << 20)), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
