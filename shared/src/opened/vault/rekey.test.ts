import { describe, expect, test } from 'vitest';
import type { Finding } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import type { Backend } from './backend.ts';
import { createFailingBackend } from './failing-backend.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { openFindingsVault } from './open-findings-vault.ts';
import { createStore, openStore } from './open-store.ts';
import { bundleOf, NOW_MS, picture, random, value, vaultKey } from './vault.fixture.ts';

const first = madeUpFindings(60, 11);
const second = madeUpFindings(40, 12).map((finding, i): Finding => {
  return i < 10 ? { ...finding, id: (first[i] as Finding).id } : finding;
});
const newKey = random(32);
const slots = [{ id: 'slot/passphrase', bytes: new Uint8Array([2]) }];

async function open(backend: Backend, key = vaultKey) {
  const store = value(await openStore({ backend, vaultKey: key, random }));
  const vault = value(await openFindingsVault({ store, device: 'device-1', nowMs: () => NOW_MS, random }));
  return { store, vault };
}

/** A vault with two bundles, triage, secrets, rows of others and a slot, over a backend that can fail. */
async function filled() {
  const backend = createMemoryBackend();
  const failing = createFailingBackend(backend);
  value(await createStore({ backend: failing, vaultKey, random }));
  value(
    await backend.commit({
      puts: [{ table: 'meta', row: { id: 'slot/passphrase', rev: 1, bytes: new Uint8Array([1]) } }],
      deletes: [],
    }),
  );
  const { store, vault } = await open(failing);
  value(await vault.importBundle('b1', bundleOf(first)));
  value(await vault.importBundle('b2', bundleOf(second)));
  value(await vault.triage([(first[3] as Finding).id], [{ field: 'owner', owner: 'ann' }]));
  value(await vault.putSecrets('b1', [{ id: (first[4] as Finding).id, secret: 'made-up' }]));
  value(
    await store.transaction((tx) => {
      for (let i = 0; i < 150; i++) tx.put('outbox', `row-${i}`, { i });
      tx.setAuditSeq(7);
    }),
  );
  return { backend, failing, store, vault };
}

describe('re-key', () => {
  test('afterwards everything opens with the new key alone, and nothing of the old life is left', async () => {
    const { backend, store, vault } = await filled();
    const before = await picture(vault);
    const oldRows = [...backend.tables.outbox.keys(), ...backend.segments.files.keys()];
    const progress: (readonly [number, number])[] = [];
    value(
      await vault.rekey({
        vaultKey: newKey,
        slots,
        onProgress: (...told) => progress.push(told),
        also: (tx) => tx.put('outbox', 'key', 'changed'),
      }),
    );
    expect(progress.at(-1)?.[0]).toBe(progress.at(-1)?.[1]);
    // The open vault goes on: it reads, and it writes.
    expect(await picture(vault)).toEqual(before);
    value(await vault.triage([(first[5] as Finding).id], [{ field: 'owner', owner: 'bo' }]));
    const now = await picture(vault);
    expect(await openStore({ backend, vaultKey, random })).toMatchObject({ error: { kind: 'storage-damaged' } });
    const opened = await open(backend, newKey);
    expect(await picture(opened.vault)).toEqual(now);
    expect(value(await opened.vault.secret((first[4] as Finding).id))).toEqual({ secret: 'made-up' });
    expect(value(await opened.store.get('outbox', 'row-149'))).toEqual({ i: 149 });
    expect(value(await opened.store.get('outbox', 'key'))).toBe('changed');
    expect(opened.store.auditSeq).toBe(7);
    expect(opened.store.vaultId).toBe(store.vaultId);
    expect(await opened.store.slot('slot/passphrase')).toEqual(new Uint8Array([2]));
    const left = new Set([...backend.tables.outbox.keys(), ...backend.segments.files.keys()]);
    expect(oldRows.filter((id) => left.has(id))).toEqual([]);
    expect(backend.segments.files.size).toBe(4);
    // And again.
    const third = random(32);
    value(await opened.vault.rekey({ vaultKey: third, slots }));
    expect(await picture((await open(backend, third)).vault)).toEqual(now);
  });

  test.each(['full', 'before', 'after'] as const)(
    'that fails (%s) at any write leaves the old vault whole, or the new one',
    async (failure) => {
      const made = await filled();
      const start = made.failing.writes;
      value(await made.vault.rekey({ vaultKey: newKey, slots }));
      const writes = made.failing.writes - start;
      expect(writes).toBeGreaterThan(15);
      let isNew = 0;
      for (let step = 0; step < writes; step += 1) {
        const { backend, failing, vault } = await filled();
        const before = await picture(vault);
        failing.failAfter(step, failure);
        const done = await vault.rekey({ vaultKey: newKey, slots });
        const slot = backend.tables.meta.get('slot/passphrase')?.bytes[0];
        if (done.ok) expect(slot).toBe(2);
        if (slot === 2) isNew++;
        const opened = await open(backend, slot === 2 ? newKey : vaultKey);
        expect(await picture(opened.vault), `step ${step}`).toEqual(before);
        expect(opened.vault.damaged).toEqual([]);
        expect(backend.segments.files.size).toBe(4);
        expect((await opened.vault.rekey({ vaultKey: random(32), slots })).ok).toBe(true);
      }
      expect(isNew).toBeGreaterThan(0);
      expect(isNew).toBeLessThan(writes);
    },
  );

  test('a damaged bundle does not stop it, and is repaired under the new key', async () => {
    const { backend, failing, vault } = await filled();
    const before = await picture(vault);
    const [name] = backend.segments.files.keys();
    backend.segments.files.delete(name as string);
    const { vault: hurt } = await open(failing);
    expect(hurt.damaged).toEqual(['b1']);
    value(await hurt.rekey({ vaultKey: newKey, slots }));
    expect(hurt.damaged).toEqual(['b1']);
    const { vault: opened } = await open(backend, newKey);
    expect(opened.damaged).toEqual(['b1']);
    value(await opened.repairBundle('b1', bundleOf(first)));
    expect(await picture(opened)).toEqual(before);
  });
});
