import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, storageFault } from '../store/sqlite.ts';
import type { Store } from '../store/sqlite.ts';
import { rememberNonce } from '../store/nonces.ts';
import { Sequencer } from './sequencer.ts';
import type { Unit } from './sequencer.ts';

let folder: string;
let store: Store;
let sequencer: Sequencer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-sequencer-'));
  store = await openStore(join(folder, 'test.sqlite'));
  sequencer = new Sequencer(store.writer);
});
afterEach(async () => {
  await sequencer.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const write = (name: string) => (unit: Unit) => rememberNonce(unit.trx, 'key', name, 1);
const stored = async (): Promise<readonly string[]> => {
  const rows = await store.reader.selectFrom('nonces').select('nonce').orderBy('nonce').execute();
  return rows.map((row) => row.nonce);
};

describe('the sequencer', () => {
  it('runs jobs one after the other in the order of their arrival, each after the one before is finished', async () => {
    const order: string[] = [];
    const job = (name: string, turns: number) => async (): Promise<void> => {
      order.push(`${name} begins`);
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    await Promise.all([sequencer.submit(job('slow', 20)), sequencer.submit(job('quick', 0))]);
    expect(order).toEqual(['slow begins', 'slow ends', 'quick begins', 'quick ends']);
  });

  it('shows readers nothing of a job before its promise resolves', async () => {
    let seen: readonly string[] = ['not read'];
    await sequencer.submit(async (unit) => {
      await write('a')(unit);
      seen = await stored();
    });
    expect(seen).toEqual([]);
    expect(await stored()).toEqual(['a']);
  });

  it('takes back only the rows of a job that throws, and what it left for later jobs', async () => {
    const failing = async (unit: Unit): Promise<void> => {
      await write('bad')(unit);
      unit.uncommitted.set('x', 'bad');
      unit.after(() => {
        throw new Error('an effect of a failed job ran');
      });
      throw new Error('on purpose');
    };
    let left: unknown = 'not read';
    const [first, second, third] = await Promise.allSettled([
      sequencer.submit(write('first')),
      sequencer.submit(failing),
      sequencer.submit(async (unit) => {
        left = unit.uncommitted.get('x');
        await write('third')(unit);
      }),
    ]);
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(left).toBeUndefined();
    expect(await stored()).toEqual(['first', 'third']);
  });

  it('shares one commit among jobs that arrive together', async () => {
    const begun = new Set<unknown>();
    await Promise.all(Array.from({ length: 50 }, () => sequencer.submit(async (unit) => begun.add(unit.trx))));
    expect(begun.size).toBe(1);
  });

  it('runs effects after the commit and before the answer', async () => {
    let committed: readonly string[] = [];
    await sequencer.submit(async (unit) => {
      await write('a')(unit);
      unit.after(async () => {
        committed = await stored();
      });
    });
    expect(committed).toEqual(['a']);
  });

  it('acknowledges nothing when the disk is full, and goes on when there is room again', async () => {
    await sequencer.submit(write('before'));
    const pages = await sql<{ page_count: number }>`pragma page_count`.execute(store.writer);
    await sql`pragma max_page_count = ${sql.raw(String(pages.rows[0]?.page_count))}`.execute(store.writer);
    const big = Array.from({ length: 40 }, (_, at) => sequencer.submit(write(`${at}`.padEnd(2000, 'x'))));
    const results = await Promise.allSettled(big);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every((result) => storageFault(result.reason) === 'full')).toBe(true);
    expect((await stored()).length).toBe(1 + results.length - failed.length);
    await sql`pragma max_page_count = 1000000`.execute(store.writer);
    await sequencer.submit(write('after'));
    expect(await stored()).toContain('after');
  });

  it('finishes what it has when it is closed, and takes nothing more', async () => {
    const last = sequencer.submit(write('last'));
    await sequencer.close();
    await last;
    expect(await stored()).toEqual(['last']);
    await expect(sequencer.submit(write('late'))).rejects.toThrow('closed');
  });
});
