/**
 * An organisation in the browser, brought quickly to where a test begins: the CERT's side runs in this process, over the same
 * client as the browser's.
 */
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { PublishOptions } from '@sealpost/shared/opened/client/api/publishing';
import { approvalOf, formFor, ignore, load, makeCert, MASKED, must } from '../integration/people.ts';
import type { TestServer } from '../integration/test-server.ts';
import { expect } from './fixtures.ts';
import type { Page } from './fixtures.ts';
import { checkNow, joinWith, PASSPHRASE } from './steps.ts';
import { words } from './words.ts';

export const DOMAIN = 'river-clinic.example';
export const NAME = 'River Clinic Office';

export interface Agency {
  readonly operator: Client;
  readonly listId: string;
  /** Loads the lines as one list; what they give waits as drafts. */
  load(lines: readonly string[]): Promise<void>;
  /** Loads and publishes. */
  publish(lines: readonly string[], options?: Partial<PublishOptions>): Promise<void>;
}

/** Sets up a CERT and takes the browser of `page` through joining to the empty overview. */
export async function enrol(server: TestServer, page: Page): Promise<Agency> {
  const operator = (await makeCert(server.origin)).client;
  const { listId } = must(await operator.saveOrganisation(null, formFor(NAME, DOMAIN)));
  const [invitation] = must(await operator.invite([listId], 14, server.origin));
  const groups = await joinWith(page, invitation?.link ?? '', {
    nameTh: 'สำนักงานสาธารณสุขตัวอย่าง',
    nameEn: NAME,
    domains: [DOMAIN],
    email: `soc@${DOMAIN}`,
    passphrase: PASSPHRASE,
  });
  must(await operator.sync(ignore));
  const [request] = await operator.requests();
  const listing = { listId, name: NAME, domain: DOMAIN };
  must(await operator.approve(approvalOf({ id: request?.id ?? '', digits: groups.join(' '), listing })));
  await page.getByRole('button', { name: words.join.status.checkNow, exact: true }).click();
  await page.getByRole('button', { name: words.join.status.open, exact: true }).click();
  await expect(page.getByRole('heading', { name: words.overview.emptyTitle })).toBeVisible();

  let number = 0;
  const loadNext: Agency['load'] = async (lines) => {
    number += 1;
    must(await load(operator, `list-${number}.txt`, lines));
  };
  const publish: Agency['publish'] = async (lines, options = {}) => {
    await loadNext(lines);
    const [outcome] = await operator.publish([listId], { ...MASKED, ...options }, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
  };
  return { operator, listId, load: loadNext, publish };
}

/** Fetches what was published and opens the findings. */
export async function fetchFindings(page: Page): Promise<void> {
  await checkNow(page);
  await page
    .getByRole('navigation', { name: words.frame.navigation })
    .getByRole('link', { name: words.frame.nav.findings })
    .click();
  await expect(rows(page).first()).toBeVisible();
}

/** Findings on the screen, without the header. */
export const rows = (page: Page) =>
  page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('checkbox') });

export const search = (page: Page) => page.getByRole('combobox', { name: words.findings.search });

/** The drawer of an opened finding. */
export const drawer = (page: Page) =>
  page.getByRole('complementary').filter({ has: page.getByRole('heading', { level: 2 }) });

/** Sets the state of what the open dialog is about. */
export async function chooseState(page: Page, state: keyof typeof words.terms.state): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: new RegExp(`^${words.terms.state[state]}`) }).check();
  await dialog.getByRole('button', { name: words.findings.stateDialog.apply, exact: true }).click();
  await expect(dialog).toBeHidden();
}
