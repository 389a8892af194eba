/**
 * Findings to the content of a `bundle` envelope, clear secrets to that of a `secrets` envelope (FORMATS, Finding bundle). What the
 * publish policy does not release is gone before a byte is written; secrets never stand in a bundle.
 */
import type { Bytes } from '../../base/bytes.ts';
import { parseBase64url } from '../../base/base64url.ts';
import { packGzip } from '../../sealed/envelope/gzip.ts';
import type { Finding, FindingId, PublishPolicy, Tlp } from '../finding/finding.ts';
import { SOURCE_CLASSES } from '../finding/finding.ts';
import { KEY_VERSION } from '../finding/fingerprint.ts';
import { MODEL_V1 } from '../risk/model-v1.ts';
import { MAX_TEXT_BYTES } from './arrow-column.ts';
import { arrowStreamPieces } from './arrow-write.ts';
import type { BundleColumns, SourceCount, WithheldCounts } from './columns.ts';
import { columnsOf } from './columns-of.ts';
import { metadataToPairs } from './metadata.ts';
import { GrowingBytes } from './growing.ts';
import { bundleFields, SCHEMA_VERSION, SECRET_FIELDS, toArrowColumns } from './schema.ts';
import { TextColumnBuilder, textAt } from './text-column.ts';

export interface PackOptions {
  readonly policy: PublishPolicy;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  readonly withheld: WithheldCounts;
  readonly keyVersion?: number;
  readonly modelVersion?: number;
}

/** Content of an envelope of media `BUNDLE_MEDIA`. */
export interface PackedContent {
  /** One gzip member. */
  readonly content: Bytes;
  /** Its exact size when inflated: the claim `inflated`. */
  readonly inflated: number;
  readonly rows: number;
  /** Released findings per source alias, as in the metadata: the claim `counts`. */
  readonly sources: readonly SourceCount[];
}

/** One clear secret on its way into a `secrets` envelope. */
export interface SecretOf {
  readonly id: FindingId;
  readonly secret: string;
}

/**
 * Packs `findings` as `options.policy` releases them. Every id must begin with the key version.
 * Cost: about 50,000 rows a second, a copy of all columns in memory.
 */
export function packBundle(findings: Iterable<Finding>, options: PackOptions): Promise<PackedContent> {
  return packColumns(columnsOf(findings, options.policy), options);
}

/**
 * Packs columns that hold only what `options.policy` releases (`columnsOf` sees to that; readers refuse the rest). The stream is
 * packed while it is written: besides the columns and the packed content there is one batch in memory.
 * Cost: about 70,000 rows a second, nearly all of it gzip.
 */
export async function packColumns(columns: BundleColumns, options: PackOptions): Promise<PackedContent> {
  const sources = countSources(columns);
  const metadata = metadataToPairs({
    schemaVersion: SCHEMA_VERSION,
    modelVersion: options.modelVersion ?? MODEL_V1.version,
    keyVersion: options.keyVersion ?? KEY_VERSION,
    policy: options.policy,
    tlp: options.tlp,
    caveat: options.caveat,
    sources,
    withheld: options.withheld,
  });
  const fields = bundleFields(SCHEMA_VERSION, options.policy);
  const pieces = () => arrowStreamPieces(fields, toArrowColumns(columns), columns.rows, metadata);
  return { ...(await packGzip(pieces)), rows: columns.rows, sources };
}

/**
 * Packs clear secrets; those of `customer` findings must have been left out (`selectSecrets`). A secret over 65,535 bytes of
 * UTF-8 is refused with a RangeError: no parser lets one through.
 */
export async function packSecrets(secrets: Iterable<SecretOf>): Promise<Omit<PackedContent, 'sources'>> {
  const ids = new GrowingBytes();
  const texts = new TextColumnBuilder(MAX_TEXT_BYTES);
  for (const { id, secret } of secrets) {
    const bytes = parseBase64url(id, 16);
    if (bytes === null) throw new TypeError('packSecrets: an id is no base64url');
    if (secret.length * 3 > MAX_TEXT_BYTES) throw new RangeError('packSecrets: secret too long');
    ids.append(bytes);
    texts.push(secret);
  }
  const rows = texts.length;
  const columns = [{ kind: 'fixed', bytes: ids.finish() } as const, { kind: 'text', ...texts.finish() } as const];
  const metadata = new Map([['sealpost.schemaVersion', String(SCHEMA_VERSION)]]);
  return { ...(await packGzip(() => arrowStreamPieces(SECRET_FIELDS, columns, rows, metadata))), rows };
}

/** How many findings show each source, by alias and class. */
function countSources(columns: BundleColumns): readonly SourceCount[] {
  const { codes } = columns.sourceAlias;
  const counts = new Map<number, number>();
  for (let row = 0; row < columns.rows; row++) {
    const key = (codes[row] as number) * 256 + (columns.sourceClass[row] as number);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const firstRows = new Map<number, number>();
  codes.forEach((code, row) => firstRows.has(code) || firstRows.set(code, row));
  return [...counts].map(([key, count]) => {
    const alias = textAt(columns.sourceAlias, firstRows.get(Math.floor(key / 256)) ?? 0) ?? '';
    return { alias, sourceClass: SOURCE_CLASSES[key % 256] ?? 'address_only', count };
  });
}
