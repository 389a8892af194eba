/**
 * Triage rehearsed while a device idles: the app's own code does what a bulk action does, on blank findings in a vault in memory, so
 * that the engine has compiled it before somebody waits for it (ten thousand findings took 120 ms the first time, 20 ms the tenth).
 * It has keys, journal and chain of its own and is forgotten afterwards: nothing of the open vault is read, written or counted.
 */
import { toBase64url } from '../../base/base64url.ts';
import { concatBytes } from '../../base/bytes.ts';
import { err } from '../../base/result.ts';
import { generateAgeSecret } from '../../sealed/crypto/age.ts';
import { generateSigningSecret, importSigningKey } from '../../sealed/crypto/ed25519.ts';
import { emptyDirectory } from '../../sealed/directory/model.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import type { Sid } from '../../sealed/envelope/statement.ts';
import type { FindingId } from '../finding/finding.ts';
import { createEngine } from '../query/create-engine.ts';
import { freshRoom } from '../query/dictionary-room.ts';
import type { DictionarySizes } from '../query/dictionary-room.ts';
import type { Engine } from '../query/engine.ts';
import type { HotColumns } from '../query/hot-columns.ts';
import type { TriageChange } from '../triage/triage.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import { createMemoryBackend } from '../vault/memory-backend.ts';
import { openFindingsVault } from '../vault/open-findings-vault.ts';
import { createStore } from '../vault/open-store.ts';
import { Alarms } from './alarms.ts';
import { AuditTrail } from './audit-trail.ts';
import { SignedHttp } from './http.ts';
import { LogWitness } from './log-witness.ts';
import type { Ports } from './ports.ts';

/** All findings, and those of a step: some milliseconds, more while nothing is compiled. */
const ROWS = 16_384;
const STEP_ROWS = 3072;
/** Bytes that a browser gives at a time. */
const MOST_RANDOM = 65_536;
/** Bulk actions until times no longer fall, and nothing is left to compile: with half as many the fifth to ninth were the slowest. */
const STEPS = 72;
const CHANGES: readonly (readonly TriageChange[])[] = [
  [{ field: 'state', state: 'triaged' }],
  [{ field: 'owner', owner: 'rehearsal' }],
  [{ field: 'state', state: 'new' }],
];

type Copy = (changes: readonly TriageChange[]) => readonly TriageChange[];
/** To an engine, objects that came from a page or from the disk are of other kinds than those made here. */
const COPIES: readonly Copy[] = [
  (changes) => changes,
  (changes) => structuredClone(changes),
  (changes) => JSON.parse(JSON.stringify(changes)) as readonly TriageChange[],
  (changes) => structuredClone(changes),
];

interface Stage {
  readonly vault: FindingsVault;
  readonly audit: AuditTrail;
  readonly ids: readonly FindingId[];
}

export class TriageRehearsal {
  readonly #ports: Ports;
  #stage: Stage | null = null;
  #done = 0;

  /** Of `ports` clock and randomness are used; the network is never asked. */
  constructor(ports: Ports) {
    this.#ports = {
      ...ports,
      network: { request: () => Promise.resolve(err({ kind: 'offline' })) },
    };
  }

  /** One step; `false` when nothing is left to rehearse. */
  async step(): Promise<boolean> {
    if (this.#done === STEPS) return false;
    const { vault, audit, ids: all } = (this.#stage ??= await makeStage(this.#ports));
    // Some were changed before and some were not, as it comes; engines compile for what they have met.
    const from = (this.#done * 1777) % (ROWS - STEP_ROWS);
    const ids = all.slice(from, from + STEP_ROWS);
    const changes = COPIES[this.#done % COPIES.length]?.(CHANGES[this.#done % CHANGES.length] ?? []) ?? [];
    const triaged = await vault.triage(ids, changes, (tx) =>
      audit.record(tx, {
        kind: 'triage',
        operations: ids.length,
        findings: ids.length,
      }),
    );
    this.#done = triaged.ok ? this.#done + 1 : STEPS;
    if (this.#done === STEPS) this.#stage = null;
    return triaged.ok;
  }
}

async function makeStage(ports: Ports): Promise<Stage> {
  const { random, nowMs } = ports;
  const [signer, cert, own, store] = await Promise.all([
    generateSigningSecret().then(importSigningKey),
    generateAgeSecret(),
    generateAgeSecret(),
    createStore({
      backend: createMemoryBackend(),
      vaultKey: random(32),
      random,
    }),
  ]);
  if (!store.ok) throw new Error('rehearsal: no store in memory');
  const engine = createEngine();
  addBlankRows(engine, random);
  const vault = await openFindingsVault({
    store: store.value,
    device: signer.kid,
    nowMs,
    random,
    engine,
  });
  if (!vault.ok) throw new Error('rehearsal: no vault in memory');
  const deployment = toBase64url(random(32)) as Sid;
  const http = new SignedHttp(ports, 'https://rehearsal.invalid', signer);
  const alarms = new Alarms(store.value, ports);
  const directory = () => emptyDirectory(deployment);
  const audit = new AuditTrail({
    alarms,
    witness: new LogWitness({
      store: store.value,
      http,
      ports,
      deployment,
      alarms,
      directory,
    }),
    store: store.value,
    http,
    ports,
    deployment,
    org: toBase64url(random(16)) as OrgId,
    signer,
    recipients: () => [cert.recipient, own.recipient],
  });
  const answer = vault.value.query({
    text: '',
    filters: {},
    sort: { by: 'priority', descending: true },
  });
  // Their ids are random, and so is this order.
  return {
    vault: vault.value,
    audit,
    ids: vault.value.ids(answer.token, 0, ROWS).toSorted(),
  };
}

/** Findings of which only the ids differ. */
function addBlankRows(engine: Engine, random: Ports['random']): void {
  const none = { entries: 0, heapBytes: 0 };
  const sizes: DictionarySizes = {
    identity: none,
    identityDomain: none,
    registrable: none,
    host: none,
    application: none,
    source: none,
    family: none,
    machine: none,
    machineName: none,
    mask: none,
    tag: none,
  };
  const blank = new Uint8Array(ROWS);
  const times = { baseMs: 0, unitMs: 1, ticks: new Uint32Array(ROWS) };
  const columns: HotColumns = {
    rows: ROWS,
    id: concatBytes(...Array.from({ length: (ROWS * 16) / MOST_RANDOM }, () => random(MOST_RANDOM))),
    identityKind: blank,
    pathClass: blank,
    exposure: blank,
    sourceClass: blank,
    level: blank,
    confidence: blank,
    score: blank,
    identity: blank,
    registrable: blank,
    host: blank,
    application: blank,
    source: blank,
    family: blank,
    machine: blank,
    machineName: blank,
    mask: blank,
    tagSets: { offsets: new Uint32Array(1), tags: new Uint32Array(0) },
    tagSet: blank,
    secretFp: null,
    capturedAtMs: times,
    firstSeenAtMs: times,
    lastSeenAtMs: times,
  };
  const staged = engine.begin(freshRoom(sizes), {
    bundleId: 'rehearsal',
    receivedAtMs: 0,
    areNew: true,
  });
  staged.add(0, columns, 0, ROWS);
  while (staged.prepare() === null);
  staged.commit();
}
