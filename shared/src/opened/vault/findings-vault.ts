/**
 * An organisation's findings: sealed store, query engine and triage journal as one thing. What `OrganisationClient` of
 * client/api.ts calls. Holds no network and no audit: whoever calls writes the audit event in the same `transaction` hook.
 */
import type { Ms } from '../../base/brand.ts';
import type { Result } from '../../base/result.ts';
import type { BundleColumns, WithheldCounts } from '../bundle/columns.ts';
import type { BundleRow, ClientError } from '../client/api.ts';
import type { Finding, FindingId, PublishPolicy, Tlp } from '../finding/finding.ts';
import type { Detail, Overview, Query, QueryResult, Row } from '../query/query.ts';
import type { TriageChange, TriageOperation } from '../triage/triage.ts';
import type { SealedStore, StoreTransaction } from './store.ts';

/** What is kept about a received bundle besides its findings. */
export interface BundleFacts {
  /** Envelope id, base64url: an id counts once per vault. */
  readonly bundleId: string;
  readonly receivedAtMs: Ms;
  readonly publishedAtMs: Ms;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  readonly policy: PublishPolicy;
  readonly withheld: WithheldCounts;
}

export interface ImportSummary {
  readonly bundleId: string;
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
}

/** Extra writes that commit together with a change: audit outbox, feed versions seen. */
export type AlsoCommit = (tx: StoreTransaction) => void | Promise<void>;

export interface FindingsVault {
  query(query: Query): QueryResult;
  window(token: number, offset: number, limit: number): readonly Row[];
  ids(token: number, from: number, to: number): readonly FindingId[];
  position(token: number, id: FindingId): number;
  /** The finding with the sightings of all its bundles; for exports, which need no more. */
  finding(id: FindingId): Finding | null;
  detail(id: FindingId): Result<Detail, ClientError>;
  overview(): Overview;
  bundles(): readonly BundleRow[];

  /**
   * Stages the segments, then commits all of it at once; only then do the findings appear. `already-done` for a bundle id that
   * is or was here. After any failure storage and engine are as before. `onProgress` gets the rows staged so far.
   */
  importBundle(
    columns: BundleColumns,
    facts: BundleFacts,
    options?: { readonly also?: AlsoCommit; readonly onProgress?: (rows: number) => void },
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
}
