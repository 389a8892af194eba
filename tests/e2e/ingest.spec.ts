/** The operator at work on material: recognised, read, paused, looked at, watched anew; by keyboard where it matters. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { formFor, makeCert, must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { checkNow, fileInput, goTo, OTHER_PASSPHRASE } from './steps.ts';
import type { ChosenFile } from './steps.ts';
import { words } from './words.ts';

const { material, watch } = words;

const file = (name: string, lines: readonly string[]): ChosenFile => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});
const times = (count: number, line: (n: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, n) => line(n));

/** 100 findings, 30 lines in quarantine that hide something, 60 lines of a domain that nobody watches. */
const LIST = file('secret-channel-name.txt', [
  ...times(100, (n) => `https://vpn.health.example/login:person${n}@health.example:Un-Usual-${n}`),
  ...times(30, (n) => `health.example was here \u202e${n} and nothing fits`),
  ...times(60, (n) => `https://portal.tax.example/:clerk${n}@tax.example:Pass-Word-${n}`),
]);
const STRANGER = file('other.txt', ['somebody@else.example:Pass-1']);
/** More mailboxes of one domain than is usual, before enough that concerns nobody to be paused while it is read. */
const LARGE = file('large.txt', [
  ...times(12_000, (n) => `https://vpn.health.example/login:large${n}@health.example:Long-${n}`),
  ...times(300_000, (n) => `https://portal.nobody.example/login:other${n}@nobody.example:Pass-${n}`),
]);

let server: TestServer;
let operator: Person;
let page: Page;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const cert = await makeCert(server.origin);
  must(await cert.client.saveOrganisation(null, formFor('Health Office', 'health.example')));
  const backup = must(await cert.client.makeBackup(OTHER_PASSPHRASE));
  operator = await openPerson(browser, server.origin, { reducedMotion: 'reduce' });
  ({ page } = operator);
  await page.goto('/forgotten');
  await page.getByLabel(words.operator.backup.passphrase, { exact: true }).fill(OTHER_PASSPHRASE);
  await fileInput(page, words.operator.backup.choose).setInputFiles({
    name: backup.name,
    mimeType: backup.mediaType,
    buffer: Buffer.from(backup.bytes),
  });
  await expect(page.getByRole('heading', { level: 1, name: words.operator.overview.title })).toBeVisible({
    timeout: 60_000,
  });
});
test.afterEach(() => expectQuiet(operator));
test.afterAll(async () => {
  await operator?.context.close();
  await server?.stop();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const choose = (...files: readonly ChosenFile[]) => fileInput(page, material.drop.files).setInputFiles([...files]);

/** Presses the next button of this name in the moment in which it appears: a fast machine is done before a click has been aimed. */
const pressAsSoonAsThere = (name: string): Promise<void> =>
  page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          const found = [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === wanted);
          if (found === undefined) return;
          observer.disconnect();
          found.click();
          resolve();
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    name,
  );

async function expectAccessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(' | ')}`)).toEqual(
    [],
  );
}

test('a source tells its form and what goes out; much in quarantine takes a yes that is on record', async () => {
  await goTo(page, 'material');
  await choose(LIST);
  await expect(page.getByText(material.options.recognised.form('url:login:password', '84%'))).toBeVisible();
  await page.getByLabel(material.options.alias, { exact: true }).fill('List A');
  await expect(page.getByText(`List A · ${material.options.sentAuto}`)).toBeVisible();
  await expectAccessible();
  await button(material.options.start).click();
  await expect(page.getByText(material.ledger.adds)).toBeVisible();
  await button(material.run.change).click();
  await page.getByLabel(material.options.form, { exact: true }).selectOption('login-pass-url');
  await button(material.options.start).click();
  await expect(page.getByText(material.dialects['login-pass-url'] ?? '')).toBeVisible();
  await button(material.run.change).click();
  await page.getByLabel(material.options.form, { exact: true }).selectOption('auto');
  await button(material.options.start).click();
  await button(material.run.commit).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(material.reasons['ambiguous-split']);
  await expect(button(material.yes.yes)).toBeDisabled();
  await expectAccessible();
  await dialog.getByRole('checkbox').check();
  await button(material.yes.yes).click();
  await expect(page.getByText(material.result.found('100', '1'))).toBeVisible();
  await checkNow(page);
  await goTo(page, 'audit');
  await expect(page.getByRole('table').last()).toContainText(words.audit.kindNames['ingest_override'] ?? '');
});

test('quarantined lines are shown as text, from the same files only', async () => {
  await goTo(page, 'material');
  await page.getByRole('region', { name: material.loads.title }).getByRole('link', { name: '30' }).click();
  await expect(page.getByText(/^30 lines could not be read/)).toBeVisible();
  await button(material.quarantine.show).click();
  const row = page.getByRole('row').nth(1);
  await expect(row.getByRole('img', { name: 'U+202E' })).toBeVisible();
  await expect(row).toContainText('health.example was here');
  await expectAccessible();
  await button(material.quarantine.hide).click();
  await expect(page.getByRole('main')).not.toContainText('was here');

  // Another document has no files at hand; a second tab keeps the vault open meanwhile.
  const tab = await page.context().newPage();
  await tab.goto('/settings');
  await expect(tab.getByRole('heading', { level: 1, name: words.settings.title })).toBeVisible();
  await page.reload();
  await button(material.quarantine.show).click();
  await fileInput(page, material.again.title).setInputFiles(STRANGER);
  await expect(page.getByText(material.again.unknownTitle)).toBeVisible();
  await fileInput(page, material.again.title).setInputFiles({ ...LIST, name: 'renamed.txt' });
  await expect(row).toContainText('health.example was here');
});

test('a domain that nobody watches is tried, put in force, taken back; its versions are told', async () => {
  await goTo(page, 'watch');
  await page.getByRole('tab', { name: new RegExp(`^${watch.tabs.suggestions}`) }).click();
  const row = page.getByRole('row').filter({ hasText: 'tax.example' });
  await expect(row).toContainText('120');
  await expectAccessible();
  await row.getByRole('button', { name: watch.suggest.watch, exact: true }).click();
  await page.getByRole('dialog').getByRole('combobox').selectOption({ label: 'Health Office' });
  await button(watch.whose.next).click();
  await button(watch.preview.action).click();
  await expect(page.getByText(watch.preview.added('60', '60'))).toBeVisible();
  await expect(page.getByRole('dialog')).toContainText('******@tax.example');
  await expect(page.getByRole('dialog')).not.toContainText('Pass-Word');
  await expectAccessible();
  await button(watch.approve).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(row).toBeHidden();
  await page.getByRole('tab', { name: new RegExp(`^${watch.tabs.terms}`) }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Health Office' })).toContainText('tax.example');
  await button(watch.history.action).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(watch.history.inForce)).toBeVisible();
  await expectAccessible();
  await dialog.getByRole('button', { name: watch.history.back }).click();
  await expect(dialog.getByText(watch.history.undoes(1))).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('row').filter({ hasText: 'Health Office' })).not.toContainText('tax.example');
});

test('rules are in the history, and an alias is changed after its load', async () => {
  const { rules } = words.exports;
  await goTo(page, 'watch');
  await button(rules.action).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: rules.add, exact: true }).click();
  await dialog.getByLabel(rules.host, { exact: true }).fill('alumni.health.example');
  await button(rules.save).click();
  await expect(dialog).toBeHidden();
  await button(watch.history.action).click();
  await expect(dialog).toContainText(
    `alumni.health.example · ${rules.logins.any} → ${words.terms.exposure['customer']}`,
  );
  await expectAccessible();
  await page.keyboard.press('Escape');
  await goTo(page, 'machines');
  await expect(page.getByRole('heading', { level: 1, name: words.exports.machines.title })).toBeVisible();
  await goTo(page, 'material');
  const loads = page.getByRole('region', { name: material.loads.title });
  await loads.getByRole('button', { name: material.loads.alias, exact: true }).click();
  await dialog.getByLabel(material.options.alias, { exact: true }).fill('List B');
  await expectAccessible();
  await dialog.getByRole('button', { name: material.loads.aliasSave, exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(loads).toContainText('List B');
});

test('reading pauses, is put aside, and goes on to the same end; what is odd is said before publishing', async () => {
  // From the disk: so much is slow to hand over through the browser's protocol.
  const large = test.info().outputPath(LARGE.name);
  await mkdir(dirname(large), { recursive: true });
  await writeFile(large, LARGE.buffer);
  await goTo(page, 'material');
  await fileInput(page, material.drop.files).setInputFiles(large);
  const pressed = pressAsSoonAsThere(material.run.pause);
  await button(material.options.start).click();
  await pressed;
  await expect(page.getByRole('heading', { name: material.run.paused })).toBeVisible();
  await button(material.run.stop).click();
  await expect(page.getByText(material.run.stoppedTitle)).toBeVisible();
  await button(material.result.another).click();
  await button(material.unfinished.choose).click();
  await fileInput(page, material.drop.files).setInputFiles(large);
  await button(material.unfinished.goOn).click();
  await button(material.run.commit).click({ timeout: 60_000 });
  await expect(page.getByText(material.result.found('12,000', '1'))).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'publish');
  await page.getByRole('tab', { name: new RegExp(`^${words.publish.tabs.held}`) }).click();
  await page.getByRole('link', { name: 'Health Office' }).click();
  const concerns = page.getByRole('status').filter({ hasText: words.publish.concerns.title });
  await expect(concerns).toContainText(words.publish.concerns.manyMailboxes('large.txt', '12,000', 'health.example'));
});
