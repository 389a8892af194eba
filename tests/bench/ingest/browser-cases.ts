/**
 * The browser: a file read, hashed and ingested by a worker of Chromium, beside its own reading of that file. Wall time, medians; a
 * round with another load on the machine shows in `blob_read_spread`, which is 1 on a quiet one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import { buildPage, launchChromium, serveFolder } from '../vault/browser.ts';
import type { ReadTimes } from './browser/messages.ts';
import type { Corpus } from './corpus.ts';
import { median, print, say } from './measure.ts';

interface BenchWindow {
  readChosen(watch: WatchList, rounds: number): Promise<ReadTimes>;
}

export async function runBrowserCases(corpus: Corpus, _: string, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sealpost-bench-'));
  try {
    await buildPage(join(import.meta.dirname, 'browser'), join(folder, 'page'));
    const served = await serveFolder(join(folder, 'page'));
    const context = await launchChromium(join(folder, 'profile'));
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(error.message));
    await page.goto(served.url);
    await page.waitForFunction(() => 'readChosen' in window);
    await page.setInputFiles('input', corpus.path);
    for (const name of ['n100', 'n10k'] as const) {
      const organisation = { id: 'bench', name: 'Bench', domains: corpus.domains[name], exclude: [], keywords: [] };
      const watch: WatchList = { organisations: [organisation] };
      const times = await page.evaluate(([list, count]) => (window as unknown as BenchWindow).readChosen(list, count), [
        watch,
        rounds,
      ] as const);
      const [blob, hash, ingest] = [times.blob, times.hash, times.ingest].map(median) as [number, number, number];
      say(
        `${name} in Chromium: blob ${blob.toFixed(0)} ms, hash ${hash.toFixed(0)} ms, ingest ${ingest.toFixed(0)} ms`,
      );
      // By round: what slows the machine down slows both.
      print(name, 'ours_over_blob_read', median(times.ingest.map((ms, at) => ms / (times.blob[at] ?? NaN))));
      print(name, 'blob_read_spread', median(times.blobSpread));
      print(name, 'browser_mb_per_s', corpus.sizeBytes / 1e3 / (hash + ingest));
    }
    await context.close();
    served.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
