/**
 * What leaves for a mailbox: sealed files stand in the outbox before their first byte goes out, the same bytes are sent until they
 * are accepted, then the signed manifest lists them: exactly once. A job that is cut off anywhere goes on where it stopped.
 */
import * as v from 'valibot';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Bytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { sha256 } from '../../sealed/crypto/hash.ts';
import type { ChainName } from '../../sealed/directory/fields.ts';
import type { Head } from '../../sealed/envelope/heads.ts';
import type { SealedEnvelope } from '../../sealed/envelope/seal.ts';
import { headOfManifest, parseManifest, signManifest } from '../../sealed/mailbox/manifest.ts';
import type { Manifest } from '../../sealed/mailbox/manifest.ts';
import { MAX_MANIFEST_ITEMS } from '../../sealed/mailbox/manifest-claims.ts';
import type { ListedItem, ManifestItem } from '../../sealed/mailbox/manifest-claims.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { uploadBlob } from './blob-upload.ts';
import { toClientError } from './failures.ts';
import type { Session } from './session.ts';

const JOBS = 'job/';
const FILES = 'file/';
const FEEDS = 'feed/';
/** Feeds are renewed when less than this is left of their 14 days. */
const RENEW_MS = 7 * 86_400_000;

const FileSchema = v.strictObject({
  id: v.string(),
  sha256: v.string(),
  size: v.number(),
  epoch: v.number(),
  counts: v.nullable(v.string()),
});

const JobSchema = v.strictObject({
  id: v.string(),
  org: v.string(),
  files: v.array(FileSchema),
  /** Items taken back: these ids stay listed with a code only. */
  withdraw: v.array(v.strictObject({ id: v.string(), code: v.string() })),
  /** Items that its own files replace: they are listed no longer. */
  drop: v.optional(v.array(v.string()), []),
  /** What the job was for: told to `onDone` in the commit that ends it. */
  purpose: v.strictObject({ kind: v.picklist(['publish', 'withdraw', 'profile', 'renew', 'watch']), ref: v.string() }),
  /** Signed once all files are up, and kept, so that a lost answer repeats the same bytes. */
  manifest: v.nullable(v.string()),
});
export type Job = v.InferOutput<typeof JobSchema>;

/** A sealed file with what the manifest says of it. */
export interface OutgoingFile {
  readonly envelope: SealedEnvelope;
  readonly epoch: number;
  readonly counts: string | null;
}

/** Called inside the commit that ends a job. */
export type OnDone = (tx: StoreTransaction, job: Job) => Promise<void> | void;

/** Puts a job into the outbox with the caller's other changes. Files of one job are listed together or not at all. */
export function enqueue(
  tx: StoreTransaction,
  job: Pick<Job, 'id' | 'org' | 'withdraw' | 'purpose'> & Partial<Pick<Job, 'drop'>>,
  files: readonly OutgoingFile[],
): void {
  const described = files.map(({ envelope, epoch, counts }) => ({
    id: envelope.id as string,
    sha256: toBase64url(envelope.sha256),
    size: envelope.size,
    epoch,
    counts,
  }));
  for (const { envelope } of files) tx.put('outbox', FILES + toBase64url(envelope.sha256), envelope.bytes as Bytes);
  tx.put('outbox', JOBS + job.id, { drop: [], ...job, files: described, manifest: null });
}

/** Jobs that wait. */
export function waitingJobs(store: SealedStore): number {
  return store.ids('outbox', JOBS).length;
}

/** True while a job was not acknowledged to its end. */
export function isJobWaiting(store: SealedStore, id: string): boolean {
  return store.has('outbox', JOBS + id);
}

/**
 * Works off the outbox, oldest first, one caller at a time. A job that fails stays for the next call, and so do later ones for the same
 * mailbox; other mailboxes go on, unless line or storage are gone. Answers the first failure. `onProgress` gets bytes sent and in all.
 */
export function flushOutbox(
  session: Session,
  onDone: OnDone,
  onProgress: (doneBytes: number, totalBytes: number) => void = () => undefined,
): Promise<Result<number, ClientError>> {
  return session.outboxTurn.run(() => workOff(session, onDone, onProgress));
}

async function workOff(
  session: Session,
  onDone: OnDone,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<Result<number, ClientError>> {
  const { store } = session;
  const rows = await store.getMany('outbox', store.ids('outbox', JOBS));
  if (!rows.ok) return err(toClientError(rows.error));
  const jobs = rows.value.map((row) => v.parse(JobSchema, row));
  const totalBytes = jobs.reduce((sum, job) => sum + job.files.reduce((size, file) => size + file.size, 0), 0);
  let doneBytes = 0;
  let finished = 0;
  let failure: ClientError | null = null;
  const stuck = new Set<string>();
  for (const job of jobs) {
    if (stuck.has(job.org)) continue;
    const done = await sendJob(session, job, onDone, (bytes) => onProgress(doneBytes + bytes, totalBytes));
    if (!done.ok) {
      failure ??= done.error;
      if (isAllOver(done.error)) break;
      stuck.add(job.org);
      continue;
    }
    finished++;
    doneBytes += job.files.reduce((sum, file) => sum + file.size, 0);
    onProgress(doneBytes, totalBytes);
  }
  return failure === null ? ok(finished) : err(failure);
}

/** Without line or storage no other mailbox can go on either. */
export function isAllOver({ kind }: ClientError): boolean {
  return kind === 'offline' || kind === 'storage-full' || kind === 'storage-damaged';
}

async function sendJob(
  session: Session,
  job: Job,
  onDone: OnDone,
  onProgress: (bytes: number) => void,
): Promise<Result<void, ClientError>> {
  let sentBytes = 0;
  for (const file of job.files) {
    const sent = await uploadFile(session, file, (bytes) => onProgress(sentBytes + bytes));
    if (!sent.ok) return sent;
    sentBytes += file.size;
  }
  return listJob(session, job, onDone);
}

/** Sends a file from where the server stands. */
async function uploadFile(
  session: Session,
  file: Job['files'][number],
  onProgress: (bytes: number) => void,
): Promise<Result<void, ClientError>> {
  const row = await session.store.get('outbox', FILES + file.sha256);
  if (!row.ok) return err(toClientError(row.error));
  if (!(row.value instanceof Uint8Array)) return err({ kind: 'storage-damaged', code: 'outbox-file' });
  return uploadBlob(session, file.sha256, row.value, onProgress);
}

async function listJob(session: Session, job: Job, onDone: OnDone): Promise<Result<void, ClientError>> {
  const { store, http, identity, signer } = session;
  const feed = await readFeed(store, job.org);
  if (!feed.ok) return feed;
  let compact = job.manifest;
  if (compact === null || parseManifest(compact).ok === false || isBehind(compact, feed.value)) {
    // Also its own files: a restored vault may find them listed already.
    const taken = new Set([...[...job.withdraw, ...job.files].map(({ id }) => id), ...job.drop]);
    const items: ManifestItem[] = [
      ...feed.value.items.filter((item) => !taken.has(item.id)),
      ...job.withdraw.map(({ id, code }) => ({ id: id as ListedItem['id'], withdrawn: code })),
      ...job.files.map(({ id, size, sha256: hash, epoch, counts }) => ({
        id: id as ListedItem['id'],
        size,
        sha256: hash,
        epoch,
        ...(counts === null ? {} : { counts }),
      })),
    ];
    // Older items go to pages, which servers do not take yet.
    if (items.length > MAX_MANIFEST_ITEMS) return err({ kind: 'not-allowed', code: 'mailbox-full' });
    const manifest = await signManifest({
      signer,
      previous: feed.value.head,
      heads: session.directory.heads(job.org as ChainName),
      items,
      pages: [],
      seen: {},
      nowMs: session.nowMs(),
    });
    compact = manifest.statement.compact;
    const kept = await store.put('outbox', JOBS + job.id, { ...job, manifest: compact });
    if (!kept.ok) return err(toClientError(kept.error));
  }
  const parsed = parseManifest(compact);
  if (!parsed.ok) return err({ kind: 'storage-damaged', code: 'outbox-manifest' });
  const put = await http.ask({
    method: 'PUT',
    path: paths(identity.deployment).manifest(job.org as ChainName, signer.kid),
    body: utf8(compact),
    headers: {
      'content-type': 'application/jose',
      ...(feed.value.head === null ? { 'if-none-match': '*' } : { 'if-match': `"${feed.value.head[1]}"` }),
    },
  });
  if (!put.ok) {
    // Only this device writes this feed: a server that holds another version means a cloned or rolled-back vault, or a lie.
    const clash = put.error.kind === 'server' && (put.error.status === 412 || put.error.status === 409);
    return err(clash ? { kind: 'forged', what: 'feed', code: 'version-elsewhere' } : put.error);
  }
  const done = await store.transaction(async (tx) => {
    keepFeed(tx, job.org, parsed.value);
    for (const file of job.files) tx.delete('outbox', FILES + file.sha256);
    tx.delete('outbox', JOBS + job.id);
    await onDone(tx, job);
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

function isBehind(compact: string, feed: Feed): boolean {
  const manifest = parseManifest(compact);
  return !manifest.ok || manifest.value.claims.prev !== (feed.head?.[1] ?? null);
}

/** Writes the newest version of our own feed, with its place among the highest versions seen. */
export function keepFeed(tx: StoreTransaction, org: string, manifest: Manifest): void {
  tx.put('envelopes', FEEDS + org, manifest.statement.compact);
  tx.setSeen(`own-feed/${org}`, headOfManifest(manifest));
}

interface Feed {
  readonly head: Head | null;
  readonly items: readonly ManifestItem[];
  readonly expiresAtMs: number;
}

/** Our newest list in the mailbox of `org` as it was signed; `null` before the first. */
export async function readSignedFeed(store: SealedStore, org: string): Promise<Result<string | null, ClientError>> {
  const row = await store.get('envelopes', FEEDS + org);
  if (!row.ok) return err(toClientError(row.error));
  return ok(typeof row.value === 'string' ? row.value : null);
}

/** Our feed in the mailbox of `org` as we last signed it. */
export async function readFeed(store: SealedStore, org: string): Promise<Result<Feed, ClientError>> {
  const signed = await readSignedFeed(store, org);
  if (!signed.ok) return signed;
  if (signed.value === null) return ok({ head: null, items: [], expiresAtMs: 0 });
  const manifest = parseManifest(signed.value);
  if (!manifest.ok) return err({ kind: 'storage-damaged', code: 'feed' });
  const { items, exp } = manifest.value.claims;
  return ok({ head: headOfManifest(manifest.value), items, expiresAtMs: exp * 1000 });
}

/** Queues a new version of each own feed that runs out within a week (FORMATS: empty feeds are renewed, too). */
export async function renewFeeds(session: Session): Promise<Result<number, ClientError>> {
  const { store } = session;
  let renewed = 0;
  for (const row of store.ids('envelopes', FEEDS)) {
    const org = row.slice(FEEDS.length);
    const feed = await readFeed(store, org);
    if (!feed.ok) return feed;
    if (feed.value.expiresAtMs - session.nowMs() > RENEW_MS) continue;
    const id = `renew-${toBase64url(sha256(utf8(row))).slice(0, 16)}`;
    // One that waits may have been accepted, its answer lost: it must go out again as it was signed.
    if (isJobWaiting(store, id)) continue;
    const queued = await store.transaction((tx) =>
      enqueue(tx, { id, org, withdraw: [], purpose: { kind: 'renew', ref: '' } }, []),
    );
    if (!queued.ok) return err(toClientError(queued.error));
    renewed++;
  }
  return ok(renewed);
}
