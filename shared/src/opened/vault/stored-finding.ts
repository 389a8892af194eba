/** One row at rest as a finding. The inverse of what the bundle's columns were before they were cut into hot and cold ones. */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { CONTEXTS, FLAG_COMMON, FLAG_FITS_POLICY, FLAG_REUSED, NO_CODE, NO_TEXT } from '../bundle/columns.ts';
import type { Factor, Finding, FindingId, SecretFeatures, Sighting } from '../finding/finding.ts';
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
import { hotTimeAt } from '../query/hot-times.ts';
import type { ColdDictionary } from './cold-format.ts';
import {
  COLD_DICTIONARIES,
  DATES,
  doubleOf,
  FACTOR,
  FEATURE,
  listOf,
  SOURCE,
  VARIABLE,
  wordOf,
} from './cold-format.ts';
import type { DictionaryPages } from './dictionary-pages.ts';
import type { HotDictionary } from './import-files.ts';
import { HOT_DICTIONARIES } from './import-files.ts';
import type { Segment } from './segment-reader.ts';

/** Pages of an import's two files. */
export interface ImportPages {
  readonly hot: DictionaryPages;
  readonly cold: DictionaryPages;
}

/** Row `row` of `segment`. Texts whose page is not open are '' and noted: open the pages and ask again. */
export function storedFinding(segment: Segment, row: number, pages: ImportPages): Finding {
  const { hot, cold, sets } = segment;
  const text = hotTexts(pages);
  const coldText = coldTexts(pages);
  const optional = (name: HotDictionary, code: number) => (code === 0 ? null : text(name, code - 1));
  const feature = cold.feature[row] as number;
  const dates = cold.dates[row] as number;
  const rest = wordOf(sets.features, feature, FEATURE.rest);
  const mailbox = cold.mailboxKey[row] as number;
  return {
    id: toBase64url(hot.id.subarray(row * 16, row * 16 + 16)) as FindingId,
    identityKind: IDENTITY_KINDS[hot.identityKind[row] as number] ?? 'user',
    identity: identityText(pages, hot.identity[row] as number),
    mailboxKey: mailbox === 0 ? null : coldText('mailboxKey', mailbox - 1),
    registrable: optional('registrable', hot.registrable[row] as number) ?? '',
    host: optional('host', hot.host[row] as number) ?? '',
    pathClass: PATH_CLASSES[hot.pathClass[row] as number] ?? 'other',
    application: optional('application', hot.application[row] as number),
    exposure: EXPOSURES[hot.exposure[row] as number] ?? 'unclassified',
    context: CONTEXTS[rest & 0xff] ?? 'none',
    sourceClass: SOURCE_CLASSES[hot.sourceClass[row] as number] ?? 'address_only',
    sourceAlias: optional('source', hot.source[row] as number) ?? '',
    family: optional('family', hot.family[row] as number),
    machine: optional('machine', hot.machine[row] as number),
    machineName: optional('machineName', hot.machineName[row] as number),
    machineOs: orNone('machineOs', wordOf(sets.features, feature, FEATURE.machineOs), coldText),
    machineCountry: orNone('machineCountry', wordOf(sets.features, feature, FEATURE.machineCountry), coldText),
    capturedAtMs: knownMs(hotTimeAt(hot.capturedAtMs, row)),
    publishedAtMs: knownMs(doubleOf(sets.dates, dates, DATES.published)),
    ingestedAtMs: doubleOf(sets.dates, dates, DATES.ingested),
    firstSeenAtMs: hotTimeAt(hot.firstSeenAtMs, row),
    lastSeenAtMs: hotTimeAt(hot.lastSeenAtMs, row),
    sightings: sightingsAt(segment, row, coldText),
    secret: secretAt(segment, row, optional('mask', hot.mask[row] as number), coldText),
    cookieState: COOKIE_STATES[rest >>> 8] ?? 'none',
    tags: tagsAt(segment, row, text, coldText),
    score: hot.score[row] as number,
    level: LEVELS[hot.level[row] as number] ?? 'info',
    confidence: CONFIDENCES[hot.confidence[row] as number] ?? 'low',
    ledger: ledgerAt(segment, row, coldText),
  };
}

type HotText = (name: HotDictionary, entry: number) => string;
type ColdText = (name: ColdDictionary, entry: number) => string;

function hotTexts({ hot }: ImportPages): HotText {
  return (name, entry) => hot.text(HOT_DICTIONARIES.indexOf(name), entry);
}

function coldTexts({ cold }: ImportPages): ColdText {
  return (name, entry) => cold.text(COLD_DICTIONARIES.indexOf(name), entry);
}

function identityText({ hot }: ImportPages, code: number): string {
  if (code === 0) return '';
  const identity = HOT_DICTIONARIES.indexOf('identity');
  const local = hot.text(identity, code - 1);
  const domain = hot.code(identity, code - 1);
  return domain === 0 ? local : `${local}@${hot.text(HOT_DICTIONARIES.indexOf('identityDomain'), domain - 1)}`;
}

function secretAt({ hot, cold, sets }: Segment, row: number, mask: string | null, text: ColdText): SecretFeatures {
  const feature = cold.feature[row] as number;
  const packed = wordOf(sets.features, feature, FEATURE.secret);
  const classes = (packed >>> 16) & 0xff;
  const hashType = cold.hashType[row] as number;
  return {
    fitsPolicy: (packed & FLAG_FITS_POLICY) !== 0,
    common: (packed & FLAG_COMMON) !== 0,
    reused: (packed & FLAG_REUSED) !== 0,
    mask,
    lengthBand: LENGTH_BANDS[(packed >>> 8) & 0xff] ?? null,
    classes: classes === NO_CODE ? null : classes,
    strengthBand: STRENGTH_BANDS[packed >>> 24] ?? null,
    hashType: hashType === 0 ? null : text('hashType', hashType - 1),
    pairFp: fingerprintAt(cold.pairFp, row),
    secretFp: fingerprintAt(hot.secretFp, row),
  };
}

function sightingsAt({ hot, cold, sets }: Segment, row: number, text: ColdText): Sighting[] {
  const [flag, ...sources] = listOf(sets.sightings, cold.sightings[row] as number);
  const first = cold.captureStarts[row] as number;
  return sources.map((source, i) => {
    const captured = flag === 1 ? hotTimeAt(cold.captures, first + i) : hotTimeAt(hot.capturedAtMs, row);
    return {
      sourceId: toBase64url(idOf(wordOf(sets.sources, source, SOURCE.id), wordOf(sets.sources, source, SOURCE.id + 1))),
      sourceClass: SOURCE_CLASSES[wordOf(sets.sources, source, SOURCE.sourceClass)] ?? 'address_only',
      alias: text('sightingAlias', wordOf(sets.sources, source, SOURCE.alias)),
      family: orNone('sightingFamily', wordOf(sets.sources, source, SOURCE.family), text),
      capturedAtMs: knownMs(captured),
      publishedAtMs: knownMs(doubleOf(sets.sources, source, SOURCE.published)),
      seenAtMs: doubleOf(sets.sources, source, SOURCE.seen),
    };
  });
}

function ledgerAt({ cold, sets }: Segment, row: number, text: ColdText): Factor[] {
  const words = listOf(sets.ledgers, cold.ledger[row] as number);
  let hole = cold.holeStarts[row] as number;
  return words.map((word) => {
    const factor = word & VARIABLE ? (cold.holes[hole++] as number) : word >>> 1;
    const code = text('factorCode', wordOf(sets.factors, factor, FACTOR.code));
    const note = orNone('factorNote', wordOf(sets.factors, factor, FACTOR.note), text);
    const value = doubleOf(sets.factors, factor, FACTOR.value);
    return note === null ? { code, value } : { code, value, note };
  });
}

function tagsAt({ hot, cold, sets }: Segment, row: number, text: HotText, coldText: ColdText): string[] {
  if (cold.tags !== null) return listOf(sets.tags, cold.tags[row] as number).map((tag) => coldText('tag', tag));
  const set = hot.tagSet[row] as number;
  if (set === 0) return [];
  const { offsets, tags } = hot.tagSets;
  return Array.from(tags.subarray(offsets[set - 1], offsets[set]), (tag) => text('tag', tag));
}

function orNone(name: ColdDictionary, code: number, text: ColdText): string | null {
  return code === NO_TEXT ? null : text(name, code);
}

function knownMs(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}

/** The bytes of two words. */
function idOf(first: number, second: number): Bytes {
  return new Uint8Array(Uint32Array.of(first, second).buffer);
}

function fingerprintAt(fingerprints: Bytes | null, row: number): string | null {
  const bytes = fingerprints?.subarray(row * 16, row * 16 + 16);
  return bytes === undefined || bytes.every((byte) => byte === 0) ? null : toBase64url(bytes);
}
