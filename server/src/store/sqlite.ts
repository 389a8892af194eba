/**
 * The only file that knows better-sqlite3. Two connections to one file: the sequencer's, and one that only reads and so
 * never sees a row before it is durable.
 *
 * In WAL mode SQLite answers before bytes are durable unless `synchronous=FULL`; the setting is per connection and takes
 * effect lazily, so it is read back after a first statement and a connection without it is refused.
 */
import Sqlite from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import type { Dialect } from 'kysely';
import { migrate, NEWEST_RELEASE } from './migrations.ts';
import type { Release } from './migrations.ts';
import { preparedOnce } from './prepared.ts';
import type { Schema } from './schema.ts';
import type { StorageFault, Store } from './store.ts';

const FULL = 2; // https://www.sqlite.org/pragma.html#pragma_synchronous
/** 16 MB before pages move from the log into the file: what a burst writes again and again is moved once. Durable is what is in the log. */
const CHECKPOINT_PAGES = 4000;
const CACHE_KIB = 16_000;

export interface SqliteStore extends Store {
  /** The sequencer's connection. */
  readonly writer: Kysely<Schema>;
}

/** Stands between the sequencer and its connection: how tests make storage fail. */
export type WrapStorage = (dialect: Dialect) => Dialect;

/** Opens (or creates) the database at `path` and brings its tables up to `release`. Throws if durability cannot be had. */
export async function openStore(
  path: string,
  wrap: WrapStorage = (dialect) => dialect,
  release: Release = NEWEST_RELEASE,
): Promise<SqliteStore> {
  const writer = connect(path, false, wrap);
  await demandIntegrity(writer);
  await migrate(writer, release);
  const reader = connect(path, true, (dialect) => dialect);
  return {
    reader,
    writer,
    isShared: false,
    transact: (work) => writer.transaction().execute(work),
    snapshot: (work) => reader.transaction().execute(work),
    async close() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/** Sorts SQLite's errors. */
export function sqliteFault(error: unknown): StorageFault {
  if (!(error instanceof Sqlite.SqliteError)) return 'other';
  if (error.code === 'SQLITE_FULL') return 'full';
  return /^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN)/.test(error.code) ? 'broken' : 'other';
}

function connect(path: string, readOnly: boolean, wrap: WrapStorage): Kysely<Schema> {
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('busy_timeout = 5000');
  database.pragma('foreign_keys = ON');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`cache_size = -${CACHE_KIB}`);
  if (readOnly) database.pragma('query_only = ON');
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  const settings = {
    journal: database.pragma('journal_mode', { simple: true }),
    synchronous: database.pragma('synchronous', { simple: true }),
    foreignKeys: database.pragma('foreign_keys', { simple: true }),
  };
  if (settings.journal !== 'wal' || settings.synchronous !== FULL || settings.foreignKeys !== 1) {
    database.close();
    throw new Error(
      'The database does not keep what it acknowledges (WAL with synchronous=FULL refused): not starting.',
    );
  }
  return new Kysely<Schema>({ dialect: wrap(new SqliteDialect({ database: preparedOnce(database) })) });
}

/**
 * Every row stands in every index, and nothing else does: a flipped bit in one of them would hide rows without an error. Cost: one
 * reading of the file.
 */
async function demandIntegrity(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(1)`.execute(db);
  const found = rows[0]?.integrity_check ?? 'nothing was read';
  if (found !== 'ok') throw new Error(`The database is damaged (${found}): restore a backup.`);
}
