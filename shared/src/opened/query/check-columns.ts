/** Bounds of columns: every offset, code and vocabulary index, checked once so that no reader has to ask again. */
import type { BundleColumns, TextColumn, TextDictionary } from '../bundle/columns.ts';
import { CONTEXTS, NO_CODE, NO_TEXT } from '../bundle/columns.ts';
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

/** The first rule broken, or `null`. Array lengths are the caller's to see to. */
export function checkColumns(c: BundleColumns): 'offset' | 'code' | 'value' | null {
  const { sightings: s, tags, ledger } = c;
  if (!isRising(s.offsets, s.sourceClass.length)) return 'offset';
  if (!isRising(tags.offsets, tags.tag.codes.length) || !isRising(ledger.offsets, ledger.value.length)) return 'offset';
  const required = [c.identity, c.registrable, c.host, c.sourceAlias, s.alias, tags.tag, ledger.code];
  const nullable = [c.mailboxKey, c.application, c.family, c.machine, c.machineName, c.machineOs, c.machineCountry];
  nullable.push(c.mask, c.hashType, s.family, ledger.note);
  if (!required.every((text) => codesInside(text, false)) || !nullable.every((text) => codesInside(text, true))) {
    return 'code';
  }
  const vocabularies: readonly (readonly [Uint8Array, number])[] = [
    [c.identityKind, IDENTITY_KINDS.length],
    [c.pathClass, PATH_CLASSES.length],
    [c.exposure, EXPOSURES.length],
    [c.context, CONTEXTS.length],
    [c.sourceClass, SOURCE_CLASSES.length],
    [s.sourceClass, SOURCE_CLASSES.length],
    [c.cookieState, COOKIE_STATES.length],
    [c.level, LEVELS.length],
    [c.confidence, CONFIDENCES.length],
    [c.score, 101],
    [c.flags, 8],
  ];
  if (!vocabularies.every(([codes, size]) => isBelow(codes, size, false))) return 'value';
  const orNone = (codes: Uint8Array, size: number) => isBelow(codes, size, true);
  if (!orNone(c.lengthBand, LENGTH_BANDS.length) || !orNone(c.strengthBand, STRENGTH_BANDS.length)) return 'value';
  if (!orNone(c.classes, 32)) return 'value';
  const known = [c.ingestedAtMs, c.firstSeenAtMs, c.lastSeenAtMs, s.seenAtMs];
  const maybe = [c.capturedAtMs, c.publishedAtMs, s.capturedAtMs, s.publishedAtMs];
  if (!known.every((times) => areFinite(times, false))) return 'value';
  if (!maybe.every((times) => areFinite(times, true))) return 'value';
  return areFinite(ledger.value, false) ? null : 'value';
}

/** Offsets from 0 to the heap's end, never falling. */
export function checkDictionary({ offsets, heap }: TextDictionary): boolean {
  return isRising(offsets, heap.length);
}

function isRising(offsets: Uint32Array, end: number): boolean {
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== end) return false;
  for (let i = 1; i < offsets.length; i++) {
    if ((offsets[i] as number) < (offsets[i - 1] as number)) return false;
  }
  return true;
}

function codesInside({ codes, dictionary }: TextColumn, mayBeNull: boolean): boolean {
  const entries = dictionary.offsets.length - 1;
  for (const code of codes) {
    if (code >= entries && !(mayBeNull && code === NO_TEXT)) return false;
  }
  return true;
}

function isBelow(codes: Uint8Array, size: number, mayBeNull: boolean): boolean {
  for (const code of codes) {
    if (code >= size && !(mayBeNull && code === NO_CODE)) return false;
  }
  return true;
}

function areFinite(values: Float64Array, mayBeUnknown: boolean): boolean {
  for (const value of values) {
    if (!Number.isFinite(value) && !(mayBeUnknown && Number.isNaN(value))) return false;
  }
  return true;
}
