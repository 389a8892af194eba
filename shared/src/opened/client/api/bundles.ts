/** What an organisation received, and how the last sync went. */
import type { Ms } from '../../../base/brand.ts';
import type { PublishPolicy, Tlp } from '../../finding/finding.ts';
import type { GroupField, Query } from '../../query/query.ts';
import type { WithdrawCode } from './publishing.ts';

export interface SyncProgress {
  readonly stage: 'directory' | 'manifest' | 'download' | 'open' | 'store' | 'audit' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly rows: number;
}

export interface SyncSummary {
  readonly atMs: Ms;
  readonly bundles: number;
  readonly added: number;
  readonly merged: number;
  readonly withdrawn: number;
  readonly requests: number;
  readonly auditSent: number;
  /** Banners: expired manifest, missing feed, clock off, frozen chain. Codes of the message catalogue. */
  readonly warnings: readonly string[];
  /** Ids of listed bundles that this device never had and that nobody can fetch any more. */
  readonly expired: readonly string[];
}

export interface BundleRow {
  readonly bundleId: string;
  readonly receivedAtMs: Ms;
  readonly publishedAtMs: Ms;
  readonly findings: number;
  readonly added: number;
  readonly merged: number;
  readonly tlp: Tlp;
  readonly caveat: string | null;
  readonly policy: PublishPolicy;
  readonly withheld: { readonly contextless: number; readonly unproven: number; readonly unconfirmed: number };
  readonly withdrawn: WithdrawCode | null;
  /** What the CERT committed to and this vault counted; left out: it stated nothing (own material, older versions). */
  readonly completeness?: Completeness;
}

/** All that was released arrived: what the sender's signed list committed to before, opened and counted again from the rows. */
export interface Completeness {
  /** base64url of 32 bytes, as it stands in the list. */
  readonly commitment: string;
  /** Findings that matched the organisation when the bundle was made: those in it, and those that its sender told it held back. */
  readonly matched: number;
  /** Findings in it, by source alias. */
  readonly sources: readonly { readonly alias: string; readonly count: number }[];
}

export interface SyncState {
  readonly lastSyncMs: Ms | null;
  readonly onlyHere: { readonly operations: number; readonly auditEvents: number; readonly outbox: number };
  readonly running: boolean;
}

/** A question that somebody kept under a name, sealed in the vault. */
export interface SavedView {
  /** base64url of 16 random bytes. */
  readonly id: string;
  readonly name: string;
  readonly query: Query;
  readonly groupBy: GroupField | null;
}
