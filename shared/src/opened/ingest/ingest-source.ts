/**
 * The way of one source through ingest: files and archives become leaves, leaves of stealer logs are grouped by machine, each leaf
 * takes its route; records go out in batches, every byte is accounted for. Pure: the shells bring files, clock and watch list.
 */
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { toHex } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { SourceClass } from '../finding/finding.ts';
import type { WatchList } from '../match/watch.ts';
import type { DomainCensus } from '../scan/domain-census.ts';
import type { LineScanner } from '../scan/scanner.ts';
import { scannerFor } from '../scan/scanner-for.ts';
import { displayPath } from './archive/display-path.ts';
import type { ContainerForm, ContainerSource } from './archive/container.ts';
import type { InflateBudget } from './archive/inflate-guard.ts';
import { openContainer } from './archive/open-container.ts';
import { hashOfFolder } from './hash-source.ts';
import type { IngestError } from './ingest-error.ts';
import type { Leaf } from './leaf.ts';
import { addTotals, LeafLedger, Quarantine } from './ledger.ts';
import type { IngestLimits } from './limits.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { LineReaders } from './line-readers.ts';
import type { LeafRoute } from './line-route.ts';
import { LineRoute } from './line-route.ts';
import { chooseForm } from './dump/choose-form.ts';
import { domainOfName } from './providers/choose-provider.ts';
import type { ColumnMapping } from './providers/column-mapping.ts';
import { DumpRoute } from './dump/dump-route.ts';
import type {
  Ledger,
  LedgerSource,
  LedgerTotals,
  LoadedRecord,
  MachineSummary,
  QuarantinedLine,
  QuarantineReason,
} from './record.ts';
import type { LeafRun, SampledLeaf } from './run-leaf.ts';
import { runLeaf } from './run-leaf.ts';
import { peekLines, sampleLines } from './sample-lines.ts';
import type { SourceFile } from './source-file.ts';
import { bytesToSource } from './source-file.ts';
import { looksLikeBlocks } from './stealer/keys.ts';
import { readMachine } from './stealer/read-machine.ts';
import { countDomains } from './census-route.ts';
import { BlockRoute } from './stealer/block-route.ts';
import { groupMachines } from './stealer/machines.ts';
import { isBarePasswordList } from './stealer/file-role.ts';
import { MachineTally } from './stealer/machine-tally.ts';
import { SkimRoute } from './stealer/skim-route.ts';
import { watchedSites } from './stealer/watched-sites.ts';
import { SpreadLineRoute } from './spread-line-route.ts';

export interface IngestProgress {
  /** Bytes read so far: of the files, and of archive entries as inflated. */
  readonly bytesDone: number;
  /** Grows when an archive's entries become known. */
  readonly bytesTotal: number;
  readonly records: number;
  /** Shown path of the leaf being read. */
  readonly entry: string;
}

export interface IngestOptions {
  /** `null`: every line is a candidate. */
  readonly watch: WatchList | null;
  readonly nowMs: Ms;
  /** Gets at most `limits.batchRecords` at a time and is awaited: the reader waits for the writer. */
  onRecords(batch: readonly LoadedRecord[]): Promise<void>;
  /** Gets every machine of a stealer log once all its files are read, and is awaited. */
  onMachine?(machine: MachineSummary): Promise<void>;
  onProgress?(progress: IngestProgress): void;
  readonly signal?: AbortSignal;
  readonly limits?: Partial<IngestLimits>;
  /** Counts the domains of all text that is read, watched or not. */
  readonly census?: DomainCensus;
  /** Tried on encrypted archives, in order. */
  readonly passwords?: readonly string[];
  /** libarchive's WebAssembly (libarchive.js, dist/libarchive.wasm), read when the first 7z or rar is met. */
  readonly libarchive?: () => Promise<Uint8Array>;
  /** What the operator says the lines are; else `ulp` with a URL, `combo` without. Stealer blocks stay `stealer`. */
  readonly sourceClass?: SourceClass;
  /** What the columns of a CSV mean, by a person's word; without it they are told by their names and contents. */
  readonly columns?: ColumnMapping;
  /** Mail domain or website that a provider's export is about, where neither its rows nor its name say so. */
  readonly domain?: string;
  /** Another engine for the same answers. */
  readonly scanner?: LineScanner;
  /** Read lines of large files beside the caller. Their watch list is `watch`. */
  readonly readers?: LineReaders;
}

/** From this size on, a list is spread over readers. */
const SPREAD_BYTES = 4 * 2 ** 20;

export interface IngestResult extends Ledger {
  /** Of the file; of a folder: over its files' hashes, sorted, so that names and order do not matter. */
  readonly sha256: Bytes;
  readonly sizeBytes: number;
  readonly quarantine: readonly QuarantinedLine[];
  /** Quarantined lines beyond `limits.quarantineRows`: counted in the ledger only. */
  readonly quarantineDropped: number;
  readonly status: LedgerSource['status'];
}

/** Loads one source: a file, or the files of one folder with their paths as names. */
export async function ingestSource(
  source: SourceFile | readonly SourceFile[],
  options: IngestOptions,
): Promise<Result<IngestResult, IngestError>> {
  const ingest = new Ingest(options);
  try {
    return ok(await ingest.run(isFolder(source) ? source : [source], isFolder(source)));
  } catch (error) {
    if (error instanceof Cancelled) return err({ kind: 'cancelled' });
    throw error;
  }
}

function isFolder(source: SourceFile | readonly SourceFile[]): source is readonly SourceFile[] {
  return Array.isArray(source);
}

class Cancelled extends Error {}

class Ingest {
  readonly #options: IngestOptions;
  readonly #limits: IngestLimits;
  readonly #scanner: LineScanner | null;
  readonly #quarantine: Quarantine;
  readonly #rows: LedgerSource[] = [];
  readonly #budget: InflateBudget = { inflatedBytes: 0 };
  readonly #tally = new MachineTally();
  readonly #siteOf: (host: string) => string | null;
  #bytesDone = 0;
  #bytesTotal = 0;
  #records = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#limits = { ...INGEST_LIMITS, ...options.limits };
    this.#scanner = options.watch === null ? null : (options.scanner ?? scannerFor(options.watch));
    this.#quarantine = new Quarantine(this.#limits.quarantineRows);
    this.#siteOf = watchedSites(options.watch);
  }

  async run(files: readonly SourceFile[], isFolderSource: boolean): Promise<IngestResult> {
    const hashes: Bytes[] = [];
    const leaves = files.map((file): Leaf => {
      const path = displayPath(file.name);
      const slice = file.slice?.bind(file);
      return {
        path,
        treePath: path,
        sizeBytes: file.size,
        open: () => file.stream(),
        ...(slice === undefined ? {} : { slice }),
      };
    });
    this.#bytesTotal = files.reduce((sum, file) => sum + file.size, 0);
    await this.#tree(leaves, 0, '', hashes);
    const total: LedgerTotals = addTotals(this.#rows);
    const [only] = hashes;
    return {
      sha256: only !== undefined && !isFolderSource ? only : hashOfFolder(hashes),
      sizeBytes: files.reduce((sum, file) => sum + file.size, 0),
      sources: this.#rows,
      total,
      quarantine: this.#quarantine.lines,
      quarantineDropped: this.#quarantine.dropped,
      status: statusOf(this.#rows),
    };
  }

  /** Leaves of one folder or archive. `hashes` collects those of top-level files. */
  async #tree(leaves: readonly Leaf[], depth: number, name: string, hashes: Bytes[] | null): Promise<void> {
    const { machines, loose } = await groupMachines(leaves, async (leaf) => {
      this.#checkCancelled();
      return looksLikeBlocks(await peekLines(leaf), true);
    });
    for (const files of machines) {
      const reading = await readMachine(files, name, {
        nowMs: this.#options.nowMs,
        lineBytes: this.#limits.lineBytes,
        run: (leaf, pick) => this.#leaf(leaf, depth, hashes, pick),
        pickLines: (sampled) => this.#lineRoute(sampled),
        siteOf: this.#siteOf,
      });
      if (reading === null) continue;
      const passwords = this.#tally.take(reading.key);
      await this.#options.onMachine?.({ ...reading, passwords });
    }
    for (const leaf of loose) {
      await this.#leaf(leaf, depth, hashes, (sampled) => this.#pickLoose(sampled, leaf));
      for (const machine of this.#tally.takeAll(leaf.path)) await this.#options.onMachine?.(machine);
    }
  }

  #pickLoose(sampled: SampledLeaf, leaf: Leaf): LeafRoute | ContainerForm {
    const { sniff, sample, ledger } = sampled;
    if (sniff.kind === 'archive') return sniff.form;
    if (sniff.kind === 'binary') return new SkimRoute('not-text', ledger);
    if (isBarePasswordList(leaf.path)) return new SkimRoute('no-credential', ledger);
    const lines = sampleLines(sampled);
    if (!looksLikeBlocks(lines, /pass/i.test(leaf.path))) return this.#lineRoute(sampled);
    return new BlockRoute({
      sniff,
      sample,
      ledger,
      lineBytes: this.#limits.lineBytes,
      sourceClass: 'stealer',
      machine: null,
      known: null,
      cookieState: () => 'none',
    });
  }

  #lineRoute(sampled: SampledLeaf): LeafRoute {
    const { sniff, sample, isWholeSample, sizeBytes, ledger } = sampled;
    if (sniff.kind !== 'text') return new SkimRoute('not-text', ledger);
    const { lineBytes } = this.#limits;
    const sourceClass = this.#options.sourceClass ?? null;
    const { watch, nowMs, domain = domainOfName(ledger.path, watch), columns = null } = this.#options;
    const form = chooseForm(sampleLines(sampled), { nowMs, domain, columns, sourceClass });
    if (form !== null) return new DumpRoute({ sniff, form, ledger, lineBytes, scanner: this.#scanner, sourceClass });
    const scanner = this.#scanner;
    const { readers } = this.#options;
    const lines = { sniff, sample, isWholeSample, lineBytes, sourceClass };
    // A size that the sample belies is not known.
    const isLarge = !isWholeSample && (sizeBytes >= SPREAD_BYTES || sizeBytes <= sample.length);
    if (readers === undefined || !isLarge || sniff.encoding.startsWith('utf-16'))
      return new LineRoute({ ...lines, ledger, scanner });
    const { quarantineRows } = this.#limits;
    return new SpreadLineRoute({ lines: { ...lines, path: ledger.path, quarantineRows }, readers, ledger, scanner });
  }

  async #leaf(leaf: Leaf, depth: number, hashes: Bytes[] | null, pick: LeafRun['pick']): Promise<void> {
    const { census } = this.#options;
    const outcome = await runLeaf(leaf, {
      quarantine: this.#quarantine,
      memoryBytes: this.#limits.memoryBytes,
      pick: census === undefined ? pick : (sampled) => countDomains(pick(sampled), sampled.sniff, census),
      emit: (records) => this.#emit(records),
      onBytes: (bytes, { path }) => {
        this.#checkCancelled();
        this.#bytesDone += bytes;
        this.#options.onProgress?.({
          bytesDone: this.#bytesDone,
          bytesTotal: Math.max(this.#bytesTotal, this.#bytesDone),
          records: this.#records,
          entry: path,
        });
      },
    });
    hashes?.push(outcome.sha256);
    if (outcome.kind === 'row') {
      this.#rows.push(outcome.row);
      return;
    }
    const { bytes, sizeBytes, failure, form } = outcome;
    const slice = leaf.slice ?? (bytes === null ? null : sliceOf(bytes));
    const rowsBefore = this.#rows.length;
    const problems: QuarantineReason[] = failure === null ? [] : [failure];
    if (depth >= this.#limits.archiveDepth) problems.push('limit-depth');
    else if (slice === null) problems.push('limit-total');
    else {
      const open = bytes === null ? () => leaf.open() : () => bytesToSource(leaf.path, bytes).stream();
      problems.push(...(await this.#expand(leaf, form, { sizeBytes, slice, open }, depth)));
    }
    this.#containerRow(leaf, outcome.sha256, sizeBytes, problems, this.#rows.length > rowsBefore);
  }

  /** Entries of an archive, then what was wrong with it. */
  async #expand(
    leaf: Leaf,
    form: ContainerForm,
    container: ContainerSource,
    depth: number,
  ): Promise<readonly QuarantineReason[]> {
    const { passwords = [], libarchive } = this.#options;
    const opened = await openContainer(form, container, {
      path: leaf.path,
      passwords,
      limits: this.#limits,
      budget: this.#budget,
      ...(libarchive === undefined ? {} : { libarchive }),
    });
    const most = container.sizeBytes * 20;
    this.#bytesTotal += opened.leaves.reduce((sum, entry) => sum + Math.min(entry.sizeBytes, most), 0);
    await this.#tree(opened.leaves, depth + 1, leaf.treePath, null);
    await opened.close();
    return opened.leaves.length === 0 && opened.problems.length === 0 && container.sizeBytes > 22
      ? ['archive-corrupt']
      : opened.problems;
  }

  #containerRow(
    leaf: Leaf,
    hash: Bytes,
    containerBytes: number,
    problems: readonly QuarantineReason[],
    hasEntries: boolean,
  ): void {
    const ledger = new LeafLedger(leaf.path, this.#quarantine);
    for (const reason of problems) ledger.quarantine(reason, 0, 0);
    this.#rows.push(
      ledger.close({
        sha256: toHex(hash),
        dialect: null,
        encoding: null,
        containerBytes,
        status: problems.length === 0 ? 'complete' : hasEntries ? 'partial' : 'failed',
      }),
    );
  }

  async #emit(records: readonly LoadedRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += this.#limits.batchRecords) {
      this.#checkCancelled();
      const batch = records.slice(at, at + this.#limits.batchRecords);
      this.#records += batch.length;
      this.#tally.add(batch);
      await this.#options.onRecords(batch);
    }
  }

  #checkCancelled(): void {
    if (this.#options.signal?.aborted === true) throw new Cancelled();
  }
}

function sliceOf(bytes: Uint8Array): (start: number, end: number) => Promise<Uint8Array> {
  return (start, end) => Promise.resolve(bytes.subarray(start, end));
}

function statusOf(rows: readonly LedgerSource[]): LedgerSource['status'] {
  if (rows.every((row) => row.status === 'complete')) return 'complete';
  return rows.every((row) => row.status === 'failed') ? 'failed' : 'partial';
}
