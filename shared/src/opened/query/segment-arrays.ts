/**
 * The arrays of columns in the one order of a segment, both ways, and columns cut at rows. Knows the order only; what the values
 * may be is check-columns.ts.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { BundleColumns, TextDictionary } from '../bundle/columns.ts';

/** Bits of a segment's flags: which fingerprints it has. */
export const FLAG_PAIR_FP = 1;
export const FLAG_SECRET_FP = 2;

/** In the order of `dictionariesOf`. */
export type Dictionaries = readonly TextDictionary[];
type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Dictionaries in the order of the delta. */
export function dictionariesOf(c: BundleColumns): Dictionaries {
  const texts = [c.identity, c.mailboxKey, c.registrable, c.host, c.application, c.sourceAlias, c.family, c.machine];
  texts.push(c.machineName, c.machineOs, c.machineCountry, c.mask, c.hashType);
  texts.push(c.sightings.alias, c.sightings.family, c.tags.tag, c.ledger.code, c.ledger.note);
  return texts.map(({ dictionary }) => dictionary);
}

/** All arrays without the dictionaries. */
export function arraysOf(c: BundleColumns): Numbers[] {
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

/** How long the arrays are. */
export interface Counts {
  readonly rows: number;
  readonly sightings: number;
  readonly tags: number;
  readonly ledger: number;
  readonly flags: number;
}

/** The inverse of `arraysOf`, in the same order; `null` where the bytes end early. */
export function readColumns(reader: ArrayReader, dictionaries: Dictionaries, counts: Counts): BundleColumns | null {
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

/** From, to. */
type Range = readonly [number, number];

/** The rows and list values of `ends`; list offsets begin at 0 again. */
export function sliceColumns(
  c: BundleColumns,
  ends: Record<'rows' | 'sightings' | 'tags' | 'ledger', Range>,
): BundleColumns {
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
export class ArrayReader {
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

/** Arrays begin at multiples of 8 bytes. */
export function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}
