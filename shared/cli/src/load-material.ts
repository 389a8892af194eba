/** Reads sources into drafts: recognise, read, account. Nothing is written here but checkpoints; the ledger adds up or the source is refused. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { equalBytes } from '@sealpost/shared/base/bytes';
import type { BegunSource } from '@sealpost/shared/opened/client/api/loading';
import type { SourceClass } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import type { IngestResult } from '@sealpost/shared/opened/ingest/ingest-options';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { ColumnMapping } from '@sealpost/shared/opened/ingest/providers/column-mapping';
import type { SourceDescription } from '@sealpost/shared/opened/ingest/record';
import { Failure } from './command.ts';
import { errorText } from './error-text.ts';
import type { Io } from './io.ts';
import { LineWorkers } from './line-workers.ts';
import type { MaterialSink } from './material-sink.ts';
import type { DiskSource } from './source-files.ts';

/** INGEST, Limits: what archives may inflate to in a CLI. */
const TOTAL_BYTES = 50 * 2 ** 30;
const PROGRESS_EVERY_MS = 200;
const TASK_MS = 50;

export interface MaterialOptions {
  /** `null`: each record's class is recognised by its form. */
  readonly sourceClass: SourceClass | null;
  readonly alias: string;
  readonly capturedAtMs: number | null;
  readonly passwords: readonly string[];
  /** What the columns of a CSV mean; `null`: told by their names and contents. */
  readonly columns: ColumnMapping | null;
  /** What a provider's export is about, where neither its rows nor its name say so. */
  readonly domain: string | null;
  readonly checkpointBytes: number;
}

/** What came of the operands. */
export interface ReadMaterial {
  /** Sources read to their end in this run. */
  readonly loaded: number;
  /** Names of sources that were loaded before. */
  readonly known: readonly string[];
  /** Quarantined lines that are counted but not listed. */
  readonly quarantineDropped: number;
  /** Interrupted: the load can go on where it was. */
  readonly isStopped: boolean;
}

/** One source after the other, so that memory stays bounded; lines of large lists by as many threads as there are cores. */
export async function loadMaterial(
  sources: readonly DiskSource[],
  options: MaterialOptions,
  sink: MaterialSink,
  io: Io,
): Promise<ReadMaterial> {
  const readers = new LineWorkers(sink.watch);
  const stop = new AbortController();
  io.onInterrupt(() => {
    io.say('stopping at the next checkpoint; once more to stop at once');
    stop.abort();
  });
  try {
    return await loadSources(sources, options, { sink, readers, stop: stop.signal }, io);
  } finally {
    io.onInterrupt(null);
    await readers.close();
  }
}

interface Reading {
  readonly sink: MaterialSink;
  readonly readers: LineWorkers;
  readonly stop: AbortSignal;
}

async function loadSources(
  sources: readonly DiskSource[],
  options: MaterialOptions,
  reading: Reading,
  io: Io,
): Promise<ReadMaterial> {
  const { sink, stop } = reading;
  const known: string[] = [];
  let loaded = 0;
  let quarantineDropped = 0;
  const told = (isStopped: boolean): ReadMaterial => ({ loaded, known, quarantineDropped, isStopped });
  for (const source of sources) {
    const hash = await hashOf(source, stop, io);
    if (hash === null) return told(true);
    const begun = sink.begin({ ...describe(source, options), sha256: hash });
    if (!begun.ok) {
      io.say(`${source.name}: loaded before, nothing changes`);
      known.push(source.name);
      continue;
    }
    const result = await readSource(source, begun.value, options, reading, io);
    if (result === null) return told(true);
    if (!equalBytes(result.sha256, hash))
      throw new Failure(`${source.name} changed while it was read: nothing was kept`);
    await sink.end(begun.value.sourceNumber, { total: result.total, sources: result.sources }, result.quarantine);
    loaded++;
    quarantineDropped += result.quarantineDropped;
    const { bytesIn, records } = result.total;
    const status = result.status === 'complete' ? '' : `, ${result.status}: see ledger.json`;
    io.say(`${source.name}: ${bytesIn} bytes, ${records} records of interest${status}`);
  }
  return told(false);
}

function describe(source: DiskSource, options: MaterialOptions): Omit<SourceDescription, 'sha256'> {
  const { alias, sourceClass, capturedAtMs } = options;
  return {
    name: source.name,
    alias,
    sizeBytes: source.sizeBytes,
    ...(sourceClass === null ? { sourceClass: 'ulp', isRecognised: true } : { sourceClass }),
    capturedAtMs,
    publishedAtMs: null,
  };
}

/** `null` if it was interrupted. */
async function hashOf(source: DiskSource, signal: AbortSignal, io: Io): Promise<Uint8Array<ArrayBuffer> | null> {
  const report = throttled(io);
  try {
    const hashed = await hashSource(source.files, {
      signal,
      onProgress: (done) => report(`${source.name}: recognising, ${percent(done, source.sizeBytes)}`),
    });
    return hashed.ok ? hashed.value : null;
  } catch {
    // Told below, in one sentence.
  }
  throw new Failure(`${source.name} cannot be read`);
}

/** `null` if it was interrupted. */
async function readSource(
  source: DiskSource,
  { sourceNumber, resume, source: told }: BegunSource,
  options: MaterialOptions,
  { sink, readers, stop }: Reading,
  io: Io,
): Promise<IngestResult | null> {
  const report = throttled(io);
  const startMs = performance.now();
  const { columns, domain } = options;
  if (resume !== null) {
    const { bytesDone, bytesTotal } = resume.place;
    io.say(`${source.name}: goes on, ${percent(bytesDone, bytesTotal)} were read before`);
  }
  const read = await ingestSource(source.files, {
    watch: sink.watch,
    ...{ readers, stop, resume },
    gate: taskGate(),
    nowMs: sink.nowMs,
    passwords: options.passwords,
    libarchive: readLibarchive,
    limits: { totalBytes: TOTAL_BYTES, checkpointBytes: options.checkpointBytes },
    ...(told.isRecognised === true ? {} : { sourceClass: told.sourceClass }),
    ...(columns === null ? {} : { columns }),
    ...(domain === null ? {} : { domain }),
    onRecords: (records) => sink.write(sourceNumber, records),
    onMachine: async (machine) => sink.machine(sourceNumber, machine),
    onCheckpoint: async (checkpoint) => {
      const kept = await sink.checkpoint?.(sourceNumber, checkpoint);
      if (kept?.ok === false) throw new Failure(errorText(kept.error));
    },
    onProgress: ({ bytesDone, bytesTotal, records }) => {
      const seconds = (performance.now() - startMs) / 1000;
      const speed = bytesDone / Math.max(seconds, 0.001);
      const left = Math.ceil(Math.max(0, bytesTotal - bytesDone) / Math.max(speed, 1));
      const rate = `${(speed / 1e6).toFixed(1)} MB/s, ${left} s left`;
      report(`${source.name}: ${percent(bytesDone, bytesTotal)}, ${records} records, ${rate}`);
    },
  });
  return read.ok ? read.value : null;
}

let libarchive: Promise<Uint8Array> | null = null;

/** The WebAssembly of the package that `shared` pins; the same array each time. */
export function readLibarchive(): Promise<Uint8Array> {
  const fromShared = createRequire(import.meta.resolve('@sealpost/shared/opened/ingest/ingest-source'));
  libarchive ??= readFile(fromShared.resolve('libarchive-wasm/dist/libarchive.wasm'));
  return libarchive;
}

/** Lets an interrupt be heard among work that never waits for anything, as unpacking is. */
function taskGate(): () => Promise<void> {
  let lastMs = 0;
  return async () => {
    if (performance.now() - lastMs < TASK_MS) return;
    await setImmediate();
    lastMs = performance.now();
  };
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
