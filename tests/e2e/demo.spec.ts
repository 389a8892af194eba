/** Trying it with made-up material: one click in, one click out, and never mistaken for the real thing. */
import { expect, expectQuiet, openPerson, startServer, test } from './fixtures.ts';
import { checkNow, goTo } from './steps.ts';
import { words } from './words.ts';

const { welcome, frame } = words;

test('one click makes a CERT and two agencies with findings; one click removes all of it', async ({ browser }) => {
  const server = await startServer();
  const visitor = await openPerson(browser, server.origin);
  const { page } = visitor;
  const deployments = new Set<string>();
  visitor.context.on('request', (request) => {
    const sid = /\/api\/v1\/([\w-]{43})\//.exec(request.url())?.[1];
    if (sid !== undefined) deployments.add(sid);
  });
  const button = (name: string | RegExp) =>
    page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });

  await test.step('made while it is watched', async () => {
    await page.goto('/');
    await button(welcome.offers.demo.action).click();
    await expect(page.getByText(welcome.demo.ready)).toBeVisible({ timeout: 150_000 });
    await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(3);
  });

  await test.step('the CERT has delivered, and its banner has nothing to close it', async () => {
    await button(welcome.demo.openCert).click();
    await expect(page.getByText(frame.demoBanner)).toBeVisible();
    await goTo(page, 'bundles');
    await expect(page.getByText(words.publish.bundles.allFetched)).toBeVisible();
    await expect(page.getByText(frame.demoBanner)).toBeVisible();
    const banner = page.getByText(frame.demoBanner).locator('..');
    await expect(banner.getByRole('button')).toHaveCount(0);
    await expect(banner.getByRole('link')).toHaveText([frame.demoLeave]);
  });

  await test.step('the switcher leads to an agency, whose vault is its own', async () => {
    await button(new RegExp(`^${frame.identity}`)).click();
    const others = page.getByRole('group', { name: frame.identity }).getByRole('button', { name: frame.demoTag });
    await expect(others).toHaveCount(2);
    await others.first().click();
    await page.getByRole('button', { name: welcome.chosen.open, exact: true }).nth(1).click();
    await expect(page.getByText(frame.demoBanner)).toHaveCount(0);
    await button(welcome.unlock.demoUse).click();
    await button(welcome.unlock.action).click();
    await expect(page.getByText(frame.demoBanner)).toBeVisible();
    await checkNow(page);
    await goTo(page, 'findings');
    await expect(page.getByRole('status').filter({ hasText: /findings, .* accounts/ })).toBeVisible();
    await expect(page.getByText(frame.demoBanner)).toBeVisible();
  });

  await test.step('removed: deployment, vaults and names', async () => {
    expect(deployments.size).toBe(1);
    const chain = `${server.origin}/api/v1/${[...deployments][0]}/chains`;
    expect((await fetch(chain)).status).toBe(200);
    await page.getByRole('link', { name: frame.demoLeave }).click();
    await button(frame.demoLeave).click();
    await expect(button(welcome.offers.demo.action)).toBeEnabled();
    expect((await fetch(chain)).status).toBe(404);
    const left = await page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name),
      identities: localStorage.getItem('sealpost.identities'),
    }));
    expect(left).toEqual({ databases: [], identities: '[]' });
  });

  expectQuiet(visitor);
  await visitor.context.close();
  await server.stop();
});
