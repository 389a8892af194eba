/**
 * The content of a `bundle` or `secrets` envelope, already inflated, to checked columns (FORMATS, Finding bundle). The signature
 * says who made it; this says that it can be read without harm and that it keeps to its own policy.
 */
import { fromUtf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { PublishPolicy } from '../finding/finding.ts';
import { IDENTITY_KINDS } from '../finding/finding.ts';
import type { ArrowColumn } from './arrow-column.ts';
import { readArrowStream } from './arrow-read.ts';
import type { BundleColumns, BundleMetadata, TextColumn } from './columns.ts';
import { NO_CODE, NO_TEXT } from './columns.ts';
import { SECRET_TAGS } from './columns-of.ts';
import { fixedOf, fromArrowColumns, textOf } from './from-arrow.ts';
import { metadataFromPairs } from './metadata.ts';
import { BUNDLE_FIELDS, SECRET_FIELDS } from './schema.ts';
import { textAt } from './text-column.ts';

/** `code` names the rule; it never holds content. */
export type BundleError =
  | { readonly kind: 'malformed'; readonly code: string }
  /** The columns show what the bundle's policy does not release. */
  | { readonly kind: 'policy-broken'; readonly code: string };

export interface UnpackedBundle {
  readonly columns: BundleColumns;
  readonly metadata: BundleMetadata;
}

/** Clear secrets by row: `id` 16 bytes each. */
export interface SecretColumns {
  readonly rows: number;
  readonly id: Bytes;
  readonly secret: TextColumn;
}

/** Reads an Arrow stream. Never throws on any bytes; work and memory are bounded by their number. */
export function unpackBundle(bytes: Uint8Array): Result<UnpackedBundle, BundleError> {
  const table = readArrowStream(bytes, BUNDLE_FIELDS);
  if (!table.ok) return table;
  const metadata = metadataFromPairs(table.value.metadata);
  if (metadata === null) return err({ kind: 'malformed', code: 'metadata' });
  const { rows, columns: arrow } = table.value;
  const fingerprints = metadata.policy === 'fingerprint' || metadata.policy === 'sealed';
  if (!fingerprints && !areNull(arrow)) return err({ kind: 'policy-broken', code: 'fingerprint' });
  const columns = fromArrowColumns(rows, arrow, fingerprints);
  const broken = brokenPolicy(columns, metadata.policy);
  if (broken !== null) return err({ kind: 'policy-broken', code: broken });
  const wrong = wrongValue(columns, metadata.keyVersion);
  return wrong === null ? ok({ columns, metadata }) : err({ kind: 'malformed', code: wrong });
}

/** Reads the content of a `secrets` envelope. Never throws on any bytes. */
export function unpackSecrets(bytes: Uint8Array): Result<SecretColumns, BundleError> {
  const table = readArrowStream(bytes, SECRET_FIELDS);
  if (!table.ok) return table;
  const [id, secret] = table.value.columns;
  if (table.value.metadata.get('sealpost.schemaVersion') !== '1' || id === undefined || secret === undefined)
    return err({ kind: 'malformed', code: 'metadata' });
  return ok({ rows: table.value.rows, id: fixedOf(id), secret: textOf(secret) });
}

/** The clear secret of one finding, `null` if there is none. `id`: 16 bytes. */
export function secretOf(secrets: SecretColumns, id: Uint8Array): string | null {
  for (let row = 0; row < secrets.rows; row++) {
    let at = 0;
    while (at < 16 && secrets.id[row * 16 + at] === id[at]) at++;
    if (at === 16) return textAt(secrets.secret, row);
  }
  return null;
}

/** DOMAIN rule 2: what must be null is null. */
function brokenPolicy(columns: BundleColumns, policy: PublishPolicy): string | null {
  if (policy === 'none') {
    if (columns.mask.codes.some((code) => code !== NO_TEXT)) return 'mask';
    if (columns.lengthBand.some((code) => code !== NO_CODE)) return 'length_band';
    if (columns.classes.some((code) => code !== NO_CODE)) return 'classes';
    if (columns.strengthBand.some((code) => code !== NO_CODE)) return 'strength_band';
    if (columns.hashType.codes.some((code) => code !== NO_TEXT)) return 'hash_type';
    if (hasEntry(columns.tags.tag, (text) => SECRET_TAGS.has(text))) return 'tags';
  }
  if (hasEntry(columns.mask, (mask) => !isMask(mask))) return 'mask';
  const national = IDENTITY_KINDS.indexOf('national_id');
  for (let row = 0; row < columns.rows; row++) {
    if (columns.identityKind[row] === national && !isMask(textAt(columns.identity, row) ?? '')) return 'national_id';
  }
  return null;
}

/** Ranges that the schema cannot say. */
function wrongValue(columns: BundleColumns, keyVersion: number): string | null {
  const { sightings } = columns;
  for (let row = 0; row < columns.rows; row++) {
    if (columns.id[row * 16] !== keyVersion) return 'key version';
    if ((columns.score[row] as number) > 100) return 'score';
    if (sightings.offsets[row] === sightings.offsets[row + 1]) return 'no sighting';
  }
  return columns.classes.every((classes) => classes < 32 || classes === NO_CODE) ? null : 'classes';
}

/** Six stars with at most two user-perceived characters on either side: a clear secret in the mask column is not one. */
function isMask(text: string): boolean {
  const stars = text.indexOf('******');
  return stars >= 0 && graphemes(text.slice(0, stars)) <= 2 && graphemes(text.slice(stars + 6)) <= 2;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function graphemes(text: string): number {
  return text.length <= 2 ? text.length : [...segmenter.segment(text)].length;
}

function hasEntry({ dictionary }: TextColumn, isHit: (text: string) => boolean): boolean {
  for (let code = 0; code + 1 < dictionary.offsets.length; code++) {
    const text = fromUtf8(dictionary.heap.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]));
    if (text === null || isHit(text)) return true;
  }
  return false;
}

function areNull(arrow: readonly ArrowColumn[]): boolean {
  return ['pair_fp', 'secret_fp'].every((name) => {
    const column = arrow[BUNDLE_FIELDS.findIndex((field) => field.name === name)];
    return column !== undefined && fixedOf(column).every((byte) => byte === 0);
  });
}
