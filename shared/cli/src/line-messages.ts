/** What the command line and its line workers tell each other. */
import type { LinePartResult, LinesOfLeaf } from '@sealpost/shared/opened/ingest/line-part';
import type { WatchList } from '@sealpost/shared/opened/match/watch';

/** Given to a worker when it is made. */
export interface LineWorkerData {
  readonly watch: WatchList | null;
}

export type ToLineWorker =
  | { readonly kind: 'open'; readonly leaf: number; readonly lines: LinesOfLeaf }
  | {
      readonly kind: 'read';
      readonly leaf: number;
      readonly part: number;
      readonly offset: number;
      /** Transferred, and given back with the answer. */
      readonly buffer: Uint8Array<ArrayBuffer>;
      readonly length: number;
    }
  | { readonly kind: 'close'; readonly leaf: number };

/**
 * What a part came to, its records as JSON: of thousands of small objects that is written and read again in a fifth of the time that
 * cloning them takes, and half of it is the reading thread's.
 */
type PartAnswer = Omit<LinePartResult, 'records'> & { readonly records: string };

export interface FromLineWorker {
  readonly part: number;
  readonly result: PartAnswer;
  readonly buffer: Uint8Array<ArrayBuffer>;
}
