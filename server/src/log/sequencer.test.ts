import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storageFault } from '../store/fault.ts';
import { openStore } from '../store/sqlite.ts';
import type { SqliteStore } from '../store/sqlite.ts';
import { rememberNonce } from '../store/nonces.ts';
import { Sequencer } from './sequencer.ts';
import type { Unit } from './sequencer.ts';

let folder: string;
let store: SqliteStore;
let sequencer: Sequencer;
let reloads: number;
let fatal: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-sequencer-'));
  store = await openStore(join(folder, 'test.sqlite'));
  reloads = 0;
  fatal = [];
  sequencer = new Sequencer(store, { reload: () => (reloads += 1), onFatal: (error) => fatal.push(error) });
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

  it('runs what ends a commit once for all its jobs, and not for a job that failed', async () => {
    const ended: string[] = [];
    const job = (name: string, failing: boolean) => async (unit: Unit) => {
      await write(name)(unit);
      unit.finishWith(failing ? 'failing' : 'shared', async (trx) => {
        const rows = await trx.selectFrom('nonces').select('nonce').execute();
        return () => void ended.push(`${failing ? 'failing' : 'shared'} after ${rows.length}`);
      });
      if (failing) throw new Error('on purpose');
    };
    await Promise.allSettled([
      sequencer.submit(job('a', false)),
      sequencer.submit(job('b', true)),
      sequencer.submit(job('c', false)),
    ]);
    expect(ended).toEqual(['shared after 2']);
  });

  it('reads its state again after a commit that failed, and keeps nothing of it', async () => {
    const failing = sequencer.submit(async (unit) => {
      await write('lost')(unit);
      unit.finishWith('end', () => Promise.reject(new Error('on purpose')));
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect([reloads, fatal.length]).toEqual([1, 0]);
    await sequencer.submit(write('next'));
    expect(await stored()).toEqual(['next']);
  });

  it('takes nothing any more once the disk failed: a failed fsync is not tried again', async () => {
    const broken = new Sqlite.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC');
    const first = sequencer.submit((unit) => {
      unit.finishWith('end', () => Promise.reject(broken));
      return write('lost')(unit);
    });
    await expect(first).rejects.toBe(broken);
    expect(fatal).toEqual([broken]);
    await expect(sequencer.submit(write('later'))).rejects.toBe(broken);
    expect(await stored()).toEqual([]);
  });

  it('finishes what it has when it is closed, and takes nothing more', async () => {
    const last = sequencer.submit(write('last'));
    await sequencer.close();
    await last;
    expect(await stored()).toEqual(['last']);
    await expect(sequencer.submit(write('late'))).rejects.toThrow('closed');
  });
});
