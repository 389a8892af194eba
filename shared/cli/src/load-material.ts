/** Reads sources into drafts: recognise, read, account. Nothing is written here; the ledger adds up or the source is refused. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { equalBytes } from '@sealpost/shared/base/bytes';
import type { Drafting, ReadSource } from '@sealpost/shared/opened/client/drafting';
import type { DraftedSource } from '@sealpost/shared/opened/client/draft-file';
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { addTotals } from '@sealpost/shared/opened/ingest/ledger';
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type {
  Ledger,
  LedgerSource,
  MachineSummary,
  QuarantinedLine,
  SourceDescription,
} from '@sealpost/shared/opened/ingest/record';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { Failure } from './command.ts';
import type { Io } from './io.ts';
import { LineWorkers } from './line-workers.ts';
import type { DiskSource } from './source-files.ts';

/** INGEST, Limits: what archives may inflate to in a CLI. */
const TOTAL_BYTES = 50 * 2 ** 30;
const PROGRESS_EVERY_MS = 200;

export interface MaterialOptions {
  readonly watch: WatchList;
  readonly drafting: Drafting;
  readonly nowMs: number;
  /** `null`: each record's class is recognised by its form. */
  readonly sourceClass: SourceClass | null;
  readonly alias: string;
  readonly capturedAtMs: number | null;
  readonly passwords: readonly string[];
  /** What the columns of a CSV mean; `null`: told by their names and contents. */
  readonly columns: ColumnMapping | null;
  /** What a provider's export is about, where neither its rows nor its name say so. */
  readonly domain: string | null;
  /** base64url of hashes that were loaded before. */
  readonly isKnown: (sha256: string) => boolean;
}

export interface LoadedMaterial {
  readonly sources: readonly DraftedSource[];
  /** Names of sources that were loaded before. */
  readonly known: readonly string[];
  readonly ledger: Ledger;
  /** What `Drafting.finish` asks for, of the sources loaded. */
  readonly read: readonly ReadSource[];
  /** Machines of stealer logs. */
  readonly machines: readonly MachineSummary[];
  readonly quarantine: readonly QuarantinedLine[];
  /** Quarantined lines that are counted but not listed. */
  readonly quarantineDropped: number;
}

/** One source after the other, so that memory stays bounded; lines of large lists by as many threads as there are cores. */
export async function loadMaterial(
  sources: readonly DiskSource[],
  options: MaterialOptions,
  io: Io,
): Promise<LoadedMaterial> {
  const readers = new LineWorkers(options.watch);
  try {
    return await loadSources(sources, options, readers, io);
  } finally {
    await readers.close();
  }
}

async function loadSources(
  sources: readonly DiskSource[],
  options: MaterialOptions,
  readers: LineWorkers,
  io: Io,
): Promise<LoadedMaterial> {
  const loaded: DraftedSource[] = [];
  const known: string[] = [];
  const rows: LedgerSource[] = [];
  const read: ReadSource[] = [];
  const machines: MachineSummary[] = [];
  const quarantine: QuarantinedLine[] = [];
  let quarantineDropped = 0;
  for (const source of sources) {
    const hash = await hashOf(source, io);
    const sha256 = toBase64url(hash);
    if (options.isKnown(sha256) || loaded.some((other) => other.sha256 === sha256)) {
      io.say(`${source.name}: loaded before, nothing changes`);
      known.push(source.name);
      continue;
    }
    const { alias, sourceClass, capturedAtMs } = options;
    const description: SourceDescription = { ...describe(source, options), sha256: hash };
    const result = await readSource(source, description, machines, options, readers, io);
    if (!equalBytes(result.sha256, hash))
      throw new Failure(`${source.name} changed while it was read: nothing was kept`);
    loaded.push({ name: source.name, alias, sha256, sizeBytes: source.sizeBytes, sourceClass, capturedAtMs });
    rows.push(...result.sources);
    read.push({ source: description, ledger: result });
    quarantine.push(...result.quarantine);
    quarantineDropped += result.quarantineDropped;
    const { bytesIn, records } = result.total;
    const status = result.status === 'complete' ? '' : `, ${result.status}: see ledger.json`;
    io.say(`${source.name}: ${bytesIn} bytes, ${records} records of interest${status}`);
  }
  const ledger = { total: addTotals(rows), sources: rows };
  return { sources: loaded, known, ledger, read, machines, quarantine, quarantineDropped };
}

function describe(source: DiskSource, options: MaterialOptions): Omit<SourceDescription, 'sha256'> {
  const { alias, sourceClass, capturedAtMs } = options;
  return {
    name: source.name,
    alias,
    sizeBytes: source.sizeBytes,
    // Each record has a class of its own; this one is for lists of sources.
    sourceClass: sourceClass ?? 'ulp',
    capturedAtMs,
    publishedAtMs: null,
  };
}

async function hashOf(source: DiskSource, io: Io): Promise<Uint8Array<ArrayBuffer>> {
  const report = throttled(io);
  try {
    const hashed = await hashSource(source.files, {
      onProgress: (done) => report(`${source.name}: recognising, ${percent(done, source.sizeBytes)}`),
    });
    if (hashed.ok) return hashed.value;
  } catch {
    // Told below, in one sentence.
  }
  throw new Failure(`${source.name} cannot be read`);
}

async function readSource(
  source: DiskSource,
  description: SourceDescription,
  machines: MachineSummary[],
  options: MaterialOptions,
  readers: LineWorkers,
  io: Io,
) {
  const report = throttled(io);
  const startMs = performance.now();
  const { sourceClass, columns, domain } = options;
  const read = await ingestSource(source.files, {
    watch: options.watch,
    readers,
    nowMs: options.nowMs,
    passwords: options.passwords,
    libarchive: readLibarchive,
    limits: { totalBytes: TOTAL_BYTES },
    ...(sourceClass === null ? {} : { sourceClass }),
    ...(columns === null ? {} : { columns }),
    ...(domain === null ? {} : { domain }),
    onRecords: async (records) => {
      await options.drafting.write(records, description);
    },
    onMachine: async (machine) => {
      machines.push(machine);
    },
    onProgress: ({ bytesDone, bytesTotal, records }) => {
      const seconds = (performance.now() - startMs) / 1000;
      const speed = bytesDone / Math.max(seconds, 0.001);
      const left = Math.ceil(Math.max(0, bytesTotal - bytesDone) / Math.max(speed, 1));
      const rate = `${(speed / 1e6).toFixed(1)} MB/s, ${left} s left`;
      report(`${source.name}: ${percent(bytesDone, bytesTotal)}, ${records} records, ${rate}`);
    },
  });
  if (!read.ok) throw new Failure('cancelled');
  return read.value;
}

/** The WebAssembly of the package that `shared` pins. */
export async function readLibarchive(): Promise<Uint8Array> {
  const fromShared = createRequire(import.meta.resolve('@sealpost/shared/opened/ingest/ingest-source'));
  return new Uint8Array(await readFile(fromShared.resolve('libarchive.js/dist/libarchive.wasm')));
}

export function throttled(io: Io): (line: string) => void {
  let lastMs = 0;
  return (line) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return;
    lastMs = nowMs;
    io.progress(line);
  };
}

export function percent(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
}
