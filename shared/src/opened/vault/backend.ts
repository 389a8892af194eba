/**
 * Where sealed rows lie: Dexie in the browser, SQLite in the CLI, a map in tests. A backend sees opaque bytes, table names,
 * row ids (random or counted, never a name) and revisions. It must never answer a commit before it is durable.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import type { BackendError } from './backend-error.ts';
import type { SegmentStorage } from './segment-storage.ts';

/** FORMATS, Vault at rest. */
export const VAULT_TABLES = ['meta', 'imports', 'segments', 'journal', 'snapshots', 'outbox', 'envelopes'] as const;
export type VaultTable = (typeof VAULT_TABLES)[number];

/** One row at rest. `bytes` is opaque (layout: keyring.ts). */
export interface StoredRow {
  readonly id: string;
  readonly rev: number;
  readonly bytes: Bytes;
}

/** What a listing tells: everything but the bytes. */
export interface RowHead {
  readonly id: string;
  readonly rev: number;
}

/** Changes that happen together or not at all. */
export interface Batch {
  readonly puts: readonly { readonly table: VaultTable; readonly row: StoredRow }[];
  readonly deletes: readonly { readonly table: VaultTable; readonly id: string }[];
  /** Checked in the same transaction: this row has this rev now (`null`: is absent). Two writers cannot both win. */
  readonly expect?: { readonly table: VaultTable; readonly id: string; readonly rev: number | null };
  /** Called when nothing is left to do but to wait until it is durable; a backend that does not wait need not. */
  readonly meanwhile?: () => void;
}

/** The port. Reads throw only if the storage itself is gone. */
export interface Backend {
  /** Large sealed files beside the rows. */
  readonly segments: SegmentStorage;
  get(table: VaultTable, id: string): Promise<StoredRow | null>;
  /** In the order of `ids`, `null` where there is none. */
  getMany(table: VaultTable, ids: readonly string[]): Promise<readonly (StoredRow | null)[]>;
  list(table: VaultTable): Promise<readonly RowHead[]>;
  /** Atomic and durable when it resolves with ok. Keeps none of the bytes: they are used again as soon as it has answered. */
  commit(batch: Batch): Promise<Result<void, BackendError>>;
  /**
   * Does all that `commit` does but to make it hold: afterwards everything is as before, whatever happens. So that whoever commits next
   * does not wait for memory that was never used and code that was never run. A backend for which that is nothing does nothing.
   */
  tryOut(batch: Batch): Promise<void>;
  close(): Promise<void>;
}
