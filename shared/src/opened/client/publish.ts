/**
 * Publishing (releasing) drafts: what policy and proof allow is packed, signed and sealed to the organisation's newest epoch,
 * stands in the outbox before it goes out, and is listed exactly once.
 */
import { toBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import type { OrgId } from '../../sealed/envelope/heads.ts';
import { checkSealing } from '../../sealed/directory/freshness.ts';
import { generationOf } from '../../sealed/directory/roles.ts';
import type { Counts } from '../../sealed/envelope/claims.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import type { SealedEnvelope } from '../../sealed/envelope/seal.ts';
import { commitToCounts } from '../../sealed/mailbox/counts.ts';
import { packBundle, packSecrets } from '../bundle/pack.ts';
import type { SecretOf } from '../bundle/pack.ts';
import { selectRelease, selectSecrets } from '../bundle/release.ts';
import { BUNDLE_MEDIA } from '../bundle/schema.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import type { StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { PublishOptions, PublishOutcome } from './api/publishing.ts';
import { readListed, stateOf } from './constituency.ts';
import type { Listed } from './constituency.ts';
import { deleteReleased, draftedListIds, packReleased, putReleased, readDraftSecrets } from './drafts.ts';
import { toClientError } from './failures.ts';
import { packHeld, putHeld, readHeldIds } from './held-drafts.ts';
import { enqueue, flushOutbox, isJobWaiting } from './outbox.ts';
import type { OnDone, OutgoingFile } from './outbox.ts';
import { appendHead } from './post-statements.ts';
import { putPublished, readPublished } from './published.ts';
import type { StoredBundle } from './published.ts';
import type { Session } from './session.ts';
import { readWatchedDrafts } from './watched-drafts.ts';

/** Findings and secrets to publish to one organisation, from the vault's drafts or from the CLI's files. */
export interface PublishInput {
  readonly listed: Listed;
  readonly findings: readonly Finding[];
  readonly secrets: readonly SecretOf[];
  /** Drafts of this vault: they are used up. Those that an earlier publication held back and told are named here. */
  readonly told?: ReadonlySet<FindingId>;
}

/**
 * Publishes the drafts of each organisation. One that fails does not stop the others; a bundle that is sealed but not sent waits in
 * the outbox and goes out at the next sync. `onProgress` counts organisations.
 */
export async function publishDrafts(
  session: Session,
  listIds: readonly string[],
  options: PublishOptions,
  onProgress: (done: number, total: number) => void,
): Promise<readonly PublishOutcome[]> {
  const wanted = listIds.length > 0 ? listIds : draftedListIds(session.store);
  const outcomes: PublishOutcome[] = [];
  const ready = await prepare(session);
  // What an earlier call left goes first; if it fails again, it fails for its own mailbox below.
  if (ready.ok) await flushOutbox(session, onJobDone(session));
  for (const [at, listId] of wanted.entries()) {
    onProgress(at, wanted.length);
    if (!ready.ok) {
      outcomes.push({ kind: 'failed', listId, error: ready.error, queued: false });
      continue;
    }
    const input = await draftsOf(session, listId);
    outcomes.push(
      input.ok
        ? await publishTo(session, input.value, options)
        : { kind: 'failed', listId, error: input.error, queued: false },
    );
  }
  onProgress(wanted.length, wanted.length);
  return outcomes;
}

/** Once before publishing: the directory is fetched and a fresh `head` says so. */
export async function prepare(session: Session): Promise<Result<void, ClientError>> {
  const refreshed = await session.directory.refresh();
  return refreshed.ok ? appendHead(session) : refreshed;
}

async function draftsOf(session: Session, listId: string): Promise<Result<PublishInput, ClientError>> {
  const listed = await readListed(session.store, listId);
  if (!listed.ok) return listed;
  const drafts = await readWatchedDrafts(session, listId);
  if (!drafts.ok) return drafts;
  const secrets = await readDraftSecrets(session.store, listId);
  if (!secrets.ok) return secrets;
  const told = await readHeldIds(session.store, listId);
  if (!told.ok) return told;
  return ok({ listed: listed.value, findings: drafts.value.watched, secrets: secrets.value, told: told.value });
}

/** Seals and queues one bundle, then works off the outbox. `also` commits with the queued bundle. */
export async function publishTo(
  session: Session,
  input: PublishInput,
  options: PublishOptions,
  also: (tx: StoreTransaction) => void = () => undefined,
): Promise<PublishOutcome> {
  const { listId } = input.listed;
  const held = (reason: 'not_enrolled' | 'suspended' | 'nothing_to_release' | 'frozen'): PublishOutcome => ({
    kind: 'held',
    listId,
    reason,
    findings: input.findings.length,
  });
  const { org } = input.listed;
  if (stateOf(input.listed) === 'suspended') return held('suspended');
  if (org === null) return held('not_enrolled');
  const epoch = checkSealing(session.directory.current, org as OrgId, session.ports.nowMs());
  if (!epoch.ok) {
    if (epoch.error.kind === 'suspended') return held('suspended');
    if (epoch.error.kind === 'not-enrolled') return held('not_enrolled');
    if (epoch.error.kind === 'frozen') return held('frozen');
    return { kind: 'failed', listId, error: { kind: 'not-allowed', code: epoch.error.kind }, queued: false };
  }
  const release = releaseOf(input, options);
  const withheld = release.withheld.contextless + release.withheld.unconfirmed + release.withheld.unproven;
  if (release.released.length === 0 && withheld === 0) return held('nothing_to_release');
  const sealed = await sealFiles(session, org as OrgId, epoch.value, input, release, options);
  const queued = await queueBundle(session, input, sealed, release.released, options, also);
  if (!queued.ok) return { kind: 'failed', listId, error: queued.error, queued: false };
  const sent = await flushOutbox(session, onJobDone(session));
  if (!sent.ok && isJobWaiting(session.store, queued.value.jobId)) {
    return { kind: 'failed', listId, error: sent.error, queued: true };
  }
  return {
    kind: 'published',
    listId,
    bundleId: queued.value.bundleId,
    findings: release.released.length,
    withheld,
    sizeBytes: queued.value.sizeBytes,
  };
}

/** What goes out, and the counts of what is held back for the first time. */
function releaseOf(input: PublishInput, options: PublishOptions): ReturnType<typeof selectRelease> {
  const rules = {
    provenDomains: input.listed.proofs.map(({ domain }) => domain),
    includeContextless: options.includeContextless !== null,
    confirmKeywordOnly: options.confirmKeywordOnly,
  };
  const { released } = selectRelease(input.findings, rules);
  const untold = input.findings.filter(({ id }) => input.told?.has(id) !== true);
  return { released, withheld: selectRelease(untold, rules).withheld };
}

interface SealedFiles {
  readonly files: readonly OutgoingFile[];
  /** What opens the commitment that the list will carry. */
  readonly counts: Counts;
}

async function sealFiles(
  session: Session,
  org: OrgId,
  epoch: { readonly n: number; readonly recipients: { readonly read: string; readonly secrets: string } },
  input: PublishInput,
  release: ReturnType<typeof selectRelease>,
  options: PublishOptions,
): Promise<SealedFiles> {
  const packed = await packBundle(release.released, {
    policy: options.policy,
    tlp: options.tlp,
    caveat: options.caveat,
    withheld: release.withheld,
  });
  const sources: Record<string, number> = {};
  for (const { alias, count } of packed.sources) sources[alias] = (sources[alias] ?? 0) + count;
  const counts: Counts = { salt: toBase64url(session.ports.random(32)), sources };
  const common = {
    iss: CERT_ORG,
    aud: { org, generation: generationOf(session.directory.current, org) ?? 1 },
    epoch: epoch.n,
    seq: session.ports.nowMs(),
    heads: session.directory.heads(org),
    signer: session.signer,
    nowMs: session.nowMs(),
    random: session.ports.random,
  };
  const bundle = await sealEnvelope({
    ...common,
    kind: 'bundle',
    counts,
    media: BUNDLE_MEDIA,
    content: packed.content,
    inflated: packed.inflated,
    recipients: [epoch.recipients.read],
  });
  const files: OutgoingFile[] = [{ envelope: bundle, epoch: epoch.n, counts: commitToCounts(counts) }];
  const secrets = selectSecrets(release.released, input.secrets, options.policy);
  if (secrets.length > 0) {
    const content = await packSecrets(secrets);
    const envelope = await sealEnvelope({
      ...common,
      kind: 'secrets',
      refs: [bundle.sid],
      media: BUNDLE_MEDIA,
      content: content.content,
      inflated: content.inflated,
      recipients: [epoch.recipients.secrets],
    });
    files.push({ envelope, epoch: epoch.n, counts: null });
  }
  return { files, counts };
}

/** One commit: the files stand in the outbox, the drafts are used up but for what is held back, the ids are known as published. */
async function queueBundle(
  session: Session,
  { listed, told }: PublishInput,
  { files, counts }: SealedFiles,
  released: readonly Finding[],
  options: PublishOptions,
  also: (tx: StoreTransaction) => void,
): Promise<Result<{ readonly bundleId: string; readonly jobId: string; readonly sizeBytes: number }, ClientError>> {
  const bundle = files[0]?.envelope as SealedEnvelope;
  const packed = await packReleased(released);
  const out = new Set(released.map(({ id }) => id));
  const rest = told === undefined ? null : await packHeld(session.store, listed.listId, (id) => !out.has(id));
  if (rest?.ok === false) return rest;
  const nowMs: Ms = session.ports.nowMs();
  const jobId = `${String(nowMs).padStart(14, '0')}-${bundle.id}`;
  const row: StoredBundle = {
    bundleId: bundle.id,
    listId: listed.listId,
    org: listed.org ?? '',
    envelopes: files.map(({ envelope }) => envelope.id),
    publishedAtMs: nowMs,
    findings: released.length,
    policy: options.policy,
    tlp: options.tlp,
    sizeBytes: files.reduce((sum, { envelope }) => sum + envelope.size, 0),
    state: 'queued',
    fetchedAtMs: null,
    withdrawnAtMs: null,
    counts,
  };
  const done = await session.store.transaction(async (tx) => {
    enqueue(
      tx,
      {
        id: jobId,
        org: row.org,
        withdraw: [],
        purpose: { kind: 'publish', ref: bundle.id },
      },
      files,
    );
    putPublished(tx, row);
    putReleased(tx, listed.listId, bundle.id, packed);
    if (rest !== null) putHeld(tx, rest.value);
    also(tx);
    if (options.includeContextless !== null) {
      await session.audit.record(tx, { kind: 'ingest_override', override: 'contextless', count: released.length });
    }
    await session.audit.record(tx, {
      kind: 'published',
      bundle: bundle.id,
      org: row.org,
      findings: released.length,
      policy: options.policy,
    });
  });
  return done.ok ? ok({ bundleId: bundle.id, jobId, sizeBytes: row.sizeBytes }) : err(toClientError(done.error));
}

/** What the end of an outbox job changes in the vault. */
export function onJobDone(session: Session): OnDone {
  return async (tx, job) => {
    if (job.purpose.kind !== 'publish' && job.purpose.kind !== 'withdraw') return;
    const bundles = await readPublished(session.store);
    const bundle = bundles.ok ? bundles.value.find(({ bundleId }) => bundleId === job.purpose.ref) : undefined;
    if (bundle === undefined) return;
    if (job.purpose.kind === 'publish') putPublished(tx, { ...bundle, state: 'published' });
    else {
      putPublished(tx, { ...bundle, state: 'withdrawn', withdrawnAtMs: session.ports.nowMs() });
      deleteReleased(tx, bundle.listId, bundle.bundleId);
    }
  };
}
