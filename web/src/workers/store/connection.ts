/**
 * One connection to a vault's IndexedDB database. Dexie keeps the schema; transactions are IndexedDB's own, which cost half of
 * Dexie's for the few rows of a commit. Browsers drop connections (iOS does it in the background): one that was lost is opened again.
 */
import { Dexie } from 'dexie';
import { hasName } from './backend-error.ts';

/** Told once it is known: the connection was opened again, or the database is not to be had any more. */
export type OnStorage = (code: 'healed' | 'lost') => void;

/** WebKit has been seen never to answer. */
const REOPEN_MS = 5_000;

export class Connection {
  readonly #dexie: Dexie;
  readonly #onStorage: OnStorage;
  #reopening: Promise<void> | null = null;
  #isDeleted = false;

  private constructor(dexie: Dexie, onStorage: OnStorage) {
    this.#dexie = dexie;
    this.#onStorage = onStorage;
    // In the place of Dexie's own, which writes to the console. Whoever deletes or upgrades the database must not wait for us.
    dexie.on('versionchange', (event) => {
      this.#isDeleted ||= event.newVersion === null;
      dexie.close();
      return false;
    });
  }

  /** Opens or makes the database. Throws where IndexedDB is not to be had. */
  static async open(
    name: string,
    stores: Readonly<Record<string, string>>,
    onStorage: OnStorage = () => undefined,
  ): Promise<Connection> {
    const dexie = new Dexie(name, { autoOpen: false });
    dexie.version(2).stores(stores);
    await dexie.open();
    return new Connection(dexie, onStorage);
  }

  /**
   * Runs `work`. Where it fails because the connection was lost, opens a new one and runs `again`, once. Throws what the browser
   * threw; a lost connection only after it was told.
   */
  async use<T>(work: (db: IDBDatabase) => Promise<T>, again = work): Promise<T> {
    const before = this.#dexie.isOpen() ? this.#dexie.backendDB() : null;
    try {
      if (before !== null) return await work(before);
    } catch (error) {
      if (!isLost(error)) throw error;
    }
    try {
      await this.#reopen(before);
      const value = await again(this.#dexie.backendDB());
      this.#onStorage('healed');
      return value;
    } catch (error) {
      if (isLost(error)) this.#onStorage('lost');
      throw error;
    }
  }

  close(): void {
    this.#dexie.close();
  }

  /** Several calls may have lost the same connection: the first one opens, the others wait. */
  #reopen(lost: IDBDatabase | null): Promise<void> {
    if (this.#dexie.isOpen() && this.#dexie.backendDB() !== lost) return this.#reopening ?? Promise.resolve();
    this.#reopening ??= this.#openAgain().finally(() => (this.#reopening = null));
    return this.#reopening;
  }

  /** Opening a database that was deleted would make an empty one, and everything in it would seem to be removed. */
  async #openAgain(): Promise<void> {
    this.#dexie.close();
    if (this.#isDeleted || !(await Dexie.exists(this.#dexie.name))) throw lostError();
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(lostError()), REOPEN_MS)));
      await Promise.race([this.#dexie.open(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Runs `work` in one transaction. Reads answer at once, writes when they are on disk (`strict`), and `meanwhile` runs until then. */
export function transact<T>(
  db: IDBDatabase,
  tables: readonly string[],
  mode: 'readonly' | 'readwrite',
  work: (tx: IDBTransaction) => Promise<T>,
  meanwhile?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const tx = db.transaction(tables, mode, { durability: 'strict' });
    tx.onabort = () => reject(tx.error ?? new DOMException('aborted', 'AbortError'));
    work(tx).then(
      (value) => {
        if (mode === 'readonly') resolve(value);
        tx.oncomplete = () => resolve(value);
        tx.commit();
        meanwhile?.();
      },
      (error: unknown) => {
        reject(error as Error);
        if (tx.error === null) tx.abort();
      },
    );
  });
}

/** Runs `work` in a transaction that is aborted once the browser has done all of it: nothing holds. */
export function takeBack(
  db: IDBDatabase,
  tables: readonly string[],
  work: (tx: IDBTransaction) => Promise<unknown>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const tx = db.transaction(tables, 'readwrite', { durability: 'strict' });
    tx.onabort = () => resolve();
    const abort = () => {
      if (tx.error === null) tx.abort();
    };
    work(tx)
      // Requests are done in their order; an abort would drop those that wait.
      .then(() => answer(tx.objectStore(tables[0] as string).count()))
      .then(abort, abort)
      .catch(reject);
  });
}

/** The answer to one request. */
export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failure(request));
  });
}

/** The answer to a read; `null` where there is nothing, or nothing that the browser itself could read any more. */
export function answerOrNull<T>(request: IDBRequest<T | undefined>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result ?? null);
    request.onerror = (event) => {
      if (!hasName(request.error, 'DataError', 'NotReadableError', 'NotFoundError')) return reject(failure(request));
      // The other reads of the transaction go on.
      event.preventDefault();
      event.stopPropagation();
      resolve(null);
    };
  });
}

/** Deletes the database, also while this worker has it open. */
export async function deleteDatabase(name: string): Promise<void> {
  await Dexie.delete(name);
}

function failure(request: IDBRequest): DOMException {
  return request.error ?? new DOMException('failed', 'UnknownError');
}

function isLost(error: unknown): boolean {
  return hasName(error, 'InvalidStateError', 'UnknownError', 'AbortError', 'DatabaseClosedError');
}

function lostError(): DOMException {
  return new DOMException('the database is gone', 'InvalidStateError');
}
