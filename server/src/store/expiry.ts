/** Which bundles lie there for long, and which devices were handed them to the end: what expiry is decided by. */
import type { Reader, Writer } from './schema.ts';

/** One mailbox in which an old bundle is listed. */
export interface AgedListing {
  readonly org: string;
  /** Devices that were handed the whole file and have not asked for it since `askedBeforeMs`. */
  readonly doneKids: ReadonlySet<string>;
}

/**
 * Files stored before `storedBeforeMs` that are listed as (part of) a bundle, and as nothing else. Cost: a row for each listing and
 * device.
 */
export async function agedBundles(
  db: Reader | Writer,
  deployment: string,
  storedBeforeMs: number,
  askedBeforeMs: number,
): Promise<ReadonlyMap<string, readonly AgedListing[]>> {
  const rows = await db
    .selectFrom('blobs as b')
    .innerJoin('items as i', (join) =>
      join.onRef('i.deployment', '=', 'b.deployment').onRef('i.sha256', '=', 'b.sha256'),
    )
    .leftJoin('deliveries as d', (join) =>
      join.onRef('d.deployment', '=', 'i.deployment').onRef('d.org', '=', 'i.org').onRef('d.item', '=', 'i.id'),
    )
    .select(['b.sha256', 'i.org', 'i.feed', 'i.id', 'i.kind', 'd.kid', 'd.ended_at', 'd.last_at'])
    .where('b.deployment', '=', deployment)
    .where('b.expired_at', 'is', null)
    .where('b.stored_at', '<', storedBeforeMs)
    .execute();
  const listings = new Map<string, Map<string, { org: string; doneKids: Set<string> }>>();
  for (const { sha256, org, feed, id, kid, ended_at, last_at } of rows) {
    const ofFile = listings.get(sha256) ?? new Map<string, { org: string; doneKids: Set<string> }>();
    listings.set(sha256, ofFile);
    const place = `${org}/${feed}/${id}`;
    const listing = ofFile.get(place) ?? { org, doneKids: new Set<string>() };
    ofFile.set(place, listing);
    if (kid !== null && ended_at !== null && last_at !== null && last_at < askedBeforeMs) listing.doneKids.add(kid);
  }
  for (const { sha256, kind } of rows) if (kind !== 'bundle') listings.delete(sha256);
  return new Map([...listings].map(([sha256, ofFile]) => [sha256, [...ofFile.values()]]));
}
