import { describe, expect, test } from 'vitest';
import type { Finding } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { bundleOf, emptyVault, picture, reopen, value } from './vault.fixture.ts';

const findings = madeUpFindings(120, 21);
const ids = findings.map(({ id }) => id);
const [first] = ids as [Finding['id']];

/** A vault whose journal has enough full rows to fold; the group of its first triage. */
async function triaged(rounds = 150) {
  const made = await emptyVault();
  value(await made.vault.importBundle('b1', bundleOf(findings)));
  const { group } = value(await made.vault.triage(ids, [{ field: 'state', state: 'pending' }]));
  for (let round = 0; round < rounds; round++) {
    value(await made.vault.triage(ids, [{ field: 'owner', owner: `owner ${round % 7}` }]));
  }
  value(await made.vault.triage([first], [{ field: 'comment', text: 'called' }]));
  return { ...made, group };
}

describe('compaction', () => {
  test('folds many rows into one, and who did what when stays, also to be taken back', async () => {
    const { backend, store, vault, group } = await triaged();
    const before = await picture(vault);
    const { history } = value(await vault.detail(first));
    expect(history).toHaveLength(152);
    const rows = store.ids('journal').length;
    expect(rows).toBeGreaterThan(16);
    expect(value(await vault.compact())).toBe(true);
    expect(value(await vault.compact())).toBe(false);
    expect(store.ids('journal').length).toBeLessThan(2);
    expect(store.ids('snapshots')).toHaveLength(1);
    expect(await picture(vault)).toEqual(before);
    const reopened = await reopen(backend);
    expect(await picture(reopened)).toEqual(before);
    expect(value(await reopened.detail(first)).history).toEqual(history);
    expect(value(await reopened.undo(group))).toEqual({ applied: ids.length });
    expect(value(await reopened.detail(first)).status.state).toBe('new');
  });

  test('goes on after what was folded before, and numbers no row twice', async () => {
    const { backend, store, vault } = await triaged();
    const used = new Set(store.ids('journal'));
    value(await vault.compact());
    for (let round = 0; round < 150; round++) {
      value(await vault.triage(ids, [{ field: 'owner', owner: `later ${round % 5}` }]));
    }
    const open = used.size > 0 ? store.ids('journal').filter((id) => used.has(id)) : [];
    expect(open.length).toBeLessThan(2);
    expect(value(await vault.compact())).toBe(true);
    // The first snapshot was small: it is folded again, so that there are never many.
    expect(store.ids('snapshots')).toHaveLength(1);
    expect(await picture(await reopen(backend))).toEqual(await picture(vault));
    expect(value(await vault.detail(first)).history).toHaveLength(302);
  });

  test.each(['full', 'before', 'after'] as const)(
    'and triage that fail (%s) leave the old journal or the new one',
    async (failure) => {
      const { backend, failing, vault } = await triaged();
      const before = await picture(vault);
      failing.failAfter(0, failure);
      expect((await vault.compact()).ok).toBe(false);
      failing.heal();
      expect(await picture(vault)).toEqual(before);
      const reopened = await reopen(backend);
      expect(await picture(reopened)).toEqual(before);
      expect(value(await reopened.compact())).toBe(failure !== 'after');
      expect(await picture(await reopen(backend))).toEqual(before);
    },
  );

  test('a row of the journal or of a snapshot that is gone, changed or put back is named', async () => {
    const { backend, vault } = await triaged();
    const [id] = backend.tables.journal.keys();
    const old = backend.tables.journal.get(id as string);
    value(await vault.compact());
    backend.tables.journal.set(id as string, old as never);
    await expect(reopen(backend)).rejects.toThrow('added');
    backend.tables.journal.delete(id as string);
    const [snapshot] = backend.tables.snapshots.values();
    if (snapshot === undefined) throw new Error('no snapshot');
    const bytes = snapshot.bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    backend.tables.snapshots.set(snapshot.id, { ...snapshot, bytes });
    await expect(reopen(backend)).rejects.toThrow('altered');
    backend.tables.snapshots.delete(snapshot.id);
    await expect(reopen(backend)).rejects.toThrow('removed');
  });
});
