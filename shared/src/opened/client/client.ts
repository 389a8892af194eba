/** All calls of one unlocked identity. What the other kind of identity may do answers `not-allowed` or throws: pages never offer it. */
import type { Ms } from '../../base/brand.ts';
import { ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { checkpointKeyOf, witnessesOf } from '../../sealed/audit/log-keys-of.ts';
import { encodeNoteKey } from '../../sealed/audit/note.ts';
import type { Directory } from '../../sealed/directory/model.ts';
import type { Engine } from '../query/engine.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import { openFindingsVault } from '../vault/open-findings-vault.ts';
import type { SealedStore } from '../vault/store.ts';
import type { SyncState } from './api/bundles.ts';
import type { Client, CommonClient } from './api/client.ts';
import type { ClientError } from './api/client-error.ts';
import type { OperatorClient } from './api/operator.ts';
import type { OrganisationClient } from './api/organisation.ts';
import type { Profile } from './api/profile.ts';
import type { RecordState } from './api/record.ts';
import { readColumnMapping, saveColumnMapping } from './column-mappings.ts';
import { makeOperatorClient, operatorBadges, rootDigits, syncOperator } from './operator-client.ts';
import { makeOrganisationClient, organisationBadges, syncOrganisation } from './organisation-client.ts';
import { waitingJobs } from './outbox.ts';
import type { Ports } from './ports.ts';
import { proveOwnEntries, saveEntryProof } from './prove-entries.ts';
import { rekeyVault } from './rekey.ts';
import { Session } from './session.ts';

/** An opened identity: its calls, and the session for whoever composes more (worker, CLI). */
export interface OpenedClient {
  readonly client: Client;
  readonly session: Session;
  readonly findings: FindingsVault | null;
}

/** Opens the identity of a store. `engine`: an empty one that was made ready for its findings. */
export async function openClient(
  store: SealedStore,
  ports: Ports,
  engine: Engine | null = null,
): Promise<Result<OpenedClient, ClientError>> {
  const session = await Session.open(store, ports);
  if (!session.ok) return session;
  if (session.value.isOperator) {
    const common = commonClient(session.value, null);
    return ok({
      client: refusing({ ...common, ...makeOperatorClient(session.value) }),
      session: session.value,
      findings: null,
    });
  }
  const findings = await openFindingsVault({
    store,
    device: session.value.signer.kid,
    nowMs: () => session.value.nowMs(),
    random: ports.random,
    ...(ports.clock === undefined ? {} : { clock: ports.clock }),
    ...(ports.pause === undefined ? {} : { pause: ports.pause }),
    ...(engine === null ? {} : { engine }),
  });
  if (!findings.ok) return findings;
  const common = commonClient(session.value, findings.value);
  return ok({
    client: refusing({ ...common, ...makeOrganisationClient(session.value, findings.value) }),
    session: session.value,
    findings: findings.value,
  });
}

function commonClient(session: Session, findings: FindingsVault | null): CommonClient {
  let running: ReturnType<CommonClient['sync']> | null = null;
  let lastSyncMs: Ms | null = null;
  let cancel = new AbortController();
  return {
    profile: () => Promise.resolve(toProfile(session)),
    badges: () => (findings === null ? operatorBadges(session) : Promise.resolve(organisationBadges(findings))),
    syncState: (): Promise<SyncState> =>
      Promise.resolve({
        lastSyncMs: lastSyncMs ?? (session.store.seen('last-sync') as Ms | null) ?? null,
        onlyHere: {
          operations: findings?.unsentOperations ?? 0,
          auditEvents: session.audit.waiting,
          outbox: waitingJobs(session.store),
        },
        running: running !== null,
      }),
    sync: (onProgress) => {
      if (running === null) cancel = new AbortController();
      const { signal } = cancel;
      // A second caller waits for the run that is under way.
      running ??= (
        findings === null
          ? syncOperator(session, onProgress)
          : syncOrganisation(session, findings, onProgress, { signal })
      )
        .then(async (summary) => {
          if (!summary.ok && summary.error.kind === 'forged') await session.alarms.raise(summary.error);
          if (summary.ok) {
            lastSyncMs = summary.value.atMs;
            await session.store.transaction((tx) => tx.setSeen('last-sync', lastSyncMs));
          }
          return summary;
        })
        .finally(() => {
          running = null;
        });
      return running;
    },
    record: () => recordState(session),
    proveRecord: () =>
      alarming(session, async () => {
        const proved = await session.witness.contact();
        return proved.ok ? ok(await recordState(session)) : proved;
      }),
    proveOwnEntries: (onProgress) => alarming(session, () => proveOwnEntries(session, onProgress)),
    entryProof: (index) => alarming(session, () => saveEntryProof(session, index)),
    alarmEvidence: (id) => {
      const { identity, signer, directory, witness } = session;
      return session.alarms.evidence(id, {
        deployment: identity.deployment,
        origin: identity.origin,
        device: signer.kid,
        log: logStatement(directory.current),
        checkpoint: witness.held?.note ?? null,
      });
    },
    alarmSeen: (id) => session.alarms.markSeen(id),
    cancelSync: async () => {
      cancel.abort();
      await running;
    },
    columnsOf: async (header) => {
      const saved = await readColumnMapping(session.store, header);
      if (!saved.ok) throw new TypeError(`columnsOf: ${saved.error.kind}`);
      return saved.value;
    },
    saveColumnMapping: (saved) => saveColumnMapping(session.store, saved),
    rekey: (passphrase, newPassphrase, onProgress) =>
      rekeyVault(session, findings, passphrase, newPassphrase, onProgress),
  };
}

/** A failure that means that somebody lied is kept as an alarm, with the evidence that was held for it. */
async function alarming<T>(
  session: Session,
  work: () => Promise<Result<T, ClientError>>,
): Promise<Result<T, ClientError>> {
  const done = await work();
  if (!done.ok && done.error.kind === 'forged') await session.alarms.raise(done.error);
  return done;
}

async function recordState(session: Session): Promise<RecordState> {
  const { held, cosigned } = session.witness;
  const { keys, quorum } = witnessesOf(session.directory.current);
  const log = checkpointKeyOf(session.directory.current);
  const alarms = await session.alarms.list();
  if (!alarms.ok) throw new TypeError(`record: ${alarms.error.kind}`);
  return {
    provedAtMs: held?.provedAtMs ?? null,
    size: held?.size ?? 0,
    checkpoint: held?.note ?? null,
    witnesses: { names: keys.map(({ name }) => name), keys: keys.map(encodeNoteKey), quorum },
    logKey: log === null ? null : encodeNoteKey(log),
    cosigned,
    alarms: alarms.value,
  };
}

/** The newest `log` statement as it was signed: it names the key that the checkpoints must hold under. */
function logStatement(directory: Directory): string | null {
  const ver = directory.cert.logs.at(-1)?.ver ?? 0;
  return directory.cert.links[ver - 1]?.statement.compact ?? null;
}

function toProfile(session: Session): Profile {
  const { identity } = session;
  return {
    identityId: identity.identityId,
    kind: identity.kind,
    nameTh: identity.nameTh,
    nameEn: identity.nameEn,
    role: identity.kind === 'cert' ? 'operator' : 'admin',
    device: session.signer.kid,
    deployment: identity.deployment,
    origin: identity.origin,
    demo: identity.demo,
    enrolment: identity.enrolment,
    rootDigits: identity.kind === 'cert' ? rootDigits(session) : null,
    backup: identity.kind === 'cert' ? identity.backup : null,
    createdAtMs: identity.createdAtMs,
  };
}

/** Calls of the other kind throw: a page that makes one is wrong. */
function refusing(calls: CommonClient & Partial<OperatorClient & OrganisationClient>): Client {
  return new Proxy(calls as Client, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (call !== undefined || typeof name === 'symbol' || name === 'then') return call;
      return () => Promise.reject(new TypeError(`not a call of this identity: ${name}`));
    },
  });
}
