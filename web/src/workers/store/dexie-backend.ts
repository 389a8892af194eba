/**
 * The vault's rows in IndexedDB: the only file that knows Dexie. `strict` durability, so that a commit is on disk when it answers.
 * What lies here is opaque bytes, row ids and revisions.
 */
import { Dexie } from 'dexie';
import type { Table } from 'dexie';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type {
  Backend,
  BackendError,
  Batch,
  RowHead,
  StoredRow,
  VaultTable,
} from '@sealpost/shared/opened/vault/backend';
import { VAULT_TABLES } from '@sealpost/shared/opened/vault/backend';

/** Opens or makes the database. Throws where IndexedDB is not to be had. */
export async function openDexieBackend(databaseName: string): Promise<Backend> {
  const db = new Dexie(databaseName, { chromeTransactionDurability: 'strict' });
  // The second index gives revisions without reading the bytes.
  db.version(1).stores(Object.fromEntries(VAULT_TABLES.map((table) => [table, 'id, [id+rev]'])));
  await db.open();
  return new DexieBackend(db);
}

/** Deletes the database: everything of this identity in this browser. */
export async function deleteDexieBackend(databaseName: string): Promise<void> {
  await Dexie.delete(databaseName);
}

class DexieBackend implements Backend {
  readonly #db: Dexie;

  constructor(db: Dexie) {
    this.#db = db;
  }

  async get(table: VaultTable, id: string): Promise<StoredRow | null> {
    return (await this.#table(table).get(id)) ?? null;
  }

  async getMany(table: VaultTable, ids: readonly string[]): Promise<readonly (StoredRow | null)[]> {
    const rows = await this.#table(table).bulkGet([...ids]);
    return rows.map((row) => row ?? null);
  }

  async list(table: VaultTable): Promise<readonly RowHead[]> {
    const keys = (await this.#table(table).orderBy('[id+rev]').keys()) as unknown as readonly (readonly [
      string,
      number,
    ])[];
    return keys.map(([id, rev]) => ({ id, rev }));
  }

  async commit(batch: Batch): Promise<Result<void, BackendError>> {
    const { puts, deletes, expect } = batch;
    const names = [...puts, ...deletes, ...(expect ? [expect] : [])].map(({ table }) => table);
    try {
      const held = await this.#db.transaction('rw', [...new Set(names)], async () => {
        if (expect && ((await this.#table(expect.table).get(expect.id))?.rev ?? null) !== expect.rev) return false;
        for (const { table, id } of deletes) await this.#table(table).delete(id);
        for (const { table, row } of puts) await this.#table(table).put(row);
        return true;
      });
      return held ? ok(undefined) : err({ kind: 'conflict' });
    } catch (error) {
      return err({ kind: isQuota(error) ? 'storage-full' : 'storage-failed' });
    }
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #table(table: VaultTable): Table<StoredRow, string> {
    return this.#db.table(table);
  }
}

/** Dexie wraps what IndexedDB threw: `inner` is the DOMException. */
function isQuota(error: unknown): boolean {
  const names = [error, (error as { inner?: unknown }).inner].map((one) => (one as { name?: unknown } | null)?.name);
  return names.includes('QuotaExceededError');
}
