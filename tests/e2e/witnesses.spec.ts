/** An operator names who watches the record, on a page: what was typed is judged at once, each change is signed, and can be taken back. */
import { encodeNoteKey } from '@sealpost/shared/sealed/audit/note';
import { makeCert, must } from '../integration/people.ts';
import { newKey } from '../integration/scene.ts';
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import { fileInput, goTo, OTHER_PASSPHRASE } from './steps.ts';
import { words } from './words.ts';

const { page: said, manage, waiting } = words.audit.witnesses;

test('witnesses are added by their key, counted, taken off, and taken back', async ({ browser }) => {
  const server = await startServer();
  const { client } = await makeCert(server.origin);
  const backup = must(await client.makeBackup(OTHER_PASSPHRASE));
  const operator = await openPerson(browser, server.origin);
  const { page } = operator;
  const [first, second] = await Promise.all([witness('one'), witness('two')]);
  const field = page.getByLabel(said.key, { exact: true });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  /** What the directory says to everybody: another device of the operator's asks the server. */
  const named = async () => {
    must(await client.sync(() => undefined));
    const { names, quorum } = (await client.record()).witnesses;
    return { names, quorum };
  };

  await test.step('the record says that nobody watches it, and leads to the page', async () => {
    await page.goto('/forgotten');
    await page.getByLabel(words.operator.backup.passphrase, { exact: true }).fill(OTHER_PASSPHRASE);
    const file = { name: backup.name, mimeType: backup.mediaType, buffer: Buffer.from(backup.bytes) };
    await fileInput(page, words.operator.backup.choose).setInputFiles(file);
    await expect(page.getByRole('heading', { level: 1, name: words.operator.overview.title })).toBeVisible({
      timeout: 60_000,
    });
    await goTo(page, 'audit');
    await page.getByRole('link', { name: manage, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: said.title, exact: true })).toBeVisible();
    await expect(page.getByRole('heading', { name: said.empty })).toBeVisible();
  });

  await test.step('what is typed is judged at once, and a mistake says what to do', async () => {
    await button(said.addAction).click();
    await expect(page.getByText(said.wrong.empty)).toBeVisible();
    await field.fill('https://witness.example');
    await expect(page.getByText(said.wrong.other)).toBeVisible();
    await field.fill(first.key.slice(0, -4));
    await expect(page.getByText(said.wrong.mistyped)).toBeVisible();
    await field.fill((await client.record()).logKey ?? '');
    await expect(page.getByText(said.wrong.log)).toBeVisible();
    expect(await named()).toEqual({ names: [], quorum: 0 });
  });

  await test.step('two are added by keyboard; as all had to confirm, all have to', async () => {
    await field.fill(first.key);
    await expect(page.getByText(said.fits(first.name))).toBeVisible();
    await field.press('Enter');
    await expect(page.getByText(said.added(first.name))).toBeVisible();
    await expect(field).toHaveValue('');
    await field.fill(first.key);
    await expect(page.getByText(said.known(first.name))).toBeVisible();
    await field.fill(second.key);
    await field.press('Enter');
    await expect(page.getByText(said.added(second.name))).toBeVisible();
    await expect(page.getByRole('listitem').filter({ hasText: second.key })).toBeVisible();
    expect(await named()).toEqual({ names: [first.name, second.name], quorum: 2 });
  });

  await test.step('how many must confirm is chosen', async () => {
    await page.getByLabel(said.quorum, { exact: true }).selectOption('1');
    await expect(page.getByText(said.quorumSet)).toBeVisible();
    expect(await named()).toEqual({ names: [first.name, second.name], quorum: 1 });
  });

  await test.step('one is taken off, and taken back by another statement', async () => {
    await button(said.removeOf(first.name)).click();
    const note = page.getByText(said.removed(first.name));
    await expect(note).toBeVisible();
    expect(await named()).toEqual({ names: [second.name], quorum: 1 });
    await note.locator('..').getByRole('button', { name: words.frame.undo, exact: true }).click();
    await expect(page.getByText(said.undone)).toBeVisible();
    expect(await named()).toEqual({ names: [first.name, second.name], quorum: 1 });
  });

  await test.step('the record says for whom it waits', async () => {
    await page.getByRole('link', { name: said.back, exact: true }).click();
    const panel = page.getByRole('region', { name: words.audit.proof.title });
    await expect(panel.getByText(waiting('1', `${first.name}, ${second.name}`))).toBeVisible();
  });

  expectQuiet(operator);
  await operator.context.close();
  await server.stop();
});

async function witness(label: string): Promise<{ readonly name: string; readonly key: string }> {
  const name = `witness.example/${label}`;
  const { publicKey } = await newKey();
  return { name, key: encodeNoteKey({ name, type: 'witness', publicKey }) };
}
