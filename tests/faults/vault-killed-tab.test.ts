/** The vault in a real browser: tabs killed while they write, and what IndexedDB holds. Skipped where there is no Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Served } from '../bench/vault/browser.ts';
import {
  buildBenchPage,
  call,
  chromiumPath,
  launchChromium,
  openBenchPage,
  serveFolder,
} from '../bench/vault/browser.ts';

const ROWS = 3000;
const ROUNDS = 6;

describe.skipIf(chromiumPath() === null)('vault in Chromium', () => {
  let folder = '';
  let served: Served;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sealpost-killed-'));
    await buildBenchPage(join(folder, 'page'));
    served = await serveFolder(join(folder, 'page'));
    context = await launchChromium(join(folder, 'profile'));
  });

  afterAll(async () => {
    await context.close();
    served.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a tab killed during import or triage leaves the old state or the new one, nothing between', async () => {
    let page = await openBenchPage(context, served.url);
    const vaultKey = await call<number[]>(page, 'create');
    let total = 0;
    let triaged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // All bundles hold the same made-up findings: the first to arrive adds, later ones merge.
      await call(page, 'seal', ROWS);
      const imported = call(page, 'importSealed').catch(() => undefined);
      await killAfter(page, round * 90);
      await imported;
      page = await openBenchPage(context, served.url);
      const unlocked = await call<{ total: number }>(page, 'unlock', vaultKey);
      expect([total, ROWS]).toContain(unlocked.total);
      total = unlocked.total;

      const written = call(page, 'triage', ROWS).catch(() => undefined);
      await killAfter(page, round * 25);
      await written;
      page = await openBenchPage(context, served.url);
      await call(page, 'unlock', vaultKey);
      const states = await call<Record<string, number>>(page, 'states');
      expect([triaged, total]).toContain(states['triaged']);
      triaged = states['triaged'] ?? 0;
    }
    await call(page, 'seal', ROWS);
    await call(page, 'importSealed');
    await call(page, 'triage', ROWS);
    const stored = await dump(page);
    expect(stored.length).toBeGreaterThan(100_000);
    for (const canary of ['moe.example', 'DESKTOP-', 'triaged']) expect(stored.includes(canary)).toBe(false);
    await page.close();
  }, 120_000);
});

async function killAfter(page: Page, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await page.close();
}

/** Everything that IndexedDB holds, keys and values, as text of one character a byte. */
function dump(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const asked = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error as DOMException);
      });
    const decoder = new TextDecoder('latin1');
    let text = '';
    for (const { name } of await indexedDB.databases()) {
      const db = await asked(indexedDB.open(name ?? ''));
      for (const table of db.objectStoreNames) {
        const rows = await asked(db.transaction(table).objectStore(table).getAll());
        for (const row of rows as { id: string; bytes: Uint8Array }[]) text += row.id + decoder.decode(row.bytes);
      }
      db.close();
    }
    return text;
  });
}
