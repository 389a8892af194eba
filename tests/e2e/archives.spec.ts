/** Archives dropped in the browser, locked ones with a list of passwords; and a load whose tab is killed in the middle. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  ARCHIVED_RECORDS,
  HIDDEN_7Z,
  SOLID_7Z,
  storedRar5,
} from '@sealpost/shared/opened/ingest/archive/archives.fixture';
import { formFor, makeCert, must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { fileInput, goTo, OTHER_PASSPHRASE, unlock } from './steps.ts';
import { words } from './words.ts';

const { material } = words;
/** More than a checkpoint's worth of records, and as many again. */
const LINES = 130_000;

let server: TestServer;
let operator: Person;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  const cert = await makeCert(server.origin);
  must(await cert.client.saveOrganisation(null, formFor('Ministry', 'moe.example')));
  const backup = must(await cert.client.makeBackup(OTHER_PASSPHRASE));
  operator = await openPerson(browser, server.origin, { reducedMotion: 'reduce' });
  const { page } = operator;
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

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const archive = (name: string, bytes: Uint8Array) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes),
});

test('7z, locked 7z and rar are read where they are dropped, with the passwords that are named', async () => {
  const { page } = operator;
  await goTo(page, 'material');
  const list = new TextEncoder().encode('https://vpn.moe.example/:rar-one@moe.example:Pw1\n');
  await fileInput(page, material.drop.files).setInputFiles([
    archive('plain.7z', SOLID_7Z),
    archive('locked.7z', HIDDEN_7Z),
    archive('stored.rar', storedRar5([{ name: 'รายการ.txt', content: list }])),
  ]);
  await page.getByLabel(material.options.passwords).nth(1).fill('wrong\nright');
  await button(page, material.options.start).click();
  await button(page, material.run.commit).click({ timeout: 60_000 });
  await expect(page.getByText(material.result.found(String(ARCHIVED_RECORDS + 1), '1'))).toBeVisible();
});

test('a load whose tab is killed goes on in another tab and ends with every finding, each once', async () => {
  const path = test.info().outputPath('large.txt');
  await mkdir(dirname(path), { recursive: true });
  const lines = Array.from(
    { length: LINES },
    (_, i) => `https://vpn.moe.example/login:large${i}@moe.example:Long-${i}\n`,
  );
  await writeFile(path, lines.join(''));
  const { page, context } = operator;
  await page.reload();
  await unlock(page, OTHER_PASSPHRASE);
  await goTo(page, 'material');
  await fileInput(page, material.drop.files).setInputFiles(path);
  await button(page, material.options.start).click();
  const crashed = page.waitForEvent('crash');
  await page.waitForFunction(() => {
    const [, records = ''] = /([\d,]+) records/.exec(document.body.textContent ?? '') ?? [];
    return Number(records.replaceAll(',', '')) > 60_000;
  });
  const session = await context.newCDPSession(page);
  // Its renderer dies with every worker in it; the answer to this never comes.
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();

  const tab = await context.newPage();
  await tab.goto('/operator/material');
  await unlock(tab, OTHER_PASSPHRASE);
  await goTo(tab, 'material');
  await button(tab, material.unfinished.choose).click();
  await fileInput(tab, material.drop.files).setInputFiles(path);
  await button(tab, material.unfinished.goOn).click();
  await button(tab, material.run.commit).click({ timeout: 60_000 });
  await expect(tab.getByText(material.result.found(LINES.toLocaleString('en'), '1'))).toBeVisible({ timeout: 90_000 });
});
