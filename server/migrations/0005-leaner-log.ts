/**
 * Version 5: log entries without an index over their hashes. Nothing asks by hash, and the entry of a key at a number is one
 * already (`deployment, kid, seq`); writing random hashes cost as much as all the rest. SQLite cannot drop a constraint, so both
 * tables are copied: dropping the old entries alone would take the payloads with them. Forward only; never edited after a release.
 */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const CHANGES = [
  `CREATE TABLE lean_entries (
    deployment TEXT NOT NULL REFERENCES deployments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0), kid TEXT NOT NULL CHECK (length(kid) = 43),
    seq INTEGER NOT NULL CHECK (seq >= 1), hash BLOB NOT NULL CHECK (length(hash) = 32),
    entry BLOB NOT NULL CHECK (length(entry) = 172), received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, position), UNIQUE (deployment, kid, seq)
  ) STRICT`,
  `CREATE TABLE lean_payloads (
    deployment TEXT NOT NULL, position INTEGER NOT NULL, salt BLOB NOT NULL CHECK (length(salt) = 32),
    sealed BLOB NOT NULL CHECK (length(sealed) = 512), kind TEXT CHECK (length(kind) <= 32),
    PRIMARY KEY (deployment, position),
    FOREIGN KEY (deployment, position) REFERENCES lean_entries (deployment, position) ON DELETE CASCADE
  ) STRICT`,
  `INSERT INTO lean_entries (deployment, position, kid, seq, hash, entry, received_at)
    SELECT deployment, position, kid, seq, hash, entry, received_at FROM log_entries ORDER BY deployment, position`,
  `INSERT INTO lean_payloads (deployment, position, salt, sealed, kind)
    SELECT deployment, position, salt, sealed, kind FROM log_payloads ORDER BY deployment, position`,
  `DROP TABLE log_payloads`,
  `DROP TABLE log_entries`,
  `ALTER TABLE lean_entries RENAME TO log_entries`,
  `ALTER TABLE lean_payloads RENAME TO log_payloads`,
  `CREATE INDEX log_payloads_by_kind ON log_payloads (deployment, kind, position) WHERE kind IS NOT NULL`,
];

/** Copies both tables. Cost: reading and writing the log once, and once more the room that it takes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const change of CHANGES) await sql.raw(change).execute(db);
}
