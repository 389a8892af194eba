/** What was published: one row a bundle, with who fetched it when. */
import * as v from 'valibot';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { ChainName } from '../../sealed/directory/fields.ts';
import { CountsSchema } from '../../sealed/envelope/claims.ts';
import { DeliveriesSchema } from '../../sealed/wire/bodies.ts';
import { paths } from '../../sealed/wire/paths.ts';
import { PUBLISH_POLICIES, TLPS } from '../finding/finding.ts';
import { StoreFailure } from '../vault/store.ts';
import type { SealedStore, StoreTransaction } from '../vault/store.ts';
import type { ClientError } from './api/client-error.ts';
import type { PublishedBundle } from './api/publishing.ts';
import { toClientError } from './failures.ts';
import type { Session } from './session.ts';

const PREFIX = 'published/';

const PublishedSchema = v.strictObject({
  bundleId: v.string(),
  listId: v.string(),
  org: v.string(),
  /** Envelope ids that go together: the bundle, and its secrets. */
  envelopes: v.array(v.string()),
  publishedAtMs: v.number(),
  findings: v.number(),
  policy: v.picklist(PUBLISH_POLICIES),
  tlp: v.picklist(TLPS),
  sizeBytes: v.number(),
  state: v.picklist(['queued', 'published', 'withdrawn']),
  fetchedAtMs: v.nullable(v.number()),
  withdrawnAtMs: v.nullable(v.number()),
  /** When the server deleted it by policy. */
  expiredAtMs: v.exactOptional(v.number()),
  /** What opens the commitment in the signed list; bundles of older versions have none. */
  counts: v.exactOptional(CountsSchema),
});
export type StoredBundle = v.InferOutput<typeof PublishedSchema>;

/** All bundles, newest first. */
export async function readPublished(store: SealedStore): Promise<Result<readonly StoredBundle[], ClientError>> {
  const rows = await store.getMany('imports', store.ids('imports', PREFIX));
  if (!rows.ok) return err(toClientError(rows.error));
  const bundles = rows.value.map((row) => v.parse(PublishedSchema, row));
  return ok(bundles.sort((a, b) => b.publishedAtMs - a.publishedAtMs));
}

export function putPublished(tx: StoreTransaction, bundle: StoredBundle): void {
  tx.put('imports', PREFIX + bundle.bundleId, bundle);
}

/** The row as pages see it. */
export function toPublishedBundle(bundle: StoredBundle): PublishedBundle {
  const { bundleId, listId, publishedAtMs, findings, policy, tlp, sizeBytes, state, fetchedAtMs, withdrawnAtMs } =
    bundle;
  const expiredAtMs = bundle.expiredAtMs ?? null;
  const told = { bundleId, listId, publishedAtMs, findings, policy, tlp, sizeBytes, state };
  return { ...told, fetchedAtMs, withdrawnAtMs, expiredAtMs };
}

/** Fetched bundles can expire: their mailboxes are asked about that once a day and session. */
const ASK_AGAIN_MS = 86_400_000;

/** Asks the server who was handed what, for bundles that nobody is known to have fetched, and now and then what has expired. */
export async function fetchDeliveries(session: Session): Promise<Result<number, ClientError>> {
  const { store } = session;
  const bundles = await readPublished(store);
  if (!bundles.ok) return bundles;
  const nowMs = session.ports.nowMs();
  const isDue = Math.abs(nowMs - session.askedExpiryMs) >= ASK_AGAIN_MS;
  const open = bundles.value.filter(
    ({ state, fetchedAtMs, expiredAtMs }) =>
      state === 'published' && (fetchedAtMs === null || (isDue && expiredAtMs === undefined)),
  );
  let changed = 0;
  for (const org of new Set(open.map((bundle) => bundle.org))) {
    const ofOrg = open.filter((bundle) => bundle.org === org);
    const done = await askDeliveries(session, org as ChainName, ofOrg);
    if (!done.ok) return done;
    changed += done.value;
  }
  if (isDue) session.askedExpiryMs = nowMs;
  return ok(changed);
}

/** What one mailbox says of `bundles`; answers how many of them changed. */
async function askDeliveries(
  { store, http, identity }: Session,
  org: ChainName,
  bundles: readonly StoredBundle[],
): Promise<Result<number, ClientError>> {
  const path = paths(identity.deployment).deliveries(org);
  const answer = await http.json(DeliveriesSchema, { method: 'GET', path });
  if (!answer.ok) return answer;
  const byEnvelope = new Map(answer.value.deliveries.map((delivery) => [delivery.id as string, delivery]));
  const changes = bundles.flatMap(({ bundleId, fetchedAtMs, expiredAtMs }) => {
    const delivery = byEnvelope.get(bundleId);
    if (delivery === undefined || (fetchedAtMs !== null && delivery.expired === undefined)) return [];
    const expired = delivery.expired === undefined ? expiredAtMs : delivery.expired * 1000;
    const fetched = fetchedAtMs ?? delivery.first * 1000;
    return [{ bundleId, now: { fetchedAtMs: fetched, ...(expired === undefined ? {} : { expiredAtMs: expired }) } }];
  });
  if (changes.length === 0) return ok(0);
  const done = await store.transaction(async (tx) => {
    for (const { bundleId, now } of changes) {
      // Read again: it may have been withdrawn while the server was asked.
      const row = await tx.get('imports', PREFIX + bundleId);
      if (!row.ok) throw new StoreFailure(row.error);
      if (row.value !== null) putPublished(tx, { ...v.parse(PublishedSchema, row.value), ...now });
    }
  });
  return done.ok ? ok(changes.length) : err(toClientError(done.error));
}
