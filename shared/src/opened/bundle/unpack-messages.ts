/**
 * What passes between whoever opens a bundle and the worker that reads it for them, on a port of their own for each file. The reader
 * gets the key of that one file; buffers go there and back and are used again.
 */
import type { AgeOpening } from '../../sealed/crypto/age-payload.ts';
import type { ReadError } from '../../sealed/envelope/open-error.ts';
import type { ContentClaims } from '../../sealed/envelope/read-envelope.ts';
import type { Result } from '../../base/result.ts';
import type { BundleError } from './check-columns.ts';
import type { BundleColumns, BundleMetadata, TextDictionary } from './columns.ts';
import type { SharedColumns } from './shared-columns.ts';

/** Pieces of the file on their way at once, and bytes of each. */
export const PIECES_AHEAD = 4;
export const PIECE_BYTES = 256 * 1024;
/** Batches that exist at once: one being taken, others read meanwhile, of which the first waits longest. */
export const BATCHES_AHEAD = 4;

export type ToReader =
  /** The file is compared with what was listed where its pieces come from. */
  | { readonly kind: 'open'; readonly opening: AgeOpening }
  /** The first `size` bytes of `buffer`, which comes back as `spent`. */
  | { readonly kind: 'piece'; readonly buffer: ArrayBuffer; readonly size: number }
  | { readonly kind: 'end' }
  /** The source of the file broke off. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'content'; readonly claims: ContentClaims }
  /** The buffer of a batch that was taken. */
  | { readonly kind: 'taken'; readonly buffer: ArrayBuffer }
  /** Nothing more is wanted. */
  | { readonly kind: 'stop' };

export type FromReader =
  | { readonly kind: 'spent'; readonly buffer: ArrayBuffer }
  | { readonly kind: 'statement'; readonly answer: Result<string, ReadError> }
  | { readonly kind: 'metadata'; readonly metadata: BundleMetadata }
  | { readonly kind: 'identities'; readonly dictionary: TextDictionary }
  /** `columns` lie in `buffer`; what else they share comes with the first batch. */
  | {
      readonly kind: 'batch';
      readonly columns: BundleColumns;
      readonly buffer: ArrayBuffer;
      readonly shared: SharedColumns | null;
    }
  | { readonly kind: 'done'; readonly wrong: ReadError | null }
  | { readonly kind: 'refused'; readonly reason: BundleError }
  /** A bug, or no memory: the code has no content in it. */
  | { readonly kind: 'failed'; readonly code: string };
