/**
 * What a bundle's columns must keep besides the form that the Arrow reader checks: its own publish policy (DOMAIN rule 2), and ranges
 * that a schema cannot say. Dictionaries are looked at once, rows batch by batch.
 */
import { fromUtf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { PublishPolicy } from '../finding/finding.ts';
import { IDENTITY_KINDS } from '../finding/finding.ts';
import type { BundleColumns, BundleMetadata, TextColumn, TextDictionary } from './columns.ts';
import { NO_CODE, NO_TEXT } from './columns.ts';
import { SECRET_TAGS } from './columns-of.ts';

/** `code` names the rule; it never holds content. */
export type BundleError =
  | { readonly kind: 'malformed'; readonly code: string }
  /** The columns show what the bundle's policy does not release. */
  | { readonly kind: 'policy-broken'; readonly code: string };

const NATIONAL_ID = IDENTITY_KINDS.indexOf('national_id');
const CLASS_BITS = 32;
const STARS = 6;
const STAR = 0x2a;

/** Checks the batches of one bundle, in order. */
export class ColumnChecks {
  readonly #policy: PublishPolicy;
  readonly #keyVersion: number;
  /** By entry of the identity dictionary: 1 for a mask. */
  #masks: Bytes | null = null;
  #isFirst = true;

  constructor({ policy, keyVersion }: BundleMetadata) {
    this.#policy = policy;
    this.#keyVersion = keyVersion;
  }

  /** Looks at the identities; if it is not called, they are looked at with the first batch. */
  identities(dictionary: TextDictionary): void {
    this.#masks = masksOf(dictionary);
  }

  /** The first rule that a batch breaks, `null` if it keeps all. */
  check(columns: BundleColumns): BundleError | null {
    const broken = this.#brokenPolicy(columns);
    if (broken !== null) return { kind: 'policy-broken', code: broken };
    const wrong = wrongValue(columns, this.#keyVersion);
    return wrong === null ? null : { kind: 'malformed', code: wrong };
  }

  #brokenPolicy(columns: BundleColumns): string | null {
    // Dictionaries are looked at with the first batch only: they may be somewhere else by the next.
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#masks ??= masksOf(columns.identity.dictionary);
    if (this.#policy === 'none') {
      const shown = shownUnderNone(columns);
      if (shown !== null) return shown;
      if (isFirst && hasEntry(columns.tags.tag, (bytes) => SECRET_TAGS.has(fromUtf8(bytes) ?? ''))) return 'tags';
    }
    if (isFirst && hasEntry(columns.mask, (bytes) => !isMask(bytes))) return 'mask';
    return showsNationalId(columns, this.#masks) ? 'national_id' : null;
  }
}

/** Fingerprints of a bundle whose policy shows none: 16 bytes a row from a place that is a multiple of 4, all null. */
export function areZero({ buffer, byteOffset, length }: Bytes): boolean {
  const words = new Uint32Array(buffer, byteOffset, length / 4);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  return true;
}

/** Which entries are masks; only those with a star are looked at. */
function masksOf(dictionary: TextDictionary): Bytes {
  const { offsets, heap } = dictionary;
  const masks = new Uint8Array(offsets.length - 1);
  let entry = 0;
  for (let star = heap.indexOf(STAR); star >= 0; star = heap.indexOf(STAR, offsets[entry + 1])) {
    while ((offsets[entry + 1] as number) <= star) entry++;
    if (isMask(entryOf(dictionary, entry))) masks[entry] = 1;
  }
  return masks;
}

function showsNationalId({ rows, identityKind, identity: { codes } }: BundleColumns, masks: Bytes): boolean {
  for (let row = 0; row < rows; row++)
    if (identityKind[row] === NATIONAL_ID && masks[codes[row] as number] !== 1) return true;
  return false;
}

function shownUnderNone({ mask, lengthBand, classes, strengthBand, hashType }: BundleColumns): string | null {
  if (mask.codes.some((code) => code !== NO_TEXT)) return 'mask';
  if (lengthBand.some((code) => code !== NO_CODE)) return 'length_band';
  if (classes.some((code) => code !== NO_CODE)) return 'classes';
  if (strengthBand.some((code) => code !== NO_CODE)) return 'strength_band';
  return hashType.codes.some((code) => code !== NO_TEXT) ? 'hash_type' : null;
}

function wrongValue({ rows, id, score, classes, sightings: { offsets } }: BundleColumns, key: number): string | null {
  for (let row = 0; row < rows; row++) {
    if (id[row * 16] !== key) return 'key version';
    if ((score[row] as number) > 100) return 'score';
    if (offsets[row] === offsets[row + 1]) return 'no sighting';
    const bits = classes[row] as number;
    if (bits >= CLASS_BITS && bits !== NO_CODE) return 'classes';
  }
  return null;
}

/** Six stars with at most two user-perceived characters on either side: a clear secret in the mask column is not one. */
function isMask(bytes: Uint8Array): boolean {
  let stars = 0;
  for (let at = 0; at < bytes.length && stars < STARS; at++) {
    stars = bytes[at] === STAR ? stars + 1 : 0;
    // Nearly all: no decoding where so few bytes can be no more characters.
    if (stars === STARS && at - STARS < 2 && bytes.length - at <= 3) return true;
  }
  if (stars < STARS) return false;
  const text = fromUtf8(bytes) ?? '';
  const start = text.indexOf('*'.repeat(STARS));
  return graphemes(text.slice(0, start)) <= 2 && graphemes(text.slice(start + STARS)) <= 2;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function graphemes(text: string): number {
  return text.length <= 2 ? text.length : [...segmenter.segment(text)].length;
}

function entryOf({ offsets, heap }: TextDictionary, code: number): Uint8Array {
  return heap.subarray(offsets[code], offsets[code + 1]);
}

function hasEntry({ dictionary }: TextColumn, isHit: (bytes: Uint8Array) => boolean): boolean {
  for (let code = 0; code + 1 < dictionary.offsets.length; code++) if (isHit(entryOf(dictionary, code))) return true;
  return false;
}
