/** A vault in a real browser that can be killed, damaged and opened again. Each has a profile and a server of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import type { AtRestCalls } from '../bench/vault/at-rest.ts';
import type { BenchCalls, MemberKeys, SealedBundle, VaultState } from '../bench/vault/bench-calls.ts';
import { buildBenchPage, call, launchChromium, openBenchPage, serveFolder } from '../bench/vault/browser.ts';
import type { Served } from '../bench/vault/browser.ts';
import { killBrowser, killRenderers } from '../bench/vault/processes.ts';
import { BUNDLE_FOLDER, sealedBundle } from '../bench/vault/sealed-bundles.ts';
import { within } from './within.ts';

/** Calls of the page that sees the disk. */
export interface DiskPage {
  ask<K extends keyof AtRestCalls>(name: K, ...args: Parameters<AtRestCalls[K]>): ReturnType<AtRestCalls[K]>;
}

/** How a device dies: its pages and workers, or the whole browser. */
export type Death = 'renderer' | 'browser';

export class VaultBrowser {
  readonly #folder: string;
  readonly #served: Served;
  #context: BrowserContext;
  #page: Page;
  #keys: MemberKeys | null = null;

  private constructor(folder: string, served: Served, context: BrowserContext, page: Page) {
    this.#folder = folder;
    this.#served = served;
    this.#context = context;
    this.#page = page;
  }

  /** A browser with an empty, open vault. */
  static async start(): Promise<VaultBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'sealpost-faults-'));
    await buildBenchPage(join(folder, 'page'));
    const served = await serveFolder(join(folder, 'page'), BUNDLE_FOLDER);
    const context = await launch(folder);
    const browser = new VaultBrowser(folder, served, context, await openPage(context, served));
    browser.#keys = await browser.ask('create', null);
    return browser;
  }

  get page(): Page {
    return this.#page;
  }

  ask<K extends keyof BenchCalls>(name: K, argument: Parameters<BenchCalls[K]>[0] | null): ReturnType<BenchCalls[K]> {
    return within(`the call ${name}`, call(this.#page, name, argument)) as ReturnType<BenchCalls[K]>;
  }

  state(): Promise<VaultState> {
    return this.ask('state', null);
  }

  /** In new processes; the error as JSON if the vault does not open. */
  async unlock(): Promise<string | null> {
    if (this.#keys === null) throw new Error('no vault');
    try {
      await this.ask('unlock', this.#keys);
      return null;
    } catch (error) {
      return String(error);
    }
  }

  /** Kills without a word to anybody, then opens the page anew. */
  async die(how: Death): Promise<void> {
    const profile = join(this.#folder, 'profile');
    if (how === 'renderer') {
      const crashed = this.#page.waitForEvent('crash');
      await within('the end of the renderers', killRenderers(profile));
      await within('the news of the crash', crashed);
      await within('closing the crashed page', this.#page.close());
      this.#page = await openPage(this.#context, this.#served);
    } else {
      const closed = this.#context.waitForEvent('close');
      killBrowser(profile);
      await within('the news of the end', closed);
      await this.restart();
    }
  }

  /** Pages and workers end as when a person closes the window; then the vault is opened anew: `null`, or the error as JSON. */
  async reopen(): Promise<string | null> {
    await this.closeVault();
    this.#page = await openPage(this.#context, this.#served);
    return this.unlock();
  }

  /** Closes every tab of the vault. */
  async closeVault(): Promise<void> {
    for (const page of this.#context.pages())
      if (page.url() === this.#served.url) await within('closing a page', page.close());
  }

  /** What lies on the disk, for one who has it in hand; a page of its own, which stays open. */
  async disk(): Promise<DiskPage> {
    const page = await within('a page', this.#context.newPage());
    await page.goto(`${this.#served.url}at-rest.html`);
    await page.waitForFunction(() => 'atRest' in window);
    return {
      ask: (name, ...args) =>
        within(
          `${name} at rest`,
          page.evaluate(
            ([asked, given]) =>
              (window as unknown as { atRest: Record<string, (...values: unknown[]) => unknown> }).atRest[asked]?.(
                ...given,
              ),
            [name as string, args as unknown[]] as const,
          ),
        ) as never,
    };
  }

  /** This tab and `more` new ones. */
  async openTabs(more: number): Promise<readonly Pick<VaultBrowser, 'ask'>[]> {
    const tabs: Pick<VaultBrowser, 'ask'>[] = [this];
    for (let at = 0; at < more; at++) {
      const page = await openPage(this.#context, this.#served);
      tabs.push({
        ask: (name, argument) =>
          within(`the call ${name} of tab ${at + 1}`, call(page, name, argument)) as ReturnType<
            BenchCalls[typeof name]
          >,
      });
    }
    return tabs;
  }

  /** The browser's quota for this origin: what it uses now and `more` bytes. Answers how to lift the limit again. */
  async limitQuota(more: number): Promise<() => Promise<void>> {
    const session = await this.#context.newCDPSession(this.#page);
    const origin = new URL(this.#served.url).origin;
    const { usage = 0 } = await this.#page.evaluate(() => navigator.storage.estimate());
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + more });
    return async () => {
      await session.send('Storage.overrideQuotaForOrigin', { origin });
      await session.detach();
    };
  }

  async restart(): Promise<void> {
    this.#context = await launch(this.#folder);
    this.#page = await openPage(this.#context, this.#served);
  }

  async close(): Promise<void> {
    await within('closing the browser', this.#context.close());
    this.#served.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function launch(folder: string): Promise<BrowserContext> {
  return within('starting the browser', launchChromium(join(folder, 'profile')));
}

function openPage(context: BrowserContext, served: Served): Promise<Page> {
  return within('opening the page', openBenchPage(context, served.url));
}

/** Bundles of `rows` findings each that have none in common. */
export async function bundlesOf(rows: number, count: number): Promise<readonly SealedBundle[]> {
  const bundles: SealedBundle[] = [];
  for (let at = 0; at < count; at++) {
    const ranges = [{ from: at * rows, to: (at + 1) * rows }];
    bundles.push(await sealedBundle({ worldRows: rows * count, ranges, policy: 'masked' }));
  }
  return bundles;
}
