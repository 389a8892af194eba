/**
 * `npm run -s bench -- vault [--rows N]`: the vault in Chromium, with the app's own parts, a real worker and a real IndexedDB.
 * Prints JSON lines {"bench":"vault","rows":N,"metric":…,"value":…}; progress goes to stderr.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright';
import { chromium } from 'playwright';

const ROOT = join(import.meta.dirname, '..', '..');
const APP = join(ROOT, 'web', 'build');
const TYPED = ['vpn.moe', 'somchai', 'source-1', 'level:crit', 'malee dlt', 'สมหญิง'];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

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
  await buildPage(join(folder, 'page'));
  const bench = await serve(join(folder, 'page'));
  const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((path) => path && existsSync(path));
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
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
  const importing = await openPage(context, url);
  const imported = await call<{ seconds: number; sealedBytes: number; vaultKey: number[] }>(
    importing,
    'importBundle',
    rows,
  );
  print('import_rows_per_s', Math.round(rows / imported.seconds));
  print('sealed_bytes', imported.sealedBytes);
  await importing.close();

  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const page = await openPage(context, url);
    const unlocked = await call<{ ms: number; total: number }>(page, 'unlock', imported.vaultKey);
    if (unlocked.total !== rows) throw new Error(`unlocked ${unlocked.total} of ${rows} findings`);
    times.push(unlocked.ms);
    await page.close();
  }
  print('unlock_to_first_query_ms', median(times));

  const page = await openPage(context, url);
  await call(page, 'unlock', imported.vaultKey);
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
  const app = await serve(APP);
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

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in window);
  return page;
}

interface BenchWindow {
  readonly bench: {
    call(name: string, argument: unknown): Promise<unknown>;
    typeText(text: string): Promise<number[]>;
  };
}

async function call<T>(page: Page, name: string, argument: unknown): Promise<T> {
  const asked = [name, argument] as const;
  return (await page.evaluate(([n, a]) => (window as unknown as BenchWindow).bench.call(n, a), asked)) as T;
}

function typeText(page: Page, text: string): Promise<number[]> {
  return page.evaluate((typed) => (window as unknown as BenchWindow).bench.typeText(typed), text);
}

/** Built as the app is, so that what is measured is what is shipped. */
async function buildPage(outDir: string): Promise<void> {
  // Vite belongs to the web package; the bench borrows it.
  const vitePath = createRequire(join(ROOT, 'web', 'package.json')).resolve('vite');
  const vite = (await import(pathToFileURL(vitePath).href)) as { build(config: unknown): Promise<unknown> };
  await vite.build({
    root: join(import.meta.dirname, 'vault'),
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es' },
    build: { outDir, target: 'esnext' },
  });
}

async function serve(directory: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const file = join(directory, path);
    const found = extname(path) !== '' && existsSync(file) ? file : join(directory, 'index.html');
    response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream');
    response.end(readFileSync(found));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

function print(metric: string, value: number): void {
  console.log(JSON.stringify({ bench: 'vault', rows, metric, value: Math.round(value * 100) / 100 }));
}
