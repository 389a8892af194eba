/**
 * The vault's rows in one SQLite file. `synchronous=FULL`, because WAL's default answers before the bytes are durable; mode 0600;
 * `secure_delete`, so that deleted ciphertext does not linger in free pages.
 */
import Database from 'better-sqlite3';
import { chmodSync, closeSync, openSync } from 'node:fs';
import type { Result } from '@sealpost/shared/base/result';
import { err, ok } from '@sealpost/shared/base/result';
import type { Backend, Batch, RowHead, StoredRow } from '@sealpost/shared/opened/vault/backend';
import type { BackendError } from '@sealpost/shared/opened/vault/backend-error';
import { VAULT_TABLES } from '@sealpost/shared/opened/vault/backend';
import { SqliteSegments } from './sqlite-segments.ts';

interface SqliteRow {
  readonly id: string;
  readonly rev: number;
  readonly bytes: Buffer;
}

/** Opens or makes the file at `path`. Throws where the file cannot be opened or is no database. */
export function openSqliteBackend(path: string): Backend {
  // Made first with its mode, so that it is never readable by others, not even for a moment.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  db.exec(
    VAULT_TABLES.map(
      (table) =>
        `CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;`,
    ).join(''),
  );
  // Read back after a first statement: a connection may answer with the default it started from.
  if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('SQLite refuses synchronous=FULL');
  return new SqliteBackend(db);
}

class SqliteBackend implements Backend {
  readonly segments: SqliteSegments;
  readonly #db: Database.Database;

  constructor(db: Database.Database) {
    this.#db = db;
    this.segments = new SqliteSegments(db, attempt);
  }

  async get(table: string, id: string): Promise<StoredRow | null> {
    return this.#read(table, id);
  }

  async getMany(table: string, ids: readonly string[]): Promise<readonly (StoredRow | null)[]> {
    return ids.map((id) => this.#read(table, id));
  }

  async list(table: string): Promise<readonly RowHead[]> {
    return this.#db.prepare<[], RowHead>(`SELECT id, rev FROM ${table}`).all();
  }

  async commit(batch: Batch): Promise<Result<void, BackendError>> {
    const apply = this.#db.transaction((): boolean => {
      const { expect } = batch;
      if (expect && (this.#read(expect.table, expect.id)?.rev ?? null) !== expect.rev) return false;
      for (const { table, id } of batch.deletes) this.#db.prepare(`DELETE FROM ${table} WHERE id = ?`).run(id);
      for (const { table, row } of batch.puts) {
        this.#db
          .prepare(`INSERT OR REPLACE INTO ${table} (id, rev, bytes) VALUES (?, ?, ?)`)
          .run(row.id, row.rev, Buffer.from(row.bytes.buffer, row.bytes.byteOffset, row.bytes.length));
      }
      return true;
    });
    const applied = attempt(() => apply.immediate());
    if (!applied.ok) return applied;
    return applied.value ? ok(undefined) : err({ kind: 'conflict' });
  }

  /** Pages are written by this process: there is nothing to make ready. */
  async tryOut(): Promise<void> {}

  async close(): Promise<void> {
    this.#db.close();
  }

  #read(table: string, id: string): StoredRow | null {
    const row = this.#db.prepare<[string], SqliteRow>(`SELECT id, rev, bytes FROM ${table} WHERE id = ?`).get(id);
    return row === undefined ? null : { id: row.id, rev: row.rev, bytes: new Uint8Array(row.bytes) };
  }
}

/** What SQLite throws, as a value. */
function attempt<T>(write: () => T): Result<T, BackendError> {
  try {
    return ok(write());
  } catch (error) {
    const code = error instanceof Database.SqliteError ? error.code : '';
    return err({ kind: code === 'SQLITE_FULL' ? 'storage-full' : 'storage-failed' });
  }
}
