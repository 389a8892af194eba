/**
 * Mailboxes: one signed, versioned list per writer says what waits. A manifest counts only if it comes next, its writer may
 * write there, and every file it lists is durable here; what it no longer lists is deleted.
 */
import { Hono } from 'hono';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import { parseKid } from '@sealpost/shared/sealed/crypto/keys';
import type { Kid } from '@sealpost/shared/sealed/crypto/keys';
import { chainToOrg, parseChainName } from '@sealpost/shared/sealed/directory/fields';
import type { ChainName } from '@sealpost/shared/sealed/directory/fields';
import { checkManifest } from '@sealpost/shared/sealed/mailbox/check-manifest';
import { parseManifest, verifyManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import type { Manifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { isListed } from '@sealpost/shared/sealed/mailbox/manifest-claims';
import type { ListedItem } from '@sealpost/shared/sealed/mailbox/manifest-claims';
import type { Deliveries, ManifestAccepted } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_MANIFEST_CHARS } from '@sealpost/shared/sealed/wire/limits';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import { msToSeconds } from '@sealpost/shared/sealed/wire/times';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import type { Deps } from '../deps.ts';
import type { Guard, Member } from '../guard/caller.ts';
import type { Unit } from '../log/sequencer.ts';
import type { OwnEvent } from '../log/own-entries.ts';
import type { FeedKey } from '../store/manifests.ts';
import type { BlobRow } from '../store/blobs.ts';
import { isOperator, writeOnce } from '../guard/caller.ts';
import { parseCount } from '../guard/json.ts';
import { refuse } from '../guard/problems.ts';
import { removeUnused } from '../blobs/remove-unused.ts';
import { appendOwn, fileDeleted, halfId } from '../log/own-entries.ts';
import { deleteBlob, findBlob } from '../store/blobs.ts';
import { deliveriesOf } from '../store/deliveries.ts';
import {
  deleteItem,
  insertItem,
  insertManifest,
  itemsOf,
  listingsOf,
  manifestVersion,
  newestManifest,
} from '../store/manifests.ts';
import { mayRead, mayWrite } from './access.ts';

/** A compact JWS (RFC 7515, 9.1). */
const JOSE = 'application/jose';

/** `/:deployment/mailboxes/…`. */
export function mailboxRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();

  app.get(ROUTES.manifest, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const key = feedKey(caller.value, c.req.param('org'), c.req.param('feed'));
    if (key === null) return refuse('bad-request');
    if (!mayRead(caller.value, key.org, key.feed)) return refuse('forbidden');
    const newest = await newestManifest(deps.reader, key);
    if (newest === null) return refuse('not-found');
    const headers = { ETag: `"${newest.sid}"`, 'Cache-Control': 'private, no-cache' };
    if (c.req.header('If-None-Match') === headers.ETag) return c.body(null, 304, headers);
    return c.body(newest.compact, 200, { ...headers, 'Content-Type': JOSE });
  });

  app.get(ROUTES.manifestVersion, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const key = feedKey(caller.value, c.req.param('org'), c.req.param('feed'));
    const ver = parseCount(c.req.param('ver'));
    if (key === null || ver === null) return refuse('bad-request');
    if (!mayRead(caller.value, key.org, key.feed)) return refuse('forbidden');
    const found = await manifestVersion(deps.reader, key, ver);
    if (found === null) return refuse('not-found');
    const headers = { ETag: `"${found.sid}"`, 'Cache-Control': 'private, max-age=31536000, immutable' };
    if (c.req.header('If-None-Match') === headers.ETag) return c.body(null, 304, headers);
    return c.body(found.compact, 200, { ...headers, 'Content-Type': JOSE });
  });

  app.put(ROUTES.manifest, async (c) => {
    const caller = await guard.member(c, MAX_MANIFEST_CHARS);
    if (!caller.ok) return caller.error;
    const key = feedKey(caller.value, c.req.param('org'), c.req.param('feed'));
    if (key === null) return refuse('bad-request');
    if (!mayWrite(caller.value, key.org, key.feed)) return refuse('forbidden');
    const manifest = parseManifest(fromUtf8(caller.value.body) ?? '');
    if (!manifest.ok) return refuse(manifest.error.kind === 'update-needed' ? 'update-needed' : 'bad-request');
    if (manifest.value.claims.feed !== key.feed || !(await verifyManifest(manifest.value, caller.value.publicKey)))
      return refuse('refused');
    const ifMatch = c.req.header('If-Match');
    const isFirst = c.req.header('If-None-Match') === '*';
    if (ifMatch === undefined && !isFirst) return refuse('precondition-required');

    const incoming = manifest.value;
    return writeOnce(deps, caller.value, async (unit) => {
      const newest = await newestManifest(unit.trx, key);
      const answer: ManifestAccepted = { ver: incoming.claims.ver, sid: incoming.statement.sid };
      const headers = { ETag: `"${incoming.statement.sid}"` };
      if (newest?.sid === incoming.statement.sid) return c.json(answer, 200, headers); // the same bytes again
      const matches = isFirst ? newest === null : newest !== null && ifMatch === `"${newest.sid}"`;
      if (!matches) return refuse('precondition-failed', newest === null ? {} : { head: [newest.ver, newest.sid] });
      const known = newest === null ? null : ([newest.ver, newest.sid as Sid] as const);
      const step = checkManifest({ known, incoming, mailbox: chainToOrg(key.org), nowMs: deps.now() });
      if (!step.ok || step.value.kind !== 'next' || (known === null && incoming.claims.ver !== 1))
        return refuse('conflict', known === null ? {} : { head: [known[0], known[1]] });
      if (step.value.isExpired) return refuse('refused', { code: 'expired' });
      if (incoming.claims.pages.length > 0) return refuse('refused', { code: 'pages' });
      const refused = await storeManifest(deps, unit, caller.value, key, incoming);
      return refused ?? c.json(answer, newest === null ? 201 : 200, headers);
    });
  });

  // who was handed what, and when first: for the operators, who made the mailbox
  app.get(ROUTES.deliveries, async (c) => {
    const caller = await guard.operator(c, 0);
    if (!caller.ok) return caller.error;
    const org = parseChainName(c.req.param('org'));
    if (org === null) return refuse('bad-request');
    const rows = await deliveriesOf(deps.reader, caller.value.deployment, org);
    const answer: Deliveries = {
      deliveries: rows.map(({ item, sha256, kid, firstAtMs, lastAtMs, times, expiredAtMs }) => {
        const [first, last] = [msToSeconds(firstAtMs), msToSeconds(lastAtMs)];
        const expired = expiredAtMs === null ? {} : { expired: msToSeconds(expiredAtMs) };
        return { id: item, sha256, device: kid as Kid, first, last, times, ...expired };
      }),
    };
    return c.json(answer);
  });

  return app;
}

type TypedFeed = FeedKey & { readonly org: ChainName; readonly feed: Kid };

function feedKey(caller: Member, orgText: string, feedText: string): TypedFeed | null {
  const org = parseChainName(orgText);
  const feed = parseKid(feedText);
  return org === null || feed === null ? null : { deployment: caller.deployment, org, feed };
}

/** Stores the next version and what it lists; the refusal if a file is not here. Nothing is written before all checks. */
async function storeManifest(
  deps: Deps,
  unit: Unit,
  caller: Member,
  key: TypedFeed,
  manifest: Manifest,
): Promise<Response | null> {
  const { trx } = unit;
  const { deployment } = key;
  const before = new Map((await itemsOf(trx, key)).map((item) => [item.id, item]));
  const listed = manifest.claims.items.filter(isListed);
  const added: ListedItem[] = [];
  const missing: string[] = [];
  for (const item of listed) {
    const known = before.get(item.id);
    if (known !== undefined && known.sha256 === item.sha256 && known.size === item.size) continue;
    if (known !== undefined) return refuse('refused', { code: 'item-changed' }); // a sealed file never changes
    const blob = await findBlob(trx, deployment, item.sha256);
    if (blob === null || blob.size !== item.size || !(await mayList(unit, caller, blob, item.sha256)))
      missing.push(item.sha256);
    else added.push(item);
  }
  if (missing.length > 0) return refuse('refused', { code: 'missing', missing: missing.slice(0, 20) });

  const { statement, claims } = manifest;
  await insertManifest(trx, key, { ver: claims.ver, sid: statement.sid, compact: statement.compact }, deps.now());
  const events: OwnEvent[] = [];
  // a bundle states its numbers, and what is listed in one step with it goes with it: its secrets
  const hasBundle = key.org !== 'cert' && isOperator(caller) && added.some(({ counts }) => counts !== undefined);
  for (const item of added) {
    await insertItem(trx, key, { ...item, kind: hasBundle ? 'bundle' : null });
    events.push({ kind: 'envelope_accepted', blob: halfId(item.sha256), device: halfId(caller.kid), size: item.size });
  }
  const kept = new Set<string>(listed.map((item) => item.id));
  const dropped = [...before.values()].filter((item) => !kept.has(item.id));
  for (const item of dropped) await deleteItem(trx, key, item.id);
  const deleted = await deleteUnlisted(deps, unit, deployment, new Set(dropped.map((item) => item.sha256)));
  events.push(...deleted.map((sha256) => fileDeleted('withdrawn', sha256)));
  if (events.length > 0) await appendOwn(deps, unit, caller.directory, events);
  unit.after(() => deps.changes.announce(deployment));
  return null;
}

/** Listing a file lets a mailbox read it: an organisation lists what it uploaded, or may read already. */
async function mayList(unit: Unit, caller: Member, blob: BlobRow, sha256: string): Promise<boolean> {
  if (isOperator(caller) || blob.uploadedBy === caller.kid) return true;
  const listings = await listingsOf(unit.trx, caller.deployment, sha256);
  return listings.some(({ org, feed }) => mayRead(caller, org, feed));
}

/** Deletes files that no manifest lists any more: the row now, the bytes once that is durable. Answers which were still there. */
async function deleteUnlisted(
  deps: Deps,
  unit: Unit,
  deployment: string,
  candidates: ReadonlySet<string>,
): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const sha256 of candidates) {
    if ((await listingsOf(unit.trx, deployment, sha256)).length > 0) continue;
    if (!(await deleteBlob(unit.trx, deployment, sha256))) continue; // it had expired
    unit.after(() => removeUnused(deps, { deployment, sha256 }));
    deleted.push(sha256);
  }
  return deleted;
}
