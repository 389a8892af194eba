/**
 * Sealed files beside the rows: blocks of up to some hundred kilobytes, each AES-256-GCM under the key of table `segments`, one
 * behind the other: IV[12] | ciphertext | tag[16]. What a file must be stands in a sealed row (`SealedFile`), so that a block that
 * is gone, changed, swapped or of another file is noticed and named.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { BackendError } from './backend-error.ts';
import type { SegmentFile } from './segment-storage.ts';
import type { StorageDamaged } from './storage-damaged.ts';

/** A file as its row names it. */
export interface SealedFile {
  /** base64url of 16 random bytes; a name is never used twice. */
  readonly name: string;
  /** Of the key of `segments` that all its blocks are sealed with. */
  readonly generation: number;
  /** Bytes at rest and GCM tag (base64url) of each block. */
  readonly blocks: readonly (readonly [length: number, tag: string])[];
}

/** Blocks `from`..`to` of a file. */
export interface BlockRange {
  readonly file: SealedFile;
  readonly from: number;
  readonly to: number;
}

export interface OpenedBlock {
  readonly file: SealedFile;
  readonly block: number;
  /** A buffer of its own that whoever takes it may free (`freeBuffer`). */
  readonly plain: Result<Bytes, StorageDamaged>;
}

/** A file being written. */
export interface SealedFileWriter {
  /**
   * Seals `plain` as the next block. Sealing goes on after the promise settles: `plain` must stay as it is until the next `append` or
   * `close` has settled, so that one block is sealed while the next is made. A failure of an earlier block may show here or at `close`.
   */
  append(plain: Bytes): Promise<Result<void, BackendError>>;
  /** Durable when ok; the file is the vault's once a row names it. */
  close(): Promise<Result<SealedFile, BackendError>>;
  /** Removes it. */
  abort(): Promise<void>;
}

export interface SealedFiles {
  create(): Promise<Result<SealedFileWriter, BackendError>>;
  /** Opens blocks in the order of `ranges`, reading and decrypting ahead of whoever takes them. */
  open(ranges: Iterable<BlockRange>): AsyncGenerator<OpenedBlock, void, undefined>;
  /** One block alone. */
  openOne(file: SealedFile, block: number): Promise<Result<Bytes, StorageDamaged>>;
  list(): Promise<readonly SegmentFile[]>;
  remove(names: readonly string[]): Promise<Result<void, BackendError>>;
}

/** Bytes at rest. */
export function sizeOf(file: SealedFile): number {
  return file.blocks.reduce((sum, [length]) => sum + length, 0);
}
