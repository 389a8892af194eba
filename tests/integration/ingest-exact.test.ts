/** The short version of `npm run bench -- ingest --only exact`: the same comparison on a few megabytes of the same material. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LineWorkers } from '../../shared/cli/src/line-workers.ts';
import { prepareCorpus } from '../bench/ingest/corpus.ts';
import type { Found } from '../bench/ingest/exact.ts';
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
} from '../bench/ingest/exact.ts';
import { Seeded } from '../bench/ingest/seeded.ts';

/** Enough for every chunk size to read some hundred lines, and for three threads to have parts. */
const SIZE_BYTES = 6e6;

let bytes: Uint8Array<ArrayBuffer>;
let watch: WatchList;
let reference: Found;

function expectExact(ours: Found, expected: Found): void {
  expect(compare(ours, expected)).toEqual({ findings: expected.size, misses: 0, falseFindings: 0 });
}

describe('findings of a list beside the slow obvious way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-exact-'));
  beforeAll(() => {
    const corpus = prepareCorpus(folder, SIZE_BYTES);
    bytes = new Uint8Array(readFileSync(corpus.path));
    watch = watchOf(corpus.domains.n10k, corpus.keywords.slice(0, 30));
    reference = findSlowly(bytes, watch);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are enough to tell something, of hosts, addresses and words', () => {
    expect(reference.size).toBeGreaterThan(1_000);
  });

  test('are the same in chunks of every size from 1 to 257', () => {
    expectExact(findInChunks(bytes, watch), reference);
  });

  test('are the same however they are split among 1 to 7 workers', () => {
    const random = new Seeded(2);
    for (let workers = 1; workers <= MOST_WORKERS; workers++) {
      for (let again = 0; again < 3; again++) expectExact(findInSplits(bytes, watch, workers, random), reference);
    }
  });

  test('are the same by one reader and by threads beside it', { timeout: 30_000 }, async () => {
    const list = [bytesToSource('list.txt', bytes, 1 << 18)];
    expectExact(await findByIngest(list, watch, null), reference);
    const workers = new LineWorkers(watch, 3);
    expectExact(await findByIngest(list, watch, workers), reference);
    await workers.close();
  });

  test('are the same in another order, from several files', async () => {
    const files = shuffledFiles(bytes, 5, new Seeded(1));
    expectExact(withoutPlaces(await findByIngest(files, watch, null)), withoutPlaces(reference));
  });
});
