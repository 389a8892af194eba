/** What the page of the browser's part of the ingest bench and its worker tell each other. */
import type { WatchList } from '@sealpost/shared/opened/match/watch';

export interface ReadRequest {
  readonly file: File;
  readonly watch: WatchList;
  readonly rounds: number;
}

/** Milliseconds of every round. */
export interface ReadTimes {
  /** The stream of the file, read to its end: the mean of a reading before and one after the ingest. */
  readonly blob: readonly number[];
  /** How far those two were apart: a machine that does something else beside. */
  readonly blobSpread: readonly number[];
  /** Recognised by its hash, as a load begins. */
  readonly hash: readonly number[];
  /** Hashed, scanned, parsed, accounted for. */
  readonly ingest: readonly number[];
  readonly records: number;
}
