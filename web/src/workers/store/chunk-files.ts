/**
 * Sealed segments in IndexedDB, for browsers without files of their own: each file in chunks of one size beside the vault's rows. A
 * chunk is a Blob where the browser keeps Blobs (only the range that is asked for is read), else an ArrayBuffer (read whole).
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile, SegmentStorage, SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';
import { backendError } from './backend-error.ts';
import { answer, answerOrNull, transact } from './connection.ts';
import type { Connection } from './connection.ts';

/** Part n of a file begins at n times this: a constant of what lies on disk. Fewer Blobs are faster to write, smaller buffers to read. */
const CHUNK_BYTES = { blob: 4 << 20, buffer: 1 << 20 };
/** The second index gives sizes without reading the bytes. */
const SIZES = '[name+part+size]';
const STORE = `[name+part], ${SIZES}`;
/** For `Connection.open`: a table for each form, named as the form. */
export const CHUNK_STORES = { blob: STORE, buffer: STORE };

interface Chunk {
  readonly name: string;
  readonly part: number;
  readonly size: number;
  readonly bytes: Blob | ArrayBuffer;
}

export class ChunkFiles implements SegmentStorage {
  readonly kind: 'blob' | 'buffer';
  readonly #connection: Connection;
  readonly #chunkBytes: number;

  constructor(connection: Connection, kind: 'blob' | 'buffer') {
    this.#connection = connection;
    this.kind = kind;
    this.#chunkBytes = CHUNK_BYTES[kind];
  }

  async create(name: string): Promise<Result<SegmentWriter, BackendError>> {
    if ((await this.#use('readonly', (chunks) => answer(chunks.getKey([name, 0])))) !== undefined) {
      return err({ kind: 'conflict' });
    }
    const put = (part: number, bytes: Bytes) => this.#put(name, part, bytes);
    return ok(new ChunkWriter(this.#chunkBytes, put, () => this.remove([name])));
  }

  async read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null> {
    const target = into && into.byteLength >= length ? new Uint8Array(into, 0, length) : new Uint8Array(length);
    const size = this.#chunkBytes;
    const first = Math.floor(offset / size);
    const parts = Array.from({ length: Math.ceil((offset + length) / size) - first }, (_, n) => first + n);
    const chunks = await this.#use('readonly', (chunk) =>
      Promise.all(parts.map((part) => answerOrNull<Chunk>(chunk.get([name, part])))),
    );
    for (const chunk of chunks) {
      if (chunk === null) return null;
      const start = chunk.part * size;
      const from = Math.max(offset - start, 0);
      const to = Math.min(offset + length - start, size);
      if (chunk.size < to) return null;
      const bytes = await rangeOf(chunk.bytes, from, to);
      if (bytes === null) return null;
      target.set(bytes, start + from - offset);
    }
    return target;
  }

  async remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    try {
      await this.#use('readwrite', async (chunks) => {
        for (const name of names) chunks.delete(IDBKeyRange.bound([name], [name, []]));
      });
      return ok(undefined);
    } catch (error) {
      return err(backendError(error));
    }
  }

  list(): Promise<readonly SegmentFile[]> {
    return this.#use('readonly', async (chunks) => {
      const sizes = new Map<string, number>();
      const request = chunks.index(SIZES).openKeyCursor();
      for (let cursor = await answer(request); cursor; cursor = await answer(request)) {
        const [name, , size] = cursor.key as [string, number, number];
        sizes.set(name, (sizes.get(name) ?? 0) + size);
        cursor.continue();
      }
      return [...sizes].map(([name, size]) => ({ name, size }));
    });
  }

  /** Whether a small Blob comes back as it was stored: some browsers refuse Blobs here, some lose them. */
  async keepsBlobs(): Promise<boolean> {
    const name = `probe-${crypto.randomUUID()}`;
    try {
      await this.#put(name, 0, new Uint8Array([1, 2, 3]));
      return (await this.read(name, 0, 3))?.join() === '1,2,3';
    } catch {
      return false;
    } finally {
      await this.remove([name]);
    }
  }

  /** `bytes` stay as they are until this settles: what a lost connection swallowed is put again. */
  #put(name: string, part: number, bytes: Bytes): Promise<void> {
    // A view would be stored with the whole buffer behind it.
    const alone = bytes.length === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    const chunk: Chunk = { name, part, size: bytes.length, bytes: this.kind === 'blob' ? new Blob([bytes]) : alone };
    return this.#use('readwrite', async (chunks) => {
      chunks.put(chunk);
    });
  }

  #use<T>(mode: 'readonly' | 'readwrite', work: (chunks: IDBObjectStore) => Promise<T>): Promise<T> {
    return this.#connection.use((db) => transact(db, [this.kind], mode, (tx) => work(tx.objectStore(this.kind))));
  }
}

/** Gathers what comes into chunks. One of them is on its way to the disk while the next is filled. */
class ChunkWriter implements SegmentWriter {
  readonly #put: (part: number, bytes: Bytes) => Promise<void>;
  readonly #remove: () => Promise<unknown>;
  #chunk: Bytes;
  #other: Bytes;
  #filled = 0;
  #parts = 0;
  #onTheWay: Promise<Result<void, BackendError>> = Promise.resolve(ok(undefined));

  constructor(chunkBytes: number, put: (part: number, bytes: Bytes) => Promise<void>, remove: () => Promise<unknown>) {
    this.#chunk = new Uint8Array(chunkBytes);
    this.#other = new Uint8Array(chunkBytes);
    this.#put = put;
    this.#remove = remove;
  }

  async append(bytes: Bytes): Promise<Result<ArrayBuffer | null, BackendError>> {
    for (let done = 0; done < bytes.length;) {
      const fitting = bytes.subarray(done, done + this.#chunk.length - this.#filled);
      this.#chunk.set(fitting, this.#filled);
      this.#filled += fitting.length;
      done += fitting.length;
      if (this.#filled < this.#chunk.length) break;
      const sent = await this.#send();
      if (!sent.ok) return sent;
    }
    return ok(bytes.buffer);
  }

  async close(): Promise<Result<void, BackendError>> {
    // Also an empty file has a first chunk, or nobody would know of it.
    if (this.#filled > 0 || this.#parts === 0) {
      const sent = await this.#send();
      if (!sent.ok) return sent;
    }
    return this.#onTheWay;
  }

  async abort(): Promise<void> {
    await this.#onTheWay;
    await this.#remove();
  }

  async #send(): Promise<Result<void, BackendError>> {
    const before = await this.#onTheWay;
    if (!before.ok) return before;
    const put = this.#put(this.#parts++, this.#chunk.subarray(0, this.#filled));
    [this.#chunk, this.#other] = [this.#other, this.#chunk];
    this.#filled = 0;
    this.#onTheWay = put.then(
      () => ok(undefined),
      (error: unknown) => err(backendError(error)),
    );
    return ok(undefined);
  }
}

async function rangeOf(bytes: Blob | ArrayBuffer, from: number, to: number): Promise<Bytes | null> {
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes, from, to - from);
  try {
    return new Uint8Array(await bytes.slice(from, to).arrayBuffer());
  } catch {
    // The file behind it is gone.
    return null;
  }
}
