/** One row of `BundleColumns` as a finding: for drawers, exports and tests. Tables and queries read the columns. */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Factor, Finding, FindingId, Sighting } from '../finding/finding.ts';
import {
  CONFIDENCES,
  COOKIE_STATES,
  EXPOSURES,
  IDENTITY_KINDS,
  LENGTH_BANDS,
  LEVELS,
  PATH_CLASSES,
  SOURCE_CLASSES,
  STRENGTH_BANDS,
} from '../finding/finding.ts';
import type { BundleColumns, TextColumn } from './columns.ts';
import { CONTEXTS, FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED, NO_CODE } from './columns.ts';
import { textAt } from './text-column.ts';

/** Finding in row `row`. Throws a RangeError outside 0 to `rows - 1`. */
export function findingAt(columns: BundleColumns, row: number): Finding {
  if (!Number.isInteger(row) || row < 0 || row >= columns.rows) throw new RangeError(`row ${String(row)}`);
  const flags = columns.flags[row] ?? 0;
  return {
    id: toBase64url(columns.id.subarray(row * 16, row * 16 + 16)) as FindingId,
    identityKind: wordAt(IDENTITY_KINDS, columns.identityKind, row),
    identity: required(columns.identity, row),
    mailboxKey: textAt(columns.mailboxKey, row),
    registrable: required(columns.registrable, row),
    host: required(columns.host, row),
    pathClass: wordAt(PATH_CLASSES, columns.pathClass, row),
    application: textAt(columns.application, row),
    exposure: wordAt(EXPOSURES, columns.exposure, row),
    context: wordAt(CONTEXTS, columns.context, row),
    sourceClass: wordAt(SOURCE_CLASSES, columns.sourceClass, row),
    sourceAlias: required(columns.sourceAlias, row),
    family: textAt(columns.family, row),
    machine: textAt(columns.machine, row),
    machineName: textAt(columns.machineName, row),
    machineOs: textAt(columns.machineOs, row),
    machineCountry: textAt(columns.machineCountry, row),
    capturedAtMs: timeAt(columns.capturedAtMs, row),
    publishedAtMs: timeAt(columns.publishedAtMs, row),
    ingestedAtMs: columns.ingestedAtMs[row] ?? 0,
    firstSeenAtMs: columns.firstSeenAtMs[row] ?? 0,
    lastSeenAtMs: columns.lastSeenAtMs[row] ?? 0,
    sightings: between(columns.sightings.offsets, row).map((at) => sightingAt(columns, at)),
    secret: {
      fitsPolicy: (flags & FLAG_FITS_POLICY) !== 0,
      common: (flags & FLAG_COMMON) !== 0,
      reused: (flags & FLAG_REUSED) !== 0,
      mask: textAt(columns.mask, row),
      lengthBand: LENGTH_BANDS[columns.lengthBand[row] ?? NO_CODE] ?? null,
      classes: columns.classes[row] === NO_CODE ? null : (columns.classes[row] ?? null),
      strengthBand: STRENGTH_BANDS[columns.strengthBand[row] ?? NO_CODE] ?? null,
      hashType: textAt(columns.hashType, row),
      pairFp: fingerprintAt(columns.pairFp, row),
      secretFp: fingerprintAt(columns.secretFp, row),
    },
    cookieState: wordAt(COOKIE_STATES, columns.cookieState, row),
    tags: between(columns.tags.offsets, row).map((at) => required(columns.tags.tag, at)),
    score: columns.score[row] ?? 0,
    level: wordAt(LEVELS, columns.level, row),
    confidence: wordAt(CONFIDENCES, columns.confidence, row),
    ledger: between(columns.ledger.offsets, row).map((at) => factorAt(columns, at)),
  };
}

/** All rows, in order. */
export function* findingsOf(columns: BundleColumns): Generator<Finding, void, undefined> {
  for (let row = 0; row < columns.rows; row++) yield findingAt(columns, row);
}

function sightingAt({ sightings: { source, sources, capturedAtMs } }: BundleColumns, at: number): Sighting {
  const from = source[at] ?? 0;
  return {
    sourceId: toBase64url(sources.sourceId.subarray(from * 8, from * 8 + 8)),
    sourceClass: wordAt(SOURCE_CLASSES, sources.sourceClass, from),
    alias: required(sources.alias, from),
    family: textAt(sources.family, from),
    capturedAtMs: timeAt(capturedAtMs, at),
    publishedAtMs: timeAt(sources.publishedAtMs, from),
    seenAtMs: sources.seenAtMs[from] ?? 0,
  };
}

function factorAt({ ledger: { factor: rows, factors } }: BundleColumns, at: number): Factor {
  const row = rows[at] ?? 0;
  const factor = { code: required(factors.code, row), value: factors.value[row] ?? 0 };
  const note = textAt(factors.note, row);
  return note === null ? factor : { ...factor, note };
}

function between(offsets: Uint32Array, row: number): readonly number[] {
  const from = offsets[row] ?? 0;
  return Array.from({ length: (offsets[row + 1] ?? from) - from }, (_, i) => from + i);
}

function required(column: TextColumn, row: number): string {
  return textAt(column, row) ?? '';
}

function timeAt(times: Float64Array, row: number): number | null {
  const ms = times[row] ?? Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function wordAt<T extends string>(words: readonly T[], codes: Bytes, row: number): T {
  const word = words[codes[row] ?? NO_CODE];
  if (word === undefined) throw new RangeError('code outside its vocabulary');
  return word;
}

function fingerprintAt(fingerprints: Bytes | null, row: number): string | null {
  const bytes = fingerprints?.subarray(row * 16, row * 16 + 16);
  return bytes === undefined || bytes.every((byte) => byte === 0) ? null : toBase64url(bytes);
}
