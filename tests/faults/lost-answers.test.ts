/** Every call of the operator's and the organisation's errands is cut, or its answer lost; then it is tried again: exactly once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_RATES } from '../../server/src/guard/rate-limit.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import {
  approvalOf,
  digitsOf,
  formFor,
  APP_ORIGIN,
  identitiesOf,
  ignore,
  joinWith,
  load,
  makeApplicant,
  makeCert,
  makeMember,
  MASKED,
  must,
} from '../integration/people.ts';
import type { Trouble } from '../integration/node-network.ts';

/** Unsigned requests of one address are counted: all devices here have the same. */
const GENEROUS = { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } };
const TROUBLES = ['cut', 'drop'] as const;
const PUBLISH_SEALED = { ...MASKED, policy: 'sealed' } as const;

/** One call in trouble: the one at `index`, or that one and all after it. */
function troubleAt(device: Device, index: number, trouble: Trouble, staysDown: boolean): void {
  device.network.forget();
  device.network.trouble = (_request, at) => (at === index || (staysDown && at > index) ? trouble : 'none');
}

function heal(device: Device): number {
  const calls = device.network.calls.length;
  device.network.trouble = () => 'none';
  return calls;
}

/**
 * Runs `round` with trouble at its first call, its second and so on, until a round needs no more calls than that. Each round
 * begins anew, so a server that acted on a lost call shows in the next.
 */
async function everyCall(
  device: Device,
  staysDown: boolean,
  round: (arm: () => void, disarm: () => void, name: string) => Promise<void>,
): Promise<number> {
  let rounds = 0;
  // Where the line stays down, the worse of the two is enough: all answers are lost, and the server acts on every call.
  for (const trouble of staysDown ? (['drop'] as const) : TROUBLES) {
    for (let index = 0; ; index++) {
      let calls = 0;
      const arm = (): void => troubleAt(device, index, trouble, staysDown);
      const disarm = (): void => {
        calls = heal(device);
      };
      await round(arm, disarm, `${trouble}-${index}-${staysDown ? 'down' : 'once'}`);
      rounds++;
      if (calls <= index) break;
    }
  }
  return rounds;
}

describe('on a line that breaks at any call', () => {
  let server: TestServer;
  let cert: Device;
  let member: { readonly device: Device; readonly listing: Listing };

  beforeAll(async () => {
    server = await startTestServer({ rates: GENEROUS });
    cert = await makeCert(server.origin);
    member = await makeMember(cert, 'Line Office', 'line.example');
    must(await cert.client.sync(ignore));
  });
  afterAll(() => server.stop());

  test.each([false, true])('a bundle is published exactly once (line stays down: %s)', async (staysDown) => {
    const { listId } = member.listing;
    const rounds = await everyCall(cert, staysDown, async (arm, disarm, name) => {
      const login = `${name}@line.example`;
      must(await load(cert.client, name, [`https://vpn.line.example/x:${login}:Secret-${name}`]));
      const before = (await member.device.client.bundles()).length;
      arm();
      const [outcome] = await cert.client.publish([listId], PUBLISH_SEALED, ignore);
      disarm();
      if (outcome?.kind === 'failed') expect(outcome.error).toEqual({ kind: 'offline' });
      await cert.client.publish([listId], PUBLISH_SEALED, ignore);
      expect((await cert.client.badges()).outbox, name).toBe(0);
      must(await cert.client.sync(ignore));
      expect(must(await member.device.client.sync(ignore)), name).toMatchObject({ bundles: 1, added: 1, merged: 0 });
      expect(await member.device.client.bundles(), name).toHaveLength(before + 1);
      expect((await cert.client.published()).every(({ state }) => state === 'published')).toBe(true);
    });
    expect(rounds).toBeGreaterThan(6);
    expect(new Set(await identitiesOf(member.device.client)).size).toBe(
      (await identitiesOf(member.device.client)).length,
    );
  });

  test.each([false, true])('a request is approved exactly once (line stays down: %s)', async (staysDown) => {
    const rounds = await everyCall(cert, staysDown, async (arm, disarm, name) => {
      const applicant = await makeApplicant(cert, `Office ${name}`, `${name}.example`);
      must(await cert.client.sync(ignore));
      const approval = approvalOf(applicant);
      arm();
      const approved = await cert.client.approve(approval);
      disarm();
      if (!approved.ok) {
        expect(approved.error).toEqual({ kind: 'offline' });
        const again = await cert.client.approve(approval);
        expect(again.ok, `${name}: ${JSON.stringify(again)}`).toBe(true);
      }
      must(await cert.client.sync(ignore));
      must(await applicant.device.client.sync(ignore));
      const profile = await applicant.device.client.profile();
      expect(profile, name).toMatchObject({ enrolment: { kind: 'enrolled' }, nameEn: `Office ${name}` });
      const { organisations } = applicant.device.opened.session.directory.current;
      const org = applicant.device.opened.session.identity.org;
      expect(organisations.get(org as never)?.history ?? [1], name).toHaveLength(1);
    });
    expect(rounds).toBeGreaterThan(6);
  });

  test('a bundle is withdrawn exactly once', async () => {
    const { listId } = member.listing;
    const { device } = member;
    const rounds = await everyCall(cert, false, async (arm, disarm, name) => {
      must(await load(cert.client, `w-${name}`, [`https://vpn.line.example/w:w-${name}@line.example:Taken-${name}`]));
      const [outcome] = await cert.client.publish([listId], MASKED, ignore);
      const bundleId = outcome?.kind === 'published' ? outcome.bundleId : '';
      must(await device.client.sync(ignore));
      must(await cert.client.sync(ignore));
      arm();
      const withdrawn = await cert.client.withdraw(bundleId, 'wrong_content');
      disarm();
      if (!withdrawn.ok) {
        const again = await cert.client.withdraw(bundleId, 'wrong_content');
        expect(again.ok || again.error.kind === 'already-done', `${name}: ${JSON.stringify(again)}`).toBe(true);
      }
      expect(must(await device.client.sync(ignore)), name).toMatchObject({ withdrawn: 1, bundles: 0 });
      expect(await identitiesOf(device.client), name).not.toContain(`w-${name}@line.example`);
    });
    expect(rounds).toBeGreaterThan(8);
    must(await cert.client.sync(ignore));
    const report = must(await cert.client.audit({ device: null, kind: 'withdrawn', limit: 1000 }));
    expect(report.rows).toHaveLength(rounds);
  });

  test('a double click, with a sync under way, does everything once', async () => {
    const applicant = await makeApplicant(cert, 'Hasty Office', 'hasty.example');
    must(await cert.client.sync(ignore));
    must(await load(cert.client, 'hasty', ['https://vpn.line.example/h:hasty@line.example:Twice-Clicked-1']));
    const publish = () => cert.client.publish([member.listing.listId], PUBLISH_SEALED, ignore);
    const approve = () => cert.client.approve(approvalOf(applicant));
    const sync = () => cert.client.sync(ignore);
    const [first, second, , approved, again] = await Promise.all([publish(), publish(), sync(), approve(), approve()]);
    expect([first[0]?.kind, second[0]?.kind]).toEqual(['published', 'held']);
    expect([approved.ok, again]).toMatchObject([true, { error: { kind: 'already-done' } }]);
    const [bundle] = await cert.client.published();
    const withdraw = () => cert.client.withdraw(String(bundle?.bundleId), 'superseded');
    expect(must(await member.device.client.sync(ignore))).toMatchObject({ bundles: 1, added: 1 });
    const taken = await Promise.all([withdraw(), sync(), withdraw(), publish()]);
    expect(taken[2]).toMatchObject({ error: { kind: 'already-done' } });
    expect(must(await member.device.client.sync(ignore))).toMatchObject({ bundles: 0, withdrawn: 1 });
    must(await sync());
    const report = must(await cert.client.audit({ device: null, kind: null, limit: 10_000 }));
    expect(report.devices.filter(({ gaps, forks }) => gaps + forks > 0)).toEqual([]);
  });

  test('a request to join is sent exactly once', async () => {
    let rounds = 0;
    for (const trouble of TROUBLES) {
      for (let index = 0; index < 4; index++) {
        const name = `Joins ${trouble} ${index}`;
        const domain = `join-${trouble}-${index}.example`;
        const { listId } = must(await cert.client.saveOrganisation(null, formFor(name, domain)));
        const [invitation] = must(await cert.client.invite([listId], 14, APP_ORIGIN));
        const device = await joinWith(String(invitation?.link), name, domain);
        troubleAt(device, index, trouble, false);
        const synced = await device.client.sync(ignore);
        if (!synced.ok) expect(synced.error).toEqual({ kind: 'offline' });
        heal(device);
        must(await device.client.sync(ignore));
        const { id: sent } = await digitsOf(device);
        expect(must(await cert.client.sync(ignore)).requests, name).toBe(1);
        expect((await cert.client.requests()).filter(({ id }) => id === sent)).toHaveLength(1);
        rounds++;
      }
    }
    expect(rounds).toBe(8);
  });

  test('what an organisation fetches and tells arrives exactly once', async () => {
    const { device, listing } = member;
    const rounds = await everyCall(device, false, async (arm, disarm, name) => {
      const login = `p-${name}@line.example`;
      must(await load(cert.client, `p-${name}`, [`https://vpn.line.example/p:${login}:Fetched-${name}`]));
      await cert.client.publish([listing.listId], PUBLISH_SEALED, ignore);
      const before = await identitiesOf(device.client);
      arm();
      const synced = await device.client.sync(ignore);
      disarm();
      if (!synced.ok) expect(synced.error).toEqual({ kind: 'offline' });
      must(await device.client.sync(ignore));
      expect(await identitiesOf(device.client), name).toEqual([...before, login].sort());
      expect((await device.client.syncState()).onlyHere.auditEvents).toBe(0);
    });
    expect(rounds).toBeGreaterThan(8);
    must(await cert.client.sync(ignore));
    const report = must(await cert.client.audit({ device: null, kind: null, limit: 10_000 }));
    expect(report.devices.filter(({ gaps, forks }) => gaps + forks > 0)).toEqual([]);
  });
});
