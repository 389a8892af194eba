/**
 * After a restore: the backup is older than what this operator did since. The server holds that, signed by this very key, so it can
 * be taken over without trusting the server: the feeds' newest manifests and the end of the own audit chain.
 */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { checkContinues } from '../../sealed/audit/continuity.ts';
import type { AuditTip } from '../../sealed/audit/continuity.ts';
import { parseAuditEntry, verifyAuditEntry } from '../../sealed/audit/entry.ts';
import { CERT_ORG } from '../../sealed/envelope/heads.ts';
import { sidToBytes } from '../../sealed/envelope/statement.ts';
import { headOfManifest, parseManifest, verifyManifest } from '../../sealed/mailbox/manifest.ts';
import { AuditPageSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import type { StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import { toClientError } from './failures.ts';
import { keepFeed, readFeed } from './outbox.ts';
import type { Session } from './session.ts';

const RESTORED_ROW = 'restored';

/** Marks a vault that was filled from a backup: its next sync catches up first. */
export function markRestored(tx: StoreTransaction): void {
  tx.put('meta', RESTORED_ROW, true);
}

/** Takes over what this key signed after the backup was made. Does nothing in a vault that was not restored. */
export async function catchUpAfterRestore(session: Session): Promise<Result<void, ClientError>> {
  const { store } = session;
  if (!store.has('meta', RESTORED_ROW)) return ok(undefined);
  const feeds = await adoptFeeds(session);
  if (!feeds.ok) return feeds;
  const tip = await fetchOwnTip(session);
  if (!tip.ok) return tip;
  const adopted = await session.audit.continueFrom(tip.value.tip, tip.value.leaves);
  if (!adopted.ok) return adopted;
  const done = await store.delete('meta', RESTORED_ROW);
  return done.ok ? ok(undefined) : err(toClientError(done.error));
}

async function adoptFeeds(session: Session): Promise<Result<void, ClientError>> {
  const { http, identity, signer, store } = session;
  for (const org of [CERT_ORG, ...session.directory.current.organisations.keys()]) {
    const answer = await http.ask({
      method: 'GET',
      path: paths(identity.deployment).manifest(org, signer.kid),
      accept: [404],
    });
    if (!answer.ok) return answer;
    if (answer.value.status === 404) continue;
    const manifest = parseManifest(fromUtf8(answer.value.body) ?? '');
    if (!manifest.ok || !(await verifyManifest(manifest.value, signer.publicKey))) {
      return err({ kind: 'forged', what: 'feed', code: 'signature' });
    }
    const known = await readFeed(store, org);
    if (!known.ok) return known;
    const head = headOfManifest(manifest.value);
    if (known.value.head !== null && head[0] < known.value.head[0]) {
      return err({ kind: 'forged', what: 'feed', code: 'rolled-back' });
    }
    const kept = await store.transaction((tx) => keepFeed(tx, org, manifest.value));
    if (!kept.ok) return err(toClientError(kept.error));
  }
  return ok(undefined);
}

/** The end of the own chain in the log, every link of it checked, and the leaves that stand there. */
async function fetchOwnTip(
  session: Session,
): Promise<Result<{ readonly tip: AuditTip | null; readonly leaves: ReadonlySet<string> }, ClientError>> {
  const { http, identity, signer } = session;
  const forged = (code: string) => err({ kind: 'forged', what: 'audit', code } as const);
  let tip: AuditTip | null = null;
  const leaves = new Set<string>();
  for (let after = 0; ;) {
    const page = await http.json(AuditPageSchema, {
      method: 'GET',
      path: paths(identity.deployment).auditAfter(after),
    });
    if (!page.ok) return page;
    for (const { entry: text } of page.value.entries) {
      const entry = parseAuditEntry(parseBase64url(text) ?? new Uint8Array());
      if (!entry.ok) return forged('malformed');
      if (entry.value.kid !== signer.kid) continue;
      if (!(await verifyAuditEntry(entry.value, sidToBytes(identity.deployment), signer.publicKey))) {
        return forged('signature');
      }
      if (checkContinues(tip, entry.value, null) !== 'next') return forged('gap');
      tip = { seq: entry.value.seq, leaf: entry.value.leaf };
      leaves.add(toBase64url(entry.value.leaf));
    }
    const last = page.value.entries.at(-1);
    if (!page.value.more || last === undefined) return ok({ tip, leaves });
    after = last.index + 1;
  }
}
