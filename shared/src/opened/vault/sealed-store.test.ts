import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { Backend, Batch, StoredRow, VaultTable } from './backend.ts';
import { createFailingBackend } from './failing-backend.ts';
import type { MemoryBackend } from './memory-backend.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { createStore, openStore } from './open-store.ts';

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const vaultKey = random(32);

describe('sealed store', () => {
  test('values of both kinds come back, also after reopening', async () => {
    const { backend, store } = await filled();
    expect(value(await store.get('outbox', 'a'))).toEqual({ n: 1, t: 'ก' });
    expect(value(await store.get('segments', 'b'))).toEqual(new Uint8Array([1, 2, 3]));
    expect(value(await store.get('segments', 'missing'))).toBeNull();
    const reopened = value(await openStore({ backend, vaultKey, random }));
    expect(value(await reopened.getMany('outbox', ['c', 'a', 'z']))).toEqual(['third', { n: 1, t: 'ก' }, null]);
    expect(reopened.ids('outbox')).toEqual(['a', 'c']);
    expect(reopened.vaultId).toBe(store.vaultId);
  });

  test('a transaction is all or nothing, and reads its own writes', async () => {
    const { store } = await filled();
    const read = await store.transaction(async (tx) => {
      tx.put('outbox', 'd', 4);
      tx.delete('outbox', 'a');
      return [
        value(await tx.get('outbox', 'd')),
        value(await tx.get('outbox', 'a')),
        value(await tx.get('outbox', 'c')),
      ];
    });
    expect(value(read)).toEqual([4, null, 'third']);
    await expect(
      store.transaction((tx) => {
        tx.put('outbox', 'e', 5);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(store.ids('outbox')).toEqual(['c', 'd']);
  });

  test('transactions started at once run one after the other', async () => {
    const { store } = await filled();
    const increase = () =>
      store.transaction(async (tx) => {
        const count = value(await tx.get('meta', 'count')) as number | null;
        await new Promise((done) => setTimeout(done, 1));
        tx.put('meta', 'count', (count ?? 0) + 1);
      });
    await Promise.all(Array.from({ length: 20 }, increase));
    expect(value(await store.get('meta', 'count'))).toBe(20);
  });

  test('a removed row is named when the vault is opened, and when it is read', async () => {
    const { backend, store } = await filled();
    backend.tables.segments.delete('b');
    const damage = { kind: 'storage-damaged', table: 'segments', id: 'b', how: 'removed' };
    expect(await store.get('segments', 'b')).toEqual({ ok: false, error: damage });
    expect(await openStore({ backend, vaultKey, random })).toEqual({ ok: false, error: damage });
  });

  test('a row put back from before is named', async () => {
    const { backend, store } = await filled();
    const old = row(backend, 'outbox', 'a');
    await store.put('outbox', 'a', 'newer');
    backend.tables.outbox.set('a', old);
    const damage = { kind: 'storage-damaged', table: 'outbox', id: 'a', how: 'rolled-back' };
    expect(await store.get('outbox', 'a')).toEqual({ ok: false, error: damage });
    expect(await openStore({ backend, vaultKey, random })).toEqual({ ok: false, error: damage });
  });

  test('an old row dressed as the new revision is named when it is read', async () => {
    const { backend, store } = await filled();
    const old = row(backend, 'outbox', 'a');
    await store.put('outbox', 'a', 'newer');
    backend.tables.outbox.set('a', { ...old, rev: 2 });
    expect(await store.get('outbox', 'a')).toMatchObject({ error: { id: 'a', how: 'altered' } });
  });

  test('an old life of an id that was deleted and written anew is named', async () => {
    const { backend, store } = await filled();
    const old = row(backend, 'outbox', 'a');
    await store.delete('outbox', 'a');
    await store.put('outbox', 'a', 'second life');
    backend.tables.outbox.set('a', old);
    expect(await store.get('outbox', 'a')).toMatchObject({ error: { id: 'a', how: 'rolled-back' } });
  });

  test('two rows swapped are named when they are read', async () => {
    const { backend, store } = await filled();
    const [a, c] = [row(backend, 'outbox', 'a'), row(backend, 'outbox', 'c')];
    backend.tables.outbox.set('a', { ...c, id: 'a' });
    backend.tables.outbox.set('c', { ...a, id: 'c' });
    expect(await store.get('outbox', 'a')).toMatchObject({ error: { table: 'outbox', id: 'a', how: 'altered' } });
    expect(await store.getMany('outbox', ['c'])).toMatchObject({ error: { table: 'outbox', id: 'c', how: 'altered' } });
  });

  test('an empty store is re-keyed, and opens with the new key', async () => {
    const backend = createMemoryBackend();
    const store = value(await createStore({ backend, vaultKey, random }));
    const newKey = random(32);
    value(await store.rekey({ vaultKey: newKey, slots: [] }));
    expect(value(await openStore({ backend, vaultKey: newKey, random })).size).toBe(0);
    expect((await openStore({ backend, vaultKey, random })).ok).toBe(false);
  });

  test('whoever reads while the store is re-keyed gets what is there', async () => {
    const { backend } = await filled();
    // Rows come a moment late, as from a disk: some are asked for in one life and come in the next.
    const late: Backend = {
      ...backend,
      get: async (table, id) => {
        await new Promise((done) => setTimeout(done, 1));
        return backend.get(table, id);
      },
    };
    const store = value(await openStore({ backend: late, vaultKey, random }));
    let isOver = false;
    const reading = (async () => {
      const read = new Set<string>();
      while (!isOver) {
        read.add(JSON.stringify(await Promise.all([store.get('outbox', 'a'), store.get('outbox', 'c')])));
        await new Promise((done) => setTimeout(done));
      }
      return [...read];
    })();
    for (let round = 0; round < 5; round++) value(await store.rekey({ vaultKey: random(32), slots: [] }));
    isOver = true;
    expect(await reading).toEqual([
      JSON.stringify([
        { ok: true, value: { n: 1, t: 'ก' } },
        { ok: true, value: 'third' },
      ]),
    ]);
  });

  test('large rows are what was put, one after the other and after transactions that were given up', async () => {
    const { backend, store } = await filled();
    const large = (fill: number, length = 40_000) => new Uint8Array(length).fill(fill);
    for (let round = 0; round < 4; round++) {
      const given = store.transaction((tx) => {
        for (let i = 0; i < 8; i++) tx.put('journal', `lost${i}`, large(200 + i));
        throw new Error('given up');
      });
      await expect(given).rejects.toThrow('given up');
      const written = store.transaction(async (tx) => {
        for (let i = 0; i < 12; i++) tx.put('journal', `r${round} ${i}`, large(i + round, 40_000 - (i % 2)));
        return value(await tx.get('journal', `r${round} 3`));
      });
      expect(value(await written)).toEqual(large(3 + round, 39_999));
    }
    const reopened = value(await openStore({ backend, vaultKey, random }));
    expect(reopened.ids('journal')).toHaveLength(48);
    for (const id of reopened.ids('journal')) {
      const [round, i] = id.slice(1).split(' ').map(Number) as [number, number];
      expect(value(await reopened.get('journal', id))).toEqual(large(i + round, 40_000 - (i % 2)));
    }
  });

  test('what is tried out is a whole batch, and changes nothing', async () => {
    const backend = createMemoryBackend();
    const tried: Batch[] = [];
    const watched: Backend = {
      ...backend,
      async tryOut(batch) {
        tried.push(batch);
      },
    };
    const store = value(await createStore({ backend: watched, vaultKey, random }));
    value(await store.put('outbox', 'a', 1));
    const before = structuredClone(backend.tables);
    for (let i = 0; i < 3; i++) {
      await store.tryOut((tx) => {
        tx.put('outbox', 'a', 2);
        tx.put('journal', `b${i}`, new Uint8Array(30_000).fill(i));
        tx.delete('outbox', 'c');
        tx.setSeen('seen', 7);
        tx.setAuditSeq(7);
        tx.meanwhile(() => expect.unreachable());
      });
    }
    expect(tried.map(({ puts }) => puts.map(({ row: { id } }) => id))).toEqual(
      Array.from({ length: 3 }, (_, i) => ['a', `b${i}`, 'manifest/journal/1', 'manifest/outbox/1', 'manifest']),
    );
    expect(backend.tables).toEqual(before);
    expect([store.ids('journal'), store.seen('seen'), store.auditSeq]).toEqual([[], null, 0]);
    expect(value(await store.get('outbox', 'a'))).toBe(1);
    value(await store.put('outbox', 'a', 3));
    const reopened = value(await openStore({ backend, vaultKey, random }));
    expect([value(await reopened.get('outbox', 'a')), reopened.size]).toEqual([3, 1]);
  });

  test('a row moved to another table, a flipped bit and a cut row are named', async () => {
    const { backend, store } = await filled();
    backend.tables.envelopes.set('x', { ...row(backend, 'outbox', 'a'), id: 'x' });
    expect(await openStore({ backend, vaultKey, random })).toMatchObject({
      error: { table: 'envelopes', how: 'added' },
    });
    backend.tables.envelopes.delete('x');
    const bytes = row(backend, 'outbox', 'a').bytes;
    for (const at of [0, 3, 8, 20, bytes.length - 1]) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      backend.tables.outbox.set('a', { id: 'a', rev: 1, bytes: flipped });
      expect(await store.get('outbox', 'a')).toMatchObject({ error: { id: 'a', how: 'altered' } });
    }
    backend.tables.outbox.set('a', { id: 'a', rev: 1, bytes: bytes.slice(0, 10) });
    expect(await store.get('outbox', 'a')).toMatchObject({ error: { id: 'a', how: 'altered' } });
  });

  test('an old manifest is named as what is old', async () => {
    const { backend, store } = await filled();
    const manifest = row(backend, 'meta', 'manifest');
    await store.put('outbox', 'a', 'newer');
    backend.tables.meta.set('manifest', manifest);
    expect(await openStore({ backend, vaultKey, random })).toMatchObject({
      error: { table: 'meta', id: 'manifest', how: 'rolled-back' },
    });
  });

  test('another vault key opens nothing', async () => {
    const { backend } = await filled();
    expect(await openStore({ backend, vaultKey: random(32), random })).toMatchObject({
      error: { kind: 'storage-damaged', table: 'meta', id: 'manifest', how: 'altered' },
    });
    expect(await createStore({ backend, vaultKey, random })).toMatchObject({ error: { kind: 'conflict' } });
  });

  test('of two stores over one backend the second writer is refused', async () => {
    const { backend, store } = await filled();
    const other = value(await openStore({ backend, vaultKey, random }));
    expect((await store.put('outbox', 'a', 1)).ok).toBe(true);
    expect(await other.put('outbox', 'c', 2)).toEqual({ ok: false, error: { kind: 'conflict' } });
    expect(value(await openStore({ backend, vaultKey, random })).ids('outbox')).toEqual(['a', 'c']);
  });

  test.each(['full', 'before'] as const)(
    'after a failed commit (%s) the store is as before and goes on',
    async (kind) => {
      const { backend } = await filled();
      const failing = createFailingBackend(backend);
      const store = value(await openStore({ backend: failing, vaultKey, random }));
      failing.failAfter(0, kind);
      expect((await store.put('outbox', 'a', 'lost')).ok).toBe(false);
      expect(value(await store.get('outbox', 'a'))).toEqual({ n: 1, t: 'ก' });
      failing.heal();
      value(await store.put('outbox', 'a', 'kept'));
      expect(value(await openStore({ backend, vaultKey, random })).ids('outbox')).toEqual(['a', 'c']);
    },
  );

  test('a table gets a new key after its share of writes, and old rows still open', async () => {
    const backend = createMemoryBackend();
    const store = value(await createStore({ backend, vaultKey, random, maxWritesPerGeneration: 3 }));
    for (let i = 0; i < 10; i++) value(await store.put('outbox', `r${i}`, i));
    const generations = [...backend.tables.outbox.values()].map(({ bytes }) => bytes[4]);
    expect(new Set(generations)).toEqual(new Set([0, 1, 2, 3]));
    const reopened = value(await openStore({ backend, vaultKey, random }));
    expect(value(await reopened.get('outbox', 'r0'))).toBe(0);
    expect(value(await reopened.get('outbox', 'r9'))).toBe(9);
  });

  test('versions seen and the audit number survive, and the number never falls', async () => {
    const { backend, store } = await filled();
    value(
      await store.transaction((tx) => {
        tx.setSeen('feed/x', [3, 'sid']);
        tx.setAuditSeq(7);
      }),
    );
    value(await store.transaction((tx) => tx.setAuditSeq(5)));
    const reopened = value(await openStore({ backend, vaultKey, random }));
    expect(reopened.seen('feed/x')).toEqual([3, 'sid']);
    expect(reopened.auditSeq).toBe(7);
  });

  test('nothing readable lies in the backend', async () => {
    const { backend, store } = await filled();
    value(await store.put('outbox', 'a', { secret: 'canary-3c1f' }));
    value(await store.put('segments', 'b', utf8('canary-3c1f')));
    const stored = Object.values(backend.tables).flatMap((table) =>
      [...table.values()].map(({ bytes }) => latin1(bytes)),
    );
    expect(stored.some((text) => text.includes('canary'))).toBe(false);
    expect(stored.length).toBeGreaterThan(4);
  });
});

async function filled() {
  const backend = createMemoryBackend();
  const store = value(await createStore({ backend, vaultKey, random }));
  value(await store.put('outbox', 'a', { n: 1, t: 'ก' }));
  value(await store.put('segments', 'b', new Uint8Array([1, 2, 3])));
  value(await store.put('outbox', 'c', 'third'));
  return { backend, store };
}

function row(backend: MemoryBackend, table: VaultTable, id: string): StoredRow {
  const found = backend.tables[table].get(id);
  if (found === undefined) throw new Error('no such row');
  return found;
}

function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function latin1(bytes: Bytes): string {
  return Buffer.from(bytes).toString('latin1');
}
