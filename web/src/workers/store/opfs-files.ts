/**
 * Sealed segments as files of the origin's private file system, through sync access handles: the fastest storage a browser has, and
 * to be had in dedicated workers only. One folder for each vault. A file is locked while it is open, so nothing stays open for long.
 */
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import type { SegmentFile, SegmentStorage, SegmentWriter } from '@sealpost/shared/opened/vault/segment-storage';
import { backendError, hasName } from './backend-error.ts';

/** A file that is read again and again stays open between two reads; opening costs 3 ms. */
const KEEP_OPEN_MS = 1_000;
/** A worker that died lets go of its files within moments. */
const LOCKED_FOR_MS = 3_000;
const ASK_AGAIN_MS = 25;

/** The part of `FileSystemSyncAccessHandle` that is used; TypeScript knows the whole in its worker types only. */
interface SyncFile {
  read(into: Bytes, options: { readonly at: number }): number;
  write(bytes: Bytes, options: { readonly at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

/** Chromium shares a file between readers when told so; others ignore the mode and lock. */
interface Openable {
  createSyncAccessHandle(options?: { readonly mode: 'read-only' }): Promise<SyncFile>;
}

interface OpenFile {
  readonly access: Promise<SyncFile>;
  timer: ReturnType<typeof setTimeout> | null;
}

/** The files of one folder. Every path that leaves a file open ends it: a reader by the clock, a writer by `close` or `abort`. */
export class OpfsFiles implements SegmentStorage {
  readonly kind = 'opfs';
  readonly #folder: string;
  readonly #readers = new Map<string, OpenFile>();
  readonly #writers = new Map<string, OpfsWriter>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `null` in a worker, or a browser, that has no sync access handles. */
  static here(folder: string): OpfsFiles | null {
    const isHere = 'FileSystemFileHandle' in globalThis && 'createSyncAccessHandle' in FileSystemFileHandle.prototype;
    return isHere ? new OpfsFiles(folder) : null;
  }

  /** Whether files can be made, written, read and removed here: done once with a small one. */
  async works(): Promise<boolean> {
    try {
      const sent = new Uint8Array([1, 2, 3]);
      const name = `probe-${crypto.randomUUID()}`;
      const writer = await this.create(name);
      if (!writer.ok) return false;
      await writer.value.append(sent.slice());
      const closed = await writer.value.close();
      const read = await this.read(name, 0, sent.length);
      const removed = await this.remove([name]);
      return closed.ok && removed.ok && read !== null && read.every((byte, at) => byte === sent[at]);
    } catch {
      return false;
    }
  }

  async create(name: string): Promise<Result<SegmentWriter, BackendError>> {
    try {
      this.#release(name);
      const file = await (await this.#open(true)).getFileHandle(name, { create: true });
      const access = await openWhenUnlocked(file);
      if (access.getSize() > 0) {
        access.close();
        return err({ kind: 'conflict' });
      }
      const writer = new OpfsWriter(
        access,
        () => this.#writers.delete(name),
        () => this.#removeEntry(name),
      );
      this.#writers.set(name, writer);
      return ok(writer);
    } catch (error) {
      return err(backendError(error));
    }
  }

  async read(name: string, offset: number, length: number, into?: ArrayBuffer): Promise<Bytes | null> {
    const target = into && into.byteLength >= length ? new Uint8Array(into, 0, length) : new Uint8Array(length);
    const access = this.#writers.get(name)?.access ?? (await this.#reader(name));
    if (access === null) return null;
    try {
      return access.read(target, { at: offset }) === length ? target : null;
    } catch (error) {
      this.#release(name);
      throw error;
    }
  }

  async remove(names: readonly string[]): Promise<Result<void, BackendError>> {
    try {
      for (const name of names) {
        const writer = this.#writers.get(name);
        if (writer) await writer.abort();
        else await this.#removeEntry(name);
      }
      return ok(undefined);
    } catch (error) {
      return err(backendError(error));
    }
  }

  async list(): Promise<readonly SegmentFile[]> {
    const files: SegmentFile[] = [];
    try {
      for await (const entry of (await this.#open(false)).values()) {
        if (entry.kind !== 'file') continue;
        const size = this.#writers.get(entry.name)?.access.getSize() ?? (await sizeOf(entry as FileSystemFileHandle));
        if (size !== null) files.push({ name: entry.name, size });
      }
    } catch (error) {
      if (!hasName(error, 'NotFoundError')) throw error;
    }
    return files;
  }

  /** Lets go of every file that is open for reading, so that somebody else may remove them. */
  release(): void {
    for (const name of [...this.#readers.keys()]) this.#release(name);
  }

  /** Asked for each time: a handle of a folder that was removed meanwhile is good for nothing. */
  async #open(create: boolean): Promise<FileSystemDirectoryHandle> {
    return (await navigator.storage.getDirectory()).getDirectoryHandle(this.#folder, { create });
  }

  /** `null` where there is no such file. */
  async #reader(name: string): Promise<SyncFile | null> {
    const known = this.#readers.get(name);
    const reader = known ?? { access: this.#openForReading(name), timer: null };
    this.#readers.set(name, reader);
    try {
      const access = await reader.access;
      if (reader.timer !== null) clearTimeout(reader.timer);
      reader.timer = setTimeout(() => this.#release(name), KEEP_OPEN_MS);
      return access;
    } catch (error) {
      if (this.#readers.get(name) === reader) this.#readers.delete(name);
      if (hasName(error, 'NotFoundError')) return null;
      throw error;
    }
  }

  async #openForReading(name: string): Promise<SyncFile> {
    const file = await (await this.#open(false)).getFileHandle(name);
    return openWhenUnlocked(file, { mode: 'read-only' });
  }

  #release(name: string): void {
    const reader = this.#readers.get(name);
    if (!reader) return;
    this.#readers.delete(name);
    if (reader.timer !== null) clearTimeout(reader.timer);
    void reader.access.then(
      (access) => access.close(),
      () => undefined,
    );
  }

  async #removeEntry(name: string): Promise<void> {
    this.#release(name);
    try {
      const folder = await this.#open(false);
      await whenUnlocked(() => folder.removeEntry(name));
    } catch (error) {
      if (!hasName(error, 'NotFoundError')) throw error;
    }
  }
}

class OpfsWriter implements SegmentWriter {
  readonly access: SyncFile;
  readonly #done: () => void;
  readonly #remove: () => Promise<void>;
  #size = 0;

  constructor(access: SyncFile, done: () => void, remove: () => Promise<void>) {
    this.access = access;
    this.#done = done;
    this.#remove = remove;
  }

  /** Writes before it returns: appends that are sent one after the other land in that order. */
  async append(bytes: Bytes): Promise<Result<ArrayBuffer | null, BackendError>> {
    try {
      for (let done = 0; done < bytes.length;) {
        const written = this.access.write(bytes.subarray(done), { at: this.#size });
        // An engine that writes less than it was given has no room for the rest.
        if (written === 0) return err({ kind: 'storage-full' });
        done += written;
        this.#size += written;
      }
      return ok(bytes.buffer);
    } catch (error) {
      return err(backendError(error));
    }
  }

  async close(): Promise<Result<void, BackendError>> {
    try {
      this.access.flush();
      return ok(undefined);
    } catch (error) {
      return err(backendError(error));
    } finally {
      this.access.close();
      this.#done();
    }
  }

  async abort(): Promise<void> {
    this.access.close();
    this.#done();
    await this.#remove();
  }
}

/** Removes a vault's folder with everything in it. Also from where there are no sync access handles. */
export async function removeOpfsFolder(folder: string): Promise<void> {
  try {
    const root = await navigator.storage.getDirectory();
    await whenUnlocked(() => root.removeEntry(folder, { recursive: true }));
  } catch (error) {
    // `SecurityError`: a browser that has no such file system, and so no such folder.
    if (!hasName(error, 'NotFoundError', 'SecurityError')) throw error;
  }
}

/** `null` where it was removed since it was listed: by a worker that ends, or the probe of another one. */
async function sizeOf(file: FileSystemFileHandle): Promise<number | null> {
  try {
    return (await file.getFile()).size;
  } catch (error) {
    if (hasName(error, 'NotFoundError')) return null;
    throw error;
  }
}

function openWhenUnlocked(file: FileSystemFileHandle, options?: { readonly mode: 'read-only' }): Promise<SyncFile> {
  return whenUnlocked(() => (file as unknown as Openable).createSyncAccessHandle(options));
}

/** Tries until nobody else has the file open. WebKit calls a locked file an invalid state. */
async function whenUnlocked<T>(open: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + LOCKED_FOR_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!hasName(error, 'NoModificationAllowedError', 'InvalidStateError') || performance.now() > untilMs)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}
