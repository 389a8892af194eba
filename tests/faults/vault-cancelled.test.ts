/** Imports that do not come to their end in a real browser: cancelled on the way, or the disk is full. Nothing of them stays. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SealedBundle } from '../bench/vault/bench-calls.ts';
import { chromiumPath } from '../bench/vault/browser.ts';
import { bundlesOf, VaultBrowser } from './vault-browser.ts';

const ROWS = 20_000;

describe.skipIf(chromiumPath() === null)('an import in Chromium', () => {
  let browser: VaultBrowser;
  let bundles: readonly [SealedBundle, SealedBundle, SealedBundle];

  beforeAll(async () => {
    bundles = (await bundlesOf(ROWS, 6)).slice(0, 3) as unknown as typeof bundles;
    browser = await VaultBrowser.start();
    await browser.ask('importBundle', bundles[0]);
    await browser.ask('triage', { count: 500, runs: 1, state: 'triaged' });
  }, 180_000);
  afterAll(() => browser.close());

  test('that is cancelled leaves no trace, and can be made again', async () => {
    const before = await browser.state();
    for (const afterRows of [0, 1, ROWS / 2, ROWS]) {
      const ended = await browser.ask('cancelImport', { bundle: bundles[1], afterRows });
      expect(ended, `after ${afterRows} rows`).toBe('cancelled');
      expect(await browser.state()).toEqual(before);
    }
    expect(await browser.reopen()).toBeNull();
    expect(await browser.state()).toEqual(before);
    await browser.ask('importBundle', bundles[1]);
    expect(await browser.state()).toMatchObject({ findings: 2 * ROWS, isAuditWhole: true, damaged: [] });
    expect(await browser.ask('readAll', null)).toBeNull();
  }, 180_000);

  test('onto a full disk says so, loses nothing, and goes on once there is room', async () => {
    const before = await browser.state();
    const restore = await browser.limitQuota(0);
    await expect(browser.ask('importBundle', bundles[2])).rejects.toThrow('storage-full');
    await restore();
    expect(await browser.state()).toEqual(before);
    expect(await browser.reopen()).toBeNull();
    expect(await browser.state()).toEqual(before);
    expect(await browser.ask('readAll', null)).toBeNull();
    await browser.ask('importBundle', bundles[2]);
    expect(await browser.state()).toMatchObject({ findings: 3 * ROWS, isAuditWhole: true, damaged: [] });
  }, 180_000);
});
