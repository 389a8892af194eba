/**
 * Where sealed segments lie: large opaque files, written once, read in ranges. In the browser the origin's private file system
 * through a disk worker where there is one, else IndexedDB; SQLite for the CLI; a map in tests. A storage sees ciphertext and
 * random names.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { BackendError } from './backend-error.ts';

export interface SegmentFile {
  readonly name: string;
  readonly size: number;
}

/** A file being written. Until `close` answers ok it may vanish with the process; what is half written is swept by the vault. */
export interface SegmentWriter {
  /** Appends; takes the buffer and hands one back to use again (the same or another of that size), or `null`. One call at a time. */
  append(bytes: Bytes): Promise<Result<ArrayBuffer | null, BackendError>>;
  /** Durable when it answers ok. */
  close(): Promise<Result<void, BackendError>>;
  /** Removes the file. */
  abort(): Promise<void>;
}

export interface SegmentStorage {
  readonly kind: 'opfs' | 'blob' | 'buffer' | 'sqlite' | 'memory';
  create(name: string): Promise<Result<SegmentWriter, BackendError>>;
  /** `length` bytes from `offset`, `null` where the file is missing or shorter. `into` may be used for the answer. */
  read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null>;
  remove(names: readonly string[]): Promise<Result<void, BackendError>>;
  list(): Promise<readonly SegmentFile[]>;
}
