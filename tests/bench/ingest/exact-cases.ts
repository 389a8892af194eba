/** Whether what ingest finds is exactly what is there, on the whole corpus: figures that must be 0, not times. */
import { readFileSync } from 'node:fs';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import { setSha256Engine } from '@sealpost/shared/sealed/crypto/hash';
import { LineWorkers } from '../../../shared/cli/src/line-workers.ts';
import { nodeSha256 } from '../../../shared/cli/src/node-sha256.ts';
import type { Corpus } from './corpus.ts';
import type { Found } from './exact.ts';
import {
  compare,
  findByIngest,
  findInChunks,
  findInSplits,
  findSlowly,
  MOST_WORKERS,
  shuffledFiles,
  watchOf,
  withoutPlaces,
} from './exact.ts';
import { print, say } from './measure.ts';
import { Seeded } from './seeded.ts';

const KEYWORDS = 30;
const SHUFFLED_FILES = 5;

export async function runExactCases(corpus: Corpus, _: string): Promise<void> {
  setSha256Engine(nodeSha256);
  const bytes = new Uint8Array(readFileSync(corpus.path));
  const watch = watchOf(corpus.domains.n10k, corpus.keywords.slice(0, KEYWORDS));
  const told = (name: string, ours: Found, reference: Found): void => {
    const { findings, misses, falseFindings } = compare(ours, reference);
    say(`${name}: ${findings} findings, ${misses} missed, ${falseFindings} false`);
    print(name, 'megabytes', bytes.length / 1e6);
    print(name, 'findings', findings);
    print(name, 'misses', misses);
    print(name, 'false', falseFindings);
    if (misses + falseFindings > 0) process.exitCode = 1;
  };
  say('the slow obvious way…');
  const reference = findSlowly(bytes, watch);
  told('exact_chunks_1_to_257', findInChunks(bytes, watch), reference);
  const list = [bytesToSource('list.txt', bytes, 1 << 18)];
  told('exact_alone', await findByIngest(list, watch, null), reference);
  const random = new Seeded(1);
  for (let count = 1; count <= MOST_WORKERS; count++) {
    told(`exact_split_${count}`, findInSplits(bytes, watch, count, random), reference);
    const workers = new LineWorkers(watch, count);
    told(`exact_threads_${count}`, await findByIngest(list, watch, workers), reference);
    await workers.close();
  }
  const files = shuffledFiles(bytes, SHUFFLED_FILES, random);
  told('exact_shuffled', withoutPlaces(await findByIngest(files, watch, null)), withoutPlaces(reference));
  setSha256Engine(null);
}
