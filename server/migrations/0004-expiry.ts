/**
 * Version 4: bundles that expire by policy. A file's row outlives its bytes, so that what is listed stays listed and a late reader is
 * told; an item says whether it is (part of) a bundle, and a delivery when a device was first handed a file to its end. What earlier
 * versions listed and delivered says neither, and stays. Forward only; never edited after a release.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const CHANGES = [
  `ALTER TABLE blobs ADD COLUMN expired_at INTEGER`,
  `ALTER TABLE items ADD COLUMN kind TEXT CHECK (kind = 'bundle')`,
  `ALTER TABLE deliveries ADD COLUMN ended_at INTEGER`,
];

/** Adds the columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const change of CHANGES) await sql.raw(change).execute(db);
}
