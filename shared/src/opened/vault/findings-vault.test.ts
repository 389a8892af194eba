import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import type { Finding } from '../finding/finding.ts';
import { madeUpFindings } from '../query/made-up-findings.ts';
import { mergeFinding } from '../query/merge-finding.ts';
import type { Query } from '../query/query.ts';
import type { Backend } from './backend.ts';
import type { Failure } from './failing-backend.ts';
import { createFailingBackend } from './failing-backend.ts';
import type { BundleFacts, FindingsVault } from './findings-vault.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { openFindingsVault } from './open-findings-vault.ts';
import { createStore, openStore } from './open-store.ts';

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const vaultKey = random(32);
const NOW_MS = 1_772_000_000_000;
const ALL: Query = { text: '', filters: {}, sort: { by: 'priority', descending: true } };

const first = madeUpFindings(200, 11);
const second = madeUpFindings(100, 12).map((finding, i): Finding => {
  return i < 30 ? { ...finding, id: (first[i] as Finding).id } : finding;
});

describe('findings vault', () => {
  test('a bundle is there after the import and after reopening', async () => {
    const { backend, vault } = await emptyVault();
    const progress: number[] = [];
    const imported = await vault.importBundle(columnsOf(first, 'masked'), facts('b1'), {
      onProgress: (rows) => progress.push(rows),
    });
    expect(imported).toEqual({ ok: true, value: { bundleId: 'b1', added: 200, merged: 0 } });
    expect(progress).toEqual([200]);
    const reopened = await reopen(backend);
    expect(picture(reopened)).toEqual(picture(vault));
    expect(vault.query(ALL).total).toBe(200);
    expect(value(reopened.detail((first[7] as Finding).id)).finding).toEqual(
      mergeFinding(first[7] as Finding, first[7] as Finding),
    );
  });

  test('the same bundle again changes nothing, a second one merges what is known', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const before = picture(vault);
    expect(await vault.importBundle(columnsOf(first, 'masked'), facts('b1'))).toEqual({
      ok: false,
      error: { kind: 'already-done', what: 'bundle' },
    });
    expect(picture(vault)).toEqual(before);
    expect(value(await vault.importBundle(columnsOf(first, 'masked'), facts('b2')))).toMatchObject({
      added: 0,
      merged: 200,
    });
    const { rows, facets, states: shown } = picture(vault);
    expect({ rows, facets, states: shown }).toEqual({
      rows: before.rows,
      facets: before.facets,
      states: before.states,
    });
    expect(value(await vault.importBundle(columnsOf(second, 'masked'), facts('b3')))).toMatchObject({
      added: 70,
      merged: 30,
    });
    expect(picture(await reopen(backend))).toEqual(picture(vault));
  });

  test.each(['full', 'before', 'after'] as const)(
    'an import that fails (%s) at any step leaves the old state or the whole new one',
    async (failure: Failure) => {
      const steps = await commitsOfAnImport();
      expect(steps).toBeGreaterThanOrEqual(4);
      for (let step = 0; step < steps; step++) {
        const { backend, failing, vault } = await emptyVault();
        value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
        const before = picture(vault);
        failing.failAfter(step, failure);
        const imported = await vault.importBundle(columnsOf(second, 'masked'), facts('b2'));
        expect(imported.ok).toBe(false);
        expect(picture(vault)).toEqual(before);
        const reopened = await reopen(backend);
        const isLast = failure === 'after' && step === steps - 1;
        expect(reopened.query(ALL).total).toBe(isLast ? 270 : 200);
        if (!isLast) expect(picture(reopened)).toEqual(before);
        expect((await reopened.importBundle(columnsOf(second, 'masked'), facts('b2'))).ok).toBe(!isLast);
      }
    },
  );

  test('an import that failed once is cleaned up at once, and goes through when tried again', async () => {
    const steps = await commitsOfAnImport();
    for (let step = 1; step < steps; step++) {
      const { backend, failing, vault } = await emptyVault();
      failing.failAfter(step, 'full', 1);
      expect(await vault.importBundle(columnsOf(second, 'masked'), facts('b2'))).toMatchObject({
        error: { kind: 'storage-full' },
      });
      expect(await backend.list('segments')).toEqual([]);
      expect(await backend.list('deltas')).toEqual([]);
      expect(value(await vault.importBundle(columnsOf(second, 'masked'), facts('b2')))).toMatchObject({ added: 100 });
      expect(picture(await reopen(backend))).toEqual(picture(vault));
    }
  });

  test('triage is durable when it resolves, and undo takes back the whole group', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const ids = first.slice(0, 50).map(({ id }) => id);
    const before = picture(vault);
    const done = value(
      await vault.triage(ids, [
        { field: 'state', state: 'triaged' },
        { field: 'owner', owner: 'ann' },
      ]),
    );
    expect(done.applied).toBe(50);
    const reopened = await reopen(backend);
    expect(picture(reopened)).toEqual(picture(vault));
    expect(reopened.query({ ...ALL, text: 'owner:ann', filters: { state: ['triaged'] } }).total).toBe(50);
    expect(reopened.unsentOperations).toBe(100);
    expect(value(await reopened.undo(done.group))).toEqual({ applied: 50 });
    expect(value(await reopened.undo(done.group))).toEqual({ applied: 0 });
    expect(states(reopened)).toEqual(before.states);
    expect(states(await reopen(backend))).toEqual(before.states);
  });

  test('undo leaves alone what was changed since', async () => {
    const { vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const [one, two] = first.map(({ id }) => id);
    if (!one || !two) throw new Error('two findings');
    const { group } = value(await vault.triage([one, two], [{ field: 'owner', owner: 'ann' }]));
    value(await vault.triage([two], [{ field: 'owner', owner: 'bo' }]));
    expect(value(await vault.undo(group))).toEqual({ applied: 1 });
    expect(value(vault.detail(one)).status.owner).toBeNull();
    expect(value(vault.detail(two)).status.owner).toBe('bo');
    expect(value(vault.detail(one)).history).toHaveLength(2);
  });

  test('a rule that one finding breaks stops the whole change and is named', async () => {
    const { vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
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
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const before = picture(vault);
    failing.failAfter(0, 'full');
    expect(await vault.triage([(first[0] as Finding).id], [{ field: 'state', state: 'triaged' }])).toEqual({
      ok: false,
      error: { kind: 'storage-full' },
    });
    expect(picture(vault)).toEqual(before);
    failing.heal();
    expect((await vault.triage([(first[0] as Finding).id], [{ field: 'state', state: 'triaged' }])).ok).toBe(true);
  });

  test('what commits together with a change is there with it', async () => {
    const { backend, vault } = await emptyVault();
    value(
      await vault.importBundle(columnsOf(first, 'masked'), facts('b1'), {
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
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    for (let i = 0; i < 600; i++) {
      value(await vault.triage([(first[i % 200] as Finding).id], [{ field: 'comment', text: `note ${i}` }]));
    }
    expect(await backend.list('journal')).toHaveLength(3);
    const reopened = await reopen(backend);
    expect(value(reopened.detail((first[0] as Finding).id)).status.comments).toBe(3);
  });

  test('operations of other devices give the same result in any order, and twice', async () => {
    const made = await emptyVault();
    value(await made.vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const id = (first[0] as Finding).id;
    for (const owner of ['ann', 'bo', 'cy']) value(await made.vault.triage([id], [{ field: 'owner', owner }]));
    const { history } = value(made.vault.detail(id));
    const other = await emptyVault();
    value(await other.vault.absorb([...history].reverse()));
    value(await other.vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    expect(value(await other.vault.absorb(history))).toBe(0);
    expect(value(other.vault.detail(id)).status).toEqual(value(made.vault.detail(id)).status);
    expect(value((await reopen(other.backend)).detail(id)).history).toEqual(history);
  });

  test('a secret is given one at a time, and is nowhere in the stored bytes', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    const secrets = first.slice(0, 300).map(({ id }, i) => ({ id, secret: `canary-secret-${i}` }));
    value(await vault.putSecrets('b1', secrets));
    const { id } = first[150] as Finding;
    expect(value(vault.detail(id)).hasSecret).toBe(true);
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
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    value(await vault.importBundle(columnsOf(second, 'masked'), facts('b2')));
    value(await vault.putSecrets('b1', [{ id: (first[40] as Finding).id, secret: 's' }]));
    const { token } = vault.query(ALL);
    expect(await vault.confirmDeletion('b1')).toMatchObject({ error: { kind: 'not-found' } });
    value(await vault.withdraw('b1', 'wrong_recipient'));
    expect(vault.window(token, 0, 1)).toEqual([]);
    expect(vault.query(ALL).total).toBe(100);
    const revealed = await vault.secret((first[40] as Finding).id, (tx) => tx.put('outbox', 'reveal', 'r'));
    expect(revealed).toMatchObject({ error: { kind: 'not-found' } });
    expect(await backend.list('outbox')).toEqual([]);
    expect(vault.detail((first[40] as Finding).id)).toMatchObject({ error: { kind: 'not-found' } });
    value(await vault.confirmDeletion('b1'));
    expect((await backend.list('segments')).map(({ id }) => id)).toEqual(['b2/000000']);
    expect((await backend.list('envelopes')).length).toBe(0);
    const reopened = await reopen(backend);
    expect(picture(reopened)).toEqual(picture(vault));
    expect(reopened.bundles().map(({ withdrawn }) => withdrawn)).toEqual([null, 'wrong_recipient']);
    expect(await reopened.importBundle(columnsOf(first, 'masked'), facts('b1'))).toMatchObject({
      error: { kind: 'already-done' },
    });
  });

  test('a segment swapped for that of another bundle is named when the vault is opened', async () => {
    const { backend, vault } = await emptyVault();
    value(await vault.importBundle(columnsOf(first, 'masked'), facts('b1')));
    value(await vault.importBundle(columnsOf(second, 'masked'), facts('b2')));
    const { segments } = backend.tables;
    const [a, b] = [segments.get('b1/000000'), segments.get('b2/000000')];
    if (!a || !b) throw new Error('two segments');
    segments.set(a.id, { ...b, id: a.id });
    const store = value(await openStore({ backend, vaultKey, random }));
    expect(await openFindingsVault({ store, device: 'd', nowMs: () => NOW_MS, random })).toEqual({
      ok: false,
      error: { kind: 'storage-damaged', code: 'altered:segments' },
    });
  });

  test('the overview counts what is open, late and contained', async () => {
    const { vault } = await emptyVault();
    value(
      await vault.importBundle(columnsOf(first, 'masked'), { ...facts('b1'), receivedAtMs: NOW_MS - 2 * 86_400_000 }),
    );
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

async function emptyVault() {
  const backend = createMemoryBackend();
  const failing = createFailingBackend(backend);
  const store = value(await createStore({ backend: failing, vaultKey, random }));
  const vault = value(await openFindingsVault({ store, device: 'device-1', nowMs: () => NOW_MS, random }));
  return { backend, failing, vault };
}

async function reopen(backend: Backend): Promise<FindingsVault> {
  const store = value(await openStore({ backend, vaultKey, random }));
  return value(await openFindingsVault({ store, device: 'device-1', nowMs: () => NOW_MS, random }));
}

async function commitsOfAnImport(): Promise<number> {
  const { failing, vault } = await emptyVault();
  const before = failing.commits;
  value(await vault.importBundle(columnsOf(second, 'masked'), facts('b2')));
  return failing.commits - before;
}

function facts(bundleId: string): BundleFacts {
  return {
    bundleId,
    receivedAtMs: NOW_MS - 3_600_000,
    publishedAtMs: NOW_MS - 7_200_000,
    tlp: 'TLP:AMBER+STRICT',
    caveat: null,
    policy: 'masked',
    withheld: { contextless: 1, unproven: 0, unconfirmed: 0 },
  };
}

/** Everything that a page can see. */
function picture(vault: FindingsVault) {
  const { total, accounts, facets, token } = vault.query(ALL);
  const rows = vault.window(token, 0, total);
  const details = rows.filter((_, i) => i % 25 === 0).map(({ id }) => vault.detail(id));
  return {
    total,
    accounts,
    facets,
    rows,
    details,
    states: states(vault),
    bundles: vault.bundles(),
    overview: vault.overview(),
  };
}

function states(vault: FindingsVault): readonly string[] {
  const { token, total } = vault.query(ALL);
  return vault.window(token, 0, total).map(({ state, owner }) => (owner === null ? state : `${state} ${owner}`));
}

async function storedBytes(backend: ReturnType<typeof createMemoryBackend>): Promise<Buffer> {
  const rows = Object.values(backend.tables).flatMap((table) => [...table.values()]);
  return Buffer.concat(rows.flatMap(({ id, bytes }) => [Buffer.from(id), bytes]));
}

function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
