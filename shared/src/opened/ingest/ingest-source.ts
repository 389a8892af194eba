/**
 * The way of one source through ingest: files and archives become leaves, leaves of stealer logs are grouped by machine, each leaf
 * takes its route; records go out in batches, every byte is accounted for. Pure: the shells bring files, clock and watch list.
 */
import type { Bytes } from '../../base/bytes.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { LineScanner } from '../scan/scanner.ts';
import { scannerFor } from '../scan/scanner-for.ts';
import { displayPath } from './archive/display-path.ts';
import type { ContainerForm, ContainerSource } from './archive/container.ts';
import type { InflateBudget } from './archive/inflate-guard.ts';
import { openContainer } from './archive/open-container.ts';
import { CheckpointTrail } from './checkpoint-trail.ts';
import { hashOfFolder } from './hash-source.ts';
import type { IngestError } from './ingest-error.ts';
import type { IngestOptions, IngestResult } from './ingest-options.ts';
import type { Leaf } from './leaf.ts';
import { addTotals, LeafLedger, Quarantine } from './ledger.ts';
import type { IngestLimits } from './limits.ts';
import { INGEST_LIMITS } from './limits.ts';
import type { LeafRoute } from './line-route.ts';
import { LineRoute } from './line-route.ts';
import { chooseForm } from './dump/choose-form.ts';
import { domainOfName } from './providers/choose-provider.ts';
import { DumpRoute } from './dump/dump-route.ts';
import type { LedgerSource, LedgerTotals, LoadedRecord, QuarantineReason } from './record.ts';
import type { LeafRun, SampledLeaf } from './run-leaf.ts';
import { runLeaf } from './run-leaf.ts';
import { peekLines, sampleLines } from './sample-lines.ts';
import type { SourceFile } from './source-file.ts';
import { bytesToSource } from './source-file.ts';
import { looksLikeBlocks } from './stealer/keys.ts';
import { readMachine } from './stealer/read-machine.ts';
import { countDomains } from './census-route.ts';
import { BlockRoute } from './stealer/block-route.ts';
import type { MachineFiles } from './stealer/machines.ts';
import { groupMachines } from './stealer/machines.ts';
import { isBarePasswordList } from './stealer/file-role.ts';
import { MachineTally } from './stealer/machine-tally.ts';
import { RunningTotals } from './running-totals.ts';
import { SkimRoute } from './stealer/skim-route.ts';
import { watchedSites } from './stealer/watched-sites.ts';
import { SpreadLineRoute } from './spread-line-route.ts';

/** From this size on, a list is spread over readers. */
const SPREAD_BYTES = 4 * 2 ** 20;

/** Loads one source: a file, or the files of one folder with their paths as names. */
export async function ingestSource(
  source: SourceFile | readonly SourceFile[],
  options: IngestOptions,
): Promise<Result<IngestResult, IngestError>> {
  const ingest = new Ingest(options);
  try {
    return ok(await ingest.run(isFolder(source) ? source : [source], isFolder(source)));
  } catch (error) {
    if (error instanceof Interrupted) return err({ kind: error.kind });
    throw error;
  }
}

function isFolder(source: SourceFile | readonly SourceFile[]): source is readonly SourceFile[] {
  return Array.isArray(source);
}

class Interrupted extends Error {
  readonly kind: IngestError['kind'];

  constructor(kind: IngestError['kind']) {
    super(kind);
    this.kind = kind;
  }
}

class Ingest {
  readonly #options: IngestOptions;
  readonly #limits: IngestLimits;
  readonly #scanner: LineScanner | null;
  readonly #quarantine: Quarantine;
  readonly #rows: LedgerSource[];
  /** Of top-level files that were read to their end, hexadecimal. */
  readonly #hashes: string[];
  readonly #budget: InflateBudget = { inflatedBytes: 0 };
  readonly #tally = new MachineTally();
  readonly #siteOf: (host: string) => string | null;
  readonly #trail: CheckpointTrail;
  readonly #totals = new RunningTotals();

  constructor(options: IngestOptions) {
    const resume = options.resume ?? null;
    this.#options = options;
    this.#limits = { ...INGEST_LIMITS, ...options.limits };
    this.#rows = [...(resume?.rows ?? [])];
    this.#hashes = [...(resume?.hashes ?? [])];
    this.#scanner = options.watch === null ? null : (options.scanner ?? scannerFor(options.watch));
    this.#siteOf = watchedSites(options.watch);
    const { quarantineRows } = this.#limits;
    this.#quarantine = new Quarantine(quarantineRows, resume?.quarantine, resume?.place.quarantineDropped);
    const settled = { rows: this.#rows, hashes: this.#hashes, quarantine: this.#quarantine };
    this.#trail = new CheckpointTrail(settled, this.#budget, this.#limits, resume?.place ?? null);
  }

  async run(files: readonly SourceFile[], isFolderSource: boolean): Promise<IngestResult> {
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
    const sizeBytes = files.reduce((sum, file) => sum + file.size, 0);
    this.#trail.bytesTotal = sizeBytes;
    await this.#tree(leaves, 0, '');
    const total: LedgerTotals = addTotals(this.#rows);
    const hashes = this.#hashes.map((hash) => fromHex(hash) ?? new Uint8Array(0));
    const [only] = hashes;
    return {
      sha256: only !== undefined && !isFolderSource ? only : hashOfFolder(hashes),
      sizeBytes,
      sources: this.#rows,
      total,
      quarantine: this.#quarantine.lines,
      quarantineDropped: this.#quarantine.dropped,
      status: statusOf(this.#rows),
    };
  }

  /** Leaves of one folder or archive. */
  async #tree(leaves: readonly Leaf[], depth: number, name: string): Promise<void> {
    const { machines, loose } = await groupMachines(leaves, async (leaf) => {
      this.#checkCancelled();
      return looksLikeBlocks(await peekLines(leaf), true);
    });
    for (const [index, files] of machines.entries()) {
      await this.#trail.unit(depth, index, true, () => this.#machine(files, name, depth));
    }
    for (const [index, leaf] of loose.entries()) {
      await this.#trail.unit(depth, machines.length + index, false, async () => {
        await this.#leaf(leaf, depth, (sampled) => this.#pickLoose(sampled, leaf));
        for (const machine of this.#tally.takeAll(leaf.path)) await this.#options.onMachine?.(machine);
      });
    }
  }

  async #machine(files: MachineFiles, name: string, depth: number): Promise<void> {
    const reading = await readMachine(files, name, {
      nowMs: this.#options.nowMs,
      lineBytes: this.#limits.lineBytes,
      run: (leaf, pick) => this.#leaf(leaf, depth, pick),
      pickLines: (sampled) => this.#lineRoute(sampled),
      siteOf: this.#siteOf,
    });
    if (reading === null) return;
    const passwords = this.#tally.take(reading.key);
    await this.#options.onMachine?.({ ...reading, passwords });
  }

  #pickLoose(sampled: SampledLeaf, leaf: Leaf): LeafRoute | ContainerForm {
    const { sniff, sample, ledger } = sampled;
    if (sniff.kind === 'archive') return sniff.form;
    if (sniff.kind === 'binary') return new SkimRoute('not-text', ledger);
    if (isBarePasswordList(leaf.path)) return new SkimRoute('no-credential', ledger);
    const lines = sampleLines(sampled);
    if (this.#options.dialect !== undefined || !looksLikeBlocks(lines, /pass/i.test(leaf.path)))
      return this.#lineRoute(sampled);
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
    const { watch, nowMs, domain = domainOfName(ledger.path, watch), columns = null, dialect = null } = this.#options;
    const form = dialect !== null ? null : chooseForm(sampleLines(sampled), { nowMs, domain, columns, sourceClass });
    if (form !== null) return new DumpRoute({ sniff, form, ledger, lineBytes, scanner: this.#scanner, sourceClass });
    const scanner = this.#scanner;
    const { readers } = this.#options;
    const lines = { sniff, sample, isWholeSample, lineBytes, sourceClass, dialect };
    // A size that the sample belies is not known.
    const isLarge = !isWholeSample && (sizeBytes >= SPREAD_BYTES || sizeBytes <= sample.length);
    if (readers === undefined || !isLarge || sniff.encoding.startsWith('utf-16'))
      return new LineRoute({ ...lines, ledger, scanner });
    const { quarantineRows } = this.#limits;
    return new SpreadLineRoute({ lines: { ...lines, path: ledger.path, quarantineRows }, readers, ledger, scanner });
  }

  async #leaf(leaf: Leaf, depth: number, pick: LeafRun['pick']): Promise<void> {
    const trail = this.#trail;
    const { census } = this.#options;
    let ledger: LeafLedger | null = null;
    const outcome = await runLeaf(leaf, {
      quarantine: this.#quarantine,
      memoryBytes: this.#limits.memoryBytes,
      resume: trail.fromLine,
      pick: (sampled) => {
        ledger = sampled.ledger;
        const picked = pick(sampled);
        return census === undefined ? picked : countDomains(picked, sampled.sniff, census);
      },
      emit: (records) => this.#emit(records),
      onBytes: (chunk, { path }, offset) => {
        this.#checkCancelled();
        trail.read(chunk.length);
        this.#options.onChunk?.(path, offset, chunk);
        const { bytesDone, bytesTotal, records } = trail;
        this.#options.onProgress?.({
          ...{ bytesDone, bytesTotal: Math.max(bytesTotal, bytesDone), records, entry: path },
          totals: () => this.#totals.of(this.#rows, ledger?.counts() ?? null),
        });
      },
      settled: (ledger, way) => this.#settled(ledger, way),
    });
    // A leaf may have ended where a cancelled decoder stopped.
    this.#checkCancelled();
    if (outcome.kind === 'row') {
      if (depth === 0) this.#hashes.push(toHex(outcome.sha256));
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
    // Not before its entries: a checkpoint among them has this archive read, and hashed, again.
    if (depth === 0) this.#hashes.push(toHex(outcome.sha256));
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
      breathe: async () => {
        await this.#options.gate?.();
        this.#checkCancelled();
      },
    });
    const most = container.sizeBytes * 20;
    this.#trail.bytesTotal += opened.leaves.reduce((sum, entry) => sum + Math.min(entry.sizeBytes, most), 0);
    await this.#tree(opened.leaves, depth + 1, leaf.treePath);
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

  async #emit(read: readonly LoadedRecord[]): Promise<void> {
    this.#tally.add(read);
    const records = this.#trail.take(read);
    for (let at = 0; at < records.length; at += this.#limits.batchRecords) {
      this.#checkCancelled();
      await this.#options.onRecords(records.slice(at, at + this.#limits.batchRecords));
    }
  }

  async #settled(ledger: LeafLedger, way: 'lines' | 'again'): Promise<void> {
    const { gate, stop, onCheckpoint } = this.#options;
    await gate?.();
    this.#checkCancelled();
    const isStopped = stop?.aborted === true;
    const checkpoint = onCheckpoint === undefined ? null : this.#trail.next(ledger, way, isStopped);
    if (checkpoint !== null) await onCheckpoint?.(checkpoint);
    if (isStopped) throw new Interrupted('stopped');
  }

  #checkCancelled(): void {
    if (this.#options.signal?.aborted === true) throw new Interrupted('cancelled');
  }
}

function sliceOf(bytes: Uint8Array): (start: number, end: number) => Promise<Uint8Array> {
  return (start, end) => Promise.resolve(bytes.subarray(start, end));
}

function statusOf(rows: readonly LedgerSource[]): LedgerSource['status'] {
  if (rows.every((row) => row.status === 'complete')) return 'complete';
  return rows.every((row) => row.status === 'failed') ? 'failed' : 'partial';
}
