/** The worker's calls (`BenchCalls`) on one vault at a time. */
import type { Query } from '@sealpost/shared/opened/query/query';
import { TriageRehearsal } from '@sealpost/shared/opened/client/triage-rehearsal';
import { VAULT_TABLES } from '@sealpost/shared/opened/vault/backend';
import { ReadyEngine } from '../../../web/src/workers/vault/ready-engine.ts';
import type { BenchCalls, MemberKeys, SealedBundle, TriageTimes } from './bench-calls.ts';
import { makeKeys, must, openVault } from './bench-vault.ts';
import type { OpenVault, VaultPlace } from './bench-vault.ts';
import { importBundle } from './import-bundle.ts';
import { answerQuestion, measureShape } from './measure-shapes.ts';
import { WINDOW_ROWS } from './shapes.ts';
import { readState } from './vault-state.ts';

/** Steps of the fixed piece of work: some 20 ms on a desktop. */
const WORK_STEPS = 20_000_000;

const READ_AT_ONCE = 5_000;

const asked = (text: string): Query => ({ text, filters: {}, sort: { by: 'priority', descending: true } });

export function serveCalls(place: VaultPlace): BenchCalls {
  let open: { readonly vault: OpenVault; readonly keys: MemberKeys } | null = null;
  const ready = new ReadyEngine();
  const rehearsal = new TriageRehearsal({
    network: place.network,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    nowMs: () => Date.now(),
  });
  const current = (): OpenVault => {
    if (open === null) throw new Error('locked');
    return open.vault;
  };
  const importInto = async (bundle: SealedBundle, options: Parameters<typeof importBundle>[3] = {}) => {
    const startMs = performance.now();
    const imported = await importBundle(current(), bundle, place.readBundle, options);
    if (!imported.ok) return imported;
    current().findings.query(asked(''));
    return { ok: true as const, value: { ...imported.value, ms: performance.now() - startMs } };
  };
  return {
    async ready() {
      await place.disk?.works();
    },
    async prepare() {
      const files = (await place.disk?.list()) ?? [];
      void ready.make(files.reduce((sum, { size }) => sum + size, 0));
    },
    async create() {
      const keys = await makeKeys();
      open = { vault: await openVault(place, keys, true), keys };
      return keys;
    },
    async unlock(keys) {
      const startMs = performance.now();
      const engine = ready.take();
      const vault = await openVault(engine === null ? place : { ...place, engine }, keys, false);
      const { token, total } = vault.findings.query(asked(''));
      vault.findings.window(token, 0, WINDOW_ROWS);
      open = { vault, keys };
      return { ms: performance.now() - startMs, total };
    },
    async importBundle(bundle) {
      const { ms, added, merged } = must(await importInto(bundle));
      return { ms, added, merged };
    },
    async cancelImport({ bundle, afterRows }) {
      const cancelling = new AbortController();
      const imported = await importInto(bundle, {
        signal: cancelling.signal,
        onProgress: (rows) => {
          if (rows >= afterRows) cancelling.abort();
        },
      });
      return imported.ok ? null : imported.error.kind;
    },
    measureShape: async (order) => measureShape(current().findings, order),
    answer: async () => answerQuestion(current().findings),
    async rows(text) {
      const { findings } = current();
      return findings.window(findings.query(asked(text)).token, 0, WINDOW_ROWS);
    },
    async recordUnlock() {
      must(await current().audit.recordAlone({ kind: 'unlock' }));
    },
    triage: (order) => timeTriage(current(), order),
    compact: async () => must(await current().findings.compact()),
    async settle() {
      while (await current().findings.idle());
      while (await current().audit.prepare());
      while (await rehearsal.step());
      while (await current().findings.tryOut());
    },
    async state() {
      if (open === null) throw new Error('locked');
      return readState(open.vault, open.keys);
    },
    async readAll() {
      const { findings, store } = current();
      for (const table of VAULT_TABLES) {
        const rows = await store.getMany(table, store.ids(table));
        if (!rows.ok) return JSON.stringify(rows.error);
      }
      const { token, total } = findings.query(asked(''));
      const ids = findings.ids(token, 0, total);
      for (let from = 0; from < total; from += READ_AT_ONCE) {
        const read = await findings.findings(ids.slice(from, from + READ_AT_ONCE));
        if (!read.ok) return JSON.stringify(read.error);
        if (read.value.includes(null)) return 'a finding is not there';
      }
      return null;
    },
    async figures() {
      const { findings, backend } = current();
      return { ...findings.figures, storageKind: backend.segments.kind };
    },
    work: () => Promise.resolve(work()),
  };
}

async function timeTriage(
  { findings, audit }: OpenVault,
  { count, runs, state: first }: Parameters<BenchCalls['triage']>[0],
): Promise<TriageTimes> {
  const { token } = findings.query(asked(''));
  const ids = findings.ids(token, 0, count);
  const [durable, shown]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    const state = (run % 2 === 0) === (first === 'new') ? 'new' : 'triaged';
    const startMs = performance.now();
    must(
      await findings.triage(ids, [{ field: 'state', state }], (tx) =>
        audit.record(tx, { kind: 'triage', operations: ids.length, findings: ids.length }),
      ),
    );
    durable.push(performance.now() - startMs);
    // What the page that is open asks for as soon as it hears of it.
    findings.window(findings.query(asked('')).token, 0, WINDOW_ROWS);
    shown.push(performance.now() - startMs);
  }
  return { durable, shown };
}

function work(): number {
  const startMs = performance.now();
  let mixed = 1;
  for (let step = 0; step < WORK_STEPS; step++) mixed = (Math.imul(mixed, 0x9e3779b1) ^ (mixed >>> 15)) | 1;
  // Never true; without a use of the result there would be no work.
  if (mixed === 0) throw new Error('work');
  return performance.now() - startMs;
}
