import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiledOnce } from './compiled.ts';
import { openStore } from './sqlite.ts';
import type { SqliteStore } from './sqlite.ts';

let folder: string;
let store: SqliteStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-compiled-'));
  store = await openStore(join(folder, 'a.sqlite'));
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('a query whose text is made once', () => {
  let built = 0;
  const note = compiledOnce((db, ...cells: readonly (string | number)[]) => {
    built += 1;
    const pairs = Array.from({ length: cells.length / 2 }, (_, at) => cells.slice(at * 2, at * 2 + 2));
    return db
      .insertInto('nonces')
      .values(pairs.map(([nonce, at]) => ({ kid: 'k', nonce: nonce as string, expires_at: at as number })));
  });
  const find = compiledOnce((db, least: number) =>
    db
      .selectFrom('nonces')
      .select(['nonce', 'expires_at'])
      .where('kid', '=', 'k')
      .where('expires_at', '>=', least)
      .orderBy('nonce')
      .limit(2),
  );

  it('takes the values of each call, in a transaction and outside of one', async () => {
    await store.transact(async (trx) => {
      await note(trx, 'a', 1, 'b', 2);
      await note(trx, 'c', 3, 'd', 4);
      await note(trx, 'e', 5);
      expect(await find(trx, 5)).toEqual([{ nonce: 'e', expires_at: 5 }]);
    });
    expect(built).toBe(2); // once for each number of values
    expect((await find(store.reader, 1)).map(({ nonce }) => nonce)).toEqual(['a', 'b']);
    expect((await find(store.reader, 4)).map(({ nonce }) => nonce)).toEqual(['d', 'e']);
  });

  it('fails like any other: what was written before in its transaction is gone', async () => {
    await expect(
      store.transact(async (trx) => {
        await note(trx, 'a', 1);
        await note(trx, 'a', 1);
      }),
    ).rejects.toThrow(/UNIQUE/);
    expect(await find(store.reader, 0)).toEqual([]);
  });
});
