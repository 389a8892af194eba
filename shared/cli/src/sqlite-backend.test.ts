import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '@sealpost/shared/base/result';
import { createStore, openStore } from '@sealpost/shared/opened/vault/open-store';
import { brokenPromises } from '@sealpost/shared/opened/vault/segment-contract';
import { openSqliteBackend } from './sqlite-backend.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const vaultKey = random(32);
const value = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const reopened = (path: string) => {
  const backend = openSqliteBackend(path);
  return { segments: backend.segments, close: () => backend.close() };
};
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealpost-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('SQLite backend', () => {
  test('a vault survives closing, in a file that only its owner reads', async () => {
    const path = join(folder, 'vault.db');
    const made = await createStore({ backend: openSqliteBackend(path), vaultKey, random });
    if (!made.ok) throw new Error(made.error.kind);
    await made.value.put('journal', '00000001', { canary: 'canary-77aa' });
    await made.value.put('segments', 'a', new Uint8Array([1, 2]));
    await made.value.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const opened = await openStore({ backend: openSqliteBackend(path), vaultKey, random });
    if (!opened.ok) throw new Error(opened.error.kind);
    expect(await opened.value.getMany('journal', ['00000001', 'x'])).toEqual({
      ok: true,
      value: [{ canary: 'canary-77aa' }, null],
    });
    expect(await opened.value.get('segments', 'a')).toEqual({ ok: true, value: new Uint8Array([1, 2]) });
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    expect(files.some((bytes) => bytes.includes('canary-77aa'))).toBe(false);
    await opened.value.close();
  });

  test('a batch whose expectation fails changes nothing', async () => {
    const backend = openSqliteBackend(join(folder, 'vault.db'));
    const row = (rev: number) => ({ table: 'meta' as const, row: { id: 'a', rev, bytes: new Uint8Array([rev]) } });
    const absent = { table: 'meta' as const, id: 'a', rev: null };
    expect((await backend.commit({ puts: [row(1)], deletes: [], expect: absent })).ok).toBe(true);
    expect(await backend.commit({ puts: [row(2)], deletes: [], expect: absent })).toEqual({
      ok: false,
      error: { kind: 'conflict' },
    });
    expect(await backend.get('meta', 'a')).toEqual({ id: 'a', rev: 1, bytes: new Uint8Array([1]) });
    expect((await backend.commit({ puts: [], deletes: [{ table: 'meta', id: 'a' }] })).ok).toBe(true);
    expect(await backend.list('meta')).toEqual([]);
    await backend.close();
  });

  test('a segment file comes back in any range, also after closing, and is gone when removed or given up', async () => {
    const path = join(folder, 'vault.db');
    const backend = openSqliteBackend(path);
    expect(await brokenPromises(backend.segments)).toEqual([]);
    const content = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const writer = value(await backend.segments.create('one'));
    for (let at = 0; at < content.length; at += 70_000) {
      const part = content.slice(at, at + 70_000);
      expect(value(await writer.append(part))).toBe(part.buffer);
    }
    value(await writer.close());
    const given = value(await backend.segments.create('given-up'));
    value(await given.append(random(10)));
    await given.abort();
    expect(await backend.segments.create('one')).toMatchObject({ error: { kind: 'conflict' } });
    await backend.close();
    const { segments, close } = reopened(path);
    expect(await segments.list()).toEqual([{ name: 'one', size: 300_000 }]);
    const into = new ArrayBuffer(400_000);
    for (const [offset, length] of [
      [0, 300_000],
      [69_999, 2],
      [70_000, 70_000],
      [139_000, 72_000],
      [299_999, 1],
    ] as const) {
      const bytes = await segments.read('one', offset, length, into);
      expect(bytes?.buffer).toBe(into);
      expect(bytes).toEqual(content.slice(offset, offset + length));
    }
    expect(await segments.read('one', 299_999, 2)).toBeNull();
    expect(await segments.read('other', 0, 1)).toBeNull();
    value(await segments.remove(['one', 'other']));
    expect(await segments.read('one', 0, 1)).toBeNull();
    expect(await segments.list()).toEqual([]);
    await close();
  });

  test('a file that is no database is refused and left as it is', () => {
    const path = join(folder, 'other.db');
    writeFileSync(path, 'this is a letter, not a database. '.repeat(50));
    expect(() => openSqliteBackend(path)).toThrow();
    expect(readFileSync(path, 'utf8')).toContain('this is a letter');
  });
});
