/**
 * A segment: at most 65,536 findings of one bundle at rest, and the delta: the dictionaries that its codes point into, one for
 * all segments of an import. Own plain binary form, little-endian, every array at a multiple of 8 bytes:
 *   segment = "SPSG" | version u32 | rows, sightings, tags, ledger entries u32 | flags u32 | arrays in the order of `arraysOf`
 *   delta   = "SPDL" | version u32 | per dictionary, in the order of `dictionariesOf`: entries u32, heap bytes u32, offsets, heap
 * The bytes were authentic, but an older or broken writer may have made them: every offset and code is checked on reading.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { BundleColumns, TextDictionary } from '../bundle/columns.ts';
import { checkColumns, checkDictionary } from './check-columns.ts';

/** ARCHITECTURE, Browser: rows of a segment. */
export const SEGMENT_ROWS = 65_536;

const SEGMENT_MAGIC = 0x47535053;
const DELTA_MAGIC = 0x4c445053;
const VERSION = 1;
const SEGMENT_HEADER_BYTES = 32;
const FLAG_PAIR_FP = 1;
const FLAG_SECRET_FP = 2;
/** Dictionaries of a bundle: 13 columns of the finding, 2 of its sightings, its tags, 2 of its ledger. */
const DICTIONARIES = 18;

/** `version`: written by a newer program. `size`, `offset`, `code`, `value`: the rule that the bytes break. */
export interface SegmentError {
  readonly kind: 'bad-segment';
  readonly reason: 'version' | 'size' | 'offset' | 'code' | 'value';
}

type Dictionaries = readonly TextDictionary[];
type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Bytes of one segment, without its dictionaries. Cost: one copy. */
export function encodeSegment(columns: BundleColumns): Bytes {
  const arrays = arraysOf(columns);
  let length = SEGMENT_HEADER_BYTES;
  for (const array of arrays) length += aligned(array.byteLength);
  const bytes = new Uint8Array(length);
  const flags = (columns.pairFp ? FLAG_PAIR_FP : 0) | (columns.secretFp ? FLAG_SECRET_FP : 0);
  const { sightings, tags, ledger } = columns;
  const counts = [columns.rows, sightings.sourceClass.length, tags.tag.codes.length, ledger.value.length];
  new Uint32Array(bytes.buffer, 0, 7).set([SEGMENT_MAGIC, VERSION, ...counts, flags]);
  let at = SEGMENT_HEADER_BYTES;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  return bytes;
}

/** Columns over `bytes` (not copied; a whole buffer of its own), with the dictionaries of its import. */
export function decodeSegment(bytes: Bytes, dictionaries: Dictionaries): Result<BundleColumns, SegmentError> {
  if (bytes.byteOffset % 8 !== 0) return decodeSegment(bytes.slice(), dictionaries);
  if (bytes.length < SEGMENT_HEADER_BYTES || dictionaries.length !== DICTIONARIES) return bad('size');
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, 7) as unknown as readonly number[];
  const [magic, version, rows = 0, sightings = 0, tags = 0, ledger = 0, flags = 0] = header;
  if (magic !== SEGMENT_MAGIC) return bad('value');
  if (version !== VERSION) return bad('version');
  if (rows > SEGMENT_ROWS || flags > (FLAG_PAIR_FP | FLAG_SECRET_FP)) return bad('value');
  // Each list value takes at least 5 bytes: refuses absurd counts before any length is computed from them.
  if (sightings > bytes.length || tags > bytes.length || ledger > bytes.length) return bad('size');
  const reader = new ArrayReader(bytes, SEGMENT_HEADER_BYTES);
  const columns = readColumns(reader, dictionaries, { rows, sightings, tags, ledger, flags });
  if (columns === null || reader.at !== bytes.length) return bad('size');
  const broken = checkColumns(columns);
  return broken ? bad(broken) : ok(columns);
}

/** Bytes of an import's dictionaries. */
export function encodeDelta(columns: BundleColumns): Bytes {
  const dictionaries = dictionariesOf(columns);
  let length = 8;
  for (const { offsets, heap } of dictionaries) length += 8 + aligned(offsets.byteLength) + aligned(heap.length);
  const bytes = new Uint8Array(length);
  new Uint32Array(bytes.buffer, 0, 2).set([DELTA_MAGIC, VERSION]);
  let at = 8;
  for (const { offsets, heap } of dictionaries) {
    new Uint32Array(bytes.buffer, at, 2).set([offsets.length - 1, heap.length]);
    new Uint32Array(bytes.buffer, at + 8, offsets.length).set(offsets);
    at += 8 + aligned(offsets.byteLength);
    bytes.set(heap, at);
    at += aligned(heap.length);
  }
  return bytes;
}

/** Dictionaries over `bytes` (not copied). */
export function decodeDelta(bytes: Bytes): Result<Dictionaries, SegmentError> {
  if (bytes.byteOffset % 8 !== 0) return decodeDelta(bytes.slice());
  const reader = new ArrayReader(bytes, 0);
  const head = reader.u32(2);
  if (head?.[0] !== DELTA_MAGIC) return bad('value');
  if (head[1] !== VERSION) return bad('version');
  const dictionaries: TextDictionary[] = [];
  for (let i = 0; i < DICTIONARIES; i++) {
    const [entries = 0, heapBytes = 0] = reader.u32(2) ?? [Infinity];
    const offsets = reader.u32(entries + 1);
    const heap = reader.u8(heapBytes);
    if (offsets === null || heap === null) return bad('size');
    if (!checkDictionary({ offsets, heap })) return bad('offset');
    dictionaries.push({ offsets, heap });
  }
  return reader.at === bytes.length ? ok(dictionaries) : bad('size');
}

/** `columns` in segments of at most `SEGMENT_ROWS`; dictionaries are shared, arrays are views where they can be. */
export function* splitSegments(columns: BundleColumns, segmentRows = SEGMENT_ROWS): Generator<BundleColumns> {
  if (columns.rows <= segmentRows) {
    yield columns;
    return;
  }
  for (let from = 0; from < columns.rows; from += segmentRows) {
    const to = Math.min(from + segmentRows, columns.rows);
    const bounds = (offsets: Uint32Array) => [offsets[from] as number, offsets[to] as number] as const;
    const ends = {
      rows: [from, to] as const,
      sightings: bounds(columns.sightings.offsets),
      tags: bounds(columns.tags.offsets),
      ledger: bounds(columns.ledger.offsets),
    };
    yield sliceColumns(columns, ends);
  }
}

/** Dictionaries in the order of the delta. */
function dictionariesOf(c: BundleColumns): Dictionaries {
  const texts = [c.identity, c.mailboxKey, c.registrable, c.host, c.application, c.sourceAlias, c.family, c.machine];
  texts.push(c.machineName, c.machineOs, c.machineCountry, c.mask, c.hashType);
  texts.push(c.sightings.alias, c.sightings.family, c.tags.tag, c.ledger.code, c.ledger.note);
  return texts.map(({ dictionary }) => dictionary);
}

function arraysOf(c: BundleColumns): Numbers[] {
  const { sightings: s, ledger: l } = c;
  const bytes = [c.id, c.identityKind, c.pathClass, c.exposure, c.context, c.sourceClass, c.flags, c.lengthBand];
  bytes.push(c.classes, c.strengthBand, c.cookieState, c.score, c.level, c.confidence);
  if (c.pairFp) bytes.push(c.pairFp);
  if (c.secretFp) bytes.push(c.secretFp);
  const texts = [c.identity, c.mailboxKey, c.registrable, c.host, c.application, c.sourceAlias, c.family, c.machine];
  texts.push(c.machineName, c.machineOs, c.machineCountry, c.mask, c.hashType);
  const times = [c.capturedAtMs, c.publishedAtMs, c.ingestedAtMs, c.firstSeenAtMs, c.lastSeenAtMs];
  const sightings = [s.offsets, s.sourceId, s.sourceClass, s.alias.codes, s.family.codes];
  const sightingTimes = [s.capturedAtMs, s.publishedAtMs, s.seenAtMs];
  const lists = [c.tags.offsets, c.tags.tag.codes, l.offsets, l.code.codes, l.value, l.note.codes];
  return [...bytes, ...texts.map(({ codes }) => codes), ...times, ...sightings, ...sightingTimes, ...lists];
}

interface Counts {
  readonly rows: number;
  readonly sightings: number;
  readonly tags: number;
  readonly ledger: number;
  readonly flags: number;
}

/** The inverse of `arraysOf`, in the same order; `null` where the bytes end early. */
function readColumns(reader: ArrayReader, dictionaries: Dictionaries, counts: Counts): BundleColumns | null {
  const { rows, sightings, tags, ledger, flags } = counts;
  let dictionary = 0;
  const u8 = (n: number) => reader.need(reader.u8(n));
  const u32 = (n: number) => reader.need(reader.u32(n));
  const f64 = (n: number) => reader.need(reader.f64(n));
  const text = (n: number) => ({ codes: u32(n), dictionary: dictionaries[dictionary++] as TextDictionary });
  const columns: BundleColumns = {
    rows,
    id: u8(rows * 16),
    identityKind: u8(rows),
    pathClass: u8(rows),
    exposure: u8(rows),
    context: u8(rows),
    sourceClass: u8(rows),
    flags: u8(rows),
    lengthBand: u8(rows),
    classes: u8(rows),
    strengthBand: u8(rows),
    cookieState: u8(rows),
    score: u8(rows),
    level: u8(rows),
    confidence: u8(rows),
    pairFp: flags & FLAG_PAIR_FP ? u8(rows * 16) : null,
    secretFp: flags & FLAG_SECRET_FP ? u8(rows * 16) : null,
    identity: text(rows),
    mailboxKey: text(rows),
    registrable: text(rows),
    host: text(rows),
    application: text(rows),
    sourceAlias: text(rows),
    family: text(rows),
    machine: text(rows),
    machineName: text(rows),
    machineOs: text(rows),
    machineCountry: text(rows),
    mask: text(rows),
    hashType: text(rows),
    capturedAtMs: f64(rows),
    publishedAtMs: f64(rows),
    ingestedAtMs: f64(rows),
    firstSeenAtMs: f64(rows),
    lastSeenAtMs: f64(rows),
    sightings: {
      offsets: u32(rows + 1),
      sourceId: u8(sightings * 8),
      sourceClass: u8(sightings),
      alias: text(sightings),
      family: text(sightings),
      capturedAtMs: f64(sightings),
      publishedAtMs: f64(sightings),
      seenAtMs: f64(sightings),
    },
    tags: { offsets: u32(rows + 1), tag: text(tags) },
    ledger: { offsets: u32(rows + 1), code: text(ledger), value: f64(ledger), note: text(ledger) },
  };
  return reader.isShort ? null : columns;
}

type Range = readonly [number, number];

function sliceColumns(c: BundleColumns, ends: Record<'rows' | 'sightings' | 'tags' | 'ledger', Range>): BundleColumns {
  const cut = <T extends Numbers>(array: T, [from, to]: Range, width = 1) =>
    array.subarray(from * width, to * width) as T;
  const text = (column: BundleColumns['identity'], range: Range) => ({ ...column, codes: cut(column.codes, range) });
  const offsets = (array: Uint32Array<ArrayBuffer>, start: number) =>
    array.slice(ends.rows[0], ends.rows[1] + 1).map((offset) => offset - start);
  const { rows, sightings, tags, ledger } = ends;
  const sliced: Record<string, unknown> = { rows: rows[1] - rows[0] };
  for (const [name, column] of Object.entries(c)) {
    if (column instanceof Uint8Array || column instanceof Float64Array) {
      const width = name === 'id' || name === 'pairFp' || name === 'secretFp' ? 16 : 1;
      sliced[name] = cut(column as Uint8Array<ArrayBuffer>, rows, width);
    } else if (column === null) {
      sliced[name] = null;
    } else if (typeof column === 'object' && 'codes' in column) {
      sliced[name] = text(column, rows);
    }
  }
  const { sightings: s, ledger: l } = c;
  sliced['sightings'] = {
    offsets: offsets(s.offsets, sightings[0]),
    sourceId: cut(s.sourceId, sightings, 8),
    sourceClass: cut(s.sourceClass, sightings),
    alias: text(s.alias, sightings),
    family: text(s.family, sightings),
    capturedAtMs: cut(s.capturedAtMs, sightings),
    publishedAtMs: cut(s.publishedAtMs, sightings),
    seenAtMs: cut(s.seenAtMs, sightings),
  } satisfies BundleColumns['sightings'];
  sliced['tags'] = { offsets: offsets(c.tags.offsets, tags[0]), tag: text(c.tags.tag, tags) };
  sliced['ledger'] = {
    offsets: offsets(l.offsets, ledger[0]),
    code: text(l.code, ledger),
    value: cut(l.value, ledger),
    note: text(l.note, ledger),
  };
  return sliced as unknown as BundleColumns;
}

/** Takes aligned arrays one after the other; remembers when there was not enough. */
class ArrayReader {
  at: number;
  isShort = false;
  readonly #bytes: Bytes;

  constructor(bytes: Bytes, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  u8(length: number): Uint8Array<ArrayBuffer> | null {
    const start = this.#take(length);
    return start === null ? null : new Uint8Array(this.#bytes.buffer, start, length);
  }

  u32(length: number): Uint32Array<ArrayBuffer> | null {
    const start = this.#take(length * 4);
    return start === null ? null : new Uint32Array(this.#bytes.buffer, start, length);
  }

  f64(length: number): Float64Array<ArrayBuffer> | null {
    const start = this.#take(length * 8);
    return start === null ? null : new Float64Array(this.#bytes.buffer, start, length);
  }

  need<T>(array: T | null): T {
    if (array === null) this.isShort = true;
    return array as T;
  }

  #take(byteLength: number): number | null {
    const end = this.at + aligned(byteLength);
    if (!(end <= this.#bytes.length)) {
      this.isShort = true;
      return null;
    }
    const start = this.#bytes.byteOffset + this.at;
    this.at = end;
    return start;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function bad(reason: SegmentError['reason']): { readonly ok: false; readonly error: SegmentError } {
  return err({ kind: 'bad-segment', reason });
}
