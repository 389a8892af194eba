/**
 * A bundle's inflated content, chunk by chunk, into a sink: Arrow form, own policy and ranges are checked before the sink sees a row.
 * The signature says who made it; this says that it can be read without harm and that it keeps to its own policy.
 */
import type { ArrowBatch } from './arrow-read.ts';
import { ArrowReader } from './arrow-read.ts';
import type { ArrowColumn, FieldSpec } from './arrow-column.ts';
import type { BundleError } from './check-columns.ts';
import { areZero, ColumnChecks } from './check-columns.ts';
import type { BundleColumns, BundleMetadata, TextDictionary } from './columns.ts';
import { MalformedBuffer } from './flatbuffer.ts';
import { fixedOf, fromArrowColumns } from './from-arrow.ts';
import { metadataFromPairs } from './metadata.ts';
import { bundleFields } from './schema.ts';

/** The content is refused; thrown through whatever reads the envelope, since a stage has no other way to stop it. */
export class BundleRefused extends Error {
  readonly reason: BundleError;

  constructor(reason: BundleError) {
    super(`${reason.kind}: ${reason.code}`);
    this.reason = reason;
  }
}

/** Where the reader's batches go; `buffer` holds all arrays but the dictionaries'. */
export interface BatchSink {
  begin(metadata: BundleMetadata): Promise<void> | void;
  /** As that of `BundleSink`; may take the arrays away. */
  identities(dictionary: TextDictionary): Promise<void> | void;
  batch(columns: BundleColumns, buffer: ArrayBuffer): Promise<void> | void;
  /** A buffer of at least `size` bytes for the next batch. */
  takeBuffer(size: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** FORMATS, Envelope: the most that content unpacks to. */
const MAX_CONTENT_BYTES = 2 ** 31;

/** Takes the content of one bundle. Throws BundleRefused, and what the sink throws. */
export class BundleReader {
  readonly #sink: BatchSink;
  readonly #arrow: ArrowReader;
  #checks: ColumnChecks | null = null;
  #metadata: BundleMetadata | null = null;
  #fields: readonly FieldSpec[] = [];

  constructor(sink: BatchSink, maxBytes = MAX_CONTENT_BYTES) {
    this.#sink = sink;
    this.#arrow = new ArrowReader({
      fieldsOf: (pairs) => this.#begin(pairs),
      maxBytes,
      onSchema: () => this.#announce(),
      onTexts: (name, dictionary) => (name === 'identity' ? this.#identities(dictionary) : undefined),
      onBatch: (batch) => this.#batch(batch),
      takeBuffer: (size) => sink.takeBuffer(size),
    });
  }

  get rows(): number {
    return this.#arrow.rows;
  }

  /** Settles, or returns, once the sink has taken what the chunk completed; the chunk is not kept. */
  write(chunk: Uint8Array): Promise<void> | void {
    try {
      return this.#arrow.write(chunk)?.catch((error: unknown) => {
        throw refusalOf(error);
      });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Call once after the last chunk: content that is cut off is refused here. */
  end(): void {
    try {
      this.#arrow.end();
    } catch (error) {
      throw refusalOf(error);
    }
  }

  #begin(pairs: ReadonlyMap<string, string>): readonly FieldSpec[] {
    const metadata = metadataFromPairs(pairs);
    if (metadata === null) throw new MalformedBuffer('metadata');
    this.#metadata = metadata;
    this.#checks = new ColumnChecks(metadata);
    this.#fields = bundleFields(metadata.schemaVersion, metadata.policy);
    return this.#fields;
  }

  #announce(): Promise<void> | void {
    if (this.#metadata !== null) return this.#sink.begin(this.#metadata);
  }

  #identities(dictionary: TextDictionary): Promise<void> | void {
    this.#checks?.identities(dictionary);
    return this.#sink.identities(dictionary);
  }

  #batch({ rows, columns: arrow, buffer }: ArrowBatch): Promise<void> | void {
    const policy = this.#metadata?.policy;
    const showsFingerprints = policy === 'fingerprint' || policy === 'sealed';
    if (!showsFingerprints && this.#fields.some((spec, at) => isFingerprint(spec) && !areAbsent(arrow[at]))) {
      throw new BundleRefused({ kind: 'policy-broken', code: 'fingerprint' });
    }
    const columns = fromArrowColumns(this.#fields, rows, arrow, showsFingerprints);
    const wrong = this.#checks?.check(columns) ?? null;
    if (wrong !== null) throw new BundleRefused(wrong);
    return this.#sink.batch(columns, buffer);
  }
}

function isFingerprint({ name }: FieldSpec): boolean {
  return name === 'pair_fp' || name === 'secret_fp';
}

function areAbsent(column: ArrowColumn | undefined): boolean {
  return column !== undefined && areZero(fixedOf(column));
}

function refusalOf(error: unknown): unknown {
  return error instanceof MalformedBuffer ? new BundleRefused({ kind: 'malformed', code: error.message }) : error;
}
