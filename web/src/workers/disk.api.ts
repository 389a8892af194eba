/**
 * The disk worker: files of sealed segments for a vault worker that cannot open any itself, because it is shared. It has no key and
 * no network: what it writes was sealed in the vault. Each page starts one; its port goes to the vault, which uses one at a time.
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile } from '@sealpost/shared/opened/vault/segment-storage';

/** First message to the worker: the port on which it serves `DiskApi`, and the only folder that it opens. */
export interface DiskStart {
  readonly port: MessagePort;
  readonly folder: string;
}

/** `SegmentStorage`, with a writer known by its file's name. Buffers are transferred both ways. */
export interface DiskApi {
  /** Whether this browser has such files at all; a probe with a small one. */
  works(): Promise<boolean>;
  /** Sends the buffer back: how long that takes tells whether both workers live in one process. */
  echo(buffer: ArrayBuffer): Promise<ArrayBuffer>;
  create(name: string): Promise<Result<void, BackendError>>;
  /**
   * Appends arrive and are written in the order in which they were sent, also without waiting for answers. The buffer comes back if
   * `giveBack`.
   */
  append(name: string, bytes: Bytes, giveBack: boolean): Promise<Result<ArrayBuffer | null, BackendError>>;
  close(name: string): Promise<Result<void, BackendError>>;
  abort(name: string): Promise<void>;
  read(name: string, offset: number, length: number, into: ArrayBuffer | null): Promise<Bytes | null>;
  remove(names: readonly string[]): Promise<Result<void, BackendError>>;
  list(): Promise<readonly SegmentFile[]>;
  /** Closes what is open for reading. */
  release(): Promise<void>;
}
