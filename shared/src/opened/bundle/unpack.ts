/**
 * The content of a `bundle` or `secrets` envelope, already inflated, to checked columns (FORMATS, Finding bundle). The signature
 * says who made it; this says that it can be read without harm and that it keeps to its own policy.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { ArrowColumn } from './arrow-column.ts';
import type { ArrowBatch } from './arrow-read.ts';
import { ArrowReader } from './arrow-read.ts';
import type { BatchSink } from './bundle-reader.ts';
import { BundleReader, BundleRefused } from './bundle-reader.ts';
import type { BundleError } from './check-columns.ts';
import type { BundleColumns, BundleMetadata, TextColumn } from './columns.ts';
import { MalformedBuffer } from './flatbuffer.ts';
import { fixedOf, textOf } from './from-arrow.ts';
import { joinBytes, joinColumns, joinTexts } from './join-columns.ts';
import { SCHEMA_VERSIONS, SECRET_FIELDS } from './schema.ts';
import { textAt } from './text-column.ts';

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

/** Reads an Arrow stream whole. Never throws on any bytes; work and memory are bounded by their number. */
export function unpackBundle(bytes: Uint8Array): Result<UnpackedBundle, BundleError> {
  const batches: BundleColumns[] = [];
  let metadata: BundleMetadata | null = null;
  const sink: BatchSink = {
    begin: (found) => void (metadata = found),
    identities: () => undefined,
    batch: (columns) => void batches.push(columns),
    takeBuffer: (size) => new ArrayBuffer(size),
  };
  const reader = new BundleReader(sink, bytes.length);
  try {
    void reader.write(bytes);
    reader.end();
  } catch (error) {
    if (error instanceof BundleRefused) return err(error.reason);
    throw error;
  }
  if (metadata === null) return err({ kind: 'malformed', code: 'metadata' });
  return ok({ columns: joinColumns(batches, metadata), metadata });
}

/** Reads the content of a `secrets` envelope. Never throws on any bytes. */
export function unpackSecrets(bytes: Uint8Array): Result<SecretColumns, BundleError> {
  const batches: ArrowBatch[] = [];
  let version: string | undefined;
  const reader = new ArrowReader({
    fieldsOf: (metadata) => {
      version = metadata.get('sealpost.schemaVersion');
      return SECRET_FIELDS;
    },
    maxBytes: bytes.length,
    onSchema: () => undefined,
    onBatch: (batch) => void batches.push(batch),
    takeBuffer: (size) => new ArrayBuffer(size),
  });
  try {
    void reader.write(bytes);
    reader.end();
  } catch (error) {
    if (error instanceof MalformedBuffer) return err({ kind: 'malformed', code: error.message });
    throw error;
  }
  if (!SCHEMA_VERSIONS.some((known) => String(known) === version)) return err({ kind: 'malformed', code: 'metadata' });
  return ok(joinSecrets(batches));
}

function joinSecrets(batches: readonly ArrowBatch[]): SecretColumns {
  const ids = batches.map(({ columns: [id] }) => fixedOf(id as ArrowColumn));
  const secrets = batches.map(({ columns: [, secret] }) => textOf(secret as ArrowColumn));
  return { rows: batches.reduce((sum, { rows }) => sum + rows, 0), id: joinBytes(ids), secret: joinTexts(secrets) };
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
