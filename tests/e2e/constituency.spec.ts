/** A national CERT begins: three hundred agencies from a CSV to the first load, with the steps a person takes counted. */
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Page } from './fixtures.ts';
import { fileInput, goTo, OTHER_PASSPHRASE, PASSPHRASE, saved, typeNewPassphrase } from './steps.ts';
import type { ChosenFile } from './steps.ts';
import { number, words } from './words.ts';

const AGENCIES = 300;

const domainOf = (index: number) => `agency-${index}.example`;

function agencies(): ChosenFile {
  const rows = Array.from({ length: AGENCIES }, (_, index) => {
    const domain = domainOf(index);
    return `หน่วยงานตัวอย่าง ${index},Example Agency ${index},state_agency,public_service,,กรุงเทพมหานคร,${domain},,สมหญิง ตัวอย่างดี,หัวหน้ากลุ่ม,soc@${domain},+66 2 000 0000,th`;
  });
  const header = 'name_th,name_en,type,sector,parent,province,domains,exclude,contact,position,email,phone,language';
  const buffer = Buffer.from(`\ufeff${[header, ...rows].join('\r\n')}\r\n`);
  return { name: 'agencies.csv', mimeType: 'text/csv', buffer };
}

/** One line for every agency, so that each has exactly one finding. */
function leak(): ChosenFile {
  const lines = Array.from(
    { length: AGENCIES },
    (_, index) => `https://vpn.${domainOf(index)}/login:nok${index}@${domainOf(index)}:Made-up-${index}!`,
  );
  return { name: 'first-load.txt', mimeType: 'text/plain', buffer: Buffer.from(`${lines.join('\n')}\n`) };
}

test('three hundred agencies are listed and matched in 23 steps', async ({ person }) => {
  const { page } = await person();
  let steps = 0;
  const step = async <T>(work: Promise<T>): Promise<T> => {
    steps++;
    return work;
  };
  const click = (target: Locator) => step(target.click());
  const button = (on: Page, name: string | RegExp) =>
    on.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  const { setup } = words.welcome;

  await page.goto('/');
  await click(page.getByRole('link', { name: words.welcome.offers.setup.action, exact: true }));
  await step(page.getByLabel(setup.nameTh, { exact: true }).fill('ศูนย์ประสานงานตัวอย่าง'));
  await step(page.getByLabel(setup.nameEn, { exact: true }).fill('Example CERT'));
  await click(button(page, words.join.next));
  await step(typeNewPassphrase(page, setup.pass, PASSPHRASE, 0));
  await step(typeNewPassphrase(page, setup.rootPass, OTHER_PASSPHRASE, 1));
  await click(button(page, setup.make));
  await expect(button(page, setup.rootSave)).toBeVisible({ timeout: 60_000 });
  const rootFile = await step(saved(page, setup.rootSave));
  await step(fileInput(page, setup.rootProve).setInputFiles(rootFile));
  await expect(page.getByText(setup.rootProved)).toBeVisible({ timeout: 60_000 });
  await click(button(page, words.join.next));
  await click(button(page, words.join.next));
  const { backup } = words.operator;
  await step(typeNewPassphrase(page, backup.passphrase, OTHER_PASSPHRASE));
  const backupFile = await step(saved(page, backup.save));
  await step(fileInput(page, backup.choose).setInputFiles(backupFile));
  await expect(page.getByText(backup.proved)).toBeVisible({ timeout: 60_000 });
  await click(button(page, setup.done));

  await step(goTo(page, 'organisations'));
  await click(page.getByRole('link', { name: words.operator.organisations.importCsv }));
  await step(fileInput(page, words.operator.csv.choose).setInputFiles(agencies()));
  await click(button(page, words.operator.csv.import(number(AGENCIES))));
  await expect(page.getByText(words.operator.csv.done(number(AGENCIES), '0', '0'))).toBeVisible({ timeout: 60_000 });

  await step(goTo(page, 'material'));
  await step(page.getByLabel(words.material.drop.files).setInputFiles(leak()));
  await click(button(page, words.material.options.start));
  await expect(page.getByRole('heading', { name: words.material.run.finished })).toBeVisible({ timeout: 60_000 });
  await click(button(page, words.material.run.commit));
  const found = words.material.result.found(number(AGENCIES), number(AGENCIES));
  await expect(page.getByRole('heading', { name: found })).toBeVisible({ timeout: 90_000 });

  expect(steps).toBe(23);
});
