/** The record as a person sees it: proved, checked entry by entry, and what an alarm says when the server cannot prove it. */
import { readFile } from 'node:fs/promises';
import { enrol } from './agency.ts';
import { expect, openPerson, startServer, test } from './fixtures.ts';
import { checkNow, goTo } from './steps.ts';
import { words } from './words.ts';

const { alarm, proof } = words.audit;

test('the record is proved at every contact; one that is not continues in an alarm with evidence', async ({
  browser,
}) => {
  const server = await startServer();
  const analyst = await openPerson(browser, server.origin);
  const { page } = analyst;
  await enrol(server, page);
  const panel = page.getByRole('region', { name: proof.title });

  await test.step('every own entry is checked while one watches', async () => {
    await checkNow(page);
    await goTo(page, 'record');
    await expect(panel.getByText(/^Proved: \d+ entries/)).toBeVisible();
    await panel.getByRole('button', { name: proof.check, exact: true }).click();
    await expect(panel.getByText(/^Checked just now: all \d+ entries/)).toBeVisible();
  });

  await test.step('a server that has gone back behind what it showed is told of on every page', async () => {
    const before = await server.server.deps.trees.head(await deploymentOf());
    await analyst.context.route('**/log/consistency?*', (route) =>
      route.fulfill({
        json: { checkpoint: Buffer.from(before?.checkpoint ?? []).toString('utf8'), consistency: ['A'.repeat(43)] },
      }),
    );
    await checkNow(page);
    const light = page.getByRole('link', { name: proof.lightAlarm });
    await light.click();
    const exact = alarm.exact['log/not-consistent'];
    await expect(panel.getByText(exact?.found ?? '')).toBeVisible();
    await panel.getByRole('link', { name: alarm.open }).click();
    await expect(page.getByRole('heading', { level: 1, name: alarm.title, exact: true })).toBeVisible();
    await expect(page.getByRole('heading', { level: 2, name: exact?.found ?? '' })).toBeVisible();
    for (const step of alarm.steps) await expect(page.getByText(step)).toBeVisible();
    await expect(page.getByRole('heading', { name: alarm.known })).toBeVisible();
    await expect(page.getByRole('button', { name: proof.read, exact: true })).toBeDisabled();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: proof.save, exact: true }).click(),
    ]);
    const evidence = JSON.parse(await readFile(await download.path(), 'utf8')) as { format: string };
    expect(evidence.format).toBe('sealpost-evidence/1');
    await analyst.context.unroute('**/log/consistency?*');
    await page.getByRole('button', { name: proof.read, exact: true }).click();
    await expect(page.getByText(alarm.reported)).toBeVisible();
    await expect(light).toBeHidden();
    await goTo(page, 'record');
    await checkNow(page);
    await expect(panel.getByText(/^Proved: \d+ entries/)).toBeVisible();
  });

  async function deploymentOf(): Promise<string> {
    const answered = page.waitForRequest(/\/api\/v1\/[\w-]{43}\//);
    await checkNow(page);
    return /\/api\/v1\/([\w-]{43})\//.exec((await answered).url())?.[1] ?? '';
  }

  await analyst.context.close();
  await server.stop();
});
