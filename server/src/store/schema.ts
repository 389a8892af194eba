/**
 * Table types for Kysely. Ids are canonical base64url text, times are epoch milliseconds, bodies are as received.
 * Nothing here may hold plaintext, a name, a domain, or a token (only its SHA-256).
 */
import type { Kysely, Transaction } from 'kysely';

export interface Schema {
  readonly deployments: { id: string; demo: number; created_at: number; expires_at: number | null };
  readonly statements: {
    deployment: string;
    position: number;
    chain: string;
    ver: number;
    sid: string;
    type: string;
    kid: string;
    compact: string;
    received_at: number;
  };
  readonly invitations: {
    deployment: string;
    token_hash: string;
    expires_at: number;
    made_by: string;
    made_at: number;
    used_at: number | null;
  };
  readonly requests: {
    deployment: string;
    position: number;
    id: string;
    sealed: Uint8Array;
    invitation: string | null;
    received_at: number;
    decision: Uint8Array | null;
    decided_at: number | null;
  };
  readonly blobs: {
    deployment: string;
    sha256: string;
    size: number;
    uploaded_by: string;
    stored_at: number;
    /** When its bytes were deleted by policy; `null` while they are there. */
    expired_at: number | null;
  };
  readonly uploads: {
    deployment: string;
    sha256: string;
    size: number;
    received: number;
    uploaded_by: string;
    touched_at: number;
  };
  readonly manifests: {
    deployment: string;
    org: string;
    feed: string;
    ver: number;
    sid: string;
    compact: string;
    received_at: number;
  };
  readonly items: {
    deployment: string;
    org: string;
    feed: string;
    id: string;
    sha256: string;
    size: number;
    /** What may expire; `null`: stays as long as it is listed. */
    kind: 'bundle' | null;
  };
  readonly deliveries: {
    deployment: string;
    org: string;
    item: string;
    sha256: string;
    kid: string;
    first_at: number;
    last_at: number;
    times: number;
    /** When the file's last byte was first handed out; `null` before. */
    ended_at: number | null;
  };
  readonly nonces: { kid: string; nonce: string; expires_at: number };
  readonly log_entries: {
    deployment: string;
    position: number;
    kid: string;
    seq: number;
    hash: Uint8Array;
    entry: Uint8Array;
    received_at: number;
  };
  readonly log_payloads: {
    deployment: string;
    position: number;
    salt: Uint8Array;
    sealed: Uint8Array;
    /** Of the server's own entries: what may be erased by age. `null` for those of devices. */
    kind: string | null;
  };
  /** One row: the clock seen last, and for how many hours more nothing is deleted by age. */
  readonly clock: { id: number; seen_at: number; held_hours: number };
  readonly log_writers: { deployment: string; kid: string; seq: number; head: Uint8Array };
  readonly log_heads: {
    deployment: string;
    size: number;
    root: Uint8Array;
    checkpoint: Uint8Array | null;
    verified: Uint8Array | null;
  };
  readonly log_tiles: { deployment: string; level: number; n: number; hashes: Uint8Array };
  readonly log_forks: {
    deployment: string;
    kid: string;
    seq: number;
    hash: Uint8Array;
    entry: Uint8Array;
    received_at: number;
  };
}

/** A connection that only reads, and sees committed rows alone. */
export type Reader = Kysely<Schema>;

/** The sequencer's transaction: the only way to write. */
export type Writer = Transaction<Schema>;
