import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { hashSource } from './hash-source.ts';
import { ingestSource } from './ingest-source.ts';
import { addTotals, quarantinedShare } from './ledger.ts';
import { load, loadText, TEST_NOW_MS, watching } from './load-for-test.ts';
import { bytesToSource } from './source-file.ts';

const LINES = Array.from({ length: 5_000 }, (_, i) => `https://a${i}.example/:user${i}@moe.example:pw${i}\n`).join('');

describe('loading a source', () => {
  test('records come in awaited batches of bounded size', async () => {
    let isBusy = false;
    const sizes: number[] = [];
    const result = await ingestSource(bytesToSource('a.txt', utf8(LINES)), {
      watch: null,
      nowMs: TEST_NOW_MS,
      limits: { batchRecords: 700 },
      onRecords: async (batch) => {
        expect(isBusy).toBe(false);
        isBusy = true;
        await new Promise((resolve) => setTimeout(resolve, 1));
        isBusy = false;
        sizes.push(batch.length);
      },
    });
    expect(result.ok && result.value.total.records).toBe(5_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(700);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000);
  });

  test('cancelling stops at once, as a value', async () => {
    const abort = new AbortController();
    let records = 0;
    const result = await ingestSource(bytesToSource('a.txt', utf8(LINES), 4_096), {
      watch: null,
      nowMs: TEST_NOW_MS,
      signal: abort.signal,
      onRecords: async (batch) => {
        records += batch.length;
        abort.abort();
      },
    });
    expect(result).toEqual({ ok: false, error: { kind: 'cancelled' } });
    expect(records).toBeLessThan(5_000);
  });

  test('progress only grows, up to all bytes', async () => {
    const seen: number[] = [];
    await loadText(LINES, { chunkBytes: 10_000, onProgress: ({ bytesDone }) => seen.push(bytesDone) });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(LINES.length);
  });

  test('a file that cannot be read to its end is partial, what came before counts', async () => {
    const loaded = await load({
      name: 'a.txt',
      size: 1_000,
      stream: () => {
        let step = 0;
        return new ReadableStream<Uint8Array>({
          pull(controller) {
            if (step++ === 0) controller.enqueue(utf8('nok@moe.example:pw\nlek@moe'));
            else controller.error(new Error('gone'));
          },
        });
      },
    });
    expect(loaded.status).toBe('partial');
    expect(loaded.records.length).toBe(1);
    expect(loaded.total.quarantined.truncated).toBe(1);
  });

  test('the hash is known before loading, and is the same after', async () => {
    const one = bytesToSource('a.txt', utf8(LINES));
    const folder = [bytesToSource('x/a.txt', utf8(LINES)), bytesToSource('x/b.txt', utf8('nok@moe.example:pw\n'))];
    const moved = [bytesToSource('y/b.txt', utf8('nok@moe.example:pw\n')), bytesToSource('y/c.txt', utf8(LINES))];
    for (const source of [one, folder]) {
      const hash = await hashSource(source);
      expect(hash.ok && hash.value).toEqual((await load(source)).sha256);
    }
    expect((await load(folder)).sha256).toEqual((await load(moved)).sha256);
    expect((await load([one])).sha256).not.toEqual((await load(one)).sha256);
  });

  test('shuffled and concatenated inputs give the same records', async () => {
    const lines = LINES.trimEnd().split('\n').slice(0, 300);
    const key = (loaded: Awaited<ReturnType<typeof loadText>>) =>
      loaded.records.map((record) => `${record.url} ${record.login} ${record.password}`).sort();
    const whole = await loadText(lines.join('\n'));
    const shuffled = await loadText([...lines].reverse().join('\n'));
    const parts = await load([
      bytesToSource('a', utf8(lines.slice(0, 100).join('\n'))),
      bytesToSource('b', utf8(lines.slice(100).join('\n'))),
    ]);
    expect(key(shuffled)).toEqual(key(whole));
    expect(key(parts)).toEqual(key(whole));
  });

  test('totals of several ledgers add up; the quarantined share is of records and quarantined only', async () => {
    const a = await loadText('nok@moe.example:pw\nnothing here at all\n', { watch: watching('moe.example') });
    const b = await loadText('nothing\nnok@moe.example:pw\n');
    const total = addTotals([a.total, b.total]);
    expect(total.records).toBe(2);
    expect(total.bytesIn).toBe(a.total.bytesIn + b.total.bytesIn);
    expect(quarantinedShare(a.total)).toBe(0);
    expect(quarantinedShare(b.total)).toBeCloseTo(8 / 27);
  });

  test('an empty folder is complete', async () => {
    const loaded = await load([]);
    expect(loaded.status).toBe('complete');
    expect(loaded.sources).toEqual([]);
  });
});
