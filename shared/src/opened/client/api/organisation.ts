/** Calls of an organisation's device. */
import type { Result } from '../../../base/result.ts';
import type { FindingId } from '../../finding/finding.ts';
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
} from '../../query/query.ts';
import type { TriageChange } from '../../triage/triage.ts';
import type { BundleRow, SavedView } from './bundles.ts';
import type { ClientError } from './client-error.ts';
import type { LoadSummary, LoadWriter } from './loading.ts';
import type { AuditRow } from './record.ts';

/** Why somebody needs to see a secret: a closed list, because the audit log has no place for text. */
export const REVEAL_REASONS = ['check', 'user', 'incident', 'reset', 'other'] as const;
export type RevealReason = (typeof REVEAL_REASONS)[number];

/** Organisation's calls (`Profile.kind` is `organisation`). */
export interface OrganisationClient {
  /** Loads material that the organisation brought itself, e.g. its own provider's export, into its own vault. */
  beginLoad(): Promise<LoadWriter>;
  /** Domains that own material is matched against; `null` before the CERT said which are this organisation's. */
  ownDomains(): Promise<readonly string[] | null>;
  /** Own loads, newest first; `loadId` is also the id under which `bundles` shows what came. */
  loads(): Promise<readonly LoadSummary[]>;
  /** Removes an own load with its findings, on record. Bundles of the CERT are not touched. */
  discardLoad(loadId: string): Promise<Result<void, ClientError>>;
  query(query: Query): Promise<QueryResult>;
  window(token: number, offset: number, limit: number): Promise<readonly Row[]>;
  /** Ids behind a token from `from` to `to` (exclusive), for selecting a range; at most 100,000. */
  ids(token: number, from: number, to: number): Promise<readonly FindingId[]>;
  /** Position of a finding in a pinned answer, -1 if it is not there. */
  position(token: number, id: FindingId): Promise<number>;
  groups(token: number, by: GroupField, offset: number, limit: number): Promise<GroupPage>;
  histogram(token: number, field: TimeField, bars: number): Promise<Histogram>;
  suggest(text: string, limit: number): Promise<readonly Suggestion[]>;
  savedViews(): Promise<readonly SavedView[]>;
  saveView(view: SavedView): Promise<Result<void, ClientError>>;
  deleteView(id: string): Promise<Result<void, ClientError>>;
  detail(id: FindingId): Promise<Result<Detail, ClientError>>;
  overview(): Promise<Overview>;
  bundles(): Promise<readonly BundleRow[]>;
  /** Durable when it resolves. `group` undoes it as a whole. */
  triage(
    ids: readonly FindingId[],
    changes: readonly TriageChange[],
  ): Promise<Result<{ readonly group: string; readonly applied: number }, ClientError>>;
  undo(group: string): Promise<Result<{ readonly applied: number }, ClientError>>;
  reveal(id: FindingId, reason: RevealReason): Promise<Result<{ readonly secret: string }, ClientError>>;
  /** The withdrawn bundle's findings are deleted from this vault and the deletion is audited. */
  confirmDeletion(bundleId: string): Promise<Result<void, ClientError>>;
  /** Own record: what this device signed. */
  ownAudit(limit: number): Promise<readonly AuditRow[]>;
}
