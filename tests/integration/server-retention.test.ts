/** What the server wrote down about access is erased in time: payload and salt, on record, and the log verifies as before. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '@sealpost/server/src/config.ts';
import { halfId } from '@sealpost/server/src/log/own-entries.ts';
import { verifyLog } from '@sealpost/server/src/log/verify-log.ts';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import { sweep } from '@sealpost/server/src/sweep.ts';
import type { Deps } from '@sealpost/server/src/deps.ts';
import { fileOf, listFile } from '../faults/line/list-file.ts';
import { openAuditPayload } from '@sealpost/shared/sealed/audit/payload';
import { paths } from '@sealpost/shared/sealed/wire/paths';
import { identitiesOf, ignore, load, makeCert, makeMember, MASKED, must } from './people.ts';
import type { Device, Listing } from './people.ts';
import { noneAcknowledged, postEntries } from '../faults/record/writers.ts';
import { EntryChain } from './entry-chain.ts';
import { sealedFile, send, setUp } from './scene.ts';
import type { Scene } from './scene.ts';
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

async function logOrigin(scene: Scene): Promise<string> {
  return logKeys(await scene.directory())?.origin ?? '';
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

it('what the server wrote before it kept kinds is erased at that age, too, and nothing of a device', async () => {
  let laterMs = 0;
  const server = await startTestServer({ now: () => Date.now() + laterMs });
  const { deps } = server.server;
  const scene = await setUp(server.origin);
  const { org, device } = await scene.enrol();
  const chain = new EntryChain(device, scene.deployment);
  expect(await postEntries(scene, chain, await chain.next(3), noneAcknowledged())).toBe(200);
  await listFile(scene, org, fileOf(1000));
  // as a database from before has it
  await deps.sequencer.submit((unit) => unit.trx.updateTable('log_payloads').set({ kind: null }).execute());
  const before = await kindsKept(deps);
  for (let month = 0; month < 3; month++) {
    laterMs += 29 * DAY_MS;
    await sweep(deps, false);
  }
  expect(await kindsKept(deps)).toEqual(before);
  laterMs += 4 * DAY_MS;
  await sweep(deps, false);
  expect(await kindsKept(deps)).toEqual(['of a device', 'of a device', 'of a device', 'retention_delete']);
  const own = await verifyLog(deps.reader, scene.deployment, await logOrigin(scene), deps.logKeys.checkpoint);
  expect(own).toMatchObject({ ok: true });
  await server.stop();
});

it('decided requests are deleted by policy, each named, with who fetched what is gone; open ones stay, and numbers go on', async () => {
  let laterMs = 0;
  const server = await startTestServer({ now: () => Date.now() + laterMs, retainRequestDays: 100 });
  const { deps } = server.server;
  const scene = await setUp(server.origin);
  const ask = async (): Promise<string> => {
    const { bytes } = await sealedFile(200);
    const made = await fetch(scene.origin + scene.at.requests(), { method: 'POST', body: bytes });
    return ((await made.json()) as { id: string }).id;
  };
  const [decided, open, newest] = [await ask(), await ask(), await ask()];
  for (const id of [decided, newest]) {
    const { bytes: body } = await sealedFile(100);
    const path = scene.at.decision(id);
    expect((await send(scene.origin, scene.operator, { method: 'PUT', path, body })).status).toBe(204);
  }
  const { org, device } = await scene.enrol();
  const file = fileOf(1000);
  await listFile(scene, org, file);
  await (await send(scene.origin, device, { method: 'GET', path: scene.at.blob(file.sha256) })).arrayBuffer();
  const kept = async () => {
    const requests = await deps.reader.selectFrom('requests').select('id').orderBy('position').execute();
    const deliveries = await deps.reader.selectFrom('deliveries').select('item').execute();
    return [requests.map(({ id }) => id), deliveries.length];
  };
  const pass = async (months: number): Promise<void> => {
    for (let month = 0; month < months; month++) {
      laterMs += 29 * DAY_MS;
      await sweep(deps, false);
    }
  };
  await pass(3);
  expect(await kept()).toEqual([[decided, open, newest], 1]);
  await pass(1);
  expect(await kept()).toEqual([[open, newest], 1]); // the file is listed still
  const recorded = await deps.reader
    .selectFrom('log_payloads')
    .selectAll()
    .where('kind', '=', 'retention_delete')
    .execute();
  const told = await Promise.all(recorded.map(({ sealed }) => openAuditPayload(sealed, [scene.audit])));
  expect(told).toContainEqual({
    ok: true,
    value: expect.objectContaining({ cause: 'request', count: 1, blob: halfId(decided) }) as unknown,
  });
  await deps.sequencer.submit((unit) => unit.trx.deleteFrom('items').execute()); // taken off its list
  await pass(1);
  expect(await kept()).toEqual([[open, newest], 0]);
  const next = await ask();
  expect(await kept()).toEqual([[open, newest, next], 0]);
  await server.stop();
});

describe('bundles', () => {
  const days = 100;
  const lines: string[] = [];
  const start = () =>
    startTestServer({ dataDir: folder, now, retainBundleDays: days, report: (line) => lines.push(line) });
  let folder: string;
  let server: TestServer;
  let cert: Device;
  let reader: { device: Device; listing: Listing };
  let sleeper: { device: Device; listing: Listing };
  let published = 0;

  /** One more bundle with its secrets; answers its login. */
  async function publish({ listing }: { listing: Listing }): Promise<string> {
    const login = `p${++published}@${listing.domain}`;
    must(await load(cert.client, `b${published}`, [`https://vpn.${listing.domain}/:${login}:Waiting-${published}-x`]));
    const [outcome] = await cert.client.publish([listing.listId], { ...MASKED, policy: 'sealed' }, ignore);
    expect(outcome).toMatchObject({ kind: 'published' });
    return login;
  }

  /** Files whose bytes are here. */
  async function kept(): Promise<readonly string[]> {
    const { reader: db } = server.server.deps;
    const rows = await db.selectFrom('blobs').select(['sha256', 'expired_at']).execute();
    return rows.filter((row) => row.expired_at === null).map(({ sha256 }) => sha256);
  }

  /** What a device was handed is written down once the answer has left. */
  const allEnded = async (): Promise<boolean> => {
    const rows = await server.server.deps.reader.selectFrom('deliveries').select('ended_at').execute();
    return rows.every(({ ended_at }) => ended_at !== null);
  };

  async function pass(monthsOf29Days: number): Promise<void> {
    for (let month = 0; month < monthsOf29Days; month++) {
      passedMs += 29 * DAY_MS;
      for (const device of [cert, reader.device, sleeper.device]) device.clockOffsetMs = passedMs;
      await sweep(server.server.deps, false);
    }
  }

  beforeAll(async () => {
    passedMs = 0;
    folder = await mkdtemp(join(tmpdir(), 'sealpost-expiry-'));
    server = await start();
    cert = await makeCert(server.origin);
    reader = await makeMember(cert, 'Reading Office', 'reading.example');
    sleeper = await makeMember(cert, 'Sleeping Office', 'sleeping.example');
    await publish(reader);
    await publish(sleeper);
    must(await reader.device.client.sync(ignore));
    await vi.waitUntil(allEnded, { timeout: 10_000 });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('expire by policy once every device has fetched them, on record; one that nobody fetched never does', async () => {
    const before = await kept();
    const erased = await deletions(server.server.deps);
    await pass(3);
    expect(await kept()).toEqual(before);
    await pass(1);
    const after = await kept();
    expect(before.length - after.length).toBe(2); // the bundle and its secrets; profiles stay
    expect(await deletions(server.server.deps)).toBe(erased + 3); // access events in one, each file by its name
    expect(lines).toEqual([]);
    await sweep(server.server.deps, true);
    expect(lines).toEqual([expect.stringContaining('not every device has fetched them: 2')]);

    const { session } = reader.device.opened;
    const at = paths(session.identity.deployment);
    for (const sha256 of before.filter((name) => !after.includes(name))) {
      for (const method of ['GET', 'HEAD'] as const)
        expect(must(await session.http.ask({ method, path: at.blob(sha256), accept: [410] })).status).toBe(410);
    }
  });

  it('that expired are named in the record, and so is what was erased of who fetched them', async () => {
    const report = must(await cert.client.audit({ device: null, kind: 'retention_delete', limit: 10 }));
    const told = report.rows.map(({ details }) => details);
    const rows = await server.server.deps.reader.selectFrom('blobs').select(['sha256', 'expired_at']).execute();
    const gone = rows.filter(({ expired_at }) => expired_at !== null).map(({ sha256 }) => halfId(sha256));
    expect(told.flatMap(({ cause, blob }) => (cause === 'bundle' ? [blob] : [])).sort()).toEqual(gone.sort());
    const [erased] = told.filter(({ cause }) => cause === 'access');
    const all = must(await cert.client.audit({ device: null, kind: 'erased', limit: 100 }));
    expect(all.rows.length).toBe(erased?.['count']);
    for (const { index } of all.rows) {
      expect(index).toBeGreaterThanOrEqual(Number(erased?.['first']));
      expect(index).toBeLessThanOrEqual(Number(erased?.['last']));
    }
  });

  it('that expired are told to the operator, and stand in no way of the next one', async () => {
    must(await cert.client.sync(ignore));
    const told = await cert.client.published();
    const expiredOf = (listing: Listing) => told.find(({ listId }) => listId === listing.listId)?.expiredAtMs ?? null;
    expect(expiredOf(reader.listing)).not.toBeNull();
    expect(expiredOf(sleeper.listing)).toBeNull();
    const login = await publish(reader);
    expect(must(await reader.device.client.sync(ignore))).toMatchObject({ bundles: 1, expired: [], warnings: [] });
    expect(await identitiesOf(reader.device.client)).toContain(login);
  });

  it('that nobody had fetched are there for whoever comes late, and the log verifies after all of it', async () => {
    expect(must(await sleeper.device.client.sync(ignore))).toMatchObject({ bundles: 1, expired: [] });
    await server.stop();
    server = await start(); // reads the whole log back
    expect((await kept()).length).toBeGreaterThan(0);
  });
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
  expect(readConfig({}, '/')).toMatchObject({ ok: true, value: { retainBundleDays: null } });
  expect(readConfig({ RETAIN_BUNDLE_DAYS: '180' }, '/')).toMatchObject({ ok: true, value: { retainBundleDays: 180 } });
  expect(readConfig({ RETAIN_REQUEST_DAYS: '365' }, '/')).toMatchObject({
    ok: true,
    value: { retainRequestDays: 365 },
  });
  expect(readConfig({ RETAIN_BUNDLE_DAYS: '7' }, '/')).toMatchObject({
    ok: false,
    error: { name: 'RETAIN_BUNDLE_DAYS' },
  });
});
