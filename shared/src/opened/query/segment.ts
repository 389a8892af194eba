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
import type { Dictionaries } from './segment-arrays.ts';
import {
  aligned,
  ArrayReader,
  arraysOf,
  dictionariesOf,
  FLAG_PAIR_FP,
  FLAG_SECRET_FP,
  readColumns,
  sliceColumns,
} from './segment-arrays.ts';

/** ARCHITECTURE, Browser: rows of a segment. */
const SEGMENT_ROWS = 65_536;

const SEGMENT_MAGIC = 0x47535053;
const DELTA_MAGIC = 0x4c445053;
const VERSION = 1;
const SEGMENT_HEADER_BYTES = 32;
/** Dictionaries of a bundle: 13 columns of the finding, 2 of its sightings, its tags, 2 of its ledger. */
const DICTIONARIES = 18;

/** `version`: written by a newer program. `size`, `offset`, `code`, `value`: the rule that the bytes break. */
export interface SegmentError {
  readonly kind: 'bad-segment';
  readonly reason: 'version' | 'size' | 'offset' | 'code' | 'value';
}

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

function bad(reason: SegmentError['reason']): { readonly ok: false; readonly error: SegmentError } {
  return err({ kind: 'bad-segment', reason });
}
