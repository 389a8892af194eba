import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { findingsOf } from '../bundle/row.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import { madeUpFindings, seededNumbers } from '../query/made-up-findings.ts';
import { mergeFinding } from '../query/merge-finding.ts';
import { applyChange, compareOperations, foldOperations } from '../triage/status.ts';
import type { TriageChange, TriageOperation, TriageStatus } from '../triage/triage.ts';
import type { FindingsVault } from './findings-vault.ts';
import type { ImportRow } from './import-files.ts';
import { createFailingBackend } from './failing-backend.ts';
import type { Failure } from './failing-backend.ts';
import { createMemoryBackend } from './memory-backend.ts';
import { openFindingsVault } from './open-findings-vault.ts';
import { createStore, openStore } from './open-store.ts';
import { ALL, bundleOf, NOW_MS, random, value } from './vault.fixture.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const STEPS = 30;
const FAILURES: readonly Failure[] = ['full', 'before', 'after'];
/** Group of operations that are on disk though their triage was answered with a failure: nobody can name it. */
const UNHEARD = 'unheard';

/** All findings that bundles are made of; bundle `n` has a window of them, so that neighbours share some. */
const pool = [...findingsOf(columnsOf(madeUpFindings(90, 77), 'masked'))];
const windowOf = (number: number) => pool.slice((number * 17) % 60, ((number * 17) % 60) + 30);

interface ModelBundle {
  readonly id: string;
  readonly findings: readonly Finding[];
  readonly state: 'shown' | 'withdrawn' | 'deleted';
}

interface ModelOperation {
  readonly findingId: FindingId;
  readonly change: TriageChange;
  readonly group: string;
}

/** What a vault should be, in the plainest form. */
interface Model {
  readonly bundles: readonly ModelBundle[];
  /** Of other devices, all from before any of ours. */
  readonly foreign: readonly TriageOperation[];
  readonly own: readonly ModelOperation[];
  readonly secrets: ReadonlyMap<string, string>;
  readonly views: readonly string[];
  readonly key: Uint8Array<ArrayBuffer>;
}

function shown(model: Model): Map<FindingId, Finding> {
  const findings = new Map<FindingId, Finding>();
  for (const { findings: some, state } of model.bundles) {
    if (state !== 'shown') continue;
    for (const finding of some) {
      const known = findings.get(finding.id);
      findings.set(finding.id, known === undefined ? finding : mergeFinding(known, finding));
    }
  }
  return findings;
}

function statusOf(model: Model, id: FindingId, without = ''): TriageStatus {
  const foreign = model.foreign.filter(({ findingId }) => findingId === id).toSorted(compareOperations);
  const own = model.own.filter((operation) => operation.findingId === id && operation.group !== without);
  return own.reduce((status, { change }) => applyChange(status, change), foldOperations(foreign));
}

/** Everything that is compared, as data. */
function expected(model: Model): unknown {
  const rows = [...shown(model)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, finding]) => {
      const operations = [...model.foreign, ...model.own].filter(({ findingId }) => findingId === id).length;
      return { finding, status: statusOf(model, id), operations, secret: model.secrets.get(id) ?? null };
    });
  const bundles = model.bundles.map(({ id, state }) => [id, state !== 'shown']);
  return {
    rows,
    bundles,
    views: model.views,
    damaged: [],
    untouched: rows.filter(({ status }) => status.state === 'new').length,
  };
}

async function seen(vault: FindingsVault): Promise<unknown> {
  const { token, total } = vault.query(ALL);
  const ids = vault.ids(token, 0, total).toSorted();
  const rows = [];
  for (const id of ids) {
    const { finding, status, history, hasSecret } = value(await vault.detail(id));
    const { state, owner } = vault.window(token, vault.position(token, id), 1)[0] ?? {};
    expect([state, owner]).toEqual([status.state, status.owner]);
    const secret = hasSecret ? value(await vault.secret(id)).secret : null;
    rows.push({ finding, status, operations: history.length, secret });
  }
  const bundles = vault
    .bundles()
    .toReversed()
    .map(({ bundleId, withdrawn }) => [bundleId, withdrawn !== null]);
  const { untouched } = vault.figures;
  return { rows, bundles, views: vault.savedViews().map(({ id }) => id), damaged: vault.damaged, untouched };
}

/** A change of the vault, and the same of the model; `null` where it would be refused. */
interface Step {
  readonly name: string;
  readonly run: (vault: FindingsVault) => Promise<{ readonly ok: boolean; readonly group?: string }>;
  readonly model: (model: Model, group: string) => Model;
}

function stepOf(model: Model, next: () => number): Step | null {
  const ids = [...shown(model).keys()];
  const pick = <T>(list: readonly T[]): T => list[next() % list.length] as T;
  const some = ids.filter(() => next() % 4 === 0);
  const withdrawn = model.bundles.filter(({ state }) => state === 'withdrawn');
  const present = model.bundles.filter(({ state }) => state === 'shown');
  const setState =
    (id: string, state: ModelBundle['state']) =>
    (before: Model): Model => ({
      ...before,
      bundles: before.bundles.map((bundle) => (bundle.id === id ? { ...bundle, state } : bundle)),
      secrets:
        state === 'deleted'
          ? new Map([...before.secrets].filter(([, secret]) => !secret.startsWith(`${id} `)))
          : before.secrets,
    });
  switch (next() % 12) {
    case 0:
    case 1: {
      const number = model.bundles.length + 1;
      const bundle: ModelBundle = { id: `b${number}`, findings: windowOf(number), state: 'shown' };
      const batchRows = 7 + (next() % 40);
      return {
        name: 'import',
        run: (vault) => vault.importBundle(bundle.id, bundleOf(bundle.findings, { batchRows })),
        model: (before) => ({ ...before, bundles: [...before.bundles, bundle] }),
      };
    }
    case 2:
    case 3:
    case 4: {
      if (some.length === 0) return null;
      const changes: readonly TriageChange[] = pick([
        [{ field: 'owner', owner: pick(['ann', 'bo', null]) }],
        [{ field: 'comment', text: `note ${next() % 9}` }],
        [
          { field: 'done', reset: true, sessions: true, device: next() % 2 === 0 },
          { field: 'owner', owner: 'cy' },
        ],
        [
          { field: 'state', state: 'pending' },
          { field: 'owner', owner: pick(['ann', 'di']) },
        ],
      ]);
      return {
        name: 'triage',
        run: async (vault) => {
          const done = await vault.triage(some, changes);
          return done.ok ? { ok: true, group: done.value.group } : done;
        },
        model: (before, group) => ({
          ...before,
          own: [...before.own, ...some.flatMap((findingId) => changes.map((change) => ({ findingId, change, group })))],
        }),
      };
    }
    case 5: {
      const groups = [...new Set(model.own.map(({ group }) => group))].filter(
        (group) => group !== 'undo' && group !== UNHEARD,
      );
      if (groups.length === 0) return null;
      const group = pick(groups);
      return { name: 'undo', run: (vault) => vault.undo(group), model: (before) => undone(before, group) };
    }
    case 6: {
      if (ids.length === 0) return null;
      const operations = Array.from({ length: 1 + (next() % 6) }, (): TriageOperation => ({
        id: toBase64url(random(16)),
        findingId: pick(pool).id,
        change: pick<TriageChange>([
          { field: 'owner', owner: 'eve' },
          { field: 'state', state: 'triaged' },
          { field: 'comment', text: 'hi' },
        ]),
        device: pick(['x', 'y']),
        hlc: [next() % 4, next() % 3],
      }));
      return {
        name: 'absorb',
        run: (vault) => vault.absorb([...operations, ...operations]),
        model: (before) => ({ ...before, foreign: [...before.foreign, ...operations] }),
      };
    }
    case 7: {
      if (present.length < 2) return null;
      const { id } = pick(present);
      return { name: 'withdraw', run: (vault) => vault.withdraw(id, 'superseded'), model: setState(id, 'withdrawn') };
    }
    case 8: {
      if (withdrawn.length === 0) return null;
      const { id } = pick(withdrawn);
      return { name: 'delete', run: (vault) => vault.confirmDeletion(id), model: setState(id, 'deleted') };
    }
    case 9: {
      if (present.length === 0) return null;
      const bundle = pick(present);
      if (model.secrets.size > 0)
        return { name: 'compact', run: (vault) => vault.compact(), model: (before) => before };
      const secrets = bundle.findings.map(({ id }) => ({ id, secret: `${bundle.id} ${id}` }));
      return {
        name: 'secrets',
        run: (vault) => vault.putSecrets(bundle.id, secrets),
        model: (before) => ({ ...before, secrets: new Map(secrets.map(({ id, secret }) => [id, secret])) }),
      };
    }
    case 10: {
      const id = `view-${next() % 3}`;
      return {
        name: 'view',
        run: (vault) => vault.saveView({ id, name: 'n', query: ALL, groupBy: null }),
        model: (before) => ({ ...before, views: before.views.includes(id) ? before.views : [...before.views, id] }),
      };
    }
    default: {
      const key = random(32);
      return {
        name: 'rekey',
        run: (vault) => vault.rekey({ vaultKey: key, slots: [{ id: 'slot/key', bytes: key.slice() }] }),
        model: (before) => ({ ...before, key }),
      };
    }
  }
}

/** The model's own telling of undo: fields whose last change is the group's go back to what they were without it. */
function undone(model: Model, group: string): Model {
  const findings = [...new Set(model.own.filter((one) => one.group === group).map(({ findingId }) => findingId))];
  const taken = findings.flatMap((findingId): readonly ModelOperation[] => {
    const before = statusOf(model, findingId, group);
    const isLast = (field: TriageChange['field']) =>
      model.own.findLast((one) => one.findingId === findingId && one.change.field === field)?.group === group;
    const { state, resolution, untilMs, owner, done } = before;
    const more = { ...(resolution === null ? {} : { resolution }), ...(untilMs === null ? {} : { untilMs }) };
    const changes: readonly (TriageChange | null)[] = [
      isLast('done') ? { field: 'done', ...done } : null,
      isLast('owner') ? { field: 'owner', owner } : null,
      isLast('state') ? { field: 'state', state, ...more } : null,
    ];
    return changes.flatMap((change) => (change === null ? [] : [{ findingId, change, group: 'undo' }]));
  });
  return { ...model, own: [...model.own, ...taken] };
}

describe('a vault against a plain model of it', () => {
  test.each(SEEDS)(
    'random changes, failures at random writes, damage and reopening (seed %i) leave the old state or the new one',
    async (seed) => {
      const next = seededNumbers(seed);
      const memory = createMemoryBackend();
      const failing = createFailingBackend(memory);
      const firstKey = random(32);
      value(await createStore({ backend: failing, vaultKey: firstKey, random }));
      let model: Model = { bundles: [], foreign: [], own: [], secrets: new Map(), views: [], key: firstKey };
      const open = async (): Promise<FindingsVault> => {
        // As a slot would: the key that is at rest.
        const vaultKey = memory.tables.meta.get('slot/key')?.bytes ?? firstKey;
        const store = value(await openStore({ backend: failing, vaultKey, random }));
        return value(await openFindingsVault({ store, device: 'd1', nowMs: () => NOW_MS, random }));
      };
      let vault = await open();
      expect(await seen(vault)).toEqual(expected(model));
      let failures = 0;
      for (let number = 0; number < STEPS; number++) {
        const step = stepOf(model, next);
        if (step === null) continue;
        const fails = next() % 2 === 0;
        if (fails) failing.failAfter(next() % 5, FAILURES[next() % 3] as Failure);
        const done = await step.run(vault);
        failing.heal();
        const after = step.model(model, done.group ?? UNHEARD);
        const label = `seed ${seed}, step ${number}: ${step.name}`;
        if (done.ok) model = after;
        else {
          failures++;
          expect(fails, label).toBe(true);
          // In the live vault nothing happened; at rest it did or it did not.
          expect(await seen(vault), `${label}, live`).toEqual(expected(model));
          vault = await open();
          const now = await seen(vault);
          const isAfter = JSON.stringify(now) === JSON.stringify(expected(after));
          if (isAfter) model = after;
        }
        if (next() % 3 === 0) vault = await open();
        if (next() % 6 === 0) vault = await repaired(vault, open, memory, model, next);
        expect(await seen(vault), label).toEqual(expected(model));
      }
      expect(failures).toBeGreaterThan(0);
    },
    240_000,
  );
});

/** A file of a shown bundle goes; its triage stays, and a fresh copy puts it back. */
async function repaired(
  vault: FindingsVault,
  open: () => Promise<FindingsVault>,
  memory: ReturnType<typeof createMemoryBackend>,
  model: Model,
  next: () => number,
): Promise<FindingsVault> {
  const names = [...memory.segments.files.keys()];
  if (names.length === 0) return vault;
  memory.segments.files.delete(names[next() % names.length] as ImportRow['bundleId']);
  const hurt = await open();
  for (const bundleId of hurt.damaged) {
    const bundle = model.bundles.find(({ id }) => id === bundleId) as ModelBundle;
    value(await hurt.repairBundle(bundleId, bundleOf(bundle.findings)));
  }
  return hurt;
}
