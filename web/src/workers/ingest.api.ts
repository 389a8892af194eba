/**
 * The ingest worker's interface. It reads leak material without network and without keys; records go to the vault worker's
 * `LoadWriter` through a port of their own, so that no page ever holds them.
 */
import type { Result } from '@sealpost/shared/base/result';
import type { Ms } from '@sealpost/shared/base/brand';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { CommitOptions, LoadSummary } from '@sealpost/shared/opened/client/api/loading';
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import type { DialectName } from '@sealpost/shared/opened/ingest/dialects/dialect';
import type { Ledger, LedgerTotals } from '@sealpost/shared/opened/ingest/record';
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type { RecognisedExport } from '@sealpost/shared/opened/ingest/recognise-export';
import type { Recognised } from '@sealpost/shared/opened/ingest/recognise';
import type { Span } from '@sealpost/shared/opened/ingest/read-spans';
import type { WatchedOrganisation, WatchList } from '@sealpost/shared/opened/match/watch';
import type { PreviewCounts } from '@sealpost/shared/opened/match/watch-preview';
import type { DemoOrganisation } from '@sealpost/shared/opened/sample/demo';

/** What the operator said about one source. */
export interface SourceOptions {
  /** `null`: each record's class is recognised by its form. */
  readonly sourceClass: SourceClass | null;
  readonly alias: string;
  readonly capturedAtMs: Ms | null;
  readonly publishedAtMs: Ms | null;
  /** How the lines are written; left out: recognised file by file. */
  readonly dialect?: DialectName;
  /** What the columns of a CSV hold, by a person's word. */
  readonly columns?: ColumnMapping | null;
  /** Domain that a provider's export is about, where it does not say so itself. */
  readonly domain?: string | null;
  /** Tried on encrypted archives, in order. */
  readonly passwords?: readonly string[];
}

/** One source of a load: a file, or the files of one folder with their paths inside it. */
export interface IngestSource {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: File }[];
  readonly options: SourceOptions;
}

export interface SourceProgress {
  /** Index into the sources of this run. */
  readonly source: number;
  /** `hashing` comes first: the same bytes are recognised before they are read a second time. */
  readonly state: 'hashing' | 'reading' | 'done' | 'known' | 'failed';
  readonly doneBytes: number;
  /** Grows when an archive's entries become known. */
  readonly totalBytes: number;
  readonly records: number;
  /** Path of the leaf being read: text from the material, never trusted. */
  readonly entry: string;
  /** While it is read: what is accounted for so far. */
  readonly totals: LedgerTotals | null;
  /** Once the source is done. */
  readonly ledger: Ledger | null;
}

export interface IngestOutcome {
  /** Of the sources read in this run. */
  readonly ledger: Ledger;
  /** Sources whose bytes were loaded before. */
  readonly known: number;
}

/** Made-up agencies and what leaked of them. */
export interface DemoSources {
  readonly organisations: readonly DemoOrganisation[];
  readonly sources: readonly IngestSource[];
}

/** The place of a line, with the encoding of the leaf that it stands in. */
export interface QuarantinedSpan extends Span {
  readonly encoding: string | null;
}

/** Material looked at outside a load; nothing of it goes into the vault. `cancel` stops these calls, too. */
export interface LookAgainApi {
  /** What each source is, from its first bytes; `null` for a folder, whose files are recognised one by one. */
  recognise(sources: readonly IngestSource[]): Promise<readonly (Recognised | null)[]>;
  /** What a person may have to say of each file before it is read as an export or a table. */
  recogniseExports(files: readonly File[]): Promise<readonly RecognisedExport[]>;
  /** Base64url of each source's SHA-256; `null` if cancelled. */
  hashSources(sources: readonly IngestSource[]): Promise<readonly string[] | null>;
  /** Lines as text, cut after 2,000 bytes; `null` where a span is not in `sources`. Leaked text: it may hold secrets in clear. */
  readLines(sources: readonly IngestSource[], spans: readonly QuarantinedSpan[]): Promise<readonly (string | null)[]>;
  /** What `candidate` would hit beside `present`; accounts and secrets come masked. `onPart` gets 0 to 1, ten times a second. */
  previewTerms(
    sources: readonly IngestSource[],
    candidate: WatchedOrganisation,
    present: WatchList,
    onPart: (part: number) => void,
  ): Promise<Result<PreviewCounts, ClientError>>;
}

export interface IngestApi extends LookAgainApi {
  /**
   * Reads all `sources`, one after the other, into the writer behind `writer` (transferred). `onProgress` is called at most
   * ten times a second. Nothing is visible in the vault until `commit`. Sources of a load that goes on are known by their bytes,
   * whatever their order: those that were read answer `known`.
   */
  run(
    sources: readonly IngestSource[],
    writer: MessagePort,
    onProgress: (progress: SourceProgress) => void,
  ): Promise<Result<IngestOutcome, ClientError>>;
  /** Holds reading back, or lets it go on. Nothing is lost where the tab dies meanwhile but what came after the last checkpoint. */
  pause(isPaused: boolean): Promise<void>;
  /** Stops after a checkpoint; `run` answers `cancelled`, and the load is among `unfinishedLoads`. */
  stop(): Promise<void>;
  /** Stops at once; what was staged is discarded with its checkpoints, and `run` answers `cancelled`. */
  cancel(): Promise<void>;
  /** Keeps what `run` staged. */
  commit(options?: CommitOptions): Promise<Result<LoadSummary, ClientError>>;
  /** Drops what `run` staged. */
  discard(): Promise<void>;
  /** Made-up material for the demo: never real names, accounts or passwords. */
  makeDemo(seed: number, nowMs: Ms): Promise<DemoSources>;
}
