/**
 * The query engine's interface. An engine holds the hot columns of one vault in memory and knows no storage, keys or clock.
 * Two engines answer alike: the WebAssembly kernels, and their twin in plain TypeScript (fallback and oracle).
 */
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId, Level } from '../finding/finding.ts';
import type { TriageStatus } from '../triage/triage.ts';
import type { DictionaryRoom, DictionarySizes } from './dictionary-room.ts';
import type { HotColumns, HotDictionaries } from './hot-columns.ts';
import type { GroupField, GroupPage, Histogram, Query, QueryResult, Row, Suggestion, TimeField } from './query.ts';

/** Row that `rowsOf` answers for an id that is not held. */
export const NO_ROW = 0xffffffff;

/** Where rows came from. */
export interface ImportOrigin {
  readonly bundleId: string;
  readonly receivedAtMs: Ms;
  /**
   * None of its ids is known or repeated, as an engine has found before (`prepare` said that nothing was merged, with the same imports
   * before this one), so that it need not look again. Left out: unknown.
   */
  readonly areNew?: boolean;
}

export interface LoadedRows {
  /** Findings that were not known. */
  readonly added: number;
  /** Known ids, also those that stand twice in this import: sightings are united, the rest is taken from the later one. */
  readonly merged: number;
}

/**
 * Rows on their way in. Queries go on meanwhile and do not see them. Whatever takes memory (`begin`, `add`, `prepare`) throws
 * `EngineFullError` when there is no more: the import can then be rolled back, and the engine is as it was before it.
 */
export interface EngineImport {
  /** No dictionary held an entry twice. Whoever keeps the dictionaries to load them again keeps this with them (`HotDictionaries`). */
  readonly areDistinct: boolean;
  /**
   * Takes rows `from`..`to` of a segment; what it needs is copied, so the arrays may be used again. Call it with slices (4,096 rows
   * take about a millisecond) and let queries in between. Segments count from 0 within the import, rows within the segment.
   * Which of them are new is found by `prepare`, for all at once.
   */
  add(segment: number, columns: HotColumns, from: number, to: number): void;
  /**
   * Does a part (some milliseconds) of what is left before the commit: finding which rows are new, taking all memory. `null`: call
   * it again. Still invisible, and still to be rolled back: whoever stores the rows durably does so between this and `commit`.
   */
  prepare(): LoadedRows | null;
  /** All rows appear, merges take effect, what was cached is built anew when next asked for. Only once `prepare` is done; never fails. */
  commit(): void;
  /** As if it had never begun: rows and dictionary entries are gone. */
  rollback(): void;
}

/** One appearance of a finding: a row of a segment of import number `part` (from 0, in the order of `commit`). */
export interface Appearance {
  readonly part: number;
  readonly segment: number;
  readonly row: number;
}

/** Findings that first came at one time. */
export interface Arrival {
  readonly receivedAtMs: Ms;
  /** How many of each kind: `kinds[kindOf(level, state, isOwned)]`. */
  readonly kinds: Uint32Array;
}

/** Place of a kind among an arrival's counts: codes of the vocabularies, and whether somebody owns the finding. */
export function kindOf(level: number, state: number, isOwned: boolean): number {
  return level + state * KIND_LEVELS + (isOwned ? KIND_LEVELS * KIND_STATES : 0);
}

/** Kernels know the numbers. */
const KIND_LEVELS = 8;
const KIND_STATES = 16;
export const KINDS = 2 * KIND_LEVELS * KIND_STATES;

/** Codes of the vocabularies, of the rows that were asked for. */
export interface RowWords {
  readonly level: Uint8Array;
  readonly state: Uint8Array;
  readonly sourceClass: Uint8Array;
}

/** A host with its findings. */
export interface HostCount {
  readonly host: string;
  readonly count: number;
  readonly worst: Level;
}

/** Equal steps from a time on. */
export interface TimeSteps {
  readonly startMs: Ms;
  readonly stepMs: number;
  readonly steps: number;
}

export interface Engine {
  /** Findings that queries see. */
  readonly rows: number;
  /**
   * Arrays for dictionaries without repeated entries that come from a disk: where the engine is empty, those in which it will keep
   * them, so that they are written once. Fill them and `begin` with them before the engine is asked for anything else. Throws
   * EngineFullError.
   */
  roomFor(sizes: DictionarySizes): DictionaryRoom;
  /** One import at a time; imports are committed in the order in which later ones win. */
  begin(dictionaries: HotDictionaries, origin: ImportOrigin): EngineImport;

  /** Row of each id (16 bytes each), NO_ROW where it is not held. Rows keep their numbers as long as the engine lives. */
  rowsOf(ids: Bytes): Uint32Array;
  rowOf(id: FindingId): number;
  idAt(row: number): FindingId;
  /** Writes the 16-byte ids of `rows` one after the other. */
  idBytes(rows: Uint32Array): Bytes;
  /** Replaces what triage says of rows. */
  setStatus(rows: Uint32Array, status: Pick<TriageStatus, 'state' | 'resolution' | 'owner'>): void;

  run(query: Query): QueryResult;
  /** Rows `offset`.. of a pinned answer, fewer at its end; none for a token that is no longer pinned. */
  window(token: number, offset: number, limit: number): readonly Row[];
  /** Row numbers of a pinned answer. */
  rowsIn(token: number, from: number, to: number): Uint32Array;
  ids(token: number, from: number, to: number): readonly FindingId[];
  /** -1 if it is not in the answer. */
  position(token: number, id: FindingId): number;
  groups(token: number, by: GroupField, offset: number, limit: number): GroupPage;
  /** At most `bars` bars. */
  histogram(token: number, field: TimeField, bars: number): Histogram;
  /** Values for the last word of `text`: those that begin with it first, then larger counts. `field:` restricts them. */
  suggest(text: string, limit: number): readonly Suggestion[];

  row(row: number): Row;
  /** In the order of their imports; at least one. */
  appearances(row: number): readonly Appearance[];
  /** When the finding first arrived. */
  receivedAtMs(row: number): Ms;
  /** Other findings of the same keyed machine or the same identity, in priority order. */
  related(row: number, by: 'machine' | 'identity', limit: number): readonly Row[];
  wordsOf(rows: Uint32Array): RowWords;

  /** All findings by when they first came, earliest rows first; a time may come again. Cost: one pass. */
  arrivals(): readonly Arrival[];
  /** Findings by level and the step in which they were first seen: `counts[step * LEVELS.length + level]`. Cost: one pass. */
  firstSeenBySteps(steps: TimeSteps): Uint32Array;
  /** The hosts with the most findings; equally many by text. */
  topHosts(limit: number): readonly HostCount[];

  /** Builds one of the sort orders that nobody asked for yet; `false` when all are there. For idle time. */
  warm(): boolean;
  /** Bytes held, for telling. */
  readonly memoryBytes: number;
  /**
   * Gets memory for `bytes` of findings to come from the system, at most `most` of it a call; whether there is more to get. For idle
   * time before they come: some systems take longer to give it than the engine to fill it.
   */
  makeReady(bytes: number, most: number): boolean;
}
