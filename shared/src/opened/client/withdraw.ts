/** Withdrawing a bundle that went to the wrong place or holds the wrong thing (DOMAIN rule 13). */
import { utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import { checkSealing } from '../../sealed/directory/freshness.ts';
import type { Epoch } from '../../sealed/directory/model.ts';
import { generationOf } from '../../sealed/directory/roles.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import type { SealedEnvelope } from '../../sealed/envelope/seal.ts';
import type { WithdrawalContent } from '../payload/withdrawal.ts';
import type { ClientError } from './api/client-error.ts';
import type { WithdrawCode } from './api/publishing.ts';
import { toClientError } from './failures.ts';
import { enqueue, flushOutbox, isJobWaiting } from './outbox.ts';
import { onJobDone, prepare } from './publish.ts';
import { readPublished } from './published.ts';
import type { StoredBundle } from './published.ts';
import type { Session } from './session.ts';

/**
 * Withdraws a bundle (DOMAIN rule 13): the manifest keeps its ids with a code only and the server deletes the files; a signed
 * `withdrawal` tells devices that fetched it. `fetched` says whether that is needed.
 */
export async function withdrawBundle(
  session: Session,
  bundleId: string,
  code: WithdrawCode,
): Promise<Result<{ readonly fetched: boolean }, ClientError>> {
  const before = await findBundle(session, bundleId);
  if (!before.ok) return before;
  const ready = await prepare(session);
  if (!ready.ok) return ready;
  // The bundle itself may still wait; or an earlier withdrawal of it, of which only the answer was lost.
  const wasQueued = isJobWaiting(session.store, withdrawalJob(bundleId));
  const sent = await flushOutbox(session, onJobDone(session));
  if (!sent.ok) return sent;
  if (wasQueued) return ok({ fetched: before.value.fetchedAtMs !== null });
  const found = await findBundle(session, bundleId);
  if (!found.ok) return found;
  const bundle = found.value;
  const org = bundle.org as OrgId;
  const epoch = checkSealing(session.directory.current, org, session.ports.nowMs());
  if (!epoch.ok) return err({ kind: 'not-allowed', code: epoch.error.kind });
  const envelope = await sealWithdrawal(session, org, epoch.value, bundleId, code);
  const queued = await session.store.transaction(async (tx) => {
    enqueue(
      tx,
      {
        id: withdrawalJob(bundleId),
        org,
        withdraw: bundle.envelopes.map((id) => ({ id, code })),
        purpose: { kind: 'withdraw', ref: bundleId },
      },
      [{ envelope, epoch: epoch.value.n, counts: null }],
    );
    await session.audit.record(tx, { kind: 'withdrawn', bundle: bundleId, org, code });
  });
  if (!queued.ok) return err(toClientError(queued.error));
  const flushed = await flushOutbox(session, onJobDone(session));
  if (!flushed.ok) return flushed;
  return ok({ fetched: bundle.fetchedAtMs !== null });
}

/** One job a bundle, after those that publish: their names begin with digits. */
const withdrawalJob = (bundleId: string): string => `withdraw-${bundleId}`;

/** The bundle, unless it is withdrawn already. */
async function findBundle(session: Session, bundleId: string): Promise<Result<StoredBundle, ClientError>> {
  const bundles = await readPublished(session.store);
  if (!bundles.ok) return bundles;
  const bundle = bundles.value.find((candidate) => candidate.bundleId === bundleId);
  if (bundle === undefined) return err({ kind: 'not-found', what: 'bundle' });
  return bundle.state === 'withdrawn' ? err({ kind: 'already-done', what: 'withdrawal' }) : ok(bundle);
}

function sealWithdrawal(
  session: Session,
  org: OrgId,
  epoch: Epoch,
  bundle: string,
  code: WithdrawCode,
): Promise<SealedEnvelope> {
  return sealEnvelope({
    kind: 'withdrawal',
    iss: CERT_ORG,
    aud: { org, generation: generationOf(session.directory.current, org) ?? 1 },
    epoch: epoch.n,
    seq: session.ports.nowMs(),
    heads: session.directory.heads(org),
    media: 'application/json',
    content: utf8(JSON.stringify({ v: 1, bundle, code } satisfies WithdrawalContent)),
    signer: session.signer,
    recipients: [epoch.recipients.read],
    nowMs: session.nowMs(),
    random: session.ports.random,
  });
}
