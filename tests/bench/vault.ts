/**
 * `npm run -s bench -- vault [--rows N]`: the vault in Chromium, with the app's own parts, a real worker and a real IndexedDB.
 * Prints JSON lines {"bench":"vault","rows":N,"metric":…,"value":…}; progress goes to stderr.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContext } from 'playwright';
import { buildBenchPage, call, launchChromium, openBenchPage, serveFolder, typeText } from './vault/browser.ts';

const APP = join(import.meta.dirname, '..', '..', 'web', 'build');
const TYPED = ['vpn.moe', 'somchai', 'source-1', 'level:crit', 'malee dlt', 'สมหญิง'];

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } });
const rows = Number(values.rows);
if (!Number.isSafeInteger(rows) || rows < 1) {
  console.error('--rows takes a whole number of findings');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'sealpost-bench-'));
try {
  await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  await buildBenchPage(join(folder, 'page'));
  const bench = await serveFolder(join(folder, 'page'));
  const context = await launchChromium(join(folder, 'profile'));
  try {
    await measureVault(context, bench.url);
    await measureFirstPaint(context);
  } finally {
    await context.close();
    bench.close();
  }
}

async function measureVault(context: BrowserContext, url: string): Promise<void> {
  console.error(`sealing ${rows} made-up findings…`);
  const importing = await openBenchPage(context, url);
  const vaultKey = await call<number[]>(importing, 'create');
  const sealedBytes = await call<number>(importing, 'seal', rows);
  print('import_rows_per_s', Math.round(rows / (await call<number>(importing, 'importSealed'))));
  print('sealed_bytes', sealedBytes);
  await importing.close();

  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const page = await openBenchPage(context, url);
    const unlocked = await call<{ ms: number; total: number }>(page, 'unlock', vaultKey);
    if (unlocked.total !== rows) throw new Error(`unlocked ${unlocked.total} of ${rows} findings`);
    times.push(unlocked.ms);
    await page.close();
  }
  print('unlock_to_first_query_ms', median(times));

  const page = await openBenchPage(context, url);
  await call(page, 'unlock', vaultKey);
  // Once to warm up, once to measure.
  for (const text of TYPED) await typeText(page, text);
  const measured: number[] = [];
  for (const text of TYPED) measured.push(...(await typeText(page, text)));
  print('keystroke_to_rows_ms', median(measured));
  print('keystroke_to_rows_worst_ms', Math.max(...measured));
  print('triage_10k_durable_ms', await call<number>(page, 'triage', Math.min(rows, 10_000)));
  await page.close();
}

/** First contentful paint of the built app on a fresh page, median of 5. */
async function measureFirstPaint(context: BrowserContext): Promise<void> {
  if (!existsSync(join(APP, 'index.html'))) {
    console.error('first_paint_ms: web/build is missing, build the app first');
    return;
  }
  const app = await serveFolder(APP);
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const page = await context.newPage();
    await page.goto(app.url);
    const paint = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            const first = list.getEntriesByName('first-contentful-paint')[0];
            if (first) resolve(first.startTime);
          }).observe({ type: 'paint', buffered: true });
        }),
    );
    times.push(paint);
    await page.close();
  }
  app.close();
  print('first_paint_ms', median(times));
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

function print(metric: string, value: number): void {
  console.log(JSON.stringify({ bench: 'vault', rows, metric, value: Math.round(value * 100) / 100 }));
}
