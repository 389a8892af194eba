import { describe, expect, test } from 'vitest';
import type { Finding } from '../finding/finding.ts';
import { createEngine } from '../query/create-engine.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { mergeFinding } from '../query/merge-finding.ts';
import type { Failure } from './failing-backend.ts';
import type { createMemoryBackend } from './memory-backend.ts';
import { openStore } from './open-store.ts';
import {
  ALL,
  bundleOf,
  emptyVault,
  NOW_MS,
  picture,
  random,
  reopen,
  states,
  value,
  vaultKey,
} from './vault.fixture.ts';

const first = madeUpFindings(200, 11);
const second = madeUpFindings(100, 12).map((finding, i): Finding => {
  return i < 30 ? { ...finding, id: (first[i] as Finding).id } : finding;
});

describe('findings vault', () => {
  test('a bundle is there after the import and after reopening', async () => {
    const { backend, vault } = await emptyVault();
    const progress: number[] = [];
    const imported = await vault.importBundle('b1', bundleOf(first), {
      onProgress: (rows) => progress.push(rows),
    });
    expect(imported).toEqual({ ok: true, value: { bundleId: 'b1', findings: 200, added: 200, merged: 0 } });
    expect(progress).toEqual([200]);
    const reopened = await reopen(backend);
    expect(await picture(reopened)).toEqual(await picture(vault));
    expect(vault.query(ALL).total).toBe(200);
    expect(value(await reopened.detail((first[7] as Finding).id)).finding).toEqual(
      mergeFinding(first[7] as Finding, first[7] as Finding),
    );
  });

  test('an engine that was made ready takes the stored findings, and those that come later', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const engine = createEngine();
    engine.makeReady(1024 * 1024, 512 * 1024);
    const reopened = await reopen(backend, { engine });
    expect(engine.rows).toBe(200);
    expect(await picture(reopened)).toEqual(await picture(vault));
    value(await reopened.importBundle('b2', bundleOf(second)));
    expect(await picture(await reopen(backend))).toEqual(await picture(reopened));
  });

  test('the same bundle again changes nothing, a second one merges what is known', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const before = await picture(vault);
    expect(await vault.importBundle('b1', bundleOf(first))).toEqual({
      ok: false,
      error: { kind: 'already-done', what: 'bundle' },
    });
    expect(await picture(vault)).toEqual(before);
    expect(value(await vault.importBundle('b2', bundleOf(first)))).toMatchObject({
      added: 0,
      merged: 200,
    });
    const { rows, facets, states: shown } = await picture(vault);
    expect({ rows, facets, states: shown }).toEqual({
      rows: before.rows,
      facets: before.facets,
      states: before.states,
    });
    expect(value(await vault.importBundle('b3', bundleOf(second)))).toMatchObject({
      added: 70,
      merged: 30,
    });
    expect(await picture(await reopen(backend))).toEqual(await picture(vault));
  });

  test.each(['full', 'before', 'after'] as const)(
    'an import that fails (%s) at any step leaves the old state or the whole new one',
    async (failure: Failure) => {
      const steps = await writesOfAnImport();
      expect(steps).toBeGreaterThanOrEqual(7);
      for (let step = 0; step < steps; step++) {
        const { backend, failing, vault } = await emptyVault();
        value(await vault.importBundle('b1', bundleOf(first)));
        const before = await picture(vault);
        failing.failAfter(step, failure);
        const imported = await vault.importBundle('b2', bundleOf(second));
        expect(imported.ok).toBe(false);
        expect(await picture(vault)).toEqual(before);
        const reopened = await reopen(backend);
        const isLast = failure === 'after' && step === steps - 1;
        expect(reopened.query(ALL).total).toBe(isLast ? 270 : 200);
        if (!isLast) expect(await picture(reopened)).toEqual(before);
        expect((await reopened.importBundle('b2', bundleOf(second))).ok).toBe(!isLast);
      }
    },
  );

  test('an import that failed once is cleaned up at once, and goes through when tried again', async () => {
    const steps = await writesOfAnImport();
    for (let step = 1; step < steps; step++) {
      const { backend, failing, vault } = await emptyVault();
      failing.failAfter(step, 'full', 1);
      expect(await vault.importBundle('b2', bundleOf(second))).toMatchObject({
        error: { kind: 'storage-full' },
      });
      expect([...backend.segments.files.keys()]).toEqual([]);
      expect(value(await vault.importBundle('b2', bundleOf(second)))).toMatchObject({ added: 100 });
      expect(await picture(await reopen(backend))).toEqual(await picture(vault));
    }
  });

  test('triage is durable when it resolves, and undo takes back the whole group', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const ids = first.slice(0, 50).map(({ id }) => id);
    const before = await picture(vault);
    const done = value(
      await vault.triage(ids, [
        { field: 'state', state: 'triaged' },
        { field: 'owner', owner: 'ann' },
      ]),
    );
    expect(done.applied).toBe(50);
    const reopened = await reopen(backend);
    expect(await picture(reopened)).toEqual(await picture(vault));
    expect(reopened.query({ ...ALL, text: 'owner:ann', filters: { state: ['triaged'] } }).total).toBe(50);
    expect(reopened.unsentOperations).toBe(100);
    expect(value(await reopened.undo(done.group))).toEqual({ applied: 50 });
    expect(value(await reopened.undo(done.group))).toEqual({ applied: 0 });
    expect(states(reopened)).toEqual(before.states);
    expect(states(await reopen(backend))).toEqual(before.states);
  });

  test('undo leaves alone what was changed since', async () => {
    const { vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const [one, two] = first.map(({ id }) => id);
    if (!one || !two) throw new Error('two findings');
    const { group } = value(await vault.triage([one, two], [{ field: 'owner', owner: 'ann' }]));
    value(await vault.triage([two], [{ field: 'owner', owner: 'bo' }]));
    expect(value(await vault.undo(group))).toEqual({ applied: 1 });
    expect(value(await vault.detail(one)).status.owner).toBeNull();
    expect(value(await vault.detail(two)).status.owner).toBe('bo');
    expect(value(await vault.detail(one)).history).toHaveLength(2);
  });

  test('a rule that one finding breaks stops the whole change and is named', async () => {
    const { vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const ids = first.slice(0, 3).map(({ id }) => id);
    expect(await vault.triage(ids, [{ field: 'state', state: 'closed' }])).toMatchObject({
      error: { kind: 'invalid', issues: [{ field: 'state', code: 'resolution_missing', value: ids[0] }, {}, {}] },
    });
    expect(await vault.triage(['nonsense' as Finding['id']], [{ field: 'owner', owner: 'x' }])).toMatchObject({
      error: { kind: 'not-found' },
    });
    expect(states(vault).every((state) => state === 'new')).toBe(true);
  });

  test('triage that cannot be written is not shown', async () => {
    const { failing, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const before = await picture(vault);
    failing.failAfter(0, 'full');
    expect(await vault.triage([(first[0] as Finding).id], [{ field: 'state', state: 'triaged' }])).toEqual({
      ok: false,
      error: { kind: 'storage-full' },
    });
    expect(await picture(vault)).toEqual(before);
    failing.heal();
    expect((await vault.triage([(first[0] as Finding).id], [{ field: 'state', state: 'triaged' }])).ok).toBe(true);
  });

  test('what commits together with a change is there with it', async () => {
    const { backend, vault } = await emptyVault();
    value(
      await vault.importBundle('b1', bundleOf(first), {
        also: (tx) => tx.put('outbox', 'a1', 'opened'),
      }),
    );
    value(
      await vault.triage([(first[0] as Finding).id], [{ field: 'owner', owner: 'x' }], (tx) =>
        tx.put('outbox', 'a2', 'triage'),
      ),
    );
    const store = value(await openStore({ backend, vaultKey, random }));
    expect(value(await store.getMany('outbox', ['a1', 'a2']))).toEqual(['opened', 'triage']);
  });

  test('many single operations stay few rows', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    for (let i = 0; i < 600; i++) {
      value(await vault.triage([(first[i % 200] as Finding).id], [{ field: 'comment', text: `note ${i}` }]));
    }
    expect(await backend.list('journal')).toHaveLength(3);
    const reopened = await reopen(backend);
    expect(value(await reopened.detail((first[0] as Finding).id)).status.comments).toBe(3);
  });

  test('operations of other devices give the same result in any order, and twice', async () => {
    const made = await emptyVault();
    value(await made.vault.importBundle('b1', bundleOf(first)));
    const id = (first[0] as Finding).id;
    for (const owner of ['ann', 'bo', 'cy']) value(await made.vault.triage([id], [{ field: 'owner', owner }]));
    const { history } = value(await made.vault.detail(id));
    const other = await emptyVault();
    value(await other.vault.absorb([...history].reverse()));
    value(await other.vault.importBundle('b1', bundleOf(first)));
    expect(value(await other.vault.absorb(history))).toBe(0);
    expect(value(await other.vault.detail(id)).status).toEqual(value(await made.vault.detail(id)).status);
    expect(value(await (await reopen(other.backend)).detail(id)).history).toEqual(history);
  });

  test('a secret is given one at a time, and is nowhere in the stored bytes', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    const secrets = first.slice(0, 300).map(({ id }, i) => ({ id, secret: `canary-secret-${i}` }));
    value(await vault.putSecrets('b1', secrets));
    const { id } = first[150] as Finding;
    expect(value(await vault.detail(id)).hasSecret).toBe(true);
    const reopened = await reopen(backend);
    expect(value(await reopened.secret(id, (tx) => tx.put('outbox', 'reveal', 'r')))).toEqual({
      secret: 'canary-secret-150',
    });
    expect(await reopened.secret('AAAAAAAAAAAAAAAAAAAAAA' as Finding['id'])).toMatchObject({
      error: { kind: 'not-found' },
    });
    const bytes = await storedBytes(backend);
    for (const canary of ['canary-secret', 'moe.example', 'source-1', (first[0] as Finding).identity]) {
      expect(bytes.includes(Buffer.from(canary))).toBe(false);
    }
  });

  test('a withdrawn bundle is hidden, what another brought stays, and deletion removes its rows', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle('b1', bundleOf(first)));
    value(await vault.importBundle('b2', bundleOf(second)));
    value(await vault.putSecrets('b1', [{ id: (first[40] as Finding).id, secret: 's' }]));
    const { token } = vault.query(ALL);
    expect(await vault.confirmDeletion('b1')).toMatchObject({ error: { kind: 'not-found' } });
    value(await vault.withdraw('b1', 'wrong_recipient'));
    expect(vault.window(token, 0, 1)).toEqual([]);
    expect(vault.query(ALL).total).toBe(100);
    const revealed = await vault.secret((first[40] as Finding).id, (tx) => tx.put('outbox', 'reveal', 'r'));
    expect(revealed).toMatchObject({ error: { kind: 'not-found' } });
    expect(await backend.list('outbox')).toEqual([]);
    expect(await vault.detail((first[40] as Finding).id)).toMatchObject({ error: { kind: 'not-found' } });
    value(await vault.confirmDeletion('b1'));
    expect(backend.segments.files.size).toBe(2);
    expect((await backend.list('envelopes')).length).toBe(0);
    const reopened = await reopen(backend);
    expect(await picture(reopened)).toEqual(await picture(vault));
    expect(reopened.bundles().map(({ withdrawn }) => withdrawn)).toEqual([null, 'wrong_recipient']);
    expect(await reopened.importBundle('b1', bundleOf(first))).toMatchObject({
      error: { kind: 'already-done' },
    });
  });

  test('the overview counts what is open, late and contained', async () => {
    let nowMs = NOW_MS;
    const { vault } = await emptyVault({ nowMs: () => nowMs });
    nowMs = NOW_MS - 2 * 86_400_000;
    value(await vault.importBundle('b1', bundleOf(first)));
    nowMs = NOW_MS;
    const critical = first.filter(({ level }) => level === 'critical').map(({ id }) => id);
    expect(vault.overview()).toMatchObject({
      total: 200,
      openCritical: critical.length,
      openCriticalUnowned: critical.length,
      overdue: critical.length,
      contained: 0,
      medianContainMs: null,
      lastBundle: { id: 'b1', added: 200, merged: 0 },
    });
    const done = { field: 'done', reset: true, sessions: true, device: true } as const;
    value(await vault.triage(critical.slice(0, 4), [done, { field: 'state', state: 'contained' }]));
    value(await vault.triage(critical.slice(4, 5), [{ field: 'owner', owner: 'ann' }]));
    const after = vault.overview();
    expect(after).toMatchObject({
      openCritical: critical.length - 4,
      openCriticalUnowned: critical.length - 5,
      overdue: critical.length - 4,
      contained: 4,
      medianContainMs: 2 * 86_400_000,
    });
    expect(after.byState).toMatchObject({ contained: 4, new: 196 });
    expect(after.days.at(-1)).toMatchObject({ contained: 4 });
    expect(after.days.reduce((sum, { overdue }) => sum + overdue, 0)).toBe(critical.length);
    expect(after.weeks).toHaveLength(12);
    expect(after.topHosts[0]?.count).toBeGreaterThan(0);
  });
});

async function writesOfAnImport(): Promise<number> {
  const { failing, vault } = await emptyVault();
  const before = failing.writes;
  value(await vault.importBundle('b2', bundleOf(second)));
  return failing.writes - before;
}

async function storedBytes(backend: ReturnType<typeof createMemoryBackend>): Promise<Buffer> {
  const rows = Object.values(backend.tables).flatMap((table) => [...table.values()]);
  return Buffer.concat(rows.flatMap(({ id, bytes }) => [Buffer.from(id), bytes]));
}
