/**
 * Version 3: what is deleted by age. The clock that the server saw last, so that a wrong one deletes nothing, and beside each payload
 * of the server's own entries its kind, so that it can be erased by policy; those of earlier versions stay without. Forward only;
 * never edited after a release.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const CHANGES = [
  `CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1), seen_at INTEGER NOT NULL, held_hours INTEGER NOT NULL CHECK (held_hours >= 0)
  ) STRICT`,
  `ALTER TABLE log_payloads ADD COLUMN kind TEXT CHECK (length(kind) <= 32)`,
  `CREATE INDEX log_payloads_by_kind ON log_payloads (deployment, kind, position) WHERE kind IS NOT NULL`,
];

/** Creates the table, the column and its index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const change of CHANGES) await sql.raw(change).execute(db);
}
