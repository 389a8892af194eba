/** Reads the sources of one load into a writer: recognise, read, account. Holds no key; the writer's side does the matching. */
import type { Ms } from '@sealpost/shared/base/brand';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import { Credits } from '@sealpost/shared/opened/ingest/credits';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { addTotals } from '@sealpost/shared/opened/ingest/ledger';
import type { LedgerSource, SourceDescription } from '@sealpost/shared/opened/ingest/record';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { DomainCensus } from '@sealpost/shared/opened/scan/domain-census';
import type { IngestOutcome, IngestSource, SourceProgress } from '../ingest.api.ts';
import { fileToSource, hashSource, isFolder } from './file-source.ts';

/** Domains named less often in a source are no suggestion; of the others the most named are kept. */
const DOMAIN_SEEN_LEAST = 3;
const DOMAINS_KEPT = 5_000;

/** Batches that may be on their way to the writer. */
const WRITES_AHEAD = 2;

export interface LoadContext {
  /** The writer as the ingest worker sees it: every call crosses a port. */
  readonly writer: Omit<LoadWriter, 'commit' | 'suspend' | 'discard'>;
  /** Stops at once. */
  readonly signal: AbortSignal;
  /** Stops after a checkpoint. */
  readonly stop: AbortSignal;
  /** Awaited between chunks. */
  gate(): Promise<void>;
  onProgress(progress: SourceProgress): void;
  /** The decoder of 7z and rar. */
  libarchive(): Promise<Uint8Array>;
}

/** One after the other, so that memory stays bounded. `cancelled` leaves the staged part to the caller, who drops or suspends it. */
export async function loadSources(
  sources: readonly IngestSource[],
  context: LoadContext,
): Promise<Result<IngestOutcome, ClientError>> {
  const [watch, nowMs] = await Promise.all([context.writer.watch(), context.writer.nowMs()]);
  const rows: LedgerSource[] = [];
  let known = 0;
  for (const [index, source] of sources.entries()) {
    const loaded = await loadSource(index, source, watch, nowMs, context);
    if (!loaded.ok) return loaded;
    if (loaded.value === 'known') known += 1;
    else rows.push(...loaded.value);
  }
  return ok({ ledger: { total: addTotals(rows), sources: rows }, known });
}

async function loadSource(
  index: number,
  source: IngestSource,
  watch: WatchList,
  nowMs: Ms,
  context: LoadContext,
): Promise<Result<readonly LedgerSource[] | 'known', ClientError>> {
  const totalBytes = source.files.reduce((sum, { file }) => sum + file.size, 0);
  const blank: SourceProgress = {
    source: index,
    state: 'hashing',
    doneBytes: 0,
    totalBytes,
    records: 0,
    entry: '',
    totals: null,
    ledger: null,
  };
  const hashed = await hashSource(source, (doneBytes) => context.onProgress({ ...blank, doneBytes }), context.signal);
  if (hashed === 'cancelled') return err({ kind: 'cancelled' });

  const { writer } = context;
  const begun = await writer.beginSource(describe(source, hashed.sha256, totalBytes));
  if (!begun.ok && begun.error.kind === 'already-done') {
    context.onProgress({ ...blank, state: 'known', doneBytes: totalBytes });
    return ok('known');
  }
  if (!begun.ok) return begun;

  const { sourceNumber, resume, source: told } = begun.value;
  const census = new DomainCensus();
  const files = source.files.map(({ path, file }) => fileToSource(path, file));
  const [single] = files;
  const credits = new Credits(WRITES_AHEAD);
  const failed = new AbortController();
  let failure: ClientError | null = null;
  const read = await ingestSource(single !== undefined && !isFolder(source) ? single : files, {
    watch,
    nowMs,
    census,
    resume,
    signal: AbortSignal.any([context.signal, failed.signal]),
    stop: context.stop,
    gate: () => context.gate(),
    passwords: source.options.passwords ?? [],
    libarchive: () => context.libarchive(),
    ...(told.dialect === undefined ? {} : { dialect: told.dialect }),
    ...(told.isRecognised === true ? {} : { sourceClass: told.sourceClass }),
    ...(source.options.columns ? { columns: source.options.columns } : {}),
    ...(source.options.domain ? { domain: source.options.domain } : {}),
    onRecords: (records) => credits.spend(() => writer.write(sourceNumber, records)),
    onMachine: (machine) => credits.spend(() => writer.writeMachines(sourceNumber, [machine])),
    onCheckpoint: async (checkpoint) => {
      await credits.settle();
      const kept = await writer.checkpoint(sourceNumber, checkpoint);
      if (kept.ok) return;
      failure = kept.error;
      failed.abort();
    },
    onProgress: ({ bytesDone, bytesTotal, records, entry, totals }) =>
      context.onProgress({
        ...{ ...blank, state: 'reading', doneBytes: bytesDone, totalBytes: bytesTotal, records, entry },
        totals: totals(),
      }),
  });
  await credits.settle();
  if (!read.ok) return err(failure ?? { kind: 'cancelled' });

  const { total, sources, quarantine, status } = read.value;
  await writer.noteDomains(sourceNumber, census.counts(DOMAIN_SEEN_LEAST, DOMAINS_KEPT));
  await writer.endSource(sourceNumber, { total, sources }, quarantine);
  context.onProgress({
    ...blank,
    state: status === 'failed' ? 'failed' : 'done',
    doneBytes: totalBytes,
    records: total.records,
    ledger: { total, sources },
  });
  return ok(sources);
}

function describe(source: IngestSource, sha256: Bytes, sizeBytes: number): SourceDescription {
  const { sourceClass, alias, capturedAtMs, publishedAtMs, dialect } = source.options;
  return {
    ...{ name: source.name, alias, sha256, sizeBytes, capturedAtMs, publishedAtMs },
    ...(dialect === undefined ? {} : { dialect }),
    ...(sourceClass === null ? { sourceClass: 'ulp', isRecognised: true } : { sourceClass }),
  };
}
