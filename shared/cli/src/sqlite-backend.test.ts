import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStore, openStore } from '@sealpost/shared/opened/vault/open-store';
import { openSqliteBackend } from './sqlite-backend.ts';

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const vaultKey = random(32);
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

  test('a file that is no database is refused and left as it is', () => {
    const path = join(folder, 'other.db');
    writeFileSync(path, 'this is a letter, not a database. '.repeat(50));
    expect(() => openSqliteBackend(path)).toThrow();
    expect(readFileSync(path, 'utf8')).toContain('this is a letter');
  });
});
