/** What people do in the app, in the words they see. Each step ends when its outcome is on the screen. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { Page } from './fixtures.ts';
import { words } from './words.ts';

export const PASSPHRASE = 'seven quiet herons cross the muddy delta';
export const OTHER_PASSPHRASE = 'nine orange kettles whistle under the bridge';

export interface ChosenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The file input with this label; its drop zone has the same name. */
export const fileInput = (page: Page, label: string) =>
  page.getByLabel(label, { exact: true }).and(page.locator('input'));

/** Types a new passphrase twice. */
export async function typeNewPassphrase(page: Page, label: string, passphrase: string, nth = 0): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(passphrase);
  await page.getByLabel(words.welcome.setup.passAgain, { exact: true }).nth(nth).fill(passphrase);
}

/** Clicks what saves a file and takes the file from the downloads. */
export async function saved(page: Page, button: string): Promise<ChosenFile> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return {
    name: download.suggestedFilename(),
    mimeType: 'application/octet-stream',
    buffer: await readFile(await download.path()),
  };
}

/** Drops a file from outside the browser on `target`, as from a file manager. */
export async function dropFile(page: Page, target: Locator, file: ChosenFile): Promise<void> {
  const path = test.info().outputPath(file.name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, file.buffer);
  const box = await target.boundingBox();
  if (box === null) throw new Error('dropFile: the target is not on the screen');
  const session = await page.context().newCDPSession(page);
  const where = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...where, data });
  await session.detach();
}

/** Thirty digits as shown under `label`: six groups of five. */
export async function readDigits(page: Page, label: string): Promise<readonly string[]> {
  const items = page.getByRole('list', { name: label, exact: true }).getByRole('listitem');
  await expect(items).toHaveCount(6);
  const groups = (await items.allTextContents()).map((text) => text.replaceAll(/\D/g, '').slice(0, 5));
  for (const group of groups) expect(group).toMatch(/^\d{5}$/);
  return groups;
}

/** Opens a page by the main navigation. */
export async function goTo(page: Page, name: keyof typeof words.frame.nav): Promise<void> {
  await page
    .getByRole('navigation', { name: words.frame.navigation })
    .getByRole('link', { name: new RegExp(`^${words.frame.nav[name]}\\b`) })
    .click();
}

/** Asks the server for what is new and waits for the answer. */
export async function checkNow(page: Page): Promise<void> {
  const button = page.getByRole('banner').getByRole('button', { name: words.frame.checkNow, exact: true }).first();
  await button.click();
  await expect(button).toBeEnabled();
  await expect(button).not.toHaveAttribute('aria-busy', 'true');
}

/** Unlocks on the lock screen. */
export async function unlock(page: Page, passphrase: string): Promise<void> {
  const field = page.getByLabel(words.welcome.unlock.label, { exact: true });
  await field.fill(passphrase);
  await page.getByRole('button', { name: words.welcome.unlock.action, exact: true }).click();
  await expect(field).toBeHidden();
}

export interface Joining {
  readonly nameTh: string;
  readonly nameEn: string;
  readonly domains: readonly string[];
  readonly email: string;
  readonly passphrase: string;
}

/** From an invitation link to a sent request; answers with the 30 digits it shows. */
export async function joinWith(page: Page, link: string, form: Joining): Promise<readonly string[]> {
  const { join } = words;
  await page.goto(link);
  await page.getByLabel(join.invitation.compared).check();
  await page.getByRole('button', { name: join.invitation.start, exact: true }).click();
  const next = page.getByRole('button', { name: join.next, exact: true });

  await page.getByLabel(join.organisation.nameTh, { exact: true }).fill(form.nameTh);
  await page.getByLabel(join.organisation.nameEn, { exact: true }).fill(form.nameEn);
  await next.click();
  await page.getByLabel(join.domains.label).fill(form.domains.join('\n'));
  await next.click();
  const first = page.getByRole('group', { name: join.contact.first });
  await first.getByLabel(join.contact.name, { exact: true }).fill('Duty Officer');
  await first.getByLabel(join.contact.position, { exact: true }).fill('Head of IT security');
  await first.getByLabel(join.contact.email, { exact: true }).fill(form.email);
  await first.getByLabel(join.contact.phone, { exact: true }).fill('+66 2 000 0000');
  await next.click();
  await page.getByLabel(join.purpose.channel).fill('+66 2 000 0001');
  await page.getByLabel(join.purpose.scope).fill('Own accounts');
  await next.click();
  await page.getByLabel(join.notice.signedName).fill('Duty Officer');
  await page.getByLabel(join.notice.signedPosition, { exact: true }).fill('Head of IT security');
  await page.getByLabel(join.notice.accept).check();
  await next.click();
  await typeNewPassphrase(page, join.passphrase.label, form.passphrase);
  await page.getByRole('button', { name: join.passphrase.send, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: join.status.call })).toBeVisible({ timeout: 60_000 });
  return readDigits(page, join.status.digits);
}

/** Types thirty digits into the six fields of a request. */
export async function typeDigits(page: Page, groups: readonly string[]): Promise<void> {
  for (const [index, group] of groups.entries())
    await page.getByLabel(words.operator.requests.group(index + 1), { exact: true }).fill(group);
}
