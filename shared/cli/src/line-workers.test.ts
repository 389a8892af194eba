import { afterEach, describe, expect, test } from 'vitest';
import { utf8 } from '@sealpost/shared/base/bytes';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { IngestResult } from '@sealpost/shared/opened/ingest/ingest-options';
import type { LoadedRecord } from '@sealpost/shared/opened/ingest/record';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { LineWorkers } from './line-workers.ts';

const WATCH: WatchList = {
  organisations: [{ id: 'o', name: 'O', domains: ['moe.example'], exclude: [], keywords: [] }],
};

/** Five MiB with a hit, a broken line and a line over the limit now and then. */
const LIST = Array.from({ length: 100_000 }, (_, at) => {
  if (at % 1_000 === 7) return `https://sso.moe.example/:user${at}@moe.example:pw:${at}`;
  if (at % 10_000 === 8) return 'moe.example';
  if (at === 50_000) return `https://moe.example/${'x'.repeat(70_000)}`;
  return `https://www.other${at}.example/login:nobody${at}@mail.example:secret${at}`;
}).join('\n');

interface Loaded {
  readonly result: IngestResult;
  readonly records: readonly LoadedRecord[];
}

async function load(readers: LineWorkers | null): Promise<Loaded> {
  const records: LoadedRecord[] = [];
  const loaded = await ingestSource(bytesToSource('leak.txt', utf8(LIST), 300_000), {
    watch: WATCH,
    nowMs: 0,
    onRecords: async (batch) => {
      records.push(...batch);
    },
    ...(readers === null ? {} : { readers }),
  });
  if (!loaded.ok) throw new Error(loaded.error.kind);
  return { result: loaded.value, records };
}

describe('line workers', () => {
  let workers: LineWorkers | null = null;
  afterEach(() => workers?.close());

  test('give records, quarantine and ledger as one thread does, in the same order, however many they are', async () => {
    const alone = await load(null);
    expect(alone.records).toHaveLength(100);
    expect(alone.result.total.quarantined).toEqual({ 'line-too-long': 1, 'no-separator': 10 });
    for (const count of [1, 3]) {
      workers = new LineWorkers(WATCH, count);
      expect(await load(workers)).toEqual(alone);
      // The same threads take the next list.
      expect(await load(workers)).toEqual(alone);
      await workers.close();
    }
  });

  test('a load that needs them after they were closed fails, and does not wait for ever', async () => {
    workers = new LineWorkers(WATCH, 1);
    const { read } = workers.open({
      path: 'leak.txt',
      sniff: { kind: 'text', encoding: 'utf-8', bomBytes: 0, fallback: 'windows-874' },
      sample: utf8('a@moe.example:b\n'),
      isWholeSample: false,
      lineBytes: 1_000,
      sourceClass: null,
      quarantineRows: 10,
    });
    const under = expect(read(0, utf8('a@moe.example:b\n'), 16, () => undefined)).rejects.toThrow('closed');
    await workers.close();
    await under;
    await expect(read(16, utf8('a@moe.example:b\n'), 16, () => undefined)).rejects.toThrow('closed');
  });
});
