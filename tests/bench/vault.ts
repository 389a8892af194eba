/**
 * `npm run -s bench -- vault [--rows N] [--policy P] [--no-peers] [--no-phone]`: the vault in Chromium, with the app's own parts in the
 * app's kinds of workers, on made-up findings. Prints JSON lines {"bench":"vault","rows":N,"metric":…,"value":…}; progress goes to
 * stderr.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PUBLISH_POLICIES } from '@sealpost/shared/opened/finding/finding';
import { buildBenchPage, serveFolder } from './vault/browser.ts';
import { measureFirstPaint } from './vault/first-paint.ts';
import type { Bench } from './vault/measure-own.ts';
import { measureOwn } from './vault/measure-own.ts';
import { measurePeers, MOST_PEER_ROWS } from './vault/measure-peers.ts';
import { measurePhone } from './vault/measure-phone.ts';
import { Report } from './vault/report.ts';
import { BUNDLE_FOLDER } from './vault/sealed-bundles.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '100000' },
    policy: { type: 'string', default: 'masked' },
    peers: { type: 'boolean', default: true },
    phone: { type: 'boolean', default: true },
  },
});
const rows = Number(values.rows);
const policy = PUBLISH_POLICIES.find((known) => known === values.policy);
if (!Number.isSafeInteger(rows) || rows < 1 || policy === undefined) {
  console.error(`--rows takes a whole number of findings, --policy one of ${PUBLISH_POLICIES.join(', ')}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'sealpost-bench-'));
const report = new Report(rows);
try {
  await buildBenchPage(join(folder, 'page'));
  const served = await serveFolder(join(folder, 'page'), BUNDLE_FOLDER);
  const bench: Bench = { report, served, folder, rows, policy };
  const own = await measureOwn(bench);
  await measureFirstPaint(bench);
  if (values.peers && rows > MOST_PEER_ROWS) report.progress(`no peers above ${MOST_PEER_ROWS} findings`);
  else if (values.peers) await measurePeers(bench, own);
  if (values.phone) await measurePhone(bench);
  served.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
