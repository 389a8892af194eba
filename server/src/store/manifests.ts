/** Manifests of feeds, every version as received, and what the newest ones list. */
import { compiledOnce } from './compiled.ts';
import type { Reader, Writer } from './schema.ts';

/** One writer's feed in one mailbox. */
export interface FeedKey {
  readonly deployment: string;
  readonly org: string;
  readonly feed: string;
}

export interface ManifestRow {
  readonly ver: number;
  readonly sid: string;
  readonly compact: string;
}

export interface ItemRow {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
}

/** The newest version, or `null`. */
export async function newestManifest(db: Reader | Writer, key: FeedKey): Promise<ManifestRow | null> {
  const [row] = await selectNewest(db, key.deployment, key.org, key.feed);
  return row ?? null;
}

const selectNewest = compiledOnce((db, deployment: string, org: string, feed: string) =>
  db
    .selectFrom('manifests')
    .select(['ver', 'sid', 'compact'])
    .where('deployment', '=', deployment)
    .where('org', '=', org)
    .where('feed', '=', feed)
    .orderBy('ver', 'desc')
    .limit(1),
);

/** One version, or `null`. */
export async function manifestVersion(db: Reader | Writer, key: FeedKey, ver: number): Promise<ManifestRow | null> {
  const row = await db
    .selectFrom('manifests')
    .select(['ver', 'sid', 'compact'])
    .where('deployment', '=', key.deployment)
    .where('org', '=', key.org)
    .where('feed', '=', key.feed)
    .where('ver', '=', ver)
    .executeTakeFirst();
  return row ?? null;
}

/** Stores a new version. */
export async function insertManifest(trx: Writer, key: FeedKey, manifest: ManifestRow, nowMs: number): Promise<void> {
  await trx
    .insertInto('manifests')
    .values({ ...key, ...manifest, received_at: nowMs })
    .execute();
}

/** What a feed lists now. */
export async function itemsOf(db: Reader | Writer, key: FeedKey): Promise<readonly ItemRow[]> {
  return db
    .selectFrom('items')
    .select(['id', 'sha256', 'size'])
    .where('deployment', '=', key.deployment)
    .where('org', '=', key.org)
    .where('feed', '=', key.feed)
    .execute();
}

/** Lists one more item in a feed. `kind`: what it may expire as. */
export async function insertItem(
  trx: Writer,
  key: FeedKey,
  item: ItemRow & { readonly kind: 'bundle' | null },
): Promise<void> {
  await trx
    .insertInto('items')
    .values({ ...key, id: item.id, sha256: item.sha256, size: item.size, kind: item.kind })
    .execute();
}

/** Takes an item off a feed. */
export async function deleteItem(trx: Writer, key: FeedKey, id: string): Promise<void> {
  await trx
    .deleteFrom('items')
    .where('deployment', '=', key.deployment)
    .where('org', '=', key.org)
    .where('feed', '=', key.feed)
    .where('id', '=', id)
    .execute();
}

/** Where a sealed file is listed. */
export async function listingsOf(
  db: Reader | Writer,
  deployment: string,
  sha256: string,
): Promise<readonly { readonly org: string; readonly feed: string; readonly id: string }[]> {
  return db
    .selectFrom('items')
    .select(['org', 'feed', 'id'])
    .where('deployment', '=', deployment)
    .where('sha256', '=', sha256)
    .execute();
}

/** Newest version of every feed, for the event stream. */
export async function feedHeads(
  db: Reader | Writer,
  deployment: string,
): Promise<readonly { readonly org: string; readonly feed: string; readonly ver: number }[]> {
  const rows = await db
    .selectFrom('manifests')
    .select((m) => ['org', 'feed', m.fn.max('ver').as('ver')])
    .where('deployment', '=', deployment)
    .groupBy(['org', 'feed'])
    .execute();
  return rows.map((row) => ({ org: row.org, feed: row.feed, ver: Number(row.ver) }));
}
