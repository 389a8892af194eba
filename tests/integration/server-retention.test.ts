/** What the server wrote down about access is erased in time: payload and salt, on record, and the log verifies as before. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '@sealpost/server/src/config.ts';
import { sweep } from '@sealpost/server/src/sweep.ts';
import type { Deps } from '@sealpost/server/src/deps.ts';
import { fileOf, listFile } from '../faults/line/list-file.ts';
import { send, setUp } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const DAY_MS = 86_400_000;

let folder: string;
let running: TestServer;
let passedMs = 0;
const now = (): number => Date.now() + passedMs;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-retention-'));
  running = await startTestServer({ dataDir: folder, now });
});
afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true, force: true });
});

async function kindsKept({ reader }: Deps): Promise<readonly string[]> {
  const rows = await reader.selectFrom('log_payloads').select('kind').orderBy('position').execute();
  return rows.map(({ kind }) => kind ?? 'of a device');
}

async function deletions({ reader }: Deps): Promise<number> {
  const rows = await reader.selectFrom('log_payloads').select('kind').where('kind', '=', 'retention_delete').execute();
  return rows.length;
}

it('access events are erased after 90 days and not before, on record, and the log still verifies', async () => {
  const { deps } = running.server;
  const scene = await setUp(running.origin);
  const { org, device } = await scene.enrol();
  const file = fileOf(1000);
  await listFile(scene, org, file);
  const got = await send(scene.origin, device, { method: 'GET', path: scene.at.blob(file.sha256) });
  expect(got.status).toBe(200);
  await got.arrayBuffer();
  const before = await kindsKept(deps);
  expect(before).toContain('envelope_delivered');
  expect(before).toContain('directory_change');

  // the server is awake every month: no jump of its clock
  for (let month = 0; month < 3; month++) {
    passedMs += 29 * DAY_MS;
    await sweep(deps, false);
  }
  expect(await kindsKept(deps)).toEqual(before);
  passedMs += 4 * DAY_MS;
  await sweep(deps, false);
  const after = await kindsKept(deps);
  expect(after.some((kind) => kind.startsWith('envelope_'))).toBe(false);
  expect(after.filter((kind) => kind === 'directory_change')).toEqual(
    before.filter((kind) => kind === 'directory_change'),
  );
  expect(await deletions(deps)).toBe(1);

  await running.stop();
  running = await startTestServer({ dataDir: folder, now }); // reads the whole log back
  expect(await deletions(running.server.deps)).toBe(1);
});

it('less than 90 days is refused unless it is said twice', () => {
  expect(readConfig({ RETAIN_ACCESS_DAYS: '30' }, '/')).toMatchObject({
    ok: false,
    error: { name: 'RETAIN_ACCESS_DAYS' },
  });
  expect(readConfig({ RETAIN_ACCESS_DAYS: '30', RETAIN_LESS: 'yes' }, '/')).toMatchObject({
    ok: true,
    value: { retainAccessDays: 30 },
  });
  expect(readConfig({ RETAIN_ACCESS_DAYS: 'never' }, '/').ok).toBe(false);
});
