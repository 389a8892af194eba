/** One finding out of a segment's columns, and how two appearances of one finding become one. */
import { toBase64url } from '../../base/base64url.ts';
import type { BundleColumns, TextColumn } from '../bundle/columns.ts';
import { CONTEXTS, FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED, NO_CODE, NO_TEXT } from '../bundle/columns.ts';
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
import { mergeSightings } from '../finding/sighting.ts';
import { textAt } from './dictionary.ts';

/** Row `row` of checked columns. */
export function readFinding(c: BundleColumns, row: number): Finding {
  const flags = c.flags[row] ?? 0;
  const context = word(CONTEXTS, c.context[row]);
  return {
    id: toBase64url(c.id.subarray(row * 16, row * 16 + 16)) as FindingId,
    identityKind: word(IDENTITY_KINDS, c.identityKind[row]),
    identity: text(c.identity, row) ?? '',
    mailboxKey: text(c.mailboxKey, row),
    registrable: text(c.registrable, row) ?? '',
    host: text(c.host, row) ?? '',
    pathClass: word(PATH_CLASSES, c.pathClass[row]),
    application: text(c.application, row),
    exposure: word(EXPOSURES, c.exposure[row]),
    context,
    sourceClass: word(SOURCE_CLASSES, c.sourceClass[row]),
    sourceAlias: text(c.sourceAlias, row) ?? '',
    family: text(c.family, row),
    machine: text(c.machine, row),
    machineName: text(c.machineName, row),
    machineOs: text(c.machineOs, row),
    machineCountry: text(c.machineCountry, row),
    capturedAtMs: time(c.capturedAtMs, row),
    publishedAtMs: time(c.publishedAtMs, row),
    ingestedAtMs: c.ingestedAtMs[row] ?? 0,
    firstSeenAtMs: c.firstSeenAtMs[row] ?? 0,
    lastSeenAtMs: c.lastSeenAtMs[row] ?? 0,
    sightings: readSightings(c, row),
    secret: {
      fitsPolicy: (flags & FLAG_FITS_POLICY) !== 0,
      common: (flags & FLAG_COMMON) !== 0,
      reused: (flags & FLAG_REUSED) !== 0,
      mask: text(c.mask, row),
      lengthBand: wordOrNull(LENGTH_BANDS, c.lengthBand[row]),
      classes: c.classes[row] === NO_CODE ? null : (c.classes[row] ?? null),
      strengthBand: wordOrNull(STRENGTH_BANDS, c.strengthBand[row]),
      hashType: text(c.hashType, row),
      pairFp: fingerprint(c.pairFp, row),
      secretFp: fingerprint(c.secretFp, row),
    },
    cookieState: word(COOKIE_STATES, c.cookieState[row]),
    tags: list(c.tags.offsets, row).map((i) => text(c.tags.tag, i) ?? ''),
    score: c.score[row] ?? 0,
    level: word(LEVELS, c.level[row]),
    confidence: word(CONFIDENCES, c.confidence[row]),
    ledger: list(c.ledger.offsets, row).map((i): Factor => {
      const note = text(c.ledger.note, i);
      const factor = { code: text(c.ledger.code, i) ?? '', value: c.ledger.value[i] ?? 0 };
      return note === null ? factor : { ...factor, note };
    }),
  };
}

/**
 * A finding that came again: sightings united, first and last seen widened, the worst source class kept with its alias, known
 * captures and families not forgotten; everything else as in `later`, which was scored with all that was known by then.
 */
export function mergeFinding(earlier: Finding, later: Finding): Finding {
  const isWorse = SOURCE_CLASSES.indexOf(earlier.sourceClass) < SOURCE_CLASSES.indexOf(later.sourceClass);
  const worst = isWorse ? earlier : later;
  return {
    ...later,
    sourceClass: worst.sourceClass,
    sourceAlias: worst.sourceAlias,
    family: later.family ?? earlier.family,
    capturedAtMs: later.capturedAtMs ?? earlier.capturedAtMs,
    firstSeenAtMs: Math.min(earlier.firstSeenAtMs, later.firstSeenAtMs),
    lastSeenAtMs: Math.max(earlier.lastSeenAtMs, later.lastSeenAtMs),
    sightings: mergeSightings(earlier.sightings, later.sightings),
  };
}

/** Text of a row, `null` for NO_TEXT. */
export function text(column: TextColumn, row: number): string | null {
  const code = column.codes[row] ?? NO_TEXT;
  return code === NO_TEXT ? null : textAt(column.dictionary, code);
}

function readSightings(c: BundleColumns, row: number): readonly Sighting[] {
  const s = c.sightings;
  return list(s.offsets, row).map((i) => ({
    sourceId: toBase64url(s.sourceId.subarray(i * 8, i * 8 + 8)),
    sourceClass: word(SOURCE_CLASSES, s.sourceClass[i]),
    alias: text(s.alias, i) ?? '',
    family: text(s.family, i),
    capturedAtMs: time(s.capturedAtMs, i),
    publishedAtMs: time(s.publishedAtMs, i),
    seenAtMs: s.seenAtMs[i] ?? 0,
  }));
}

function list(offsets: Uint32Array, row: number): readonly number[] {
  const from = offsets[row] ?? 0;
  return Array.from({ length: (offsets[row + 1] ?? from) - from }, (_, i) => from + i);
}

function time(times: Float64Array, row: number): number | null {
  const ms = times[row] ?? NaN;
  return Number.isNaN(ms) ? null : ms;
}

function fingerprint(column: Uint8Array | null, row: number): string | null {
  const bytes = column?.subarray(row * 16, row * 16 + 16);
  return bytes?.some((byte) => byte !== 0) ? toBase64url(bytes) : null;
}

function word<T extends string>(words: readonly T[], code: number | undefined): T {
  return words[code ?? 0] ?? (words[0] as T);
}

function wordOrNull<T extends string>(words: readonly T[], code: number | undefined): T | null {
  return code === undefined || code === NO_CODE ? null : (words[code] ?? null);
}
