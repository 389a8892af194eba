/** Ways through the findings: suggestions, pivots, groups, time, saved views, and scrolling to the last row; by keyboard, too. */
import type { TestServer } from '../integration/test-server.ts';
import type { Agency } from './agency.ts';
import { DOMAIN, drawer, enrol, fetchFindings, rows, search } from './agency.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { checkNow, fileInput, goTo } from './steps.ts';
import { number, words } from './words.ts';

const PEOPLE = 900;
const LINES = [
  ...Array.from(
    { length: PEOPLE },
    (_, n) => `https://${n % 2 === 0 ? 'vpn' : 'portal'}.${DOMAIN}/login:person${n}@${DOMAIN}:Un-Usual-${n % 90}`,
  ),
  ...Array.from({ length: 6 }, (_, n) => `https://host${n}.${DOMAIN}/login:malee.jai@${DOMAIN}:Quiet#Heron7`),
];
const LATER = Array.from({ length: 5 }, (_, n) => `https://later.${DOMAIN}/login:later${n}@${DOMAIN}:Not-Yet-${n}`);
const ALL = LINES.length;

test.describe.configure({ mode: 'serial' });

let server: TestServer;
let analyst: Person;
let agency: Agency;
let page: Page;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  server = await startServer();
  analyst = await openPerson(browser, server.origin, { reducedMotion: 'reduce' });
  page = analyst.page;
  agency = await enrol(server, page);
  await agency.publish(LINES, { policy: 'fingerprint' });
  await fetchFindings(page);
});
test.afterEach(() => expectQuiet(analyst));
test.afterAll(async () => {
  await analyst?.context.close();
  await server?.stop();
});

const { findings, search: say, views } = words;
const count = () =>
  page.getByRole('status').filter({ hasText: /^\s*[\d,]+ (findings|accounts|computers|sites), |^One finding/ });
const chips = () => page.getByRole('button', { name: /Remove filter/ });
const option = (name: string | RegExp) =>
  page.getByRole('listbox', { name: say.suggestions }).getByRole('option', { name });
const lines = () =>
  page
    .getByRole('treegrid')
    .getByRole('row')
    .filter({ hasNot: page.getByRole('columnheader') });
const lastRowIndex = async () => Number(await rows(page).last().getAttribute('aria-rowindex'));
const shows = (findingsShown: number) =>
  expect(count()).toContainText(
    findingsShown === 1 ? findings.countOne : new RegExp(`^\\s*${number(findingsShown)} findings`),
  );

async function command(name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByPlaceholder(words.frame.palettePlaceholder)).toBeFocused();
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
}

async function clearAll(): Promise<void> {
  await command(findings.clearFilters);
  await shows(ALL);
}

test('every key stroke answers, and a suggestion chosen by keyboard becomes a term that finds it', async () => {
  await page.keyboard.press('/');
  await expect(search(page)).toBeFocused();
  await page.keyboard.type('male');
  await shows(6);
  await expect(option(/malee\.jai@/)).toBeVisible();
  await expect(search(page)).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(option(/malee\.jai@/)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(search(page)).toHaveValue(`${say.field.identity}:malee.jai@${DOMAIN} `);
  await expect(search(page)).toHaveAttribute('aria-expanded', 'false');
  await shows(6);
  await page.keyboard.type(`-${say.field.host}:host3`);
  await shows(5);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(search(page)).toHaveValue('');
  await shows(ALL);
});

test('a word of a filter is offered as the filter, and a search is remembered until the vault locks', async () => {
  const level = (await rows(page).first().innerText()).match(/Critical|High|Medium|Low|Info/)?.[0] ?? '';
  await search(page).fill(level);
  await expect(option(new RegExp(`^${level}`))).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(search(page)).toHaveValue('');
  await expect(chips()).toHaveCount(1);
  await chips().click();
  await shows(ALL);
  await search(page).fill('portal person1');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Backspace');
  await expect(option('portal person1')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
});

test('from a row to all findings of its account, and from the drawer to all with its password, and back', async () => {
  await search(page).fill('malee');
  await shows(6);
  await page.keyboard.press('Enter');
  await page.keyboard.press('p');
  const menu = page.getByRole('menu', { name: say.pivot.menu });
  await expect(menu.getByRole('menuitem', { name: new RegExp(`^${say.pivot.identity}`) })).toBeFocused();
  await expect(menu.getByRole('menuitem', { name: new RegExp(`^${say.pivot.secret}`) })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(menu).toBeHidden();
  await shows(6);
  await expect(chips()).toContainText([`malee.jai@${DOMAIN}`]);
  await expect(page).toHaveURL(/\/findings$/);

  await rows(page).first().click();
  await drawer(page).getByRole('button', { name: say.pivot.host, exact: true }).click();
  await shows(1);
  await expect(chips()).toHaveCount(1);
  await drawer(page).getByRole('button', { name: say.pivot.secret, exact: true }).click();
  await shows(6);
  await page.getByRole('button', { name: say.backShort, exact: true }).click();
  await shows(1);
  await chips().click();
  await shows(ALL);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/findings$/);
});

test('groups are counted, opened and shown as a list by keyboard', async () => {
  await page.getByLabel(views.groupBy, { exact: true }).selectOption({ label: views.group.identity });
  await expect(count()).toContainText(`${number(PEOPLE + 1)} accounts, ${number(ALL)} findings`);
  const grid = page.getByRole('treegrid');
  await grid.focus();
  await page.keyboard.press('j');
  await expect(lines().first()).toContainText(`malee.jai@${DOMAIN}`);
  await expect(lines().first()).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowRight');
  await expect(lines().first()).toHaveAttribute('aria-expanded', 'true');
  await expect(grid.locator('[aria-level="2"]')).toHaveCount(6);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(drawer(page)).toContainText(`malee.jai@${DOMAIN}`);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(grid.locator('[aria-level="2"]')).toHaveCount(0);
  await lines().first().getByRole('button', { name: views.showAsList }).click();
  await shows(6);
  await expect(chips()).toHaveCount(1);
  await clearAll();
});

test('a stretch of time is chosen by keyboard and by pointer, and taken away again', async () => {
  await page.getByText(views.time.field.firstSeen, { exact: true }).first().click();
  const chart = page.getByRole('listbox', { name: new RegExp(`^${views.time.title}`) });
  await chart.focus();
  await page.keyboard.press('End');
  await expect(chart.getByRole('option').last()).toHaveAccessibleName(/findings/);
  await page.keyboard.press('Enter');
  await expect(chips()).toHaveCount(1);
  await shows(ALL);
  await page.getByRole('button', { name: views.time.whole, exact: true }).click();
  await expect(chips()).toHaveCount(0);
  const box = await chart.boundingBox();
  if (!box) throw new Error('no chart');
  await page.mouse.move(box.x + 2, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(chips()).toHaveCount(1);
  await chips().click();
  await shows(ALL);
});

test('a view is saved under a name, found by the palette, renamed, deleted and brought back', async () => {
  await search(page).fill('portal');
  await page.keyboard.press('Escape');
  const button = page.getByRole('button', { name: new RegExp(`^${views.saved.title}`) });
  await button.click();
  const panel = page.getByRole('group', { name: views.saved.title });
  await panel.getByLabel(views.saved.name).fill('Portal');
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: 'Portal', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await clearAll();

  await command(views.saved.show('Portal'));
  await expect(search(page)).toHaveValue('portal');
  await shows(PEOPLE / 2);

  await button.click();
  await panel.getByRole('button', { name: views.saved.rename('Portal') }).click();
  await panel.getByLabel(views.saved.rename('Portal')).fill('All of the portal');
  await page.keyboard.press('Enter');
  await panel.getByRole('button', { name: views.saved.remove('All of the portal') }).click();
  await expect(panel.getByRole('button', { name: 'All of the portal', exact: true })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: words.frame.undo, exact: true }).click();
  await button.click();
  await expect(panel.getByRole('button', { name: 'All of the portal', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await clearAll();
});

test('the list reaches its last row by key and by scroll bar, and comes back to the first', async () => {
  const grid = page.getByRole('grid');
  await grid.focus();
  await page.keyboard.press('End');
  await expect.poll(lastRowIndex).toBe(ALL + 1);
  await expect(rows(page).last()).toBeInViewport();
  await page.keyboard.press('Home');
  await expect.poll(async () => rows(page).first().getAttribute('aria-rowindex')).toBe('2');
  await grid.evaluate((list) => (list.scrollTop = list.scrollHeight));
  await expect.poll(lastRowIndex).toBe(ALL + 1);
  await page.keyboard.press('PageUp');
  await grid.evaluate((list) => (list.scrollTop = 0));
  await expect.poll(async () => rows(page).first().getAttribute('aria-rowindex')).toBe('2');
});

test('what comes while the list is read is told, and nothing moves until it is asked for', async () => {
  await page.keyboard.press('Home');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const before = await rows(page).allInnerTexts();
  await agency.publish(LATER, { policy: 'fingerprint' });
  await checkNow(page);
  const news = page.getByRole('button', { name: views.news(LATER.length, number(LATER.length)) });
  await expect(news).toBeVisible();
  await shows(ALL);
  expect(await rows(page).allInnerTexts()).toEqual(before);
  await news.click();
  await shows(ALL + LATER.length);
  await expect(news).toHaveCount(0);
});

test('an analyst loads the export of its own provider and a table of its own, and removes one again', async () => {
  const own = words.exports.own;
  const file = (name: string, lines: readonly string[]) => ({
    ...{ name, mimeType: 'text/csv', buffer: Buffer.from(`${lines.join('\n')}\n`) },
  });
  const spycloud = file('spycloud.csv', [
    'document_id,source_id,spycloud_publish_date,email,password,password_type,password_plaintext,target_url',
    `d1,10001,2024-03-05T00:00:00Z,kanya@${DOMAIN},5f4dcc3b5aa765d61d8327deb882cf99,md5,,`,
  ]);
  const table = file('export.csv', [
    'Konto;Kennwort;Ziel',
    `somsri@${DOMAIN};Dusty-Lamp-7;https://sso.${DOMAIN}/login`,
  ]);
  await goTo(page, 'ownMaterial');
  await fileInput(page, words.material.drop.files).setInputFiles([spycloud, table]);
  const queued = page.getByRole('listitem').filter({ hasText: 'spycloud.csv' });
  await expect(queued).toContainText(words.exports.providers['spycloud'] ?? '');

  await page.getByRole('button', { name: words.exports.choose }).click();
  const dialog = page.getByRole('dialog', { name: words.exports.columnsTitle });
  await dialog.getByLabel(words.exports.roles.login, { exact: true }).selectOption('Konto');
  await dialog.getByLabel(words.exports.roles.password, { exact: true }).selectOption('Kennwort');
  await dialog.getByLabel(words.exports.roles.url, { exact: true }).selectOption('Ziel');
  await dialog.getByRole('button', { name: words.exports.apply }).click();
  await page.getByRole('button', { name: own.start, exact: true }).click();
  await page.getByRole('button', { name: own.commit, exact: true }).click();
  await expect(page.getByRole('heading', { name: own.found('2') })).toBeVisible();
  await page.getByRole('link', { name: own.open }).click();
  for (const login of ['kanya', 'somsri']) {
    await search(page).fill(`${login}@`);
    await expect(rows(page).filter({ hasText: login })).toHaveCount(1);
    await shows(1);
  }

  // The next file with the same header needs no asking.
  await goTo(page, 'ownMaterial');
  await fileInput(page, words.material.drop.files).setInputFiles([table]);
  await expect(page.getByText(words.exports.mapped('3'))).toBeVisible();
  await page.getByRole('button', { name: own.remove }).click();
  await page.getByRole('dialog').getByRole('button', { name: own.removeApply, exact: true }).click();
  await expect(page.getByRole('button', { name: own.remove })).toHaveCount(0);
  await goTo(page, 'findings');
  await search(page).fill('somsri@');
  await expect(page.getByText(findings.noneTitle)).toBeVisible();
});
