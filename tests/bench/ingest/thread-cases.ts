/**
 * The command line's threads: a whole list hashed, scanned and parsed by one thread, and by readers beside the one that reads. Wall time,
 * and the processor time of the reading thread beside readers: what it hashes and copies no number of them can take off it.
 */
import { statSync } from 'node:fs';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { IngestResult } from '@sealpost/shared/opened/ingest/ingest-options';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { setSha256Engine } from '@sealpost/shared/sealed/crypto/hash';
import { streamFile } from '../../../shared/cli/src/file-stream.ts';
import { LineWorkers } from '../../../shared/cli/src/line-workers.ts';
import { nodeSha256 } from '../../../shared/cli/src/node-sha256.ts';
import type { Corpus } from './corpus.ts';
import { median, print, say } from './measure.ts';

export async function runThreadCases(corpus: Corpus, _: string, rounds: number): Promise<void> {
  setSha256Engine(nodeSha256);
  for (const [name, keywords] of [
    ['n10k', []],
    ['n10k_k1k', corpus.keywords],
  ] as const) {
    const watch: WatchList = {
      organisations: [
        {
          id: 'bench',
          name: 'Bench',
          domains: corpus.domains.n10k,
          exclude: [],
          keywords: keywords.map((term) => ({ term, scope: 'anywhere' as const })),
        },
      ],
    };
    const one = new LineWorkers(watch, 1);
    const two = new LineWorkers(watch, 2);
    const times = { alone: [] as number[], one: [] as number[], two: [] as number[], reading: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const alone = await timed(corpus, watch, null);
      const byOne = await timed(corpus, watch, one);
      const byTwo = await timed(corpus, watch, two);
      for (const { result } of [byOne, byTwo]) {
        if (JSON.stringify(result.sources) !== JSON.stringify(alone.result.sources))
          throw new Error(`${name}: the ledger of threads is another`);
      }
      // The first round starts the threads.
      if (round === 0) continue;
      times.alone.push(alone.ms);
      times.one.push(byOne.ms);
      times.two.push(byTwo.ms);
      times.reading.push(byTwo.readerCpuMs);
    }
    await Promise.all([one.close(), two.close()]);
    const [alone, byOne, byTwo] = [times.alone, times.one, times.two].map(median) as [number, number, number];
    say(`${name}: alone ${alone.toFixed(0)} ms, one reader ${byOne.toFixed(0)} ms, two ${byTwo.toFixed(0)} ms`);
    print(name, 'speedup_two_workers', alone / byTwo);
    print(name, 'speedup_bound_by_reader', alone / median(times.reading));
    print(name, 'cli_mb_per_s', corpus.sizeBytes / 1e3 / byTwo);
  }
  setSha256Engine(null);
}

async function timed(
  corpus: Corpus,
  watch: WatchList,
  readers: LineWorkers | null,
): Promise<{ readonly ms: number; readonly readerCpuMs: number; readonly result: IngestResult }> {
  const { size } = statSync(corpus.path);
  const startMs = performance.now();
  const before = process.threadCpuUsage();
  const read = await ingestSource(
    { name: 'list.txt', size, stream: () => streamFile(corpus.path) },
    { watch, nowMs: 0, onRecords: () => Promise.resolve(), ...(readers === null ? {} : { readers }) },
  );
  if (!read.ok) throw new Error(read.error.kind);
  const { user, system } = process.threadCpuUsage(before);
  return { ms: performance.now() - startMs, readerCpuMs: (user + system) / 1e3, result: read.value };
}
