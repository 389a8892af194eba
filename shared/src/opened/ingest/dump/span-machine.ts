/** A form of dump whose rows are not lines: finds where each row begins and ends, and reads one. One file a form in this folder. */
import type { QuarantineReason } from '../record.ts';
import type { RowFields } from './row-fields.ts';
import type { RowRecord } from './row-record.ts';
import type { SpanSink } from './span-collector.ts';

/** What one row says. `none`: a row of something else. `broken`: it does not read as its form says. */
export type RowReading =
  | { readonly kind: 'fields'; readonly fields: RowFields; readonly confidence: number }
  /** What a provider says of one row, which may be about many credentials. */
  | { readonly kind: 'records'; readonly records: readonly RowRecord[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'broken'; readonly reason: QuarantineReason };

/** Reads a stream of UTF-8 (or any encoding that has ASCII at its place). State only; bounded by the sink's limit. */
export interface SpanMachine {
  push(chunk: Uint8Array): void;
  end(): void;
}

/** What was decided for a file from its sample. */
export interface DumpForm {
  /** In the ledger: `csv/comma`, `sql`, `json`. */
  readonly name: string;
  readonly confidence: number;
  /** Name of the column that holds the secret, if it has one. */
  readonly secretColumn: string | null;
  machine(sink: SpanSink, limitBytes: number): SpanMachine;
  /** Reads one row's text. `context` is what `machine` told with it. */
  read(text: string): RowReading;
  /** Secrets of the sample, for deciding whether they are hashes. */
  readonly sampleSecrets: readonly string[];
  /** Rows do not repeat what the whole file is about (a domain): all are read, whatever the scanner says. */
  readonly everyRow?: boolean;
  /** Longest row, where that is not a line's. */
  readonly rowBytes?: number;
}
