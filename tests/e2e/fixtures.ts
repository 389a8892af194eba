/**
 * What every test of the interface starts from: a real server a file, and people who each have a browser profile of their own.
 * A person's browser may say nothing: a console message, an uncaught error, a broken policy or a request to another
 * origin fails the test.
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { test as base, expect } from '@playwright/test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';

export { expect } from '@playwright/test';
export type { Page } from '@playwright/test';

export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Everything the browser complained about, oldest first. */
  readonly problems: string[];
  /** Another tab of the same browser. */
  newTab(): Promise<Page>;
}

/** Network failures that a test causes itself, by cutting the network. */
const OFFLINE = /net::ERR_INTERNET_DISCONNECTED/;

export interface PersonOptions extends BrowserContextOptions {
  /** The network will be cut: the browser's own note of a failed request is then no fault of the app. */
  readonly mayBeOffline?: boolean;
  /** The API's origin where it is not the app's: the one other place that may be called. */
  readonly apiOrigin?: string;
}

/** Opens a browser profile that reports every complaint. */
export async function openPerson(browser: Browser, origin: string, options: PersonOptions = {}): Promise<Person> {
  const { mayBeOffline = false, apiOrigin = origin, ...contextOptions } = options;
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'en-GB',
    timezoneId: 'Asia/Bangkok',
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    ...contextOptions,
  });
  context.setDefaultTimeout(20_000);
  const problems: string[] = [];
  context.on('console', (message) => {
    // Chromium's own hints about form markup; its console hides them unless asked.
    if ((message.type() as string) === 'verbose') return;
    if (mayBeOffline && OFFLINE.test(message.text())) return;
    if (message.text() === 'Service Worker registration blocked by Playwright') return;
    problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${String(error.error().stack ?? error.error())}`));
  context.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') problems.push(`dialog ${dialog.type()}: ${dialog.message()}`);
    void dialog.accept();
  });
  context.on('request', (request) => {
    const url = request.url();
    const isExpected = url.startsWith(`${origin}/`) || url.startsWith(`${apiOrigin}/api/`) || /^(blob|data):/.test(url);
    if (!isExpected) problems.push(`request to ${url}`);
  });
  const page = await context.newPage();
  return { context, page, problems, newTab: () => context.newPage() };
}

/** Fails if a browser complained since the last call. */
export function expectQuiet(...people: readonly (Person | undefined)[]): void {
  for (const person of people) expect(person?.problems.splice(0) ?? []).toEqual([]);
}

/** The build that is served: the repository's own, or the one in `WEB_ROOT`. */
const WEB_ROOT = process.env['WEB_ROOT'] ?? resolve(import.meta.dirname, '../../web/build');

/** Starts the server of a test file; call it in `beforeAll`. Its limits are the real ones. */
export const startServer = (): Promise<TestServer> => startTestServer({ webRoot: WEB_ROOT });

/** The app on one origin, the API on another, each told of the other. */
export async function startTwoOrigins(): Promise<{ readonly api: TestServer; readonly app: TestServer }> {
  const port = await freePort();
  const api = await startTestServer({ webRoot: WEB_ROOT, appOrigins: [`http://localhost:${port}`] });
  return { api, app: await startTestServer({ webRoot: WEB_ROOT, port, apiOrigin: api.origin }) };
}

/** A port that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Fixtures {
  /** Opens a profile for this test; it is closed, and must have been quiet, at the end. */
  readonly person: (options?: PersonOptions) => Promise<Person>;
}
interface WorkerFixtures {
  readonly server: TestServer;
}

/** For tests that share nothing but the server. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  person: async ({ browser, server }, use) => {
    const people: Person[] = [];
    await use(async (options) => {
      const person = await openPerson(browser, server.origin, options);
      people.push(person);
      return person;
    });
    const problems = people.flatMap((person) => person.problems);
    for (const person of people) await person.context.close();
    expect(problems).toEqual([]);
  },
});
