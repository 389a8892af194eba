/**
 * The only file that knows the PostgreSQL driver. Several server processes share one database: each transaction of a sequencer
 * begins by locking one row, so there is one writer at a time, and a process that dies or hangs with the lock loses it.
 *
 * A commit counts only if it is durable: `fsync` and `synchronous_commit` are read in the transaction itself, with the lock.
 */
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { PostgresDialectConfig } from 'kysely';
import pg from 'pg';
import { migrate, NEWEST_RELEASE } from './migrations.ts';
import { postgresFault, StorageAway, StorageRefused } from './postgres-fault.ts';
import { MigrationDialect, SEQUENCER_MIGRATION } from './postgres-tables.ts';
import type { Schema, Writer } from './schema.ts';
import type { Store } from './store.ts';

/** How often a transaction is run that the database asks to run again. */
const MAX_ATTEMPTS = 8;
const READERS = 8;
const CONNECT_MS = 5_000;
/** A client that waits longer than this for an answer has lost its connection without knowing it. */
const ANSWER_MS = 60_000;

/** Of every session. Who holds the lock and falls silent for 10 s (a frozen process, a cut line) loses it. */
const SESSION = [
  '-c idle_in_transaction_session_timeout=10000',
  '-c lock_timeout=20000',
  '-c tcp_keepalives_idle=15',
  '-c tcp_keepalives_interval=5',
  '-c tcp_keepalives_count=3',
].join(' ');

type Pool = Exclude<PostgresDialectConfig['pool'], (...args: never[]) => unknown>;
type Client = Awaited<ReturnType<Pool['connect']>>;

/** Opens the database at `url` and brings its tables up to date. `keys` names the log keys of this process. Throws if durability cannot be had, or if the logs there are signed with other keys. */
export async function openPostgresStore(url: string, keys: string): Promise<Store> {
  const writers = openPool(url, 1, SESSION);
  const readers = openPool(url, READERS, `${SESSION} -c default_transaction_read_only=on`);
  const migrations = new Kysely<Schema>({ dialect: new MigrationDialect({ pool: openPool(url, 1, SESSION, 0) }) });
  const writer = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: writers }) });
  const reader = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: readers }) });
  const close = async (): Promise<void> => {
    await reader.destroy();
    await writer.destroy();
  };
  const store: Store = {
    reader,
    isShared: true,
    transact: (work) => transact(writer, keys, work),
    snapshot: (work) =>
      reader.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
    close,
  };
  try {
    await migrate(migrations, NEWEST_RELEASE, SEQUENCER_MIGRATION);
    await sql`update sequencer set keys = ${keys} where keys is null`.execute(writer);
    await store.transact(async () => undefined);
  } catch (error) {
    await close();
    throw error;
  } finally {
    await migrations.destroy();
  }
  return store;
}

async function transact<T>(db: Kysely<Schema>, keys: string, work: (trx: Writer) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      // the lock orders everything, so each statement may see what was committed before it
      return await db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (trx) => {
          await takeTurn(trx, keys);
          return work(trx);
        });
    } catch (error) {
      // only what the database says it took back: after a broken connection nobody knows
      if (postgresFault(error) !== 'again' || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

interface Turn {
  readonly keys: string | null;
  readonly fsync: string;
  readonly commits: string;
}

/** Waits for the row's lock; it falls with the transaction. */
async function takeTurn(trx: Writer, keys: string): Promise<void> {
  const { rows } = await sql<Turn>`select keys, current_setting('fsync') as fsync,
    current_setting('synchronous_commit') as commits from sequencer where id = 1 for update`.execute(trx);
  const [turn] = rows;
  if (turn === undefined) throw new StorageRefused('The database has lost its sequencer row: restore a backup.');
  if (turn.fsync !== 'on' || turn.commits === 'off' || turn.commits === 'local') {
    throw new StorageRefused(
      `The database does not keep what it acknowledges (fsync=${turn.fsync}, synchronous_commit=${turn.commits}).`,
    );
  }
  if (turn.keys !== keys) {
    throw new StorageRefused(
      'The logs in this database are signed with other keys: give every process the same server-keys.json.',
    );
  }
}

/**
 * Errors that are not an answer of the database become `StorageAway`, at the one place where they arise. `answerMs` 0: an answer may
 * take as long as it takes, as that of a migration that copies a whole log.
 */
function openPool(url: string, max: number, options: string, answerMs = ANSWER_MS): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    options,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: answerMs,
    keepAlive: true,
    application_name: 'sealpost',
    types: { getTypeParser },
  });
  pool.on('error', ignore); // an idle connection broke: the pool has dropped it already
  // The query that fails tells it. From the first moment: the answer that opens a connection may come in one piece with the word that it
  // is cut, before whoever waits for it can listen, and an error that nobody hears ends the process.
  pool.on('connect', (client) => client.on('error', ignore));
  return {
    options: {},
    async connect() {
      const client = await pool.connect().catch(asAway);
      return { query: guardQueries(client), release: (isBroken) => client.release(isBroken) };
    },
    end: () => pool.end(),
  };
}

function guardQueries(client: pg.PoolClient): Client['query'] {
  const query = (text: string, values: readonly unknown[]): Promise<pg.QueryResult> =>
    client.query(text, [...values]).catch(asAway);
  return query as unknown as Client['query']; // its other form is for cursors, which nothing here opens
}

function ignore(): void {
  // nothing to do
}

function asAway(error: unknown): never {
  throw error instanceof pg.DatabaseError ? error : new StorageAway(error);
}

/** `bigint` as a number: all of ours are counts, sizes and times. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8 && format !== 'binary') return toSafeNumber;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}

function toSafeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('A stored number is too large: the database is damaged.');
  return value;
}
