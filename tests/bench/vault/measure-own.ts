/** The vault's own figures, each in the state and process in which a person meets it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import type { PublishPolicy } from '@sealpost/shared/opened/finding/finding';
import type { Answer } from '../peers/question.ts';
import type { MemberKeys, SealedBundle, ShapeOrder, Times, TriageTimes } from './bench-calls.ts';
import { call, launchChromium, openBenchPage, typeText, untilCalm } from './browser.ts';
import type { Served } from './browser.ts';
import { privateMegabytes, renderersOf } from './processes.ts';
import type { Report } from './report.ts';
import { fineMedian, median } from './report.ts';
import { appendPlan, plansFor, sealedBundle } from './sealed-bundles.ts';
import { ANSWER_SHAPES, QUERY_SHAPES, TYPED } from './shapes.ts';

/** What the peers are asked, too. */
const QUESTION_SHAPE = 'text_filter_sort_window';
const SETTLE_MS = 10_000;
const WARMUPS = 3;
const RUNS = 31;
/** Runs shorter than this are measured so often. */
const SHORT_MS = 1;
const SHORT_RUNS = 150;
const UNLOCKS = 3;
const TRIAGED = 10_000;
const TRIAGE_RUNS = 9;
const APPENDED = 100_000;

/** What the peers are held against. */
export interface OwnFigures {
  readonly questionMs: number;
  /** The same when nothing was kept of its conditions. */
  readonly freshQuestionMs: number;
  readonly importMs: number;
  readonly answer: Answer;
}

export interface Bench {
  readonly report: Report;
  readonly served: Served;
  /** For browser profiles; removed at the end. */
  readonly folder: string;
  readonly rows: number;
  readonly policy: PublishPolicy;
}

/** Import, memory, queries, key strokes; then in new processes unlock, triage, a later bundle. */
export async function measureOwn(bench: Bench): Promise<OwnFigures> {
  const { report, rows } = bench;
  const profile = join(bench.folder, 'own');
  const bundles: SealedBundle[] = [];
  for (const plan of plansFor(rows, bench.policy)) bundles.push(await sealedBundle(plan, report));
  let context = await launchChromium(profile);
  let page = await openBenchPage(context, bench.served.url);
  const emptyBytes = bytesUnder(profile);
  const keys = await call<MemberKeys>(page, 'create');
  const importMs = await importAll(page, bundles, report);
  report.print('import_rows_per_s', (rows / importMs) * 1000);
  report.print('sealed_bytes_per_row', sum(bundles, ({ size }) => size) / rows);
  report.print('inflated_bytes_per_row', sum(bundles, ({ inflated }) => inflated) / rows);

  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  report.print('rss_mb', privateMegabytes(renderersOf(profile)));
  const figures = await call<{ findings: number; memoryBytes: number; storageKind: string }>(page, 'figures');
  if (figures.findings !== rows) throw new Error(`imported ${figures.findings} of ${rows} findings`);
  report.print('engine_mb', figures.memoryBytes / 2 ** 20, { storage: figures.storageKind });

  await call(page, 'settle');
  const questionMs = await measureShapes(page, report);
  const fresh = await measureShape(page, { shape: QUESTION_SHAPE, isFresh: true });
  report.print('query_fresh_ms', fresh.ms, { shape: QUESTION_SHAPE, worst: fresh.worst });
  await measureKeys(page, report, '');
  report.print('rss_after_queries_mb', privateMegabytes(renderersOf(profile)));
  const answer = await call<Answer>(page, 'answer');
  await context.close();
  report.print('disk_bytes_per_row', (bytesUnder(profile) - emptyBytes) / rows);

  const unprepared: number[] = [];
  const times: number[] = [];
  for (let run = 0; run < 2 * UNLOCKS; run++) {
    context = await launchChromium(profile);
    page = await openBenchPage(context, bench.served.url);
    await call(page, 'ready');
    const isPrepared = run >= UNLOCKS;
    if (isPrepared) await call(page, 'prepare');
    // A person types the passphrase meanwhile.
    await untilCalm();
    const unlocked = await call<{ ms: number; total: number }>(page, 'unlock', keys);
    if (unlocked.total !== rows) throw new Error(`unlocked ${unlocked.total} of ${rows} findings`);
    (isPrepared ? times : unprepared).push(unlocked.ms);
    if (run < 2 * UNLOCKS - 1) await context.close();
  }
  report.print('unlock_to_first_query_ms', median(times), { worst: Math.round(Math.max(...times)) });
  report.print('unlock_unprepared_ms', median(unprepared), { worst: Math.round(Math.max(...unprepared)) });

  await call(page, 'recordUnlock');
  await call(page, 'settle');
  const count = Math.min(rows, TRIAGED);
  const order = { count, runs: TRIAGE_RUNS, state: 'triaged' };
  const { durable, shown } = await call<TriageTimes>(page, 'triage', order);
  report.print('triage_10k_durable_ms', median(durable), { findings: count, worst: Math.round(Math.max(...durable)) });
  report.print('triage_10k_shown_ms', median(shown), { findings: count, worst: Math.round(Math.max(...shown)) });
  await append(page, bench);
  await typeDuringImport(page, bench);
  await context.close();
  return { questionMs, freshQuestionMs: fresh.ms, importMs, answer };
}

/** Milliseconds of all imports together, in a browser that was just started. */
async function importAll(page: Page, bundles: readonly SealedBundle[], report: Report): Promise<number> {
  await untilCalm();
  let importMs = 0;
  for (const bundle of bundles) {
    report.progress(`importing ${bundle.rows} findings (${(bundle.size / 2 ** 20).toFixed(1)} MB sealed)…`);
    importMs += (await call<{ ms: number }>(page, 'importBundle', bundle)).ms;
  }
  return importMs;
}

/** Each shape by name; the slowest median and the slowest run. Answers the median of the question that peers answer, too. */
export async function measureShapes(page: Page, report: Report, prefix = ''): Promise<number> {
  let slowest = 0;
  let slowestRun = 0;
  let questionMs = Number.NaN;
  for (const shape of [...Object.keys(QUERY_SHAPES), ...Object.keys(ANSWER_SHAPES)]) {
    const { ms, worst } = await measureShape(page, { shape });
    if (shape === QUESTION_SHAPE) questionMs = ms;
    slowest = Math.max(slowest, ms);
    slowestRun = Math.max(slowestRun, worst);
    report.print(`${prefix}query_ms`, ms, { shape, worst });
  }
  const overview = await measureShape(page, { shape: 'overview' });
  report.print(`${prefix}overview_ms`, overview.ms, { worst: overview.worst });
  report.print(`${prefix}query_median_ms`, slowest);
  report.print(`${prefix}query_worst_ms`, slowestRun);
  return questionMs;
}

/** Median and slowest run. Where a run is short for the clock there are more of them, and the median is a finer one. */
async function measureShape(
  page: Page,
  order: Pick<ShapeOrder, 'shape' | 'isFresh'>,
): Promise<{ readonly ms: number; readonly worst: number }> {
  const timesOf = (warmups: number, runs: number) =>
    call<Times>(page, 'measureShape', { ...order, warmups, runs } satisfies ShapeOrder);
  const times = await timesOf(WARMUPS, RUNS);
  if (median(times) >= SHORT_MS) return { ms: median(times), worst: worstOf(times) };
  const all = [...times, ...(await timesOf(0, SHORT_RUNS - RUNS))];
  return { ms: fineMedian(all), worst: worstOf(all) };
}

/** What a key stroke costs, seen from the page: once to warm up, once to measure. */
export async function measureKeys(page: Page, report: Report, prefix: string): Promise<void> {
  for (const text of TYPED) await typeText(page, text);
  const times: number[] = [];
  for (const text of TYPED) times.push(...(await typeText(page, text)));
  report.print(`${prefix}keystroke_to_rows_ms`, median(times), { worst: worstOf(times) });
}

async function append(page: Page, { rows, policy, report }: Bench): Promise<void> {
  const bundle = await sealedBundle(appendPlan(rows, APPENDED, policy), report);
  const { ms, added, merged } = await call<{ ms: number; added: number; merged: number }>(page, 'importBundle', bundle);
  if (added + merged !== bundle.rows) throw new Error(`appended ${added} and ${merged} of ${bundle.rows} findings`);
  report.print('append_100k_into_ms', ms, { added, merged });
}

/** Key strokes while a bundle of as many comes in: the analyst goes on working. */
async function typeDuringImport(page: Page, { rows, policy, report }: Bench): Promise<void> {
  const bundle = await sealedBundle(appendPlan(rows + APPENDED, APPENDED, policy), report);
  let isDone = false;
  const imported = call(page, 'importBundle', bundle).finally(() => (isDone = true));
  const times: number[] = [];
  for (let at = 0; !isDone; at++) times.push(...(await typeText(page, TYPED[at % TYPED.length] ?? '')));
  await imported;
  report.print('keystroke_during_import_ms', median(times), { worst: Math.round(Math.max(...times)) });
}

/** A fresh browser with an empty vault that holds `count` findings. */
export async function freshVault(
  bench: Bench,
  name: string,
  count: number,
  launch: Parameters<typeof launchChromium>[1] = {},
): Promise<{
  readonly context: BrowserContext;
  readonly page: Page;
  readonly profile: string;
  readonly importMs: number;
}> {
  const profile = join(bench.folder, name);
  const bundles: SealedBundle[] = [];
  for (const plan of plansFor(count, bench.policy)) bundles.push(await sealedBundle(plan, bench.report));
  const context = await launchChromium(profile, launch);
  const page = await openBenchPage(context, bench.served.url);
  await call(page, 'create');
  const importMs = await importAll(page, bundles, bench.report);
  return { context, page, profile, importMs };
}

/** Sizes of everything in IndexedDB and the origin's private file system of this profile. */
function bytesUnder(profile: string): number {
  let bytes = 0;
  for (const folder of ['Default/IndexedDB', 'Default/File System', 'Default/Storage', 'Default/WebStorage']) {
    try {
      const entries = readdirSync(join(profile, folder), { recursive: true, withFileTypes: true });
      for (const entry of entries) if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
    } catch {
      // Not made yet.
    }
  }
  return bytes;
}

function worstOf(times: Times): number {
  return Number(Math.max(...times).toPrecision(3));
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}
