/** Four tabs of one vault in a real browser: one truth, whoever changes it, and one chain of audit entries. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SealedBundle } from '../bench/vault/bench-calls.ts';
import { chromiumPath } from '../bench/vault/browser.ts';
import { bundlesOf, VaultBrowser } from './vault-browser.ts';

const ROWS = 3_000;
const TABS = 4;
const ROUNDS = 5;

describe.skipIf(chromiumPath() === null)('four tabs of one vault', () => {
  let browser: VaultBrowser;

  beforeAll(async () => {
    browser = await VaultBrowser.start();
    const [bundle] = (await bundlesOf(ROWS, 2)) as [SealedBundle];
    await browser.ask('importBundle', bundle);
  }, 180_000);
  afterAll(() => browser.close());

  test('change it at once, and agree', async () => {
    const tabs = await browser.openTabs(TABS - 1);
    const before = await browser.state();
    for (let round = 0; round < ROUNDS; round++) {
      const state = round % 2 === 0 ? 'triaged' : 'new';
      await Promise.all(tabs.map((tab, at) => tab.ask('triage', { count: 100 * (at + 1), runs: 1, state })));
    }
    const states = await Promise.all(tabs.map((tab) => tab.ask('state', null)));
    for (const state of states) expect(state).toEqual(states[0]);
    expect(states[0]).toMatchObject({ findings: ROWS, isAuditWhole: true });
    expect(states[0]?.auditKinds).toHaveLength(before.auditKinds.length + TABS * ROUNDS);
    expect(states[0]?.byState['triaged']).toBe(100 * TABS);
    expect(await browser.reopen()).toBeNull();
    expect(await browser.state()).toEqual(states[0]);
  }, 180_000);
});
