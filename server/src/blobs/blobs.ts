/**
 * Where sealed files lie: immutable, named by the SHA-256 of their bytes. On disk (`disk.ts`) or in S3 (`s3.ts`).
 * Knows nothing of who may read what: that is decided before it is called.
 */
import type { Result } from '@sealpost/shared/base/result';
import type { RawBody } from '../raw-body.ts';

/** A sealed file of a deployment. Both are canonical base64url of 32 bytes, checked by the caller: they become file names. */
export interface BlobKey {
  readonly deployment: string;
  readonly sha256: string;
}

type PartError = { readonly kind: 'no-space' } | { readonly kind: 'missing' };
type FinishError = { readonly kind: 'wrong-hash' } | { readonly kind: 'missing' };

/** The storage did not do what it must, also after several attempts: nothing was acknowledged, and the caller may try again later. */
export class BlobsAway extends Error {}

export interface BlobStore {
  /** Writes `bytes` at `offset` of an unfinished upload, cutting off whatever lay behind. Durable when it resolves. */
  writePart(key: BlobKey, offset: number, bytes: Uint8Array): Promise<Result<void, PartError>>;
  /** Hashes the whole upload of `size` bytes and gives it its name. Durable when it resolves; wrong bytes are deleted. */
  finish(key: BlobKey, size: number): Promise<Result<void, FinishError>>;
  /** Deletes an unfinished upload. */
  abandon(key: BlobKey): Promise<void>;
  /** Bytes `start` to `end` (exclusive) of a file of `size` bytes, read as they are asked for; `null` if there is no such file. */
  read(key: BlobKey, size: number, start: number, end: number): Promise<ReadableStream<Uint8Array> | null>;
  /** As `read`, for an answer over a socket; only where it costs less than a stream. */
  send?(key: BlobKey, start: number, end: number): Promise<RawBody | null>;
  /** When a finished file was stored, by the storage's clock; `null` if it is not there. */
  storedAtMs(key: BlobKey): Promise<number | null>;
  remove(key: BlobKey): Promise<void>;
  /** Deletes everything of a deployment. */
  removeAll(deployment: string): Promise<void>;
  /** Finished files and the sizes of unfinished ones, for the sweep. */
  list(deployment: string): Promise<{ readonly files: readonly string[]; readonly parts: ReadonlyMap<string, number> }>;
  /** Folders (deployments) there are. */
  deployments(): Promise<readonly string[]>;
  /** Bytes that can still be written. */
  freeBytes(): Promise<number>;
}
