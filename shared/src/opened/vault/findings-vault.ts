/**
 * An organisation's findings: sealed store, query engine and triage journal as one thing. What `OrganisationClient` of
 * client/api calls. Holds no network and no audit: whoever calls writes the audit event in the same `transaction` hook.
 */
import type { Ms } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { BundleSink } from '../bundle/bundle-sink.ts';
import type { WithheldCounts } from '../bundle/columns.ts';
import type { SecretOf } from '../bundle/pack.ts';
import type { BundleRow, SavedView, Completeness } from '../client/api/bundles.ts';
import type { ClientError } from '../client/api/client-error.ts';
import type { Finding, FindingId, PublishPolicy, Tlp } from '../finding/finding.ts';
import type { Engine } from '../query/engine.ts';
import type {
  Detail,
  GroupField,
  GroupPage,
  Histogram,
  Overview,
  Query,
  QueryResult,
  Row,
  Suggestion,
  TimeField,
} from '../query/query.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { RekeyOptions, SealedStore, StoreTransaction } from './store.ts';

/** What is kept about a received bundle besides its findings. */
export interface BundleFacts {
  /** Envelope id, base64url: an id counts once per vault. */
  readonly bundleId: string;
  /** When the import began, by this vault's clock. */
  readonly receivedAtMs: Ms;
  readonly publishedAtMs: Ms;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  readonly policy: PublishPolicy;
  readonly withheld: WithheldCounts;
  readonly completeness?: Completeness;
}

/**
 * Drives a bundle into the sink (download, decryption, checks) and answers with its facts once the whole envelope holds. A promise
 * of the sink that rejects means that no more is wanted (cancelled, full disk): it is let through, `importBundle` knows why.
 */
export type UnpackBundle = (
  sink: BundleSink,
) => Promise<Result<Omit<BundleFacts, 'bundleId' | 'receivedAtMs'>, ClientError>>;

export interface ImportSummary {
  readonly bundleId: string;
  readonly findings: number;
  readonly added: number;
  readonly merged: number;
}

export interface FindingsVaultOptions {
  readonly store: SealedStore;
  /** Thumbprint of this device's signing key, written into every operation. */
  readonly device: string;
  readonly nowMs: () => Ms;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  /** For `elapsedMs` of answers: milliseconds from any zero; left out, it says 0. */
  readonly clock?: () => number;
  /** Lets other work in between two slices of a long one; left out, a microtask. */
  readonly pause?: () => Promise<void>;
  /** An empty engine that was made ready before (`Engine.makeReady`), for the findings that are stored; left out, a new one. */
  readonly engine?: Engine;
}

/** Extra writes that commit together with a change: audit outbox, feed versions seen. */
export type AlsoCommit = (tx: StoreTransaction) => void | Promise<void>;

export interface ImportOptions {
  readonly also?: (tx: StoreTransaction, summary: ImportSummary) => void | Promise<void>;
  /** Clear secrets that come with the bundle, in the same commit. */
  readonly secrets?: readonly SecretOf[];
  /** Rows staged so far. */
  readonly onProgress?: (rows: number) => void;
  /** Aborted: `cancelled`, and everything is as before. */
  readonly signal?: AbortSignal;
}

export interface FindingsRekeyOptions extends Pick<RekeyOptions, 'vaultKey' | 'slots' | 'also'> {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface FindingsVault {
  query(query: Query): QueryResult;
  window(token: number, offset: number, limit: number): readonly Row[];
  ids(token: number, from: number, to: number): readonly FindingId[];
  position(token: number, id: FindingId): number;
  groups(token: number, by: GroupField, offset: number, limit: number): GroupPage;
  histogram(token: number, field: TimeField, bars: number): Histogram;
  suggest(text: string, limit: number): readonly Suggestion[];
  /** Findings with the sightings of all their bundles, `null` for an id that is not here; for exports. Reads sealed segments. */
  findings(ids: readonly FindingId[]): Promise<Result<readonly (Finding | null)[], ClientError>>;
  detail(id: FindingId): Promise<Result<Detail, ClientError>>;
  overview(): Overview;
  bundles(): readonly BundleRow[];
  /** Findings that queries see, how many are in state `new`, and the bytes the engine holds. */
  readonly figures: { readonly findings: number; readonly untouched: number; readonly memoryBytes: number };

  /**
   * What `unpack` brings is staged as it comes; one commit takes all of it over, and only then do the findings appear.
   * `already-done` for a bundle id that is or was here. After any failure, storage and engine are as before. Queries and triage
   * go on meanwhile.
   */
  importBundle(
    bundleId: string,
    unpack: UnpackBundle,
    options?: ImportOptions,
  ): Promise<Result<ImportSummary, ClientError>>;
  /** Bundles whose segments are missing or damaged on this device; they can be fetched again. */
  readonly damaged: readonly string[];
  /** Puts a damaged bundle's segments back from a fresh copy of the same bundle. Triage is not touched. */
  repairBundle(
    bundleId: string,
    unpack: UnpackBundle,
    options?: ImportOptions,
  ): Promise<Result<ImportSummary, ClientError>>;

  /** Durable when it resolves; all or nothing. `invalid` names the rule a finding would break (triage/rules.ts). */
  triage(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
    also?: AlsoCommit,
  ): Promise<Result<{ readonly group: string; readonly applied: number }, ClientError>>;
  /** Inverse operations for what the group set and nobody changed since. Comments stay. */
  undo(group: string, also?: AlsoCommit): Promise<Result<{ readonly applied: number }, ClientError>>;
  /** Operations of other devices; those known already change nothing. */
  absorb(operations: readonly TriageOperation[], also?: AlsoCommit): Promise<Result<number, ClientError>>;
  /** Own operations that are only here: team triage, which sends them, is its own issue. */
  readonly unsentOperations: number;
  /**
   * Folds the journal into one snapshot, so that the next unlock reads little. Who did what when stays. `true` if there was
   * enough to fold. Cheap to call when idle.
   */
  compact(): Promise<Result<boolean, ClientError>>;

  /** Secrets of a bundle, sealed row by chunk; never in memory outside `secret`. */
  putSecrets(
    bundleId: string,
    secrets: readonly { readonly id: FindingId; readonly secret: string }[],
    also?: AlsoCommit,
  ): Promise<Result<void, ClientError>>;
  /** Opens one chunk, returns one secret and drops the rest. */
  secret(id: FindingId, also?: AlsoCommit): Promise<Result<{ readonly secret: string }, ClientError>>;

  /** Hides the bundle's findings behind the withdrawal (DOMAIN rule 13); findings that another bundle brought stay. */
  withdraw(
    bundleId: string,
    code: NonNullable<BundleRow['withdrawn']>,
    also?: AlsoCommit,
  ): Promise<Result<void, ClientError>>;
  /** Deletes the withdrawn bundle's segments, dictionaries and secrets. */
  confirmDeletion(bundleId: string, also?: AlsoCommit): Promise<Result<void, ClientError>>;

  savedViews(): readonly SavedView[];
  saveView(view: SavedView): Promise<Result<void, ClientError>>;
  deleteView(id: string): Promise<Result<void, ClientError>>;

  /**
   * Everything sealed anew under another vault key (`SealedStore.rekey`), the bundles' files, too. Queries go on meanwhile, changes
   * wait. A damaged bundle stays damaged, and can be repaired as before.
   */
  rekey(options: FindingsRekeyOptions): Promise<Result<void, ClientError>>;

  /** Idle work: sort orders, compaction. `false` when there is nothing left. */
  idle(): Promise<boolean>;
  /**
   * Does once more what a bulk action does, up to the commit, and takes it back: nothing is changed. `false` once that was done often
   * enough. For the very end of what is done in idle moments: memory and storage are warm afterwards.
   */
  tryOut(): Promise<boolean>;
}
