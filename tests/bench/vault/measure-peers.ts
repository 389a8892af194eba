/** The same findings and the same question in other databases: equal answers first, then how many times longer they take. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright';
import { buildPeers } from '../peers/build-peers.ts';
import type { Answer, PeerCalls } from '../peers/question.ts';
import type { Times } from './bench-calls.ts';
import { call, launchChromium, serveFolder, untilCalm } from './browser.ts';
import type { Bench, OwnFigures } from './measure-own.ts';
import { freshVault } from './measure-own.ts';
import { median } from './report.ts';

/** Peers of more findings than this take many minutes to load. */
export const MOST_PEER_ROWS = 1_000_000;
/** Dexie is compared at this size: at a million it takes a quarter of an hour. */
const DEXIE_ROWS = 100_000;
const WARMUPS = 3;
const RUNS = 11;

interface PeerWindow {
  readonly peer: { call(request: { readonly name: string; readonly args: readonly number[] }): Promise<unknown> };
}

/** Loads each peer in a browser of its own. */
export async function measurePeers(bench: Bench, own: OwnFigures): Promise<void> {
  const page = join(bench.folder, 'peers-page');
  await buildPeers(page);
  const served = await serveFolder(page);
  try {
    for (const peer of ['sqlite', 'duckdb'] as const) {
      await withPeer(bench, served.url, peer, async (ask) => {
        const loadMs = await ask<number>('load', bench.rows);
        const version = await ask<string>('version');
        mustEqual(peer, await ask<Answer>('answer'), own.answer);
        const plans = await ask<Readonly<Record<string, Times>>>('measure', WARMUPS, RUNS);
        for (const [plan, times] of Object.entries(plans))
          bench.report.print(`${peer}_query_ms`, median(times), { plan, version });
        const questionMs = Math.min(...Object.values(plans).map(median));
        bench.report.print(`${peer}_import_rows_per_s`, (bench.rows / loadMs) * 1000, { version });
        bench.report.print(`${peer}_over_ours_query`, questionMs / own.questionMs);
        bench.report.print(`${peer}_over_ours_fresh_query`, questionMs / own.freshQuestionMs);
        if (peer === 'sqlite') bench.report.print('sqlite_over_ours_import', loadMs / own.importMs);
      });
    }
    await measureDexie(bench, served.url, own);
  } finally {
    served.close();
  }
}

async function measureDexie(bench: Bench, url: string, own: OwnFigures): Promise<void> {
  const rows = Math.min(bench.rows, DEXIE_ROWS);
  let ours = { importMs: own.importMs, answer: own.answer };
  if (rows !== bench.rows) {
    const fresh = await freshVault(bench, 'own-for-dexie', rows);
    ours = { importMs: fresh.importMs, answer: await call<Answer>(fresh.page, 'answer') };
    await fresh.context.close();
  }
  await withPeer(bench, url, 'dexie', async (ask) => {
    const loadMs = await ask<number>('load', rows);
    mustEqual('dexie', await ask<Answer>('answer'), ours.answer);
    bench.report.print('dexie_import_rows_per_s', (rows / loadMs) * 1000, { findings: rows });
    bench.report.print('dexie_over_ours_import', loadMs / ours.importMs, { findings: rows });
  });
}

type Ask = <T>(name: keyof PeerCalls, ...args: readonly number[]) => Promise<T>;

async function withPeer(bench: Bench, url: string, peer: string, run: (ask: Ask) => Promise<void>): Promise<void> {
  bench.report.progress(`loading ${peer}…`);
  const context = await launchChromium(join(bench.folder, peer));
  try {
    const page = await openPeerPage(await context.newPage(), `${url}?peer=${peer}`);
    await untilCalm();
    await run(async <T>(name: keyof PeerCalls, ...args: readonly number[]) => {
      const request = { name, args };
      return (await page.evaluate((asked) => (window as unknown as PeerWindow).peer.call(asked), request)) as T;
    });
  } finally {
    await context.close();
  }
}

async function openPeerPage(page: Page, url: string): Promise<Page> {
  page.on('pageerror', (error) => console.error(error.message));
  await page.goto(url);
  await page.waitForFunction(() => 'peer' in window);
  return page;
}

/** No time counts before the answers are the same. */
function mustEqual(peer: string, answer: Answer, ours: Answer): void {
  for (const part of ['total', 'ids'] as const) {
    if (!isDeepStrictEqual(answer[part], ours[part])) throw new Error(`${peer} answers other ${part}`);
  }
  for (const [field, counts] of Object.entries(ours.facets)) {
    const theirs = answer.facets[field as keyof Answer['facets']];
    if (!isDeepStrictEqual(theirs, counts)) throw new Error(`${peer} counts ${field} otherwise`);
  }
}
