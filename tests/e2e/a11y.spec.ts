/** Every main page by axe, in both languages, themes and sizes; and the analyst's work without a mouse. */
import AxeBuilder from '@axe-core/playwright';
import { must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Agency } from './agency.ts';
import { DOMAIN, drawer, enrol, fetchFindings, rows, search } from './agency.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { fileInput, OTHER_PASSPHRASE, PASSPHRASE } from './steps.ts';
import { th, words } from './words.ts';

const LINES = [
  ...Array.from({ length: 40 }, (_, n) => `https://vpn.${DOMAIN}/login:person${n}@${DOMAIN}:Un-Usual-${n}`),
  ...Array.from({ length: 9 }, (_, n) => `https://shop.${DOMAIN}/account:guest${n}@freemail.example:summer${n}`),
];
const HELD = Array.from({ length: 3 }, (_, n) => `https://new.${DOMAIN}/login:later${n}@${DOMAIN}:Not-Yet-${n}`);

const VARIANTS = [
  { name: 'English, light, desktop', language: 'en', colorScheme: 'light', size: { width: 1440, height: 900 } },
  { name: 'Thai, dark, phone', language: 'th', colorScheme: 'dark', size: { width: 390, height: 844 } },
  { name: 'Thai, light, desktop', language: 'th', colorScheme: 'light', size: { width: 1440, height: 900 } },
  { name: 'English, dark, phone', language: 'en', colorScheme: 'dark', size: { width: 390, height: 844 } },
] as const;
type Variant = (typeof VARIANTS)[number];
type Shown = Pick<Variant, 'language' | 'colorScheme'> & {
  readonly size: { readonly width: number; readonly height: number };
};

/** Checked in all four variants; the others in the first two. */
const VISITOR = { often: ['/'], once: ['/setup', '/join', '/access'] };
const ANALYST = { often: ['/findings'], once: ['/overview', '/bundles', '/record', '/material', '/settings'] };

const OPERATOR = {
  often: ['/operator'],
  once: [
    '/operator/publish',
    '/operator/material',
    '/operator/machines',
    '/operator/watch',
    '/operator/bundles',
    '/operator/organisations',
    '/operator/organisations/import',
    '/operator/requests',
    '/operator/audit',
    '/operator/audit/witnesses',
  ],
};
const pathsOf = ({ often, once }: typeof VISITOR, variant: Variant): readonly string[] =>
  VARIANTS.indexOf(variant) < 2 ? [...once, ...often] : often;

let server: TestServer;
let visitor: Person;
let analyst: Person;
let operator: Person;
let agency: Agency;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  server = await startServer();
  const calm = { reducedMotion: 'reduce' } as const;
  visitor = await openPerson(browser, server.origin, calm);
  analyst = await openPerson(browser, server.origin, calm);
  operator = await openPerson(browser, server.origin, calm);
  agency = await enrol(server, analyst.page);
  await agency.publish(LINES, { policy: 'sealed' });
  await fetchFindings(analyst.page);
  await agency.load(HELD);
  const backup = must(await agency.operator.makeBackup(OTHER_PASSPHRASE));
  await operator.page.goto('/forgotten');
  await operator.page.getByLabel(words.operator.backup.passphrase, { exact: true }).fill(OTHER_PASSPHRASE);
  await fileInput(operator.page, words.operator.backup.choose).setInputFiles({
    name: backup.name,
    mimeType: backup.mediaType,
    buffer: Buffer.from(backup.bytes),
  });
  const overview = operator.page.getByRole('heading', { level: 1, name: words.operator.overview.title });
  await expect(overview).toBeVisible({ timeout: 60_000 });
  // A second tab keeps each vault open while the first goes from address to address.
  for (const person of [analyst, operator]) {
    const other = await person.newTab();
    await other.goto('/settings');
    await expect(other.getByRole('heading', { level: 1, name: words.settings.title })).toBeVisible();
  }
});
test.afterEach(() => expectQuiet(visitor, analyst, operator));
test.afterAll(async () => {
  for (const person of [visitor, analyst, operator]) await person?.context.close();
  await server?.stop();
});

async function show(page: Page, variant: Shown, path: string): Promise<void> {
  await page.setViewportSize(variant.size);
  await page.emulateMedia({ colorScheme: variant.colorScheme, reducedMotion: 'reduce' });
  await page.evaluate((language) => localStorage.setItem('sealpost.language', language), variant.language);
  await page.goto(path);
  await expect(page.locator('html')).toHaveAttribute('lang', variant.language);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('main').locator('[aria-busy="true"]')).toHaveCount(0);
}

/** Titles that are wider than their place, and so cut or over the tools beside them. */
async function cutTitles(page: Page): Promise<readonly string[]> {
  const cut = await page
    .getByRole('heading', { level: 1 })
    .evaluateAll((titles) =>
      titles.filter((title) => title.scrollWidth > title.clientWidth).map((title) => title.textContent),
    );
  return cut.map((title) => `title cut: ${title}`);
}

/** What axe holds against the page, whether its title is cut, and whether it is wider than the window. */
async function faults(page: Page): Promise<readonly string[]> {
  const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(passes.length).toBeGreaterThan(10);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(' | ')}`);
  found.push(...(await cutTitles(page)));
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return excess > 0 ? [...found, `wider than the window by ${excess} px`] : found;
}

async function expectNoFaults(person: Person, paths: typeof VISITOR, variant: Variant): Promise<void> {
  const found: Record<string, readonly string[]> = {};
  const checked = pathsOf(paths, variant);
  // A phone has the least room for a title, so there each page's is read in both languages.
  const visited = variant.size.width < 640 ? [...paths.once, ...paths.often] : checked;
  for (const path of visited) {
    await show(person.page, variant, path);
    const here = await (checked.includes(path) ? faults : cutTitles)(person.page);
    if (here.length > 0) found[path] = here;
  }
  expect(found).toEqual({});
}

for (const variant of VARIANTS) {
  test(`axe finds nothing: before unlocking (${variant.name})`, async () => {
    await visitor.page.goto('/');
    await expectNoFaults(visitor, VISITOR, variant);
  });

  test(`axe finds nothing: an analyst's pages and an opened finding (${variant.name})`, async () => {
    const { page } = analyst;
    await expectNoFaults(analyst, ANALYST, variant);
    await rows(page).first().click();
    await expect(drawer(page).getByRole('heading', { level: 2 })).toBeVisible();
    expect(await faults(page)).toEqual([]);
  });

  test(`axe finds nothing: an operator's pages (${variant.name})`, async () => {
    await expectNoFaults(operator, OPERATOR, variant);
  });
}

for (const size of [
  { width: 640, height: 900 },
  { width: 768, height: 1024 },
]) {
  test(`at ${size.width} pixels no page and no word of the navigation is wider than its place`, async () => {
    const found: Record<string, readonly string[]> = {};
    for (const [{ page }, paths] of [
      [analyst, ANALYST],
      [operator, OPERATOR],
    ] as const) {
      for (const path of pathsOf(paths, VARIANTS[0])) {
        await show(page, { ...VARIANTS[0], size }, path);
        const navigation = page.getByRole('navigation', { name: words.frame.navigation });
        const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        const cut = await navigation.evaluate((rail) => rail.scrollWidth - rail.clientWidth);
        if (excess > 0 || cut > 0) found[path] = [`page ${excess}`, `navigation ${cut}`];
      }
    }
    expect(found).toEqual({});
  });
}

for (const [who, person, paths, told, home] of [
  ['a CERT', () => operator, pathsOf(ANALYST, VARIANTS[0]), words.overview.noAccess, '/operator'],
  ['an organisation', () => analyst, pathsOf(OPERATOR, VARIANTS[0]), words.operator.noAccess, '/overview'],
] as const) {
  test(`pages of the other kind tell ${who} so, and where its own are`, async () => {
    const { page } = person();
    const others = paths.filter((path) => path !== '/settings');
    for (const path of others) {
      await show(page, VARIANTS[0], path);
      await expect(page.getByRole('main').getByRole('heading', { name: told })).toBeVisible();
    }
    expect(await faults(page)).toEqual([]);
    await page.getByRole('main').getByRole('link', { name: words.frame.home }).click();
    await expect(page).toHaveURL(new RegExp(`${home}$`));
  });
}

for (const variant of VARIANTS.slice(0, 2)) {
  test(`axe finds nothing: suggestions, row menu, time, groups, views, search help (${variant.name})`, async () => {
    const { page } = analyst;
    const { keyboard } = page;
    const t = variant.language === 'th' ? th : words;
    await show(page, variant, '/findings');
    const box = page.getByRole('combobox', { name: t.findings.search });
    await box.fill('person1');
    await expect(page.getByRole('option').first()).toBeVisible();
    await keyboard.press('ArrowDown');
    expect(await faults(page)).toEqual([]);
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await keyboard.press('Escape');
    await keyboard.press('p');
    await expect(page.getByRole('menu')).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await keyboard.press('Enter');
    await expect(page.getByRole('button', { name: t.search.backShort, exact: true })).toBeVisible();

    const chart = page.getByRole('listbox', { name: new RegExp(`^${t.views.time.title}`) });
    // On a phone it is behind a button.
    if ((page.viewportSize()?.width ?? 0) < 640) {
      await page.getByRole('button', { name: t.views.time.title, exact: true }).click();
    }
    await page.getByText(t.views.time.field.lastSeen, { exact: true }).first().click();
    await chart.focus();
    await keyboard.press('Shift+ArrowLeft');
    expect(await faults(page)).toEqual([]);
    await page.getByLabel(t.views.groupBy, { exact: true }).selectOption({ label: t.views.group.host });
    await page.getByRole('treegrid').focus();
    await keyboard.press('j');
    await keyboard.press('Enter');
    await expect(page.getByRole('treegrid').locator('[aria-level="2"]').first()).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: new RegExp(`^${t.views.saved.title}`) }).click();
    await expect(page.getByLabel(t.views.saved.name)).toBeVisible();
    expect(await faults(page)).toEqual([]);
    await keyboard.press('Escape');
    await page.getByRole('button', { name: t.search.help.open }).click();
    expect(await faults(page)).toEqual([]);
    await keyboard.press('Escape');
  });
}

test('axe finds nothing: dialogs and the palette', async () => {
  const { page } = analyst;
  await show(page, VARIANTS[0], '/findings');
  await rows(page).first().getByRole('checkbox').check();
  await page.keyboard.press('e');
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await page.keyboard.press('Escape');
});

test('axe finds nothing on the lock screen, and an analyst works by keyboard alone: unlock, palette, j k x e, / ? Enter Esc', async () => {
  const { page } = analyst;
  const { keyboard } = page;
  await show(page, VARIANTS[0], '/overview');
  await page.getByRole('button', { name: new RegExp(`^${words.frame.identity}`) }).click();
  await page.getByRole('button', { name: words.frame.lock, exact: true }).click();
  const field = page.getByLabel(words.welcome.unlock.label, { exact: true });
  await expect(field).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await expect(field).toBeFocused();
  await keyboard.type(PASSPHRASE);
  await keyboard.press('Enter');
  await expect(field).toBeHidden();
  // The keys work once the frame is there: until then nothing is shown that they could act on.
  await expect(page.getByRole('navigation').first()).toBeVisible();

  await keyboard.press('Control+k');
  await expect(page.getByPlaceholder(words.frame.palettePlaceholder)).toBeFocused();
  await keyboard.type(words.frame.goTo(words.frame.nav.findings));
  await keyboard.press('Enter');
  await expect(page).toHaveURL(/\/findings$/);
  await expect(rows(page).first()).toBeVisible();

  const grid = page.getByRole('grid');
  const cursor = async () => (await grid.getAttribute('aria-activedescendant')) ?? '';
  await keyboard.press('j');
  await expect.poll(cursor).toMatch(/-0$/);
  await keyboard.press('j');
  await keyboard.press('j');
  await expect.poll(cursor).toMatch(/-2$/);
  await keyboard.press('k');
  await expect.poll(cursor).toMatch(/-1$/);
  await keyboard.press('x');
  await expect(rows(page).nth(1)).toHaveAttribute('aria-selected', 'true');

  await keyboard.press('e');
  const dialog = page.getByRole('dialog');
  const triaged = dialog.getByRole('radio', { name: new RegExp(`^${words.terms.state.triaged}`) });
  await expect(dialog).toBeVisible();
  for (let tab = 0; tab < 4 && !(await dialog.getByRole('radio').first().evaluate(isFocused)); tab++)
    await keyboard.press('Tab');
  await keyboard.press('ArrowDown');
  await expect(triaged).toBeChecked();
  await keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(rows(page).nth(1)).toContainText(words.terms.state.triaged);
  await keyboard.press('Control+z');
  await expect(rows(page).filter({ hasText: words.terms.state.triaged })).toHaveCount(0);

  await keyboard.press('/');
  await expect(search(page)).toBeFocused();
  await keyboard.type('person7@');
  await expect(rows(page)).toHaveCount(1);
  await keyboard.press('Enter');
  await keyboard.press('Enter');
  await expect(drawer(page)).toContainText(`person7@${DOMAIN}`);
  await keyboard.press('Escape');
  await expect(page).toHaveURL(/\/findings$/);

  await keyboard.press('?');
  await expect(page.getByRole('dialog', { name: words.frame.help })).toBeVisible();
  await keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

const isFocused = (element: Element): boolean => element === document.activeElement;

test('axe finds nothing: an alarm that explains itself, and the record that leads to it', async () => {
  const { page, context } = analyst;
  const { deployment } = await agency.operator.profile();
  const head = await server.server.deps.trees.head(deployment);
  const checkpoint = Buffer.from(head?.checkpoint ?? []).toString('utf8');
  await context.route('**/log/consistency?*', (route) =>
    route.fulfill({ json: { checkpoint, consistency: ['A'.repeat(43)] } }),
  );
  await show(page, VARIANTS[0], '/record');
  await page.getByRole('button', { name: words.audit.proof.check, exact: true }).click();
  await page.getByRole('link', { name: words.audit.alarm.open }).click();
  await expect(page.getByRole('button', { name: words.audit.proof.save, exact: true })).toBeEnabled();
  const { pathname } = new URL(page.url());
  const found: Record<string, readonly string[]> = {};
  for (const variant of VARIANTS) {
    for (const path of ['/record', pathname]) {
      await show(page, variant, path);
      const here = await faults(page);
      if (here.length > 0) found[`${path} (${variant.name})`] = here;
    }
  }
  expect(found).toEqual({});
  await context.unroute('**/log/consistency?*');
});
