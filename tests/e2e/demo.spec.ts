/**
 * Trying it with made-up material: one click in, one click out, and never mistaken for the real thing. The app is hosted on another
 * origin than the API here, as the click does everything that a client asks of a server: set-up, requests, uploads, downloads.
 */
import { expect, expectQuiet, openPerson, startTwoOrigins, test } from './fixtures.ts';
import { checkNow, goTo } from './steps.ts';
import { words } from './words.ts';

const { welcome, frame } = words;

test('one click makes a CERT and two agencies with findings, with an API on another origin; one click removes all of it', async ({
  browser,
}) => {
  const { api, app } = await startTwoOrigins();
  const visitor = await openPerson(browser, app.origin, { apiOrigin: api.origin });
  const { page } = visitor;
  const deployments = new Set<string>();
  const askedOfApp: string[] = [];
  visitor.context.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    const sid = /^\/api\/v1\/([\w-]{43})\//.exec(pathname)?.[1];
    if (sid !== undefined) deployments.add(sid);
    if (origin === app.origin && pathname.startsWith('/api/')) askedOfApp.push(pathname);
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
    const chain = `${api.origin}/api/v1/${[...deployments][0]}/chains`;
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

  expect(askedOfApp).toEqual([]);
  expectQuiet(visitor);

  await test.step('a page itself may not call the API: the sync worker alone may', async () => {
    const tried = await page.evaluate(async (url) => {
      const violation = new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
      });
      const answer = await fetch(url).then(
        () => 'reached',
        () => 'refused',
      );
      return [answer, answer === 'refused' ? await violation : null];
    }, `${api.origin}/api/v1/deployments`);
    expect(tried).toEqual(['refused', 'connect-src']);
  });

  await visitor.context.close();
  await Promise.all([app.stop(), api.stop()]);
});
