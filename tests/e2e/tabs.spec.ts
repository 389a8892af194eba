/** One vault and many tabs: one truth among them, and dead ones noticed. Real windows, real crashes. */
import { ignore, must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Agency } from './agency.ts';
import { chooseState, DOMAIN, enrol, fetchFindings, rows } from './agency.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { checkNow, goTo, PASSPHRASE } from './steps.ts';
import { words } from './words.ts';

const TABS = 4;
const lineOf = (login: string) => `https://vpn.${DOMAIN}/login:${login}@${DOMAIN}:Un-Usual-${login}`;
const LOGINS = Array.from({ length: 8 }, (_, n) => `person${n}`);
const STATES = ['triaged', 'in_progress', 'pending', 'triaged'] as const;

test.describe.configure({ mode: 'serial' });

let server: TestServer;
let analyst: Person;
let agency: Agency;
let tabs: Page[];

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  analyst = await openPerson(browser, server.origin);
  agency = await enrol(server, analyst.page);
  await agency.publish(LOGINS.map(lineOf));
  await fetchFindings(analyst.page);
  tabs = [analyst.page];
});
test.afterEach(() => expectQuiet(analyst));
test.afterAll(async () => {
  await analyst?.context.close();
  await server?.stop();
});

const rowOf = (tab: Page, login: string) => rows(tab).filter({ hasText: `${login}@` });

async function openFindings(): Promise<Page> {
  const tab = await analyst.newTab();
  await tab.goto('/findings');
  return tab;
}

async function setState(tab: Page, login: string, state: (typeof STATES)[number]): Promise<void> {
  await rowOf(tab, login).getByRole('checkbox').check();
  await tab.getByRole('toolbar').getByRole('button', { name: words.findings.changeState, exact: true }).click();
  await chooseState(tab, state);
  await rowOf(tab, login).getByRole('checkbox').uncheck();
}

/** What a tab shows of everybody's state, as one text. */
async function statesIn(tab: Page): Promise<string> {
  const shown = LOGINS.map(async (login) => {
    const text = await rowOf(tab, login).innerText();
    return STATES.find((state) => text.includes(words.terms.state[state])) ?? 'new';
  });
  return (await Promise.all(shown)).join();
}

/** The renderer dies, as when the device runs out of memory. */
async function crash(tab: Page): Promise<void> {
  const session = await tab.context().newCDPSession(tab);
  const crashed = tab.waitForEvent('crash');
  // Nobody is left to answer.
  void session.send('Page.crash').catch(ignore);
  await crashed;
}

/** Publishes one more finding and lets `tab` fetch it: network and disk both have to be somebody's. */
async function fetchOneMore(tab: Page, login: string): Promise<void> {
  await agency.publish([lineOf(login)]);
  await checkNow(tab);
  await showNew(tab, login);
}

/** A list that somebody reads stays as it is until he asks for what has come. */
async function showNew(tab: Page, login: string): Promise<void> {
  const news = tab.getByRole('button', { name: words.views.news(1, '1'), exact: true });
  await expect(news.or(rowOf(tab, login)).first()).toBeVisible();
  if (await news.isVisible()) await news.click();
  await expect(rowOf(tab, login)).toBeVisible();
}

/** Files of the vault in the origin's private file system. */
const filesOnDisk = (tab: Page) =>
  tab.evaluate(async () => {
    const names: string[] = [];
    const root = (await navigator.storage.getDirectory()) as unknown as { values(): AsyncIterable<FileSystemHandle> };
    for await (const folder of root.values()) {
      const files = folder as unknown as { values(): AsyncIterable<FileSystemHandle> };
      for await (const { name } of files.values()) names.push(`${folder.name}/${name}`);
    }
    return names;
  });

test('four tabs at once hold one truth', async () => {
  while (tabs.length < TABS) tabs.push(await openFindings());
  for (const tab of tabs) await expect(rows(tab)).toHaveCount(LOGINS.length);
  // Each tab has two findings of its own, and all of them want the first of all.
  await Promise.all(
    tabs.map(async (tab, n) => {
      const own = STATES[n] ?? 'triaged';
      await setState(tab, `person${n + 1}`, own);
      await setState(tab, 'person0', own);
    }),
  );
  const [first = '', ...others] = await Promise.all(tabs.map(statesIn));
  expect(first.split(',').slice(1, 1 + TABS)).toEqual(STATES);
  for (const [n, tab] of tabs.slice(1).entries()) {
    if (others[n] !== first) await expect.poll(() => statesIn(tab)).toBe(first);
  }
});

test('no number of the record was used twice', async () => {
  const [tab] = tabs;
  if (tab) await checkNow(tab);
  must(await agency.operator.sync(ignore));
  const report = must(await agency.operator.audit({ device: null, kind: null, limit: 500 }));
  expect(report.devices.filter(({ gaps, forks }) => gaps > 0 || forks > 0)).toEqual([]);
  const triage = report.rows.filter(({ kind }) => kind === 'triage');
  expect(new Set(triage.map(({ seq }) => seq)).size).toBe(2 * TABS);
});

test('segments lie in files that only the disk workers open', async () => {
  const [tab] = tabs;
  const files = tab ? await filesOnDisk(tab) : [];
  expect(files.length).toBeGreaterThan(0);
});

test('the tab that served disk and network is closed, and another one takes over', async () => {
  await tabs.shift()?.close();
  const [next, ...others] = tabs;
  if (!next) throw new Error('no tab is left');
  await fetchOneMore(next, 'after-closing');
  for (const tab of others) await showNew(tab, 'after-closing');
});

test('a tab that crashes is noticed, and another one takes over', async () => {
  const crashing = tabs.shift();
  if (crashing) await crash(crashing);
  const [next, ...others] = tabs;
  if (!next) throw new Error('no tab is left');
  await fetchOneMore(next, 'after-crash');
  for (const tab of others) await showNew(tab, 'after-crash');
  await crashing?.close();
});

test('two tabs that unlock at the same moment share one vault', async () => {
  const [one, other] = tabs;
  if (!one || !other) throw new Error('two tabs are left');
  await one.getByRole('button', { name: new RegExp(`^${words.frame.identity}`) }).click();
  await one.getByRole('button', { name: words.frame.lock, exact: true }).click();
  const fields = [one, other].map((tab) => tab.getByLabel(words.welcome.unlock.label, { exact: true }));
  for (const field of fields) await field.fill(PASSPHRASE);
  await Promise.all(fields.map((field) => field.press('Enter')));
  for (const tab of [one, other]) {
    await expect(tab.getByLabel(words.welcome.unlock.label, { exact: true })).toBeHidden();
    await goTo(tab, 'findings');
    await expect(rows(tab)).toHaveCount(LOGINS.length + 2);
  }
  await setState(one, 'person6', 'triaged');
  await setState(other, 'person7', 'pending');
  await expect.poll(() => statesIn(one)).toMatch(/triaged,pending$/);
  await expect.poll(() => statesIn(other)).toMatch(/triaged,pending$/);
  await checkNow(one);
  must(await agency.operator.sync(ignore));
  const report = must(await agency.operator.audit({ device: null, kind: null, limit: 500 }));
  expect(report.devices.filter(({ gaps, forks }) => gaps > 0 || forks > 0)).toEqual([]);
  expect(report.rows.filter(({ kind }) => kind === 'triage')).toHaveLength(2 * TABS + 2);
});
