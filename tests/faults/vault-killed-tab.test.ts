/**
 * The vault in a real browser, killed at random points of import, triage and compaction: after reopening it is as before or as
 * after, nothing between. `KILL_ROUNDS` says how often; skipped where there is no Chromium or no `/proc`.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '@sealpost/shared/opened/sample/random';
import type { SealedBundle, VaultState } from '../bench/vault/bench-calls.ts';
import { chromiumPath } from '../bench/vault/browser.ts';
import { bundlesOf, VaultBrowser } from './vault-browser.ts';
import type { Death } from './vault-browser.ts';
import { within } from './within.ts';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 6);
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const ROWS = 20_000;
const BUNDLES = 6;
/** A little longer than each takes, so that some rounds come too late. */
const LATEST_MS = { import: 900, triage: 60, compact: 60 } as const;
type Work = keyof typeof LATEST_MS;
/** Leaves more full rows in the journal than a compaction leaves alone: each is of so many findings that it fills one. */
const MUCH_TO_FOLD = { count: 1_100, runs: 20, state: 'triaged' } as const;

describe.skipIf(chromiumPath() === null || !existsSync('/proc/self/stat'))('a vault in Chromium', () => {
  let browser: VaultBrowser;
  let bundles: readonly SealedBundle[];
  const random = new Random(SEED);

  beforeAll(async () => {
    bundles = await bundlesOf(ROWS, BUNDLES);
    browser = await VaultBrowser.start();
    await browser.ask('importBundle', bundles[0] as SealedBundle);
    await browser.ask('triage', MUCH_TO_FOLD);
    expect(await browser.ask('compact', null), 'otherwise no compaction below would have anything to do').toBe(true);
  }, 180_000);
  afterAll(() => browser.close());

  test(
    `killed ${ROUNDS} times is as before or as after`,
    async () => {
      const ends = { before: 0, after: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const work = nextWork(await browser.state(), round);
        if (work === 'compact') await browser.ask('triage', MUCH_TO_FOLD);
        const before = await browser.state();
        const bundle = bundles[before.bundles.length];
        const death: Death = round % 8 === 7 ? 'browser' : 'renderer';
        const delayMs = random.int(LATEST_MS[work]);
        const done = begin(work, bundle, before).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        await browser.die(death);
        await within('the end of what was killed', done);
        const name = `round ${round} of seed ${SEED}: ${work} killed after ${delayMs} ms (${death})`;
        expect(await browser.unlock(), name).toBeNull();
        await browser.ask('settle', null);
        const after = await browser.state();
        expect(after.isAuditWhole, name).toBe(true);
        const isBefore = JSON.stringify(after) === JSON.stringify(before);
        ends[isBefore ? 'before' : 'after']++;
        if (!isBefore) expectDone(after, before, work, bundle, name);
        if (after.bundles.length === BUNDLES) await startAnew();
      }
      // With deaths at random points, neither end may be the only one that is ever seen.
      if (ROUNDS >= 30) expect(Math.min(ends.before, ends.after)).toBeGreaterThan(0);
      expect(await browser.ask('readAll', null)).toBeNull();
    },
    60_000 + ROUNDS * 30_000,
  );

  test('what lies on the disk tells nothing', async () => {
    const disk = await browser.disk();
    await browser.closeVault();
    const stored = await disk.ask('text');
    expect(stored.length).toBeGreaterThan(100_000);
    for (const canary of ['moe.example', 'DESKTOP-', 'triaged', 'สมชาย'])
      expect(stored.includes(canary), canary).toBe(false);
  }, 180_000);

  function nextWork({ bundles: held }: VaultState, round: number): Work {
    const works: readonly Work[] = ['import', 'triage', 'import', 'compact'];
    const work = works[round % works.length] ?? 'import';
    return work === 'import' && held.length >= BUNDLES ? 'triage' : work;
  }

  async function begin(work: Work, bundle: SealedBundle | undefined, before: VaultState): Promise<unknown> {
    if (work === 'import' && bundle !== undefined) return browser.ask('importBundle', bundle);
    if (work === 'compact') return browser.ask('compact', null);
    return browser.ask('triage', {
      count: before.findings,
      runs: 1,
      state: (before.byState['triaged'] ?? 0) > 0 ? 'new' : 'triaged',
    });
  }

  /** Whole and nothing else: the bundle with all its findings, or every finding in its new state, with one audit entry. */
  function expectDone(
    after: VaultState,
    before: VaultState,
    work: Work,
    bundle: SealedBundle | undefined,
    name: string,
  ): void {
    expect(after.damaged, name).toEqual([]);
    expect(after.distinctIds, name).toBe(after.findings);
    if (work === 'import') {
      expect(after.findings, name).toBe(before.findings + ROWS);
      expect(after.bundles, name).toEqual([{ id: bundle?.id, findings: ROWS }, ...before.bundles]);
      expect(after.auditKinds, name).toEqual([...before.auditKinds, 'bundle_opened']);
      expect(after.byState['new'], name).toBe((before.byState['new'] ?? 0) + ROWS);
      return;
    }
    // A compaction changes nothing that anybody sees.
    expect(work, name).toBe('triage');
    expect({ ...after, byState: null, auditKinds: null }, name).toEqual({ ...before, byState: null, auditKinds: null });
    expect(
      Object.values(after.byState).filter((count) => count > 0),
      name,
    ).toEqual([after.findings]);
    expect(after.auditKinds, name).toEqual([...before.auditKinds, 'triage']);
  }

  async function startAnew(): Promise<void> {
    await browser.close();
    browser = await VaultBrowser.start();
    await browser.ask('importBundle', bundles[0] as SealedBundle);
  }
});
