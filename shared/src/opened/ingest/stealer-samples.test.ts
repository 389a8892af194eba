/** The published stealer samples, where the folder is present: exact tuples against an independent reader. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { load, tuple } from './load-for-test.ts';
import { bytesToSource } from './source-file.ts';

const samples = resolve(import.meta.dirname, '../../../../../shared/samples/stealer-logs');
const present = existsSync(samples);

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Independent reader: whole file at once, one expression a layout; nothing of the code under test. */
function readTuples(folder: string): Set<string> {
  const found = new Set<string>();
  for (const path of filesUnder(folder)) {
    if (!/\/(All )?Passwords\.txt$/.test(path)) continue;
    const text = readFileSync(path, 'utf8');
    const forms: [RegExp, (m: string[]) => (string | null)[]][] = [
      [/^SOFT: (.*)\nURL: (.*)\nUSER: (.*)\nPASS: (.*)$/gm, (m) => [m[2] ?? '', m[3] ?? '', m[4] ?? '', m[1] ?? '']],
      [/^URL: (.*)\nUsername: (.*)\nPassword: (.*)\nApplication: (.*)$/gm, (m) => m.slice(1)],
      [/^URL: (.*)\nLOGIN: (.*)\nPASSWORD: (.*)$/gm, (m) => [...m.slice(1), null]],
    ];
    for (const [form, fields] of forms) {
      for (const match of text.matchAll(form)) found.add(JSON.stringify(fields([...match])));
    }
  }
  return found;
}

const asFiles = (folder: string) =>
  filesUnder(folder).map((path) => bytesToSource(relative(samples, path), readFileSync(path)));

describe.skipIf(!present)('stealer samples (skipped where ../shared is absent)', () => {
  const machines = (present ? readdirSync(samples, { withFileTypes: true }) : [])
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: family }) =>
      readdirSync(join(samples, family)).map((name) => ({ family, name, folder: join(samples, family, name) })),
    );

  test.each(machines)('$name gives exactly its credential blocks', async ({ family, folder }) => {
    const loaded = await load(asFiles(folder));
    const expected = readTuples(folder);
    expect(expected.size).toBeGreaterThan(3);
    expect(new Set(loaded.records.map((record) => JSON.stringify(tuple(record))))).toEqual(expected);
    expect(loaded.records.length).toBe(expected.size);
    expect(loaded.total.quarantined).toEqual({});
    const names = { atomic: 'Atomic', lumma: 'Lumma', redline: 'RedLine' } as const;
    for (const { machine } of loaded.records) {
      expect(machine?.family).toBe(names[family as keyof typeof names]);
      expect(machine?.familyConfidence).toBeGreaterThan(0.5);
    }
  });

  test('all machines at once: one key each, all blocks, files without credentials counted', async () => {
    expect(machines.length).toBeGreaterThanOrEqual(18);
    const loaded = await load(asFiles(samples));
    expect(loaded.records.every((record) => record.machine !== null)).toBe(true);
    expect(new Set(loaded.records.map((record) => record.machine?.key)).size).toBe(machines.length);
    const expected = machines.reduce((sum, { folder }) => sum + readTuples(folder).size, 0);
    expect(loaded.records.length).toBe(expected);
    expect(loaded.total.ignored['no-credential']).toBeGreaterThan(100);
    expect(loaded.total.ignored.copy).toBeGreaterThan(100);
  });

  test('machines carry what their system files say', async () => {
    const loaded = await load(asFiles(join(samples, 'redline/RedLine_P005_18FE9987')));
    expect(loaded.records[0]?.machine).toMatchObject({
      key: 'BD1AF23815E07D774C158C0E9934750E',
      name: 'DESKTOP-RXHHWFGW',
      user: 'Jessica',
      os: 'Windows_11_Pro x64',
      country: 'US',
      ip: '192.168.19.90',
      capturedAtMs: Date.UTC(2025, 6, 29, 14, 27, 3),
    });
    const lumma = await load(asFiles(join(samples, 'lumma/Lumma_P015_LOFNWW3HO6YETFDW')));
    expect(lumma.records[0]?.machine).toMatchObject({
      key: 'E1H8LN3G78DI3MOB',
      user: 'priya',
      country: 'IN',
      capturedAtMs: Date.UTC(2025, 6, 30, 7, 49, 25),
    });
    expect(lumma.records.map((record) => record.cookieState)).toContain('live');
    expect(lumma.records.find((record) => record.url.includes('zoom.us'))?.cookieState).toBe('none');
  });
});
