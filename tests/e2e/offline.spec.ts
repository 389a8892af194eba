/** Working without a network, across reloads and killed pages; locked means locked, and nothing lies there to be read. */
import type { TestServer } from '../integration/test-server.ts';
import type { Agency } from './agency.ts';
import { chooseState, DOMAIN, drawer, enrol, fetchFindings, NAME, rows, search } from './agency.ts';
import { readAtRest } from './at-rest.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { checkNow, PASSPHRASE, unlock } from './steps.ts';
import { words } from './words.ts';

/** Must be found nowhere outside the open vault. */
const CANARY = { account: 'canary.somchai', host: 'vpn-canary.river-clinic.example', secret: 'Mango-Canary-River-19' };
/** Parts of the other lines that occur nowhere in the app itself. */
const OTHERS = ['quiet#heron7', 'visitor@freemail', 'cloud.elsewhere', 'tea4two'];
const LINES = [
  `https://${CANARY.host}/login:${CANARY.account}@river-clinic.example:${CANARY.secret}`,
  'https://portal.river-clinic.example/account:malee@river-clinic.example:Quiet#Heron7',
  'https://portal.river-clinic.example/account:visitor@freemail.example:sunshine12',
  'https://cloud.elsewhere.example/:nida@river-clinic.example:Tea4Two!Tea',
];

test.describe.configure({ mode: 'serial' });

let server: TestServer;
let analyst: Person;
let agency: Agency;
let page: Page;
/** Address of the canary's finding. */
let address: string;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  analyst = await openPerson(browser, server.origin, { mayBeOffline: true });
  page = analyst.page;
  agency = await enrol(server, page);
  await agency.publish(LINES, { policy: 'sealed' });
  await fetchFindings(page);
});
test.afterEach(() => expectQuiet(analyst));
test.afterAll(async () => {
  await analyst?.context.close();
  await server?.stop();
});

const status = (tab: Page) => tab.getByRole('button', { name: new RegExp(`^${words.frame.status}`) });
const lockScreen = (tab: Page) => tab.getByRole('heading', { level: 1, name: words.welcome.unlock.title, exact: true });

/** Closes the page as a crash would, without a word to it, and opens another one at `path`. */
async function kill(path: string): Promise<void> {
  await page.close({ runBeforeUnload: false });
  page = await analyst.newTab();
  await page.goto(path);
}

/** What the status panel says is only on this device. */
async function waitingHere(): Promise<{ triage: number; record: number; envelopes: number }> {
  await status(page).click();
  const panel = page.getByRole('group', { name: words.frame.status, exact: true });
  await expect(panel.getByText(words.frame.onlyHereAudit)).toBeVisible();
  const amount = async (term: string) =>
    Number(await panel.locator('dt', { hasText: term }).locator('xpath=following-sibling::dd[1]').innerText());
  const triage = await amount(words.frame.onlyHereOperations);
  const record = await amount(words.frame.onlyHereAudit);
  const envelopes = await amount(words.frame.onlyHereOutbox);
  await page.keyboard.press('Escape');
  return { triage, record, envelopes };
}

test('with the network cut, the app reloads, unlocks and answers', async () => {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller !== null) return;
    await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  });
  await analyst.context.setOffline(true);
  await page.reload();
  await unlock(page, PASSPHRASE);
  await expect(rows(page)).toHaveCount(LINES.length);
  await expect(page.getByText(words.frame.offlineLong)).toBeVisible();
  await expect(page.getByRole('button', { name: words.frame.checkNow, exact: true })).toBeDisabled();
  await search(page).fill(CANARY.account);
  await expect(rows(page)).toHaveCount(1);
  await rows(page).first().click();
  await expect(drawer(page)).toContainText(CANARY.host);
  address = new URL(page.url()).pathname;
});

test('triage made offline survives a killed page', async () => {
  await drawer(page).getByRole('button', { name: words.findings.changeState, exact: true }).click();
  await chooseState(page, 'in_progress');
  await expect(status(page)).toContainText(/only on this device/);
  await kill(address);
  await expect(lockScreen(page)).toBeVisible();
  await expect(page.getByText(CANARY.account)).toHaveCount(0);
  await unlock(page, PASSPHRASE);
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  await expect(drawer(page)).toContainText(words.terms.state.in_progress);
  await expect(drawer(page)).toContainText(CANARY.host);
});

test('a sealed password is revealed offline, too', async () => {
  const { drawer: say } = words.findings;
  await drawer(page).getByRole('button', { name: say.reveal, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: say.revealApply, exact: true }).click();
  await expect(drawer(page).getByText(CANARY.secret)).toBeVisible();
  await drawer(page).getByRole('button', { name: say.hide, exact: true }).click();
});

test('back online, the record of what was done offline goes out', async () => {
  const waiting = await waitingHere();
  expect(waiting.record).toBeGreaterThan(2);
  await analyst.context.setOffline(false);
  await expect(page.getByText(words.frame.offlineLong)).toHaveCount(0);
  await checkNow(page);
  // Triage stays with this device: it belongs to the organisation, not to the server.
  expect(await waitingHere()).toEqual({ ...waiting, record: 0 });
  await agency.operator.sync(() => undefined);
  const report = await agency.operator.audit({ device: null, kind: null, limit: 500 });
  const kinds = report.ok ? report.value.kinds.map(({ kind }) => kind) : [];
  expect(kinds).toEqual(expect.arrayContaining(['bundle_opened', 'triage', 'secret_revealed', 'unlock']));
  expect(report.ok && report.value.devices.every(({ gaps, forks }) => gaps === 0 && forks === 0)).toBe(true);
});

test('a wrong passphrase opens nothing and changes nothing', async () => {
  await kill(address);
  const field = page.getByLabel(words.welcome.unlock.label, { exact: true });
  await field.fill('seven quiet herons cross the muddy rivers');
  await page.getByRole('button', { name: words.welcome.unlock.action, exact: true }).click();
  await expect(page.getByText(words.welcome.unlock.wrong)).toBeVisible();
  await expect(page.getByText(CANARY.account)).toHaveCount(0);
  await unlock(page, PASSPHRASE);
  await expect(drawer(page)).toContainText(words.terms.state.in_progress);
});

test('locking in one tab locks all, and what they showed is gone', async () => {
  const second = await analyst.newTab();
  await second.goto('/findings');
  await expect(rows(second).first()).toBeVisible();
  await page.getByRole('button', { name: new RegExp(`^${words.frame.identity}`) }).click();
  await page.getByRole('button', { name: words.frame.lock, exact: true }).click();
  for (const tab of [page, second]) {
    await expect(lockScreen(tab)).toBeVisible();
    await expect(tab.getByText(CANARY.account)).toHaveCount(0);
  }
  await second.close();
});

test('nothing at rest can be read without the passphrase', async () => {
  await expect(lockScreen(page)).toBeVisible();
  const text = (await readAtRest(page)).toLowerCase();
  const found = (parts: readonly string[]) => parts.filter((part) => text.includes(part.toLowerCase()));
  // The reader does read: databases, rows, caches and preferences are all in it.
  const known = ['sealpost.identities', 'sealpost-', 'journal', 'manifest.webmanifest', '<!doctype html>'];
  expect(found(known)).toEqual(known);
  expect(found([...Object.values(CANARY), ...OTHERS, DOMAIN, NAME, PASSPHRASE])).toEqual([]);
  expect(/age-secret-key-1[0-9a-z]{20}/.test(text)).toBe(false);
});

test('an idle vault locks by itself', async () => {
  await unlock(page, PASSPHRASE);
  await expect(drawer(page).or(rows(page).first()).first()).toBeVisible();
  await moveVaultClock(16 * 60_000);
  await expect(lockScreen(page)).toBeVisible();
  await expect(page.getByText(CANARY.account)).toHaveCount(0);
});

/** Sets the clock of the shared vault worker forward, as a night with the lid closed would. */
async function moveVaultClock(byMs: number): Promise<void> {
  const browser = analyst.context.browser();
  if (browser === null) throw new Error('moveVaultClock: no browser');
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  const workers = targetInfos.filter(({ type, url }) => type === 'shared_worker' && url.startsWith(server.origin));
  expect(workers).toHaveLength(1);
  const { sessionId } = await session.send('Target.attachToTarget', {
    targetId: workers[0]?.targetId ?? '',
    flatten: false,
  });
  const expression = `{ const now = Date.now.bind(Date); Date.now = () => now() + ${byMs}; }`;
  const answered = new Promise<string>((resolve) =>
    session.once('Target.receivedMessageFromTarget', ({ message }) => resolve(message)),
  );
  await session.send('Target.sendMessageToTarget', {
    sessionId,
    message: JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }),
  });
  expect(await answered).not.toContain('exceptionDetails');
  await session.detach();
}
