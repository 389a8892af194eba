/**
 * `npm run -s bench -- ingest [--mb N] [--rounds N] [--only PART]`: ingest on made-up material, in CPU seconds, beside the programs
 * that people use otherwise. Prints JSON lines {"bench":"ingest","case":…,"metric":…,"value":…}; progress goes to stderr.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBrowserCases } from './ingest/browser-cases.ts';
import type { Corpus } from './ingest/corpus.ts';
import { prepareCorpus } from './ingest/corpus.ts';
import { runExactCases } from './ingest/exact-cases.ts';
import { say } from './ingest/measure.ts';
import { runPipelineCases } from './ingest/pipeline-cases.ts';
import { runScanCases } from './ingest/scan-cases.ts';
import { runStealerCases } from './ingest/stealer-cases.ts';
import { runThreadCases } from './ingest/thread-cases.ts';

/** Kept between runs: it takes longer to write than to measure. */
const FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'bench');

/** The parts of the bench, in the order they run; each prints its own cases. */
const PARTS: Readonly<Record<string, (corpus: Corpus, folder: string, rounds: number) => Promise<void>>> = {
  exact: runExactCases,
  scan: runScanCases,
  pipeline: runPipelineCases,
  stealer: runStealerCases,
  threads: runThreadCases,
  browser: runBrowserCases,
};

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: Object.keys(PARTS) },
  },
});
const sizeBytes = Number(values.mb) * 1e6;
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1e6 || !Number.isSafeInteger(rounds) || rounds < 1) {
  console.error('--mb takes megabytes from 1 on, --rounds a whole number');
  process.exit(2);
}

say(`preparing a made-up list of ${values.mb} MB…`);
const corpus = prepareCorpus(FOLDER, sizeBytes);
for (const name of values.only) {
  const run = PARTS[name];
  if (run === undefined) {
    console.error(`Which part? ${Object.keys(PARTS).join(', ')}`);
    process.exit(2);
  }
  await run(corpus, FOLDER, rounds);
}
