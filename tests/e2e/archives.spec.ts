/** Archives dropped in the browser, locked ones with a list of passwords. */
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
import { fileInput, goTo, OTHER_PASSPHRASE } from './steps.ts';
import { words } from './words.ts';

const { material } = words;

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
