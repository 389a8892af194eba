/**
 * What an organisation fetches: the operators' feeds are checked against what this vault saw before, listed files are downloaded,
 * opened, and taken over in one commit each. A lying server is noticed here: older versions, other contents, missing feeds.
 */
import * as v from 'valibot';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { JsonObject } from '../../base/strict-json.ts';
import type { Kid } from '../../sealed/crypto/keys.ts';
import type { OrgId } from '../../sealed/directory/fields.ts';
import { operators } from '../../sealed/directory/roles.ts';
import { HeadSchema } from '../../sealed/envelope/heads.ts';
import type { Head, Heads } from '../../sealed/envelope/heads.ts';
import { checkManifest, walkManifests } from '../../sealed/mailbox/check-manifest.ts';
import { headOfManifest, parseManifest, verifyManifest } from '../../sealed/mailbox/manifest.ts';
import type { Manifest } from '../../sealed/mailbox/manifest.ts';
import { isListed } from '../../sealed/mailbox/manifest-claims.ts';
import type { ListedItem } from '../../sealed/mailbox/manifest-claims.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { FindingsVault } from '../vault/findings-vault.ts';
import type { SyncProgress } from './api/bundles.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import {
  CAME,
  DONE,
  EXPIRED,
  fetchListed,
  isExpiry,
  NOTHING,
  pullBundle,
  repairBundle,
  WITHHELD,
} from './pull-bundle.ts';
import type { Pulling, PullOptions, Taken } from './pull-bundle.ts';
import { openListed } from './open-listed.ts';
import { takeEnvelope } from './take-envelope.ts';
import type { Session } from './session.ts';
import { checkHeads } from './split-view.ts';

export interface PullSummary {
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
  readonly warnings: readonly string[];
  /** Ids of listed files that this device never had and that nobody can fetch any more. */
  readonly expired: readonly string[];
}

/**
 * Fetches and takes over everything that is listed and not here yet, and again what is damaged here. A failure leaves what was taken
 * over before it.
 */
export async function pullMailbox(
  session: Session,
  findings: FindingsVault,
  onProgress: (progress: SyncProgress) => void,
  options: PullOptions = {},
): Promise<Result<PullSummary, ClientError>> {
  const warnings: string[] = [];
  const summary = { bundles: 0, added: 0, merged: 0, withdrawn: 0 };
  const pulling: Pulling = { session, findings, org: session.identity.org as OrgId, ...options };
  let listed: readonly ListedItem[] = [];
  for (const operator of operators(session.directory.current)) {
    onProgress({ stage: 'manifest', doneBytes: 0, totalBytes: 0, rows: summary.added });
    const manifest = await fetchFeed(session, pulling.org, operator.kid, operator.publicKey, warnings);
    if (!manifest.ok) return manifest;
    if (manifest.value === null) continue;
    const all = manifest.value.claims.items.filter(isListed);
    listed = [...listed, ...all];
    const taken = await takeItems(
      {
        ...pulling,
        list: manifest.value.statement.compact,
        isFirstReading: (session.store.seen(`feed/${operator.kid}`) ?? null) === null,
      },
      all.filter(
        ({ id }) => !session.store.has('envelopes', DONE + id) && !session.store.has('envelopes', EXPIRED + id),
      ),
      (progress) => onProgress({ ...progress, rows: summary.added + progress.rows }),
    );
    summary.bundles += taken.sum.bundles;
    summary.added += taken.sum.added;
    summary.merged += taken.sum.merged;
    summary.withdrawn += taken.sum.withdrawn;
    if (taken.failed !== null) return err(taken.failed);
    // Only now: a feed whose files could not be read is looked at again.
    const head = headOfManifest(manifest.value);
    const noted = await session.store.transaction((tx) => tx.setSeen(`feed/${operator.kid}`, head));
    if (!noted.ok) return err(toClientError(noted.error));
  }
  const repaired = await repairDamaged(pulling, listed, onProgress);
  if (!repaired.ok) return repaired;
  const expired = expiredOf(session, listed);
  const hasCome = (id: string): boolean => session.store.has('envelopes', CAME + id);
  if (expired.some(hasCome)) warnings.push('bundle-missed');
  if (!expired.every(hasCome)) warnings.push('bundle-expired');
  return ok({ ...summary, warnings: [...new Set([...warnings, ...repaired.value])], expired });
}

async function takeItems(
  pulling: Pulling,
  items: readonly ListedItem[],
  onProgress: (progress: SyncProgress) => void,
): Promise<{ readonly sum: Taken; readonly failed: ClientError | null }> {
  const totalBytes = items.reduce((bytes, item) => bytes + item.size, 0);
  const sum = { ...NOTHING };
  const withheld: JsonObject[] = [];
  let doneBytes = 0;
  for (const item of items) {
    if (pulling.signal?.aborted === true) return { sum, failed: { kind: 'cancelled' } };
    let came = 0;
    const taken = await takeItem(pulling, item, (stage, bytes, rows) => {
      came = Math.max(came, bytes);
      onProgress({ stage, doneBytes: doneBytes + bytes, totalBytes, rows: sum.added + rows });
    });
    if (!taken.ok && isExpiry(taken.error)) {
      const noted = await noteExpired(pulling, item);
      if (!noted.ok) return { sum, failed: noted.error };
      if (noted.value === 'withheld') withheld.push({ id: item.id, sha256: item.sha256 });
      continue;
    }
    if (!taken.ok) {
      // should this fail, too: then the file is missed as one that never came
      if (came >= item.size) await pulling.session.store.put('envelopes', CAME + item.id, { kind: 'came' });
      return { sum, failed: taken.error };
    }
    doneBytes += item.size;
    sum.bundles += taken.value.bundles;
    sum.added += taken.value.added;
    sum.merged += taken.value.merged;
    sum.withdrawn += taken.value.withdrawn;
  }
  if (withheld.length === 0) return { sum, failed: null };
  pulling.session.alarms.hold({ list: pulling.list ?? null, withheld, answer: 'expired' });
  return { sum, failed: { kind: 'forged', what: 'blob', code: 'withheld' } };
}

/**
 * Notes a file that is said to have expired. A server keeps every file until all devices have fetched it: that can be true for a
 * device that came later, and for one to which the file came whole but that could not take it over. Any other one that has read the
 * feed before was there, and is being lied to: that is `withheld` once, and the file is asked for again at each sync.
 */
async function noteExpired(
  { session, isFirstReading }: Pulling,
  { id }: ListedItem,
): Promise<Result<'told' | 'withheld', ClientError>> {
  if (session.store.has('envelopes', WITHHELD + id)) return ok('told');
  const isTrue = isFirstReading === true || session.store.has('envelopes', CAME + id);
  const row = (isTrue ? EXPIRED : WITHHELD) + id;
  const noted = await session.store.put('envelopes', row, { kind: 'expired' });
  if (!noted.ok) return err(toClientError(noted.error));
  return ok(isTrue ? 'told' : 'withheld');
}

/** Listed files that this device does not have and was told that nobody has. */
function expiredOf({ store }: Session, listed: readonly ListedItem[]): readonly string[] {
  const isGone = (id: string): boolean => store.has('envelopes', EXPIRED + id) || store.has('envelopes', WITHHELD + id);
  return listed.map(({ id }) => id).filter((id) => isGone(id) && !store.has('envelopes', DONE + id));
}

/** Fetches bundles again that are damaged on this device. What is to be told: which of them came back, which are not to be had. */
async function repairDamaged(
  pulling: Pulling,
  listed: readonly ListedItem[],
  onProgress: (progress: SyncProgress) => void,
): Promise<Result<readonly string[], ClientError>> {
  const warnings: string[] = [];
  for (const bundleId of pulling.findings.damaged) {
    const item = listed.find(({ id }) => id === bundleId);
    if (item === undefined) {
      warnings.push('bundle-damaged');
      continue;
    }
    if (pulling.signal?.aborted === true) return err({ kind: 'cancelled' });
    const repaired = await repairBundle(pulling, item, (stage, bytes, rows) =>
      onProgress({ stage, doneBytes: bytes, totalBytes: item.size, rows }),
    );
    if (!repaired.ok && isExpiry(repaired.error)) {
      warnings.push('bundle-damaged');
      continue;
    }
    if (!repaired.ok) return repaired;
    warnings.push('bundle-repaired');
  }
  return ok(warnings);
}

/** The newest manifest of one feed, checked against what this vault saw of it; `null` where it has none yet. */
export async function fetchFeed(
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
  const { claims, statement } = manifest.value;
  const agreed = await checkHeads(session, claims.heads as Heads, { manifest: statement.compact });
  if (!agreed.ok) return agreed;
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

/** One listed file: what is listed with numbers is a bundle and comes as a stream; anything else in memory. */
async function takeItem(
  pulling: Pulling,
  item: ListedItem,
  report: (stage: SyncProgress['stage'], bytes: number, rows: number) => void,
): Promise<Result<Taken, ClientError>> {
  const { session } = pulling;
  if (item.counts !== undefined) return pullBundle(pulling, item, report);
  const fetched = fetchListed(pulling, item, (bytes) => report('download', bytes, 0));
  if (!fetched.ok) return fetched;
  const { sealed, expected, kept, failure } = fetched.value;
  const opened = await openListed(session, pulling.org, sealed, expected);
  await kept();
  if (!opened.ok) return err(failure() ?? opened.error);
  if (opened.value.claims.id !== item.id) return err({ kind: 'forged', what: 'envelope', code: 'other-id' });
  report('store', item.size, 0);
  const taken = await takeEnvelope(session, pulling.findings, opened.value);
  return taken === 'bundle' ? pullBundle(pulling, item, report) : taken;
}
