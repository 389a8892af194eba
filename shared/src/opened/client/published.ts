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
import type { ClientError, PublishedBundle } from './api.ts';
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
  return { bundleId, listId, publishedAtMs, findings, policy, tlp, sizeBytes, state, fetchedAtMs, withdrawnAtMs };
}

/** Asks the server who was handed what, for bundles that nobody is known to have fetched. */
export async function fetchDeliveries(session: Session): Promise<Result<number, ClientError>> {
  const { store, http, identity } = session;
  const bundles = await readPublished(store);
  if (!bundles.ok) return bundles;
  const open = bundles.value.filter((bundle) => bundle.state === 'published' && bundle.fetchedAtMs === null);
  let changed = 0;
  for (const org of new Set(open.map((bundle) => bundle.org))) {
    const answer = await http.json(DeliveriesSchema, {
      method: 'GET',
      path: paths(identity.deployment).deliveries(org as ChainName),
    });
    if (!answer.ok) return answer;
    const firstByEnvelope = new Map(answer.value.deliveries.map(({ id, first }) => [id as string, first * 1000]));
    const fetched = open.filter((bundle) => bundle.org === org && firstByEnvelope.has(bundle.bundleId));
    if (fetched.length === 0) continue;
    const done = await store.transaction(async (tx) => {
      for (const { bundleId } of fetched) {
        // Read again: it may have been withdrawn while the server was asked.
        const row = await tx.get('imports', PREFIX + bundleId);
        if (!row.ok) throw new StoreFailure(row.error);
        if (row.value === null) continue;
        const bundle = v.parse(PublishedSchema, row.value);
        putPublished(tx, { ...bundle, fetchedAtMs: firstByEnvelope.get(bundleId) ?? null });
      }
    });
    if (!done.ok) return err(toClientError(done.error));
    changed += fetched.length;
  }
  return ok(changed);
}
