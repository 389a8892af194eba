import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageFault } from '@sealpost/server/src/store/fault.ts';
import { rememberNonce } from '@sealpost/server/src/store/nonces.ts';
import { openPostgresStore } from '@sealpost/server/src/store/postgres.ts';
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
  await client.query(text, [...values]);
  await client.end();
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
