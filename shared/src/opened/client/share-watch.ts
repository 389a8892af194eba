/**
 * Watch terms among the CERT's operators: each keeps one sealed `watch` envelope in its own feed of the CERT's mailbox, with all
 * organisations' versions as it knows them; the others merge it into theirs. After a restore an operator's own brings back what the
 * backup was too old for.
 */
import * as v from 'valibot';
import { parseBase64url } from '../../base/base64url.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { parseStrictJson } from '../../base/strict-json.ts';
import { operators } from '../../sealed/directory/roles.ts';
import { packGzip } from '../../sealed/envelope/gzip.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import { openEnvelope } from '../../sealed/envelope/open.ts';
import { sealEnvelope } from '../../sealed/envelope/seal.ts';
import type { SealedEnvelope } from '../../sealed/envelope/seal.ts';
import { headOfManifest } from '../../sealed/mailbox/manifest.ts';
import { isListed } from '../../sealed/mailbox/manifest-claims.ts';
import type { ListedItem } from '../../sealed/mailbox/manifest-claims.ts';
import { WatchSchema } from '../payload/watch.ts';
import type { WatchContent } from '../payload/watch.ts';
import type { ClientError } from './api/client-error.ts';
import { downloadBlob } from './blob-download.ts';
import { toClientError } from './failures.ts';
import { maySignFor } from './may-sign.ts';
import { enqueue } from './outbox.ts';
import { fetchFeed } from './pull.ts';
import { DONE } from './pull-bundle.ts';
import { checkClaimedHeads } from './open-listed.ts';
import type { Session } from './session.ts';
import { mergeWatchTerms, readAllHistories, WATCH_UNSHARED } from './watch-terms.ts';

/** Id of the own envelope that is listed now. */
const OWN_ITEM = 'watch-item';
const MEDIA = 'application/json+gzip';
/** Longest content: 20,000 organisations with some versions each. */
const MAX_CONTENT_BYTES = 64 * 1024 * 1024;

/** Seals and queues the terms if they changed since they last went out; the number of jobs queued. */
export async function shareWatchTerms(session: Session): Promise<Result<number, ClientError>> {
  const { store, ports } = session;
  if (!store.has('envelopes', WATCH_UNSHARED)) return ok(0);
  const lists = await readAllHistories(store);
  if (!lists.ok) return lists;
  const sealed = await sealTerms(session, {
    v: 1,
    lists: lists.value.map(({ listId, versions }) => ({ listId, versions: [...versions] })) as WatchContent['lists'],
  });
  const previous = await store.get('envelopes', OWN_ITEM);
  if (!previous.ok) return err(toClientError(previous.error));
  const { id } = sealed.envelope;
  const queued = await store.transaction((tx) => {
    enqueue(
      tx,
      {
        id: `${String(ports.nowMs()).padStart(14, '0')}-${id}`,
        org: CERT_ORG,
        withdraw: [],
        drop: typeof previous.value === 'string' ? [previous.value] : [],
        purpose: { kind: 'watch', ref: '' },
      },
      [{ envelope: sealed.envelope, epoch: sealed.epoch, counts: null }],
    );
    tx.put('envelopes', OWN_ITEM, id as string);
    tx.put('envelopes', DONE + id, { kind: 'watch' });
    tx.delete('envelopes', WATCH_UNSHARED);
  });
  return queued.ok ? ok(1) : err(toClientError(queued.error));
}

async function sealTerms(
  session: Session,
  content: WatchContent,
): Promise<{ readonly envelope: SealedEnvelope; readonly epoch: number }> {
  const epoch = session.directory.newestEpoch('cert');
  if (epoch === null) throw new TypeError('shareWatchTerms: no CERT epoch in the directory');
  const packed = await packGzip(utf8(JSON.stringify(content)));
  const envelope = await sealEnvelope({
    kind: 'watch',
    iss: CERT_ORG,
    aud: { org: CERT_ORG, generation: 0 },
    epoch: epoch.n,
    seq: session.ports.nowMs(),
    heads: session.directory.heads('cert'),
    media: MEDIA,
    content: packed.content,
    inflated: packed.inflated,
    signer: session.signer,
    recipients: [epoch.recipients.read],
    nowMs: session.nowMs(),
    random: session.ports.random,
  });
  return { envelope, epoch: epoch.n };
}

/** Takes over what operators' feeds of the CERT's mailbox hold and this vault has not seen; the number of envelopes. */
export async function takeWatchTerms(session: Session): Promise<Result<number, ClientError>> {
  let taken = 0;
  for (const operator of operators(session.directory.current)) {
    // An operator that never changed a term has no feed here.
    const manifest = await fetchFeed(session, CERT_ORG, operator.kid, operator.publicKey, []);
    if (!manifest.ok) return manifest;
    if (manifest.value === null) continue;
    for (const item of manifest.value.claims.items.filter(isListed)) {
      if (session.store.has('envelopes', DONE + item.id)) continue;
      const done = await takeItem(session, item);
      if (!done.ok) return done;
      taken++;
    }
    const head = headOfManifest(manifest.value);
    const noted = await session.store.transaction((tx) => tx.setSeen(`feed/${operator.kid}`, head));
    if (!noted.ok) return err(toClientError(noted.error));
  }
  return ok(taken);
}

async function takeItem(session: Session, item: ListedItem): Promise<Result<void, ClientError>> {
  const sha256 = parseBase64url(item.sha256, 32);
  if (sha256 === null) return err({ kind: 'forged', what: 'feed', code: 'malformed' });
  const download = downloadBlob(session, item.sha256, item.size, () => undefined);
  const opened = await openEnvelope({
    sealed: download,
    expected: { sha256, size: item.size },
    identities: session.epochs.map(({ read }) => read),
    expect: { kinds: ['watch'], org: CERT_ORG, generation: 0 },
    maySign: maySignFor(session.directory.current, 'cert'),
    nowMs: session.nowMs(),
  });
  if (!opened.ok) return err(download.failure ?? { kind: 'forged', what: 'watch', code: opened.error.kind });
  const agreed = await checkClaimedHeads(session, opened.value);
  if (!agreed.ok) return agreed;
  const json = parseStrictJson(fromUtf8(opened.value.content) ?? '', MAX_CONTENT_BYTES);
  const parsed = json.ok ? v.safeParse(WatchSchema, json.value) : null;
  if (parsed?.success !== true) return err({ kind: 'forged', what: 'watch', code: 'malformed' });
  const { lists } = parsed.output;
  const done = await session.store.transaction(async (tx) => {
    for (const { listId, versions } of lists) await mergeWatchTerms(tx, listId, versions);
    tx.put('envelopes', DONE + item.id, { kind: 'watch' });
  });
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}
