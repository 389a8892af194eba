/** Hostile text, a vault tampered with at rest, several tabs, browsers that lack something: told in words, nothing lost. */
import { ignore, must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Agency } from './agency.ts';
import { chooseState, DOMAIN, drawer, enrol, fetchFindings, rows, search } from './agency.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import type { Page, Person } from './fixtures.ts';
import { fileInput, goTo, OTHER_PASSPHRASE, PASSPHRASE, unlock } from './steps.ts';
import { words } from './words.ts';

const SCRIPT_LOGIN = '"><script>alert(1)</script>';
const SCRIPT_PATH = '<svg/onload=alert(2)>';
const SCRIPT_FILE = '<img src=x onerror=alert(3)>.txt';
const RIGHT_TO_LEFT = 'admin\u202etxt.exe';
const LINES = [
  `https://portal.${DOMAIN}/${SCRIPT_PATH}:${SCRIPT_LOGIN}:Ha-Rmless-1`,
  `https://portal.${DOMAIN}/login:${RIGHT_TO_LEFT}:Ha-Rmless-2`,
  `https://portal.${DOMAIN}/login:javascript|x@${DOMAIN}:Ha-Rmless-3`,
  ...Array.from({ length: 6 }, (_, n) => `https://vpn.${DOMAIN}/login:person${n}@${DOMAIN}:Un-Usual-${n}`),
];

test.describe.configure({ mode: 'serial' });

let server: TestServer;
let analyst: Person;
let agency: Agency;
let page: Page;

test.beforeAll(async ({ browser }) => {
  server = await startServer();
  analyst = await openPerson(browser, server.origin);
  page = analyst.page;
  agency = await enrol(server, page);
  await agency.publish(LINES);
  await fetchFindings(page);
});
test.afterEach(() => expectQuiet(analyst));
test.afterAll(async () => {
  await analyst?.context.close();
  await server?.stop();
});

/** Nothing of hostile text became part of the document. */
async function expectInert(tab: Page): Promise<void> {
  const made = await tab.evaluate(
    () => document.querySelectorAll('main script, main [onload], main [onerror], main img[src="x"]').length,
  );
  expect(made).toBe(0);
}

test('a script in a login or a URL is text to the analyst', async () => {
  await expect(rows(page)).toHaveCount(LINES.length);
  await search(page).fill('script');
  await expect(rows(page).filter({ hasText: SCRIPT_LOGIN })).toHaveCount(1);
  await expectInert(page);
  await rows(page).filter({ hasText: SCRIPT_LOGIN }).click();
  await expect(drawer(page).getByRole('heading', { level: 2 })).toHaveText(SCRIPT_LOGIN);
  await expectInert(page);
  await drawer(page).getByRole('button', { name: words.frame.close, exact: true }).click();
});

test('characters that turn the reading order are shown as marks', async () => {
  await search(page).fill('admin');
  const row = rows(page).filter({ hasText: 'txt.exe' });
  await expect(row).toHaveCount(1);
  expect(await row.innerText()).not.toContain('\u202e');
  await search(page).fill('');
});

test('a script in a file name or a line is text to the operator', async ({ browser }) => {
  const operator = await openPerson(browser, server.origin);
  const backup = must(await agency.operator.makeBackup(OTHER_PASSPHRASE));
  await operator.page.goto('/forgotten');
  await operator.page.getByLabel(words.operator.backup.passphrase, { exact: true }).fill(OTHER_PASSPHRASE);
  await fileInput(operator.page, words.operator.backup.choose).setInputFiles({
    name: backup.name,
    mimeType: backup.mediaType,
    buffer: Buffer.from(backup.bytes),
  });
  await goTo(operator.page, 'material');
  const text = `https://new.${DOMAIN}/${SCRIPT_PATH}:${SCRIPT_LOGIN}:An-Other-4\n`;
  await operator.page
    .getByLabel(words.material.drop.files)
    .setInputFiles({ name: SCRIPT_FILE, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await expect(operator.page.getByText(SCRIPT_FILE)).toBeVisible();
  await operator.page.getByRole('button', { name: words.material.options.start, exact: true }).click();
  await operator.page.getByRole('button', { name: words.material.run.commit, exact: true }).click();
  await expect(operator.page.getByRole('main').getByText(SCRIPT_FILE)).toBeVisible();
  await expectInert(operator.page);
  await operator.page.getByRole('link', { name: words.material.result.review, exact: true }).click();
  await operator.page.getByRole('main').getByRole('row').getByRole('link').first().click();
  await expect(operator.page.getByRole('main').getByText(SCRIPT_LOGIN)).toBeVisible();
  await expectInert(operator.page);
  expectQuiet(operator);
  await operator.context.close();
});

test('two tabs hold one truth', async () => {
  const second = await analyst.newTab();
  await second.goto('/findings');
  const third = (tab: Page) => rows(tab).filter({ hasText: 'person3' });
  await third(second).click();
  await drawer(second).getByRole('button', { name: words.findings.changeState, exact: true }).click();
  await chooseState(second, 'pending');
  await expect(third(page)).toContainText(words.terms.state.pending);

  await rows(page).filter({ hasText: 'person4' }).getByRole('checkbox').check();
  await page.getByRole('toolbar').getByRole('button', { name: words.findings.changeState, exact: true }).click();
  await chooseState(page, 'triaged');
  await expect(rows(second).filter({ hasText: 'person4' })).toContainText(words.terms.state.triaged);
  await second.close();
});

/** Somebody with the disk: a row goes, or two rows change places, while no worker has the vault open. Answers with what was there. */
interface Tampering {
  readonly name: string;
  readonly remove: string | null;
  readonly swap: readonly [string, string] | null;
  readonly told: RegExp;
}

const TAMPERINGS: readonly Tampering[] = [
  { name: 'removed findings', remove: 'imports', swap: null, told: /removed:imports/ },
  { name: 'removed triage', remove: 'journal', swap: null, told: /removed:journal/ },
  {
    name: 'swapped rows',
    remove: null,
    swap: ['imports', 'journal'],
    told: /(altered|rolled-back):(imports|journal)/,
  },
];

/** Does it, or with `null` puts everything back. */
function tamper(how: Pick<Tampering, 'remove' | 'swap'> | null): Promise<void> {
  return page.evaluate(async (what) => {
    interface Row {
      id: string;
      rev: number;
      bytes: Uint8Array;
    }
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const TABLES = ['imports', 'journal'];
    const name = (await indexedDB.databases()).find((entry) => entry.name?.startsWith('sealpost-'))?.name ?? '';
    const database = await done(indexedDB.open(name));
    const transaction = database.transaction(TABLES, 'readwrite');
    const finished = new Promise((resolve) => (transaction.oncomplete = resolve));
    const memory = globalThis as unknown as { kept?: Map<string, Row[]> };
    if (what === null) {
      for (const [table, rows] of memory.kept ?? []) for (const row of rows) transaction.objectStore(table).put(row);
    } else {
      const kept = new Map<string, Row[]>();
      for (const table of TABLES) kept.set(table, (await done(transaction.objectStore(table).getAll())) as Row[]);
      memory.kept = kept;
      const firstOf = (table: string): Row => {
        const [row] = kept.get(table) ?? [];
        if (row === undefined) throw new Error(`tamper: ${table} is empty`);
        return row;
      };
      if (what.remove !== null) transaction.objectStore(what.remove).delete(firstOf(what.remove).id);
      if (what.swap !== null) {
        const [one, other] = what.swap;
        transaction.objectStore(one).put({ ...firstOf(one), bytes: firstOf(other).bytes });
        transaction.objectStore(other).put({ ...firstOf(other), bytes: firstOf(one).bytes });
      }
    }
    await finished;
    database.close();
  }, how);
}

/** How many rows each table holds. */
const rowsAtRest = () =>
  page.evaluate(async () => {
    const counts: Record<string, number> = {};
    const { name = '' } = (await indexedDB.databases()).find((entry) => entry.name?.startsWith('sealpost-')) ?? {};
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const table of database.objectStoreNames) {
      const request = database.transaction(table).objectStore(table).count();
      counts[table] = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    }
    database.close();
    return counts;
  });

for (const { name, remove, swap, told } of TAMPERINGS) {
  test(`${name} at rest are named at unlock, and nothing is deleted`, async () => {
    await page.getByRole('button', { name: new RegExp(`^${words.frame.identity}`) }).click();
    await page.getByRole('button', { name: words.frame.lock, exact: true }).click();
    const field = page.getByLabel(words.welcome.unlock.label, { exact: true });
    await expect(field).toBeVisible();
    const before = await rowsAtRest();
    await tamper({ remove, swap });
    await field.fill(PASSPHRASE);
    await page.getByRole('button', { name: words.welcome.unlock.action, exact: true }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText(words.errors.kinds['storage-damaged'].title);
    await expect(alert).toContainText(told);
    await expect(page.getByText('person3')).toHaveCount(0);
    await tamper(null);
    expect(await rowsAtRest()).toEqual(before);
    await unlock(page, PASSPHRASE);
    await expect(rows(page).filter({ hasText: 'person3' })).toContainText(words.terms.state.pending);
  });
}

test('the record of all this has no gap and no fork', async () => {
  await page.getByRole('banner').getByRole('button', { name: words.frame.checkNow, exact: true }).first().click();
  await expect(page.getByText(words.frame.checked(0, '0'))).toBeVisible();
  must(await agency.operator.sync(ignore));
  const report = must(await agency.operator.audit({ device: null, kind: null, limit: 500 }));
  expect(report.devices.filter(({ gaps, forks }) => gaps > 0 || forks > 0)).toEqual([]);
});

test('without shared workers one tab has the vault, and another can take it over', async () => {
  await page.close();
  await analyst.context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  const first = await analyst.newTab();
  await first.goto('/findings');
  await unlock(first, PASSPHRASE);
  await expect(rows(first)).toHaveCount(LINES.length);

  const second = await analyst.newTab();
  await second.goto('/findings');
  await second.getByRole('button', { name: words.frame.useHere, exact: true }).click();
  await unlock(second, PASSPHRASE);
  await expect(rows(second)).toHaveCount(LINES.length);
  await expect(first.getByText(words.frame.replacedTitle)).toBeVisible();
  await expect(first.getByText('person3')).toHaveCount(0);
});

test('a browser that cannot make the keys is told so before anybody types', async ({ browser }) => {
  const visitor = await openPerson(browser, server.origin);
  await visitor.context.addInitScript(() => {
    const native = SubtleCrypto.prototype.generateKey;
    const refuse = function (this: SubtleCrypto, algorithm: AlgorithmIdentifier, ...rest: unknown[]) {
      const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
      if (name === 'X25519' || name === 'Ed25519') throw new DOMException('Unrecognized name.', 'NotSupportedError');
      return Reflect.apply(native, this, [algorithm, ...rest]) as unknown;
    };
    SubtleCrypto.prototype.generateKey = refuse as typeof native;
  });
  const { oldBrowser, offers } = words.welcome;
  await visitor.page.goto('/');
  const told = visitor.page.getByRole('alert');
  await expect(told).toContainText(oldBrowser.title);
  await expect(told).toContainText(oldBrowser.versions);
  await expect(told).toContainText(oldBrowser.missing('X25519 and Ed25519'));
  for (const { action } of [offers.setup, offers.join, offers.demo])
    await expect(visitor.page.getByRole('button', { name: action, exact: true })).toBeDisabled();
  await expect(visitor.page.getByRole('link', { name: offers.request.action })).toBeVisible();
  for (const path of ['/setup', '/join']) {
    await visitor.page.goto(path);
    await expect(visitor.page.getByRole('alert')).toContainText(oldBrowser.title);
    await expect(visitor.page.getByRole('textbox')).toHaveCount(0);
  }
  expectQuiet(visitor);
  await visitor.context.close();
});

test('an engine without native Ed25519 verification still checks an invitation', async ({ browser }) => {
  const visitor = await openPerson(browser, server.origin, { serviceWorkers: 'block' });
  await visitor.context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
  const refusal = `{ globalThis.refused = 0; const verify = SubtleCrypto.prototype.verify;
    SubtleCrypto.prototype.verify = function (algorithm, ...rest) {
      if ((algorithm.name ?? algorithm) !== 'Ed25519') return verify.call(this, algorithm, ...rest);
      globalThis.refused += 1;
      return Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
    }; }`;
  await visitor.context.route(/vault\.worker.*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${refusal}\n${await response.text()}` });
  });
  const [invitation] = must(await agency.operator.invite([agency.listId], 14, server.origin));
  await visitor.page.goto(invitation?.link ?? '');
  await expect(visitor.page.getByRole('heading', { name: words.join.invitation.title })).toBeVisible();
  const refused = await Promise.all(
    visitor.page.workers().map((worker) => worker.evaluate(() => (globalThis as { refused?: number }).refused ?? 0)),
  );
  expect(Math.max(...refused)).toBeGreaterThan(0);
  expectQuiet(visitor);
  await visitor.context.close();
});
