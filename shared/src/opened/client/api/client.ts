/**
 * What a device with keys can do, for whoever drives it: the web pages (through the vault worker) and the CLI. Pages see only the
 * types of this folder. Everything in it is structured-clone safe; failures are values with a `kind`.
 */
import type { Result } from '../../../base/result.ts';
import type { ColumnMapping } from '../../ingest/providers/column-mapping.ts';
import type { SyncProgress, SyncState, SyncSummary } from './bundles.ts';
import type { ClientError } from './client-error.ts';
import type { OperatorClient } from './operator.ts';
import type { OrganisationClient } from './organisation.ts';
import type { Badges, Profile } from './profile.ts';
import type { OwnProof, RecordState } from './record.ts';
import type { SavedFile } from './saved-file.ts';

/** What the columns of a table hold, kept by its header. */
export interface SavedColumns {
  /** Names as written, in their order. */
  readonly header: readonly string[];
  readonly mapping: ColumnMapping;
}

/** Calls of both kinds. */
export interface CommonClient {
  /** What the columns of a table with this header hold, as somebody said before; `null`: nobody did. */
  columnsOf(header: readonly string[]): Promise<ColumnMapping | null>;
  saveColumnMapping(saved: SavedColumns): Promise<Result<void, ClientError>>;
  profile(): Promise<Profile>;
  badges(): Promise<Badges>;
  syncState(): Promise<SyncState>;
  /** Directory, feeds, requests, decisions, outbox, audit: whatever this identity has to exchange. Safe to call at any time. */
  sync(onProgress: (progress: SyncProgress) => void): Promise<Result<SyncSummary, ClientError>>;
  /** When the record was last proved, and what alarms there are. */
  record(): Promise<RecordState>;
  /** Asks the server now for the proof that its record only grew. A failure that is an alarm is kept as one. */
  proveRecord(): Promise<Result<RecordState, ClientError>>;
  /** Proves that every entry that this device uploaded stands in the log. */
  proveOwnEntries(onProgress: (done: number, total: number) => void): Promise<Result<OwnProof, ClientError>>;
  /** One entry with its proof as a `.tlog-proof` file, which anybody checks without a server. */
  entryProof(index: number): Promise<Result<SavedFile, ClientError>>;
  /** The signed evidence of an alarm, for whoever looks into it. */
  alarmEvidence(id: string): Promise<Result<SavedFile, ClientError>>;
  /** A person has read the alarm. */
  alarmSeen(id: string): Promise<Result<void, ClientError>>;
  /** Ends a running sync: it answers `cancelled`, and what it had not committed is gone. */
  cancelSync(): Promise<void>;
  /** A new vault key for everything at rest, under a new passphrase: for a device that was lost or a profile that was copied. */
  rekey(
    passphrase: string,
    newPassphrase: string,
    onProgress: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Result<void, ClientError>>;
}

export type Client = CommonClient & OperatorClient & OrganisationClient;
