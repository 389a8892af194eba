/**
 * The vault's rows in IndexedDB, and its segments in files or beside the rows. `strict` durability, so that a commit is on disk when
 * it answers. What lies here is opaque bytes, row ids and revisions.
 */
import { equalBytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { Backend, Batch, RowHead, StoredRow, VaultTable } from '@sealpost/shared/opened/vault/backend';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import { VAULT_TABLES } from '@sealpost/shared/opened/vault/backend';
import { backendError } from './backend-error.ts';
import { CHUNK_STORES } from './chunk-files.ts';
import { answer, answerOrNull, Connection, deleteDatabase, takeBack, transact } from './connection.ts';
import type { OnStorage } from './connection.ts';
import { removeOpfsFolder } from './opfs-files.ts';
import { SegmentPlaces } from './segment-places.ts';
import type { FileDisk } from './segment-places.ts';

/** The second index gives revisions without reading the bytes. */
const HEADS = '[id+rev]';
const STORES = { ...Object.fromEntries(VAULT_TABLES.map((table) => [table, `id, ${HEADS}`])), ...CHUNK_STORES };

export interface DexieBackend extends Backend {
  readonly segments: SegmentPlaces;
}

/**
 * Opens or makes the database. `disk`: where large files lie if the browser has such; `onStorage` is told of lost connections.
 * Throws where IndexedDB is not to be had.
 */
export async function openDexieBackend(
  databaseName: string,
  disk: FileDisk | null,
  onStorage?: OnStorage,
): Promise<DexieBackend> {
  const connection = await Connection.open(databaseName, STORES, onStorage);
  return new IndexedRows(connection, new SegmentPlaces(disk, connection));
}

/** Deletes database and files: everything of this identity in this browser. `disk` lets go of them first. */
export async function deleteDexieBackend(databaseName: string, disk: FileDisk | null): Promise<void> {
  await deleteDatabase(databaseName);
  await disk?.release();
  await removeOpfsFolder(databaseName);
}

class IndexedRows implements DexieBackend {
  readonly segments: SegmentPlaces;
  readonly #connection: Connection;

  constructor(connection: Connection, segments: SegmentPlaces) {
    this.#connection = connection;
    this.segments = segments;
  }

  async get(table: VaultTable, id: string): Promise<StoredRow | null> {
    return (await this.getMany(table, [id]))[0] ?? null;
  }

  getMany(table: VaultTable, ids: readonly string[]): Promise<readonly (StoredRow | null)[]> {
    return this.#connection.use((db) =>
      transact(db, [table], 'readonly', (tx) => Promise.all(ids.map((id) => readRow(tx, table, id)))),
    );
  }

  list(table: VaultTable): Promise<readonly RowHead[]> {
    return this.#connection.use((db) =>
      transact(db, [table], 'readonly', async (tx) => {
        const heads: RowHead[] = [];
        const request = tx.objectStore(table).index(HEADS).openKeyCursor();
        for (let cursor = await answer(request); cursor; cursor = await answer(request)) {
          const [id, rev] = cursor.key as [string, number];
          heads.push({ id, rev });
          cursor.continue();
        }
        return heads;
      }),
    );
  }

  async commit(batch: Batch): Promise<Result<void, BackendError>> {
    const tables = tablesOf(batch);
    const attempt = (isSecond: boolean) => (db: IDBDatabase) =>
      transact(db, tables, 'readwrite', (tx) => apply(tx, batch, isSecond), batch.meanwhile);
    try {
      await this.#connection.use(attempt(false), attempt(true));
      return ok(undefined);
    } catch (error) {
      return err(error instanceof Conflict ? { kind: 'conflict' } : backendError(error));
    }
  }

  async tryOut(batch: Batch): Promise<void> {
    const tables = tablesOf(batch);
    const attempt = (db: IDBDatabase) => takeBack(db, tables, (tx) => apply(tx, batch, false));
    await this.#connection.use(attempt).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}

function tablesOf({ puts, deletes, expect }: Batch): readonly VaultTable[] {
  return [...new Set([...puts, ...deletes, ...(expect ? [expect] : [])].map(({ table }) => table))];
}

/** What a batch expects does not hold. */
class Conflict extends Error {}

/**
 * Writes the batch; throws `Conflict` if what it expects does not hold, which takes the writes back. They are sent behind the read of
 * the expected row, not after its answer, which would cost another way to the browser's process and back. Requests are only made: a
 * failure of one aborts them all. On the second attempt the first may have been committed unheard: then the expected row is the very
 * one that this batch puts, and writing it all again changes nothing.
 */
async function apply(tx: IDBTransaction, { puts, deletes, expect }: Batch, isSecond: boolean): Promise<void> {
  const expected = expect && readRow(tx, expect.table, expect.id);
  for (const { table, id } of deletes) tx.objectStore(table).delete(id);
  for (const { table, row } of puts) tx.objectStore(table).put({ ...row, bytes: alone(row.bytes) });
  if (!expect) return;
  const found = await expected;
  if ((found?.rev ?? null) === expect.rev) return;
  const own = puts.find(({ table, row }) => table === expect.table && row.id === expect.id)?.row;
  const isOwn = own !== undefined && found?.rev === own.rev && equalBytes(found.bytes, own.bytes);
  if (!isSecond || !isOwn) throw new Conflict();
}

/** A row that the browser itself cannot read any more is missing, and is named as that. */
function readRow(tx: IDBTransaction, table: VaultTable, id: string): Promise<StoredRow | null> {
  return answerOrNull(tx.objectStore(table).get(id) as IDBRequest<StoredRow | undefined>);
}

/** A view would be stored with the whole buffer behind it. */
function alone(bytes: StoredRow['bytes']): StoredRow['bytes'] {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
