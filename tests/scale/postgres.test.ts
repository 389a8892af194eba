import { Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageFault } from '@sealpost/server/src/store/fault.ts';
import { rememberNonce } from '@sealpost/server/src/store/nonces.ts';
import { migrate } from '@sealpost/server/src/store/migrations.ts';
import { openPostgresStore } from '@sealpost/server/src/store/postgres.ts';
import { MigrationDialect, SEQUENCER_MIGRATION } from '@sealpost/server/src/store/postgres-tables.ts';
import type { Schema } from '@sealpost/server/src/store/schema.ts';
import type { Store } from '@sealpost/server/src/store/store.ts';
import { databaseUrlOf, dropStorage, storageOf } from '../integration/test-storage.ts';
import { postgresFaults } from './postgres-faults.ts';
import { startPostgres } from './postgres.ts';

const FOLDER = 'made-up folder of the tests of the store';
let url: string;
let store: Store;

beforeEach(async () => {
  await storageOf(FOLDER);
  url = databaseUrlOf(FOLDER);
  store = await openPostgresStore(url, 'keys');
});
afterEach(async () => {
  await store.close();
  await dropStorage(FOLDER);
});

async function asAdmin(text: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text, [...values]);
  } finally {
    await client.end();
  }
}

const stored = async (): Promise<readonly string[]> =>
  (await store.reader.selectFrom('nonces').select('nonce').orderBy('nonce').execute()).map(({ nonce }) => nonce);
const fault = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => storageFault(error),
  );

describe('a database that is shared', () => {
  it('has one writer at a time, also among processes', async () => {
    const other = await openPostgresStore(url, 'keys');
    const order: string[] = [];
    const write = (at: Store, name: string) =>
      at.transact(async (trx) => {
        order.push(`${name} begins`);
        await rememberNonce(trx, 'key', name, 1);
        for (let turn = 0; turn < 20; turn++) await sql`select 1`.execute(trx);
        order.push(`${name} ends`);
      });
    await Promise.all([write(store, 'a'), write(other, 'b'), write(store, 'c'), write(other, 'd')]);
    for (let at = 0; at < order.length; at += 2) expect(order[at + 1]).toBe(order[at]?.replace('begins', 'ends'));
    expect(await stored()).toEqual(['a', 'b', 'c', 'd']);
    await other.close();
  });

  it('is not written by readers', async () => {
    await expect(sql`delete from nonces`.execute(store.reader)).rejects.toThrow('read-only');
  });

  it('that does not keep what it acknowledges is refused', async () => {
    // for connections that are opened from now on: the store that is open keeps its own setting
    await asAdmin(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
    expect(await fault(openPostgresStore(url, 'keys'))).toBe('broken');
  });

  it('whose logs were signed with other keys is refused', async () => {
    await expect(openPostgresStore(url, 'other keys')).rejects.toThrow('the same server-keys.json');
  });

  it('runs a transaction again that it took back, and leaves nothing of the first time', async () => {
    let runs = 0;
    await store.transact(async (trx) => {
      runs += 1;
      await rememberNonce(trx, 'key', `run ${runs}`, 1);
      if (runs < 3) await sql`do $$ begin raise exception 'made up' using errcode = '40001'; end $$`.execute(trx);
    });
    expect(await stored()).toEqual(['run 3']);
  });

  it('that cuts the connection leaves the commit in doubt: nothing is acknowledged, and the next one goes through', async () => {
    const cut = store.transact(async (trx) => {
      await rememberNonce(trx, 'key', 'cut', 1);
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await asAdmin('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await rememberNonce(trx, 'key', 'after', 1);
    });
    expect(await fault(cut)).toBe('away');
    await store.transact((trx) => rememberNonce(trx, 'key', 'next', 1));
    expect(await stored()).toEqual(['next']);
  });
});

describe('a database of an earlier version that is full of entries', () => {
  const deployment = 'D'.repeat(43);
  const ENTRIES = 30_000;
  const count = async (table: string): Promise<number> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${table}`);
    await client.end();
    return Number(rows[0]?.n);
  };
  /** Everything of both tables, in one hash. */
  const digest = async (): Promise<string> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{
      hash: string;
    }>(`select md5(string_agg(line, '' order by line)) as hash from (
      select concat_ws('/', position, kid, seq, encode(hash, 'hex'), encode(entry, 'hex'), received_at) as line from log_entries
      union all select concat_ws('/', position, encode(salt, 'hex'), md5(sealed), coalesce(kind, 'none')) from log_payloads) as lines`);
    await client.end();
    return rows[0]?.hash ?? '';
  };

  it('is brought up to date with every entry and payload as it was, and goes on as a new one does', async () => {
    await store.close();
    await dropStorage(FOLDER);
    await storageOf(FOLDER);
    const old = new Kysely<Schema>({
      dialect: new MigrationDialect({
        pool: new pg.Pool({ connectionString: url }),
      }),
    });
    await migrate(old, '0004-expiry', SEQUENCER_MIGRATION);
    await old.destroy();
    await asAdmin(`insert into deployments values ('${deployment}', 0, 1, null)`);
    // a device's entries and the server's own ones in turn; every tenth payload was erased
    await asAdmin(`insert into log_entries (deployment, position, kid, seq, hash, entry, received_at)
      select '${deployment}', n, repeat(case when n % 2 = 0 then 'd' else 's' end, 43), n / 2 + 1,
        sha256(int4send(n)), decode(repeat(md5(n::text), 10) || repeat('00', 12), 'hex'), 1000 + n
      from generate_series(0, ${ENTRIES - 1}) as n`);
    await asAdmin(`insert into log_payloads (deployment, position, salt, sealed, kind)
      select '${deployment}', n, sha256(int4send(-n)), decode(repeat(md5(n::text), 32), 'hex'), case when n % 2 = 0 then null else 'start' end
      from generate_series(0, ${ENTRIES - 1}) as n where n % 10 <> 9`);
    const before = await digest();

    store = await openPostgresStore(url, 'keys');
    expect(await digest()).toBe(before);
    expect([await count('log_entries'), await count('log_payloads')]).toEqual([ENTRIES, ENTRIES * 0.9]);
    expect(await count(`pg_indexes where indexname = 'log_payloads_by_kind'`)).toBe(1);
    expect(await count(`pg_tables where tablename like 'lean%'`)).toBe(0);
    // numbers of a key stay unique, and payloads go with their entry
    const again = asAdmin(`insert into log_entries select deployment, ${ENTRIES}, kid, seq, hash, entry, received_at
      from log_entries where position = 0`);
    await expect(again).rejects.toThrow('duplicate key');
    await asAdmin(`delete from deployments where id = '${deployment}'`);
    expect([await count('log_entries'), await count('log_payloads')]).toEqual([0, 0]);
  });
});

describe('under faults', () => {
  let database: Awaited<ReturnType<typeof startPostgres>> | null = null;
  const before = process.env['TEST_POSTGRES'];
  afterAll(async () => {
    process.env['TEST_POSTGRES'] = before;
    await database?.stop();
  });

  it('several processes keep one record, whatever the database does', async () => {
    database = await startPostgres(); // its own: it is killed
    process.env['TEST_POSTGRES'] = database.url;
    const line = await postgresFaults(4, database);
    process.env['TEST_POSTGRES'] = before;
    expect(line).toMatchObject({ lost: 0, gaps: 0, torn: 0, undetected: 0, attacks: 4 });
    expect(line.acked).toBeGreaterThan(20);
  }, 180_000); // two starts over a database that recovers, a deadlock that is found after a second
});
