/** Builds the bench page, serves it and opens it in Chromium: for the vault bench and the tests that need a real IndexedDB. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright';
import { chromium } from 'playwright';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** A static server on a free port. */
export interface Served {
  readonly url: string;
  close(): void;
}

/** Read and sent at once: the server stands for one on another machine, so it should take little of this one. */
const SEND_BYTES = 1024 * 1024;

const START_MS = 3_000;

interface BenchWindow {
  readonly bench: {
    call(name: string, argument: unknown): Promise<unknown>;
    typeText(text: string): Promise<number[]>;
  };
}

/** The pages of the vault bench. */
export function buildBenchPage(outDir: string): Promise<void> {
  return buildPage(import.meta.dirname, outDir);
}

/** Built as the app is, so that what is measured is what is shipped. `alias`: where packages lie that are not installed here. */
export async function buildPage(
  root: string,
  outDir: string,
  alias: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Vite belongs to the web package; it is borrowed from there.
  const vitePath = createRequire(join(ROOT, 'web', 'package.json')).resolve('vite');
  const vite = (await import(pathToFileURL(vitePath).href)) as { build(config: unknown): Promise<unknown> };
  await vite.build({
    root,
    configFile: false,
    logLevel: 'error',
    base: './',
    resolve: { alias },
    worker: { format: 'es' },
    build: {
      outDir,
      target: 'esnext',
      rollupOptions: {
        input: readdirSync(root)
          .filter((name) => name.endsWith('.html'))
          .map((name) => join(root, name)),
      },
    },
  });
}

/**
 * Serves the files of `directory`; unknown paths get its index page. Under the API's path of a blob it serves the sealed files of
 * `blobs` (named by their SHA-256), whole or by range, as the real server does.
 */
export async function serveFolder(directory: string, blobs?: string): Promise<Served> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const blob = /\/blobs\/([\w-]{43})$/.exec(path)?.[1];
    if (blob !== undefined && blobs !== undefined) {
      void sendBlob(join(blobs, `${blob}.age`), request, response);
      return;
    }
    const file = join(directory, path);
    const found = extname(path) !== '' && existsSync(file) ? file : join(directory, 'index.html');
    response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream');
    response.end(readFileSync(found));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => void server.close() };
}

/** Through one buffer: a stream would take fresh memory for every piece. */
async function sendBlob(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  const [, first, last] = /^bytes=([0-9]+)-([0-9]+)$/.exec(request.headers.range ?? '') ?? [];
  const { size } = statSync(path);
  const start = Number(first ?? 0);
  const end = Math.min(size - 1, Number(last ?? size - 1));
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${size}`,
  });
  const file = await open(path);
  const buffer = Buffer.alloc(SEND_BYTES);
  for (let at = start; at <= end && !response.destroyed;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(SEND_BYTES, end + 1 - at), at);
    at += bytesRead;
    // Called once the piece is with the system, or the line is gone.
    await new Promise<unknown>((sent) => response.write(buffer.subarray(0, bytesRead), sent));
  }
  await file.close();
  response.end();
}

/** Where Chromium is, or `null` to let playwright look for its own. */
export function chromiumPath(): string | null {
  return [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((path) => path && existsSync(path)) ?? null;
}

/** Window and device of a browser. */
export type LaunchOptions = Pick<BrowserContextOptions, 'viewport' | 'isMobile' | 'hasTouch'>;

/** A browser with a profile of its own in `folder`. */
export function launchChromium(folder: string, options: LaunchOptions = {}): Promise<BrowserContext> {
  const executablePath = chromiumPath();
  return chromium.launchPersistentContext(folder, {
    ...options,
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** Waits for a browser that was just started: it is busy with windows of its own for two seconds, and nobody gets to work sooner. */
export function untilCalm(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, START_MS));
}

/** A fresh page with a fresh worker. */
export async function openBenchPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in window);
  return page;
}

/** One call of the worker (`BenchCalls`). */
export async function call<T>(page: Page, name: string, argument: unknown = null): Promise<T> {
  const asked = [name, argument] as const;
  return (await page.evaluate(([n, a]) => (window as unknown as BenchWindow).bench.call(n, a), asked)) as T;
}

/** Milliseconds of each key stroke. */
export function typeText(page: Page, text: string): Promise<number[]> {
  return page.evaluate((typed) => (window as unknown as BenchWindow).bench.typeText(typed), text);
}
