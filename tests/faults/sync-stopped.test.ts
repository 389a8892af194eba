/** A sync that is cancelled leaves the vault as it was; a bundle that is damaged on the device is fetched again, or named. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enqueue, flushOutbox } from '@sealpost/shared/opened/client/outbox';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import { identitiesOf, ignore, load, makeCert, makeMember, MASKED, must } from '../integration/people.ts';

describe('a sync', () => {
  let server: TestServer;
  let cert: Device;
  let member: { readonly device: Device; readonly listing: Listing };

  beforeAll(async () => {
    server = await startTestServer();
    cert = await makeCert(server.origin);
    member = await makeMember(cert, 'Sync Office', 'sync.example');
  });
  afterAll(() => server.stop());

  async function publish(name: string): Promise<string> {
    const login = `${name}@sync.example`;
    must(await load(cert.client, name, [`https://vpn.sync.example/${name}:${login}:Sync-Secret-${name}`]));
    const [outcome] = await cert.client.publish([member.listing.listId], MASKED, ignore);
    if (outcome?.kind !== 'published') throw new Error(JSON.stringify(outcome));
    return login;
  }

  test('that is cancelled at any stage answers so, keeps nothing of the bundle, and runs again at once', async () => {
    const login = await publish('stopped');
    const { client } = member.device;
    const before = [await identitiesOf(client), await client.bundles()];
    for (const stage of ['directory', 'manifest', 'download', 'store'] as const) {
      const synced = await client.sync((progress) => {
        if (progress.stage === stage) void client.cancelSync();
      });
      expect(synced, stage).toEqual({ ok: false, error: { kind: 'cancelled' } });
      expect([await identitiesOf(client), await client.bundles()]).toEqual(before);
      expect(member.device.memory.segments.files.size).toBe(0);
    }
    const rows: number[] = [];
    expect(must(await client.sync((progress) => rows.push(progress.rows)))).toMatchObject({ bundles: 1, added: 1 });
    expect(Math.max(...rows)).toBe(1);
    expect(await identitiesOf(client)).toContain(login);
    await client.cancelSync();
    expect(must(await client.sync(ignore))).toMatchObject({ bundles: 0 });
  });

  test('lets go of a download that hangs', async () => {
    await publish('hanging');
    const { client, network } = member.device;
    const { request } = network;
    let asked = false;
    member.device.network.request = (sent) => {
      if (!sent.url.includes('/blobs/')) return request(sent);
      asked = true;
      return new Promise(() => undefined);
    };
    const syncing = client.sync(ignore);
    while (!asked) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.cancelSync();
    expect(await syncing).toEqual({ ok: false, error: { kind: 'cancelled' } });
    member.device.network.request = request;
    expect(must(await client.sync(ignore))).toMatchObject({ bundles: 1 });
  });

  test('fetches again what is damaged here, and leaves triage as it was', async () => {
    const { device } = member;
    const { segments } = device.memory;
    const before = await identitiesOf(device.client);
    const [name] = segments.files.keys();
    segments.files.delete(name as string);
    const client = await device.open();
    expect(await identitiesOf(client)).not.toEqual(before);
    expect(must(await client.sync(ignore))).toMatchObject({ bundles: 0, warnings: ['bundle-repaired'] });
    expect(await identitiesOf(client)).toEqual(before);
    expect(must(await client.sync(ignore)).warnings).toEqual([]);
    expect(await identitiesOf(await device.open())).toEqual(before);
  });

  test('names what is damaged here and no longer to be had', async () => {
    const { device } = member;
    const [name] = device.memory.segments.files.keys();
    device.memory.segments.files.delete(name as string);
    const client = await device.open();
    const { damaged } = device.opened.findings ?? { damaged: [] };
    expect(damaged).toHaveLength(1);
    const [id] = damaged as readonly [string];
    // Off the list, without the withdrawal that would hide it here: as a file whose time is over.
    const { session } = cert.opened;
    const org = device.opened.session.identity.org as string;
    const withdraw = [{ id, code: 'superseded' }];
    const purpose = { kind: 'profile', ref: '' } as const;
    await session.store.transaction((tx) => enqueue(tx, { id: 'take-off', org, purpose, withdraw }, []));
    must(await flushOutbox(session, ignore));
    expect(must(await client.sync(ignore))).toMatchObject({ bundles: 0, warnings: ['bundle-damaged'] });
    expect((await client.bundles()).map(({ bundleId }) => bundleId)).toContain(id);
  });
});
