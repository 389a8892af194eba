/**
 * What an organisation fetches: the operators' feeds are checked against what this vault saw before, listed files are downloaded,
 * opened, and taken over in one commit each. A lying server is noticed here: older versions, other contents, missing feeds.
 */
import * as v from 'valibot';
import { parseBase64url } from '../../base/base64url.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import type { Kid } from '../../sealed/crypto/keys.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { compareHeads } from '../../sealed/directory/freshness.ts';
import { generationOf, operators, organisation } from '../../sealed/directory/roles.ts';
import { HeadSchema } from '../../sealed/envelope/heads.ts';
import type { Head, Heads } from '../../sealed/envelope/heads.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import type { OpenedEnvelope } from '../../sealed/envelope/open.ts';
import { checkManifest, walkManifests } from '../../sealed/mailbox/check-manifest.ts';
import { commitToCounts } from '../../sealed/mailbox/counts.ts';
import { headOfManifest, parseManifest, verifyManifest } from '../../sealed/mailbox/manifest.ts';
import type { Manifest } from '../../sealed/mailbox/manifest.ts';
import { isListed } from '../../sealed/mailbox/manifest-claims.ts';
import type { ListedItem } from '../../sealed/mailbox/manifest-claims.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { textAt } from '../bundle/text-column.ts';
import { unpackBundle, unpackSecrets } from '../bundle/unpack.ts';
import { toBase64url } from '../../base/base64url.ts';
import type { FindingId } from '../finding/finding.ts';
import { profileDigest, ProfileSchema } from '../payload/profile.ts';
import { WithdrawalSchema } from '../payload/withdrawal.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import { downloadBlob } from './blob-download.ts';
import type { ClientError, SyncProgress } from './api.ts';
import { toClientError } from './failures.ts';
import { maySignFor } from './may-sign.ts';
import { putIdentity } from './identity.ts';
import type { Session } from './session.ts';

const DONE = 'done/';
/** Bundles by the sid that their secrets refer to. */
const BUNDLE_OF = 'bundle-of/';

export interface PullSummary {
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
  readonly warnings: readonly string[];
}

/** A sealed file as it came, for `pull --keep`. */
export type KeepSealed = (name: string, bytes: Uint8Array) => Promise<void>;

export interface PullOptions {
  readonly keep?: KeepSealed;
  /** Aborted: `cancelled`; what was taken over before stays. */
  readonly signal?: AbortSignal;
}

/** Fetches and takes over everything that is listed and not here yet. A failure leaves what was taken over before it. */
export async function pullMailbox(
  session: Session,
  findings: FindingsVault,
  onProgress: (progress: SyncProgress) => void,
  options: PullOptions = {},
): Promise<Result<PullSummary, ClientError>> {
  const warnings: string[] = [];
  const summary = { bundles: 0, added: 0, merged: 0, withdrawn: 0 };
  const org = session.identity.org as OrgId;
  for (const operator of operators(session.directory.current)) {
    onProgress({ stage: 'manifest', doneBytes: 0, totalBytes: 0, rows: summary.added });
    const manifest = await fetchFeed(session, org, operator.kid, operator.publicKey, warnings);
    if (!manifest.ok) return manifest;
    if (manifest.value === null) continue;
    const items = manifest.value.claims.items
      .filter(isListed)
      .filter((item) => !session.store.has('envelopes', DONE + item.id));
    const totalBytes = items.reduce((sum, item) => sum + item.size, 0);
    let doneBytes = 0;
    for (const item of items) {
      if (options.signal?.aborted === true) return err({ kind: 'cancelled' });
      const report = (stage: SyncProgress['stage'], bytes: number) =>
        onProgress({ stage, doneBytes: doneBytes + bytes, totalBytes, rows: summary.added });
      const taken = await takeItem(session, findings, org, item, report, options);
      if (!taken.ok) return taken;
      doneBytes += item.size;
      summary.bundles += taken.value.bundles;
      summary.added += taken.value.added;
      summary.merged += taken.value.merged;
      summary.withdrawn += taken.value.withdrawn;
    }
    // Only now: a feed whose files could not be read is looked at again.
    const head = headOfManifest(manifest.value);
    const noted = await session.store.transaction((tx) => tx.setSeen(`feed/${operator.kid}`, head));
    if (!noted.ok) return err(toClientError(noted.error));
  }
  return ok({ ...summary, warnings });
}

/** The newest manifest of one feed, checked against what this vault saw of it; `null` where it has none yet. */
async function fetchFeed(
  session: Session,
  org: OrgId,
  feed: Kid,
  publicKey: Uint8Array,
  warnings: string[],
): Promise<Result<Manifest | null, ClientError>> {
  const { http, identity, store } = session;
  const path = paths(identity.deployment);
  const seen = store.seen(`feed/${feed}`);
  const known: Head | null = seen === null || seen === undefined ? null : v.parse(HeadSchema, seen);
  const answer = await http.ask({ method: 'GET', path: path.manifest(org, feed), accept: [404] });
  if (!answer.ok) return answer;
  if (answer.value.status === 404) {
    if (known !== null) return err({ kind: 'forged', what: 'feed', code: 'vanished' });
    warnings.push('feed-missing');
    return ok(null);
  }
  const manifest = await readManifest(answer.value.body, feed, publicKey);
  if (!manifest.ok) return manifest;
  const view = compareHeads(session.directory.current, manifest.value.claims.heads as Heads);
  if (view.kind === 'split') return err({ kind: 'forged', what: 'directory', code: 'split-view' });
  if (view.kind === 'ahead') {
    const refreshed = await session.directory.refresh();
    if (!refreshed.ok) return refreshed;
    if (compareHeads(session.directory.current, manifest.value.claims.heads as Heads).kind !== 'known') {
      return err({ kind: 'forged', what: 'directory', code: 'withheld' });
    }
  }
  const step = checkManifest({ known, incoming: manifest.value, mailbox: org, nowMs: session.nowMs() });
  if (!step.ok) return err({ kind: 'forged', what: 'feed', code: step.error.kind });
  if (step.value.isExpired) warnings.push('feed-expired');
  if (step.value.kind === 'gap' && known !== null) {
    const between: Manifest[] = [];
    for (let ver = step.value.from; ver <= step.value.to; ver++) {
      const older = await http.ask({ method: 'GET', path: path.manifestVersion(org, feed, ver) });
      if (!older.ok) return older;
      const parsed = await readManifest(older.value.body, feed, publicKey);
      if (!parsed.ok) return parsed;
      between.push(parsed.value);
    }
    const walked = walkManifests(known, [...between, manifest.value]);
    if (!walked.ok) return err({ kind: 'forged', what: 'feed', code: walked.error.kind });
  }
  return ok(manifest.value);
}

async function readManifest(
  body: Uint8Array,
  feed: Kid,
  publicKey: Uint8Array,
): Promise<Result<Manifest, ClientError>> {
  const parsed = parseManifest(fromUtf8(body) ?? '');
  if (!parsed.ok) {
    return err(
      parsed.error.kind === 'update-needed'
        ? { kind: 'update-needed' }
        : { kind: 'forged', what: 'feed', code: parsed.error.kind },
    );
  }
  if (parsed.value.claims.feed !== feed || !(await verifyManifest(parsed.value, publicKey))) {
    return err({ kind: 'forged', what: 'feed', code: 'signature' });
  }
  return ok(parsed.value);
}

interface Taken {
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
}
const NOTHING: Taken = { bundles: 0, added: 0, merged: 0, withdrawn: 0 };

async function takeItem(
  session: Session,
  findings: FindingsVault,
  org: OrgId,
  item: ListedItem,
  report: (stage: SyncProgress['stage'], bytes: number) => void,
  { keep, signal }: PullOptions,
): Promise<Result<Taken, ClientError>> {
  const sha256 = parseBase64url(item.sha256, 32);
  if (sha256 === null) return err({ kind: 'forged', what: 'feed', code: 'malformed' });
  const download = downloadBlob(session, item.sha256, item.size, (bytes) => report('download', bytes));
  const [sealed, copy] = keep === undefined ? [download.stream, null] : download.stream.tee();
  const keeping = copy === null || keep === undefined ? null : keepFile(copy, `${item.id}.age`, keep);
  const opened = await openListed(session, org, sealed, { sha256, size: item.size });
  await keeping;
  if (!opened.ok) return err(download.failure() ?? opened.error);
  if (opened.value.claims.id !== item.id) return err({ kind: 'forged', what: 'envelope', code: 'other-id' });
  report('store', item.size);
  return takeEnvelope(session, findings, item, opened.value, signal);
}

async function keepFile(stream: ReadableStream<Uint8Array>, name: string, keep: KeepSealed): Promise<void> {
  try {
    await keep(
      name,
      new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer()),
    );
  } catch {
    // A broken download is told by whoever opens the other half of the stream.
  }
}

/** An envelope of the own mailbox, opened and checked. `expected` is what a verified manifest says of the file. */
export async function openListed(
  session: Session,
  org: OrgId,
  sealed: ReadableStream<Uint8Array> | Uint8Array,
  expected: { readonly sha256: Uint8Array; readonly size: number } | null,
): Promise<Result<OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> }, ClientError>> {
  const directory = session.directory.current;
  const opened = await openEnvelope({
    sealed,
    expected,
    identities: session.epochs.flatMap((epoch) => [epoch.read, epoch.secrets]),
    expect: {
      kinds: ['bundle', 'secrets', 'withdrawal', 'profile', 'advisory'],
      org,
      generation: generationOf(directory, org) ?? 1,
    },
    maySign: maySignFor(directory, org),
    nowMs: session.nowMs(),
  });
  if (!opened.ok) {
    switch (opened.error.kind) {
      case 'interrupted':
        return err({ kind: 'offline' });
      case 'update-needed':
        return err({ kind: 'update-needed' });
      default:
        return err({ kind: 'forged', what: 'envelope', code: opened.error.kind });
    }
  }
  if (compareHeads(directory, opened.value.claims.heads as Heads).kind === 'split') {
    return err({ kind: 'forged', what: 'directory', code: 'split-view' });
  }
  return opened;
}

async function takeEnvelope(
  session: Session,
  findings: FindingsVault,
  item: ListedItem,
  opened: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
  signal: AbortSignal | undefined,
): Promise<Result<Taken, ClientError>> {
  switch (opened.claims.kind) {
    case 'bundle':
      return takeBundle(session, findings, item, opened, signal);
    case 'secrets':
      return takeSecrets(session, findings, opened);
    case 'withdrawal':
      return takeWithdrawal(session, findings, opened);
    case 'profile':
      return takeProfile(session, opened);
    default:
      return markDone(session, opened.claims.id);
  }
}

async function takeBundle(
  session: Session,
  findings: FindingsVault,
  item: ListedItem,
  { statement, claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
  signal: AbortSignal | undefined,
): Promise<Result<Taken, ClientError>> {
  if (claims.counts === undefined || item.counts === undefined || commitToCounts(claims.counts) !== item.counts) {
    return err({ kind: 'forged', what: 'bundle', code: 'counts' });
  }
  const unpacked = unpackBundle(content);
  if (!unpacked.ok) return err({ kind: 'forged', what: 'bundle', code: unpacked.error.code });
  const { columns, metadata } = unpacked.value;
  const promised = Object.values(claims.counts.sources).reduce((sum, count) => sum + count, 0);
  if (promised !== columns.rows) return err({ kind: 'forged', what: 'bundle', code: 'counts' });
  const { id } = claims;
  const imported = await findings.importBundle(
    id,
    async (sink) => {
      await sink.begin(metadata);
      await sink.batch(columns);
      const { tlp, caveat, policy, withheld } = metadata;
      return ok({ publishedAtMs: claims.iat * 1000, tlp, caveat, policy, withheld });
    },
    {
      ...(signal === undefined ? {} : { signal }),
      also: async (tx, summary) => {
        tx.put('envelopes', DONE + id, { kind: 'bundle' });
        tx.put('envelopes', BUNDLE_OF + statement.sid, id);
        await session.audit.record(tx, { kind: 'bundle_opened', bundle: id, findings: summary.findings });
      },
    },
  );
  if (!imported.ok) {
    return imported.error.kind === 'already-done' ? markDone(session, id) : imported;
  }
  return ok({ ...NOTHING, bundles: 1, added: imported.value.added, merged: imported.value.merged });
}

async function takeSecrets(
  session: Session,
  findings: FindingsVault,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  // They go with one bundle that is here (FORMATS, Finding bundle) and are deleted with it.
  const [ref] = claims.refs ?? [];
  const row = ref === undefined ? ok(null) : await session.store.get('envelopes', BUNDLE_OF + ref);
  if (!row.ok) return err(toClientError(row.error));
  const bundleId = row.value;
  if (typeof bundleId !== 'string') return err({ kind: 'forged', what: 'secrets', code: 'other-bundle' });
  const bundle = findings.bundles().find((candidate) => candidate.bundleId === bundleId);
  if (bundle === undefined || bundle.withdrawn !== null) return markDone(session, claims.id);
  if (bundle.policy !== 'sealed') return err({ kind: 'forged', what: 'secrets', code: 'policy' });
  const unpacked = unpackSecrets(content);
  if (!unpacked.ok) return err({ kind: 'forged', what: 'secrets', code: unpacked.error.code });
  const { rows, id, secret } = unpacked.value;
  const secrets: { readonly id: FindingId; readonly secret: string }[] = [];
  for (let row = 0; row < rows; row++) {
    const text = textAt(secret, row);
    if (text !== null)
      secrets.push({ id: toBase64url(id.subarray(row * 16, row * 16 + 16)) as FindingId, secret: text });
  }
  const done = await findings.putSecrets(bundleId, secrets, (tx) =>
    tx.put('envelopes', DONE + claims.id, { kind: 'secrets' }),
  );
  return done.ok || done.error.kind === 'already-done' ? ok(NOTHING) : done;
}

async function takeWithdrawal(
  session: Session,
  findings: FindingsVault,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  const withdrawal = parseContent(WithdrawalSchema, content);
  if (withdrawal === null) return err({ kind: 'forged', what: 'withdrawal', code: 'malformed' });
  const done = await findings.withdraw(withdrawal.bundle, withdrawal.code, (tx) =>
    tx.put('envelopes', DONE + claims.id, { kind: 'withdrawal' }),
  );
  if (done.ok) return ok({ ...NOTHING, withdrawn: 1 });
  // Withdrawn before it was ever fetched: nothing to hide.
  return done.error.kind === 'not-found' || done.error.kind === 'already-done' ? markDone(session, claims.id) : done;
}

async function takeProfile(
  session: Session,
  { claims, content }: OpenedEnvelope & { readonly content: Uint8Array<ArrayBuffer> },
): Promise<Result<Taken, ClientError>> {
  const profile = parseContent(ProfileSchema, content);
  if (profile === null || profile.org !== session.identity.org)
    return err({ kind: 'forged', what: 'profile', code: 'malformed' });
  // The operator's signed statement names the one profile that holds (FORMATS, `organisation`).
  const known = organisation(session.directory.current, session.identity.org as OrgId);
  if (known?.profile !== profileDigest(profile)) return err({ kind: 'forged', what: 'profile', code: 'digest' });
  const { nameTh, nameEn } = profile;
  const identity = { ...session.identity, nameTh, nameEn, profile };
  const done = await session.store.transaction((tx) => {
    putIdentity(tx, identity);
    tx.put('envelopes', DONE + claims.id, { kind: 'profile' });
  });
  if (!done.ok) return err(toClientError(done.error));
  session.identity = identity;
  return ok(NOTHING);
}

async function markDone(session: Session, id: string): Promise<Result<Taken, ClientError>> {
  const done = await session.store.put('envelopes', DONE + id, { kind: 'known' });
  return done.ok ? ok(NOTHING) : err(toClientError(done.error));
}

function parseContent<T>(schema: v.GenericSchema<unknown, T>, content: Uint8Array): T | null {
  const text = fromUtf8(content);
  const json = text === null ? null : parseStrictJson(text, 1024 * 1024);
  const parsed = json?.ok ? v.safeParse(schema, json.value) : null;
  return parsed?.success ? parsed.output : null;
}
