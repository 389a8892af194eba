/** What a load of one source is told, and what it answers. */
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { SourceClass } from '../finding/finding.ts';
import type { WatchList } from '../match/watch.ts';
import type { DomainCensus } from '../scan/domain-census.ts';
import type { LineScanner } from '../scan/scanner.ts';
import type { IngestCheckpoint } from './checkpoint.ts';
import type { DialectName } from './dialects/dialect.ts';
import type { IngestLimits } from './limits.ts';
import type { LineReaders } from './line-readers.ts';
import type { ColumnMapping } from './providers/column-mapping.ts';
import type { Ledger, LedgerSource, LedgerTotals, LoadedRecord, MachineSummary, QuarantinedLine } from './record.ts';

export interface IngestProgress {
  /** Bytes read so far: of the files, and of archive entries as inflated. */
  readonly bytesDone: number;
  /** Grows when an archive's entries become known. */
  readonly bytesTotal: number;
  readonly records: number;
  /** Shown path of the leaf being read. */
  readonly entry: string;
  /** What is accounted for so far: the four parts add up to `bytesIn`, which lags behind `bytesDone` by what is still being parsed. */
  totals(): LedgerTotals;
}

export interface IngestOptions {
  /** `null`: every line is a candidate. */
  readonly watch: WatchList | null;
  readonly nowMs: Ms;
  /** Gets at most `limits.batchRecords` at a time and is awaited: the reader waits for the writer. */
  onRecords(batch: readonly LoadedRecord[]): Promise<void>;
  /** Gets every machine of a stealer log once all its files are read, and is awaited. */
  onMachine?(machine: MachineSummary): Promise<void>;
  /** Sees the bytes of every leaf as they are read, with their place in it; valid during the call only. */
  onChunk?(entry: string, offset: number, chunk: Uint8Array): void;
  onProgress?(progress: IngestProgress): void;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<IngestLimits>;
  /** Counts the domains of all text that is read, watched or not; of a load that goes on, of the rest. */
  readonly census?: DomainCensus;
  /** Tried on encrypted archives, in order. */
  readonly passwords?: readonly string[];
  /** libarchive's WebAssembly (libarchive-wasm, dist/libarchive.wasm), asked for at each 7z or rar: the same array each time. */
  readonly libarchive?: () => Promise<Uint8Array>;
  /** What the operator says the lines are; else `ulp` with a URL, `combo` without. Stealer blocks stay `stealer`. */
  readonly sourceClass?: SourceClass;
  /** How the lines are written, by a person's word: nothing is taken for a dump or for blocks then. Without it each file's form is recognised. */
  readonly dialect?: DialectName;
  /** What the columns of a CSV mean, by a person's word; without it they are told by their names and contents. */
  readonly columns?: ColumnMapping;
  /** Mail domain or website that a provider's export is about, where neither its rows nor its name say so. */
  readonly domain?: string;
  /** Another engine for the same answers. */
  readonly scanner?: LineScanner;
  /** Read lines of large files beside the caller. Their watch list is `watch`. */
  readonly readers?: LineReaders;
  /**
   * Gets a checkpoint every `limits.checkpointBytes`, when everything before it was given to `onRecords` and awaited. Resolves when it
   * is durable; what it rejects with ends the load.
   */
  onCheckpoint?(checkpoint: IngestCheckpoint): Promise<void>;
  /** All checkpoints of an earlier run over the same source (`addCheckpoint`), which had the same options. */
  readonly resume?: IngestCheckpoint | null;
  /** Stops at the next chunk, after a checkpoint; `signal` stops without one. */
  readonly stop?: AbortSignal;
  /** Awaited between chunks: a pause holds it back. */
  gate?(): Promise<void>;
}

export interface IngestResult extends Ledger {
  /** Of the file; of a folder: over its files' hashes, sorted, so that names and order do not matter. */
  readonly sha256: Bytes;
  readonly sizeBytes: number;
  readonly quarantine: readonly QuarantinedLine[];
  /** Quarantined lines beyond `limits.quarantineRows`: counted in the ledger only. */
  readonly quarantineDropped: number;
  readonly status: LedgerSource['status'];
}
