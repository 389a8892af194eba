/** Reads the sources of one load into a writer: recognise, read, account. Holds no key; the writer's side does the matching. */
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { ClientError, LoadWriter } from '@sealpost/shared/opened/client/api';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { addTotals } from '@sealpost/shared/opened/ingest/ledger';
import type { LedgerSource } from '@sealpost/shared/opened/ingest/record';
import { DomainCensus } from '@sealpost/shared/opened/scan/domain-census';
import type { IngestOutcome, IngestSource, SourceProgress } from '../ingest.api.ts';
import { fileToSource, hashSource, isFolder } from './file-source.ts';

/** Domains named less often in a source are no suggestion; of the others the most named are kept. */
const DOMAIN_SEEN_LEAST = 3;
const DOMAINS_KEPT = 5_000;

export interface LoadContext {
  /** The writer as the ingest worker sees it: every call crosses a port. */
  readonly writer: Pick<LoadWriter, 'watch' | 'beginSource' | 'write' | 'writeMachines' | 'noteDomains' | 'endSource'>;
  readonly signal: AbortSignal;
  readonly nowMs: number;
  onProgress(progress: SourceProgress): void;
}

/** One after the other, so that memory stays bounded. `cancelled` leaves the staged part to the caller's `discard`. */
export async function loadSources(
  sources: readonly IngestSource[],
  context: LoadContext,
): Promise<Result<IngestOutcome, ClientError>> {
  const watch = await context.writer.watch();
  const rows: LedgerSource[] = [];
  let known = 0;
  for (const [index, source] of sources.entries()) {
    const loaded = await loadSource(index, source, watch, context);
    if (!loaded.ok) return loaded;
    if (loaded.value === 'known') known += 1;
    else rows.push(...loaded.value);
  }
  return ok({ ledger: { total: addTotals(rows), sources: rows }, known });
}

async function loadSource(
  index: number,
  source: IngestSource,
  watch: Awaited<ReturnType<LoadWriter['watch']>>,
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
    ledger: null,
  };
  const hashed = await hashSource(source, (doneBytes) => context.onProgress({ ...blank, doneBytes }), context.signal);
  if (hashed === 'cancelled') return err({ kind: 'cancelled' });

  const { sourceClass, alias, capturedAtMs, publishedAtMs } = source.options;
  const begun = await context.writer.beginSource({
    name: source.name,
    alias,
    sha256: hashed.sha256,
    sizeBytes: totalBytes,
    sourceClass: sourceClass ?? 'ulp',
    capturedAtMs,
    publishedAtMs,
  });
  if (!begun.ok && begun.error.kind === 'already-done') {
    context.onProgress({ ...blank, state: 'known', doneBytes: totalBytes });
    return ok('known');
  }
  if (!begun.ok) return begun;

  const census = new DomainCensus();
  const files = source.files.map(({ path, file }) => fileToSource(path, file));
  const [single] = files;
  const read = await ingestSource(single !== undefined && !isFolder(source) ? single : files, {
    watch,
    nowMs: context.nowMs,
    signal: context.signal,
    census,
    ...(sourceClass === null ? {} : { sourceClass }),
    onRecords: (records) => context.writer.write(begun.value.sourceNumber, records),
    onMachine: (machine) => context.writer.writeMachines(begun.value.sourceNumber, [machine]),
    onProgress: ({ bytesDone, bytesTotal, records, entry }) =>
      context.onProgress({ ...blank, state: 'reading', doneBytes: bytesDone, totalBytes: bytesTotal, records, entry }),
  });
  if (!read.ok) return err({ kind: 'cancelled' });

  const { total, sources, quarantine, status } = read.value;
  await context.writer.noteDomains(begun.value.sourceNumber, census.counts(DOMAIN_SEEN_LEAST, DOMAINS_KEPT));
  await context.writer.endSource(begun.value.sourceNumber, { total, sources }, quarantine);
  context.onProgress({
    ...blank,
    state: status === 'failed' ? 'failed' : 'done',
    doneBytes: totalBytes,
    records: total.records,
    ledger: { total, sources },
  });
  return ok(sources);
}
