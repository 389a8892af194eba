import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageFault } from './fault.ts';
import { openStore } from './sqlite.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-store-'));
  path = join(folder, 'test.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

const pragma = async (db: Parameters<ReturnType<typeof sql>['execute']>[0], name: string): Promise<unknown> => {
  const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db);
  return Object.values(rows[0] ?? {})[0];
};

describe('the database', () => {
  it('keeps what it acknowledges: WAL and synchronous=FULL on both connections', async () => {
    const store = await openStore(path);
    for (const db of [store.reader, store.writer]) {
      expect(await pragma(db, 'journal_mode')).toBe('wal');
      expect(await pragma(db, 'synchronous')).toBe(2);
      expect(await pragma(db, 'foreign_keys')).toBe(1);
    }
    await store.close();
  });

  it('is refused when it cannot be in WAL mode', async () => {
    await expect(openStore(':memory:')).rejects.toThrow('not starting');
  });

  it('is not written by readers', async () => {
    const store = await openStore(path);
    await expect(sql`delete from nonces`.execute(store.reader)).rejects.toThrow('readonly');
    await store.close();
  });

  it('refuses rows that cannot be: wrong types, broken references, lengths of no id', async () => {
    const store = await openStore(path);
    const insert = (values: string) => sql`insert into ${sql.raw(values)}`.execute(store.writer);
    const id = 'A'.repeat(43);
    await expect(insert(`deployments values ('short', 0, 1, null)`)).rejects.toThrow('CHECK');
    await expect(insert(`deployments values ('${id}', 1, 1, null)`)).rejects.toThrow('CHECK');
    await expect(insert(`deployments values ('${id}', 0, 'yesterday', null)`)).rejects.toThrow('cannot store TEXT');
    await expect(insert(`invitations values ('${id}', '${id}', 1, 'x', 1, null)`)).rejects.toThrow('FOREIGN KEY');
    await store.close();
  });

  it('opens again with what it had, without running a migration twice', async () => {
    const first = await openStore(path);
    await first.writer
      .insertInto('deployments')
      .values({ id: 'A'.repeat(43), demo: 0, created_at: 1, expires_at: null })
      .execute();
    await first.close();
    const second = await openStore(path);
    expect(await second.reader.selectFrom('deployments').select('created_at').execute()).toEqual([{ created_at: 1 }]);
    await second.close();
  });

  it('that is damaged is named so and not written over', async () => {
    await writeFile(path, 'not a database, but somebody may want to look at it'.repeat(100));
    const error: unknown = await openStore(path).catch((reason: unknown) => reason);
    expect(storageFault(error)).toBe('broken');
    expect(await readFile(path, 'utf8')).toContain('somebody may want');
  });
});
