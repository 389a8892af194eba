/** Version 1 of every table. Forward only; never edited after a release. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

const DEPLOYMENT = `deployment TEXT NOT NULL REFERENCES deployments(id) ON DELETE CASCADE`;
const SHA256 = `CHECK (length(sha256) = 43)`;

const TABLES = [
  `CREATE TABLE deployments (
    id TEXT PRIMARY KEY CHECK (length(id) = 43), demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
    created_at INTEGER NOT NULL, expires_at INTEGER CHECK ((demo = 1) = (expires_at IS NOT NULL))
  ) STRICT`,
  `CREATE TABLE statements (
    ${DEPLOYMENT}, position INTEGER NOT NULL CHECK (position >= 1), chain TEXT NOT NULL, ver INTEGER NOT NULL CHECK (ver >= 1),
    sid TEXT NOT NULL CHECK (length(sid) = 43), type TEXT NOT NULL, kid TEXT NOT NULL CHECK (length(kid) = 43),
    compact TEXT NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, position), UNIQUE (deployment, sid)
  ) STRICT`,
  `CREATE TABLE invitations (
    ${DEPLOYMENT}, token_hash TEXT NOT NULL CHECK (length(token_hash) = 43), expires_at INTEGER NOT NULL,
    made_by TEXT NOT NULL, made_at INTEGER NOT NULL, used_at INTEGER,
    PRIMARY KEY (deployment, token_hash)
  ) STRICT`,
  `CREATE TABLE requests (
    ${DEPLOYMENT}, position INTEGER NOT NULL CHECK (position >= 1), id TEXT NOT NULL CHECK (length(id) = 43), sealed BLOB NOT NULL CHECK (length(sealed) <= 65536),
    invitation TEXT, received_at INTEGER NOT NULL,
    decision BLOB CHECK (length(decision) <= 65536), decided_at INTEGER CHECK ((decision IS NULL) = (decided_at IS NULL)),
    PRIMARY KEY (deployment, id), UNIQUE (deployment, position)
  ) STRICT`,
  `CREATE INDEX requests_by_time ON requests (deployment, received_at)`,
  `CREATE TABLE blobs (
    ${DEPLOYMENT}, sha256 TEXT NOT NULL ${SHA256}, size INTEGER NOT NULL CHECK (size BETWEEN 22 AND 268435456),
    uploaded_by TEXT NOT NULL, stored_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, sha256)
  ) STRICT`,
  `CREATE TABLE uploads (
    ${DEPLOYMENT}, sha256 TEXT NOT NULL ${SHA256}, size INTEGER NOT NULL CHECK (size BETWEEN 22 AND 268435456),
    received INTEGER NOT NULL CHECK (received BETWEEN 0 AND size), uploaded_by TEXT NOT NULL, touched_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, sha256)
  ) STRICT`,
  `CREATE TABLE manifests (
    ${DEPLOYMENT}, org TEXT NOT NULL, feed TEXT NOT NULL CHECK (length(feed) = 43), ver INTEGER NOT NULL CHECK (ver >= 1),
    sid TEXT NOT NULL CHECK (length(sid) = 43), compact TEXT NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, org, feed, ver)
  ) STRICT`,
  `CREATE TABLE items (
    ${DEPLOYMENT}, org TEXT NOT NULL, feed TEXT NOT NULL, id TEXT NOT NULL CHECK (length(id) = 22),
    sha256 TEXT NOT NULL ${SHA256}, size INTEGER NOT NULL,
    PRIMARY KEY (deployment, org, feed, id),
    FOREIGN KEY (deployment, sha256) REFERENCES blobs (deployment, sha256)
  ) STRICT`,
  `CREATE INDEX items_by_blob ON items (deployment, sha256)`,
  `CREATE TABLE deliveries (
    ${DEPLOYMENT}, org TEXT NOT NULL, item TEXT NOT NULL CHECK (length(item) = 22), sha256 TEXT NOT NULL ${SHA256},
    kid TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL CHECK (times >= 1),
    PRIMARY KEY (deployment, org, item, kid)
  ) STRICT`,
  `CREATE TABLE nonces (
    kid TEXT NOT NULL, nonce TEXT NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY (kid, nonce)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX nonces_by_expiry ON nonces (expires_at)`,
  `CREATE TABLE log_entries (
    ${DEPLOYMENT}, position INTEGER NOT NULL CHECK (position >= 0), kid TEXT NOT NULL CHECK (length(kid) = 43),
    seq INTEGER NOT NULL CHECK (seq >= 1), hash BLOB NOT NULL CHECK (length(hash) = 32),
    entry BLOB NOT NULL CHECK (length(entry) = 172), received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, position), UNIQUE (deployment, kid, seq), UNIQUE (deployment, hash)
  ) STRICT`,
  `CREATE TABLE log_payloads (
    deployment TEXT NOT NULL, position INTEGER NOT NULL, salt BLOB NOT NULL CHECK (length(salt) = 32),
    sealed BLOB NOT NULL CHECK (length(sealed) = 512),
    PRIMARY KEY (deployment, position),
    FOREIGN KEY (deployment, position) REFERENCES log_entries (deployment, position) ON DELETE CASCADE
  ) STRICT`,
  `CREATE TABLE log_writers (
    ${DEPLOYMENT}, kid TEXT NOT NULL CHECK (length(kid) = 43), seq INTEGER NOT NULL CHECK (seq >= 1),
    head BLOB NOT NULL CHECK (length(head) = 32),
    PRIMARY KEY (deployment, kid)
  ) STRICT`,
  `CREATE TABLE log_forks (
    ${DEPLOYMENT}, kid TEXT NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
    entry BLOB NOT NULL CHECK (length(entry) = 172), received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment, hash)
  ) STRICT`,
];

/** Creates the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of TABLES) await sql.raw(table).execute(db);
}
