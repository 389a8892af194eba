/**
 * A vault whose disk somebody had in hand, in a real browser: rows and files removed, changed, cut, swapped and put back from
 * earlier. Each is told when the vault opens or where it is read, never answered from. `DAMAGES` says how many, evenly over all.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AtRest, Damage } from '../bench/vault/at-rest.ts';
import type { SealedBundle, VaultState } from '../bench/vault/bench-calls.ts';
import { chromiumPath } from '../bench/vault/browser.ts';
import type { DiskPage } from './vault-browser.ts';
import { bundlesOf, VaultBrowser } from './vault-browser.ts';

const MOST = Number(process.env['DAMAGES'] ?? 24);
const ROWS = 3_000;
const DAMAGES: readonly (readonly [Damage, number])[] = [
  ['remove', 0],
  ['swap', 0],
  ['old', 0],
  ['flip', 0],
  ['flip', 0.3],
  ['flip', 0.7],
  ['flip', 1],
  ['cut', 0.9],
];

describe.skipIf(chromiumPath() === null)('a vault whose disk was changed', () => {
  let browser: VaultBrowser;
  let disk: DiskPage;
  let whole: VaultState;

  beforeAll(async () => {
    const [first, second] = (await bundlesOf(ROWS, 2)) as [SealedBundle, SealedBundle];
    browser = await VaultBrowser.start();
    disk = await browser.disk();
    await browser.ask('importBundle', first);
    await browser.ask('triage', { count: 100, runs: 1, state: 'triaged' });
    await browser.closeVault();
    await disk.ask('remember');
    expect(await browser.reopen()).toBeNull();
    await browser.ask('importBundle', second);
    await browser.ask('triage', { count: 200, runs: 1, state: 'triaged' });
    await browser.ask('compact', null);
    await browser.ask('triage', { count: 300, runs: 1, state: 'triaged' });
    whole = await browser.state();
  }, 180_000);
  afterAll(() => browser.close());

  test(
    'says so',
    async () => {
      await browser.closeVault();
      const things = await disk.ask('list');
      expect(new Set(things.map(({ kind }) => kind))).toEqual(new Set(['row', 'file']));
      const cases = things.flatMap((thing) => DAMAGES.map(([damage, at]) => ({ thing, damage, at })));
      const step = Math.max(1, cases.length / MOST);
      let damaged = 0;
      for (let at = 0; at < cases.length; at += step) {
        const one = cases[Math.floor(at)];
        if (one === undefined || !(await disk.ask('change', one.thing, one.damage, one.at))) continue;
        damaged++;
        await expectTold(one.thing, `${one.damage} ${one.at}`);
        await browser.closeVault();
        await disk.ask('putBack');
      }
      expect(damaged).toBeGreaterThan(MOST / 3);
      expect(await browser.reopen()).toBeNull();
      expect(await browser.state()).toEqual(whole);
      expect(await browser.ask('readAll', null)).toBeNull();
    },
    60_000 + MOST * 10_000,
  );

  /** At opening by an error that names it, or as a bundle to be fetched again, or, for what opening does not read, where it is read. */
  async function expectTold({ kind, place, id }: AtRest, damage: string): Promise<void> {
    const name = `${damage} of ${kind} ${place}/${id}`;
    const refused = await browser.reopen();
    if (refused !== null) {
      expect(refused, name).toContain('storage-damaged');
      return;
    }
    const state = await browser.state().catch(String);
    if (typeof state === 'string') {
      expect(state, name).toContain('storage-damaged');
      return;
    }
    if (state.damaged.length > 0) {
      const known = whole.bundles.map((bundle) => bundle.id);
      for (const bundle of state.damaged) expect(known, name).toContain(bundle);
      return;
    }
    const unread = await browser.ask('readAll', null);
    if (unread === null && place === 'meta' && id === 'header') {
      // The salt of a table without rows: keys of nothing. What is answered must be the truth.
      expect(state, name).toEqual(whole);
      return;
    }
    expect(unread ?? 'answered from', name).toContain('storage-damaged');
  }
});
