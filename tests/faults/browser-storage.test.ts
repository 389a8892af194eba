/**
 * Where the browser keeps a vault, in a real browser: the promises of every storage, tabs that die while they serve the disk, a
 * connection that is lost. Skipped where there is no Chromium.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { StorageCalls } from '../bench/storage/storage.worker.ts';
import type { Served } from '../bench/vault/browser.ts';
import { buildPage, chromiumPath, launchChromium, serveFolder } from '../bench/vault/browser.ts';
import { within } from './within.ts';

type Answer<K extends keyof StorageCalls> = Awaited<ReturnType<StorageCalls[K]>>;

interface BenchWindow {
  readonly bench: {
    call(name: string, ...values: readonly unknown[]): Promise<unknown>;
    attachDisk(): Promise<void>;
  };
}

describe.skipIf(chromiumPath() === null)('storage in Chromium', () => {
  let folder = '';
  let served: Served;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealpost-storage-'));
    await buildPage(join(import.meta.dirname, '../bench/storage'), join(folder, 'page'));
    served = await serveFolder(join(folder, 'page'));
    context = await within('starting the browser', launchChromium(join(folder, 'profile')));
  });

  afterEach(async () => {
    for (const page of context.pages().slice(1)) await within('closing a page', page.close());
  });

  afterAll(async () => {
    await within('closing the browser', context.close());
    served.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openTab(search: '' | '?shared' | '?shared-later'): Promise<Page> {
    const page = await within('a page', context.newPage());
    await page.goto(served.url + search);
    await page.waitForFunction(() => 'bench' in window);
    return page;
  }

  for (const kind of ['opfs', 'blob', 'buffer'] as const) {
    test(`${kind}: keeps its promises`, async () => {
      expect(await call(await openTab(''), 'contract', kind)).toEqual([]);
    });
  }

  test('a shared worker keeps them through the disk worker of a tab', async () => {
    expect(await call(await openTab('?shared'), 'contract', 'ports')).toEqual([]);
  });

  test('a file that goes while files are listed hides no other', async () => {
    expect(await call(await openTab(''), 'listBesideProbes', 200)).toBe(0);
  });

  for (const loss of ['closed', 'aborted', 'unheard'] as const) {
    test(`a commit holds once, and all of it, where its connection is ${loss}`, async () => {
      const survived = await call(await openTab(''), 'commitThrough', loss);
      expect(survived).toEqual({ committed: 'ok', rows: ['manifest 2', 'entry-1 1', 'entry-2 2'], told: ['healed'] });
    });
  }

  test('a database that is deleted under the vault is not made anew', async () => {
    const survived = await call(await openTab(''), 'commitThrough', 'deleted');
    expect(survived).toEqual({ committed: 'storage-failed', rows: null, told: ['lost'] });
  });

  test('a read is asked again where its connection is closed', async () => {
    expect(await call(await openTab(''), 'readThrough', 'closed')).toEqual({ read: 1, told: ['healed'] });
  });

  test('of two writers that expect the same revision one wins', async () => {
    expect(await call(await openTab(''), 'commitTwice')).toEqual(['conflict', 'ok']);
  });

  for (const loss of ['closed', 'aborted'] as const) {
    test(`nothing is left of a batch that is tried out, also where its connection is ${loss}`, async () => {
      const left = ['true', 'true', 'manifest 3', 'entry-1 1', 'entry-2 2', 'entry-3 3'];
      expect(await call(await openTab(''), 'tryOut', loss)).toEqual(left);
    });
  }

  for (const how of ['closed', 'crashed'] as const) {
    test(`what is read is asked again of the next tab when one is ${how}`, async () => {
      // The shared worker lives in the process of the tab that started it, which is none of these two.
      await openTab('?shared-later');
      const dying = await openTab('?shared');
      const next = await openTab('?shared-later');
      expect(await call(next, 'write', 'ports', 'kept', 16)).toBe('ok');
      const read = call(next, 'read', 'ports', 'kept', 16, 8);
      await attachDisk(next);
      await end(dying, how);
      expect(await read).toBe(8 * 16);
      expect(await call(next, 'remove', 'ports', 'kept')).toBe(true);
    });

    test(`a file being written fails when its tab is ${how}, and can be written again`, async () => {
      await openTab('?shared-later');
      const dying = await openTab('?shared');
      const next = await openTab('?shared-later');
      const written = call(next, 'write', 'ports', 'half', 1_000);
      await expect
        .poll(() => call(next, 'list', 'ports'), { timeout: 30_000 })
        .toContainEqual(expect.stringMatching(/^half [1-9]/));
      await attachDisk(next);
      await end(dying, how);
      expect(await written).toBe('storage-failed');
      expect(await call(next, 'remove', 'ports', 'half')).toBe(true);
      expect(await call(next, 'write', 'ports', 'whole', 8)).toBe('ok');
      expect(await call(next, 'list', 'ports')).toEqual([`whole ${8 << 20}`]);
      expect(await call(next, 'remove', 'ports', 'whole')).toBe(true);
    });
  }
});

function attachDisk(page: Page): Promise<void> {
  return within(
    'attaching a disk',
    page.evaluate(() => (window as unknown as BenchWindow).bench.attachDisk()),
  );
}

function call<K extends keyof StorageCalls>(
  page: Page,
  name: K,
  ...values: Parameters<StorageCalls[K]>
): Promise<Answer<K>> {
  const called = page.evaluate(([asked, given]) => (window as unknown as BenchWindow).bench.call(asked, ...given), [
    name,
    values,
  ] as const);
  return within(`${name} (${values.join(', ')})`, called) as Promise<Answer<K>>;
}

/** Without a word to the page. */
async function end(page: Page, how: 'closed' | 'crashed'): Promise<void> {
  if (how === 'closed') return within('closing a page', page.close());
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // Nobody is left to answer.
  void session.send('Page.crash').catch(() => undefined);
  await within('the news of the crash', crashed);
}
