/**
 * The query engine's interface. An engine holds all findings of one vault as columns in memory, knows no storage and no keys.
 * The plain twin (plain-engine.ts) and the later WASM kernels answer alike.
 */
import type { Ms } from '../../base/brand.ts';
import type { BundleColumns } from '../bundle/columns.ts';
import type { Finding, FindingId } from '../finding/finding.ts';
import type { TriageStatus } from '../triage/triage.ts';
import type { Query, QueryResult, Row } from './query.ts';

/** Where a segment's rows came from. */
export interface SegmentOrigin {
  readonly bundleId: string;
  readonly receivedAtMs: Ms;
}

export interface LoadedSegment {
  /** Findings that were not known. */
  readonly added: number;
  /** Known ids: sightings united, the rest taken from this segment. */
  readonly merged: number;
}

export interface Engine {
  /** Findings held. */
  readonly rows: number;
  /**
   * Appends a checked segment (at most 65,536 rows, of one bundle). The engine keeps references to its arrays: do not change
   * them afterwards. Segments are loaded in the order of their imports: a later one wins where findings meet.
   */
  loadSegment(columns: BundleColumns, origin: SegmentOrigin): LoadedSegment;
  /** How many of the ids (16 bytes each) are held already. */
  countKnown(ids: Uint8Array): number;
  has(id: FindingId): boolean;
  /** Replaces the triage overlay of findings; unknown ids are ignored. */
  setStatus(id: FindingId, status: TriageStatus): void;
  run(query: Query): QueryResult;
  /** Rows `offset`.. of a pinned answer, fewer at its end; none for a token that is no longer pinned. */
  window(token: number, offset: number, limit: number): readonly Row[];
  ids(token: number, from: number, to: number): readonly FindingId[];
  /** -1 if it is not in the answer. */
  position(token: number, id: FindingId): number;
  /** The whole finding with all its sightings. */
  finding(id: FindingId): Finding | null;
  row(id: FindingId): Row | null;
  /** The bundle that last brought it, and when the finding first arrived. */
  origin(id: FindingId): { readonly bundleId: string; readonly firstReceivedAtMs: Ms } | null;
  /** Other findings of the same keyed machine or the same identity, in priority order. */
  related(id: FindingId, by: 'machine' | 'identity', limit: number): readonly Row[];
  /** Calls `visit` for every finding with the columns that the overview needs; indices into the vocabularies. */
  visit(
    visit: (
      level: number,
      state: number,
      ownerCode: number,
      hostCode: number,
      firstSeenAtMs: Ms,
      receivedAtMs: Ms,
      rowNumber: number,
    ) => void,
  ): void;
  hostText(code: number): string;
  idAt(rowNumber: number): FindingId;
}
