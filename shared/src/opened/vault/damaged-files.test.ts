import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import type { Finding } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import type { ImportRow } from './import-files.ts';
import { ALL, bundleOf, emptyVault, picture, reopen, value } from './vault.fixture.ts';

const first = madeUpFindings(200, 11);
const second = madeUpFindings(100, 12).map((finding, i): Finding => {
  return i < 30 ? { ...finding, id: (first[i] as Finding).id } : finding;
});
const [touched] = first as [Finding];

/** Ways to damage one file, given another of the vault. */
const DAMAGE: Readonly<Record<string, (file: Bytes, other: Bytes) => Bytes | null>> = {
  removed: () => null,
  cut: (file) => file.slice(0, -1),
  'changed by a bit': (file) => file.map((byte, i) => (i === file.length >> 1 ? byte ^ 1 : byte)),
  'swapped for another’s': (file, other) => {
    const swapped = file.slice();
    swapped.set(other.subarray(0, file.length));
    return swapped;
  },
};

async function twoBundles() {
  const made = await emptyVault();
  value(await made.vault.importBundle('b1', bundleOf(first)));
  value(await made.vault.importBundle('b2', bundleOf(second)));
  value(await made.vault.triage([touched.id], [{ field: 'owner', owner: 'ann' }]));
  const [b1, b2] = value(await made.store.getMany('imports', ['b1', 'b2'])) as unknown as ImportRow[];
  const names = (row: ImportRow | undefined) =>
    [row?.files?.hot.file.name, row?.files?.cold.file.name] as [string, string];
  return { ...made, b1: names(b1), b2: names(b2), files: made.backend.segments.files };
}

describe('files of a vault that somebody had in hand', () => {
  test.each(Object.keys(DAMAGE))(
    'a hot file that is %s: its bundle is named and left out, the other is there, and a fresh copy repairs it',
    async (way) => {
      const { backend, vault, b1, b2, files } = await twoBundles();
      const before = await picture(vault);
      const damaged = DAMAGE[way]?.(files.get(b1[0]) as Bytes, files.get(b2[0]) as Bytes) ?? null;
      if (damaged === null) files.delete(b1[0]);
      else files.set(b1[0], damaged);

      const opened = await reopen(backend);
      expect(opened.damaged).toEqual(['b1']);
      expect(opened.query(ALL).total).toBe(100);
      expect(opened.bundles()).toHaveLength(2);
      expect(await opened.repairBundle('b2', bundleOf(second))).toMatchObject({ error: { kind: 'already-done' } });
      expect(await opened.repairBundle('b1', bundleOf(second))).toMatchObject({ error: { kind: 'forged' } });
      expect(value(await opened.repairBundle('b1', bundleOf(first)))).toMatchObject({ findings: 200, added: 200 });
      expect(opened.damaged).toEqual([]);
      expect(await picture(opened)).toEqual(before);
      expect(await picture(await reopen(backend))).toEqual(before);
      expect(files.size).toBe(4);
    },
  );

  test.each(Object.keys(DAMAGE))(
    'a cold file that is %s: findings are listed, opening one says so, and a fresh copy repairs it',
    async (way) => {
      const { backend, vault, b1, b2, files } = await twoBundles();
      const before = await picture(vault);
      const damaged = DAMAGE[way]?.(files.get(b1[1]) as Bytes, files.get(b2[1]) as Bytes) ?? null;
      if (damaged === null) files.delete(b1[1]);
      else files.set(b1[1], damaged);

      const opened = await reopen(backend);
      expect(opened.query(ALL).total).toBe(270);
      const details = await Promise.all(first.map(({ id }) => opened.detail(id)));
      expect(details.every(({ ok }) => !ok)).toBe(true);
      expect(details[0]).toMatchObject({ error: { kind: 'storage-damaged' } });
      expect(opened.damaged).toEqual(['b1']);
      expect((await opened.detail((second[99] as Finding).id)).ok).toBe(true);
      value(await opened.repairBundle('b1', bundleOf(first)));
      expect(await picture(opened)).toEqual(before);
    },
  );

  test('a bundle that came while an older one was damaged meets its findings once that one is repaired', async () => {
    const { backend, store, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const [row] = value(await store.getMany('imports', ['b1'])) as unknown as [ImportRow];
    backend.segments.files.delete(row.files?.hot.file.name ?? '');

    const opened = await reopen(backend);
    expect(value(await opened.importBundle('b2', bundleOf(second)))).toMatchObject({ added: 100, merged: 0 });
    value(await opened.repairBundle('b1', bundleOf(first)));
    expect(opened.query(ALL).total).toBe(270);
    expect((await reopen(backend)).query(ALL).total).toBe(270);
  });

  test('files that no bundle names are swept when the vault is opened', async () => {
    const { backend, vault, files } = await twoBundles();
    files.set('left-behind', new Uint8Array(10));
    const opened = await reopen(backend);
    expect(files.size).toBe(4);
    expect(await picture(opened)).toEqual(await picture(vault));
    // Whoever opened it before started from an older manifest, and cannot name a file that was swept meanwhile.
    expect(await vault.importBundle('b3', bundleOf(first))).toMatchObject({ error: { code: 'other-writer' } });
  });
});
