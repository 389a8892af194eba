/**
 * Where this browser keeps a vault's segments. New files go to the first of these that works here, in the order of what reading
 * costs, which every unlock does (`npm run -s bench -- storage`, 80 MB):
 *   opfs    files of the origin's private file system, through sync access handles    write 0.2 s, read 0.04 s
 *   blob    chunks as Blobs in IndexedDB                                              write 2.2 s, read 0.9 s
 *   buffer  chunks as ArrayBuffers in IndexedDB                                       write 1.9 s, read 1.1 s
 * A browser may learn or unlearn one of them, so files are read from wherever they lie.
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile, SegmentStorage, SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';
import { ChunkFiles } from './chunk-files.ts';
import type { Connection } from './connection.ts';

/** Files through sync access handles: own ones, or those of a disk worker. */
export interface FileDisk extends SegmentStorage {
  readonly kind: 'opfs';
  /** Whether there are such files here. Throws where that cannot be asked at the moment. */
  works(): Promise<boolean>;
  /** Closes what is open for reading. */
  release(): Promise<void> | void;
}

export class SegmentPlaces implements SegmentStorage {
  readonly #disk: FileDisk | null;
  readonly #blobs: ChunkFiles;
  readonly #buffers: ChunkFiles;
  #diskWorks: Promise<boolean> | null = null;
  #blobsWork: Promise<boolean> | null = null;
  #kind: 'opfs' | 'blob' | 'buffer' = 'opfs';

  /** `disk`: `null` where the worker can have none. Its probe begins at once, beside the passphrase's work. */
  constructor(disk: FileDisk | null, connection: Connection) {
    this.#disk = disk;
    this.#blobs = new ChunkFiles(connection, 'blob');
    this.#buffers = new ChunkFiles(connection, 'buffer');
    // A failure is told by the call that needs it.
    void this.#places().catch(() => undefined);
  }

  /** What was chosen last; for telling, after `choose`. */
  get kind(): 'opfs' | 'blob' | 'buffer' {
    return this.#kind;
  }

  /** Decides where new files go. A disk that cannot be asked is passed over this once. */
  async choose(): Promise<FileDisk | ChunkFiles> {
    const [first = this.#buffers] = await this.#places().catch(() => [this.#blobs]);
    let chosen = first;
    if (first === this.#blobs) {
      this.#blobsWork ??= this.#blobs.keepsBlobs();
      chosen = (await this.#blobsWork) ? this.#blobs : this.#buffers;
    }
    this.#kind = chosen.kind;
    return chosen;
  }

  async create(name: string): Promise<Result<SegmentWriter, BackendError>> {
    return (await this.choose()).create(name);
  }

  async read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null> {
    let given = into;
    for (const place of await this.#places()) {
      const bytes = await place.read(name, offset, length, given);
      if (bytes !== null) return bytes;
      // It may have gone to another worker.
      given = undefined;
    }
    return null;
  }

  async remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    try {
      for (const place of await this.#places()) {
        const removed = await place.remove(names);
        if (!removed.ok) return removed;
      }
      return ok(undefined);
    } catch {
      return err({ kind: 'storage-failed' });
    }
  }

  async list(): Promise<readonly SegmentFile[]> {
    const places = await this.#places();
    return (await Promise.all(places.map((place) => place.list()))).flat();
  }

  /** Where files may lie, the best place first. Throws where the disk cannot be asked; then the next call asks again. */
  async #places(): Promise<readonly (FileDisk | ChunkFiles)[]> {
    const chunks = [this.#blobs, this.#buffers];
    if (this.#disk === null) return chunks;
    this.#diskWorks ??= this.#disk.works();
    try {
      return (await this.#diskWorks) ? [this.#disk, ...chunks] : chunks;
    } catch (error) {
      this.#diskWorks = null;
      throw error;
    }
  }
}
