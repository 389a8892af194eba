import { describe, expect, test } from 'vitest';
import type { FindingId } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { ALL, bundleOf, emptyVault, reopen, states, value } from './vault.fixture.ts';

const findings = madeUpFindings(7000, 31);
const ids = findings.map(({ id }) => id);

async function filled() {
  const made = await emptyVault();
  value(await made.vault.importBundle('b1', bundleOf(findings)));
  return made;
}

describe('bulk triage', () => {
  test('one after the other, also where some fail, is at rest what was done', async () => {
    const { backend, failing, vault } = await filled();
    const some = ids.slice(0, 6000);
    expect(value(await vault.triage(some, [{ field: 'state', state: 'triaged' }])).applied).toBe(6000);
    failing.failAfter(0, 'before', 1);
    expect((await vault.triage(ids, [{ field: 'owner', owner: 'lost' }])).ok).toBe(false);
    failing.heal();
    expect(value(await vault.triage(ids.slice(1000), [{ field: 'owner', owner: 'ann' }])).applied).toBe(6000);
    const missing = [...ids.slice(0, 5000), 'A'.repeat(22) as FindingId];
    expect(await vault.triage(missing, [{ field: 'owner', owner: 'bo' }])).toMatchObject({
      error: { kind: 'not-found', what: 'finding' },
    });
    // With no word how it was resolved.
    const refused = await vault.triage(ids, [{ field: 'state', state: 'closed' }]);
    expect(refused).toMatchObject({ error: { kind: 'invalid' } });
    const expected = ids.map((_, i) => (i < 6000 ? 'triaged' : 'new') + (i < 1000 ? '' : ' ann'));
    expect(states(vault).toSorted()).toEqual(expected.toSorted());
    const reopened = await reopen(backend);
    expect(states(reopened)).toEqual(states(vault));
    for (const at of [0, 999, 1000, 5999, 6000, 6999]) {
      const id = ids[at] as FindingId;
      const [here, there] = [value(await vault.detail(id)), value(await reopened.detail(id))];
      expect(there.history).toEqual(here.history);
      expect(here.history).toHaveLength((at < 6000 ? 1 : 0) + (at >= 1000 ? 1 : 0));
    }
  });

  test('that is tried out leaves nothing, also in an empty vault, and comes to an end', async () => {
    for (const { backend, failing, vault } of [await emptyVault(), await filled()]) {
      value(await vault.triage(vault.ids(vault.query(ALL).token, 0, 3000), [{ field: 'owner', owner: 'ann' }]));
      const [before, writes] = [states(vault), failing.writes];
      const atRest = structuredClone(backend.tables);
      let trials = 0;
      while (await vault.tryOut()) trials++;
      expect(trials).toBe(3);
      expect([states(vault), failing.writes, backend.tables]).toEqual([before, writes, atRest]);
      value(await vault.triage(ids.slice(0, vault.query(ALL).total), [{ field: 'state', state: 'triaged' }]));
      expect(states(await reopen(backend))).toEqual(states(vault));
    }
  });

  test('of findings that are named more than once changes each once, in one commit', async () => {
    const { backend, failing, vault } = await filled();
    const named = [...ids.slice(0, 3000), ...ids.slice(0, 500), ...ids.slice(2000, 3500)];
    const before = failing.writes;
    let recorded = 0;
    const done = await vault.triage(named, [{ field: 'state', state: 'triaged' }], (tx) => {
      recorded++;
      tx.put('outbox', `record ${recorded}`, recorded);
    });
    expect(value(done)).toEqual({ group: expect.any(String) as unknown, applied: 3500 });
    expect(failing.writes - before).toBe(1);
    expect(vault.unsentOperations).toBe(3500);
    const reopened = await reopen(backend);
    expect(reopened.unsentOperations).toBe(3500);
    expect(states(reopened)).toEqual(states(vault));
    expect(value(await reopened.detail(ids[2500] as FindingId)).history).toHaveLength(1);
    expect([...backend.tables.outbox.keys()]).toEqual([`record ${recorded}`]);
    expect(value(await reopened.undo(value(done).group))).toEqual({ applied: 3500 });
  });
});
