/** Processes killed at, and disks full at, every commit of an errand: afterwards the old state or the new one, and the errand is finished. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { Result } from '@sealpost/shared/base/result';
import { DEFAULT_RATES } from '../../server/src/guard/rate-limit.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import {
  approvalOf,
  EVERYTHING,
  identitiesOf,
  ignore,
  load,
  makeApplicant,
  makeCert,
  makeMember,
  MASKED,
  must,
} from '../integration/people.ts';

/** Unsigned requests of one address are counted: all devices here have the same. */
const GENEROUS = { ...DEFAULT_RATES, byAddress: { burst: 100_000, perHour: 1_000_000 } };
/** Killed before the commit reached the disk, after it did, and a disk that is full. */
const FAILURES = ['before', 'after', 'full'] as const;
const SEALED = { ...MASKED, policy: 'sealed' } as const;

interface Trouble {
  readonly name: string;
  /** From here on the commit in question fails, and all after it. */
  arm(): void;
  /** Space is there again; or the process is started anew over what is at rest. */
  recover(): Promise<void>;
}

/** Runs `round` with its first commit failing, its second, and so on, until it needs no more. Answers the number of rounds. */
async function everyCommit(
  device: Device,
  failure: (typeof FAILURES)[number],
  round: (trouble: Trouble) => Promise<void>,
): Promise<number> {
  for (let index = 0; ; index++) {
    let from = 0;
    let commits = 0;
    await round({
      name: `${failure}-${index}`,
      arm: () => {
        from = device.backend.writes;
        device.backend.failAfter(index, failure);
      },
      recover: async () => {
        commits = device.backend.writes - from;
        device.backend.heal();
        if (failure !== 'full') await device.open();
      },
    });
    if (commits <= index) return index + 1;
  }
}

/** A storage failure in the client's words, or none. */
function expectStorageError(result: Result<unknown, ClientError>): void {
  if (!result.ok) expect(['storage-full', 'storage-damaged']).toContain(result.error.kind);
}

describe.each(FAILURES)('a vault whose commit fails (%s)', (failure) => {
  let server: TestServer;
  let cert: Device;
  let member: { readonly device: Device; readonly listing: Listing };

  beforeAll(async () => {
    server = await startTestServer({ rates: GENEROUS });
    cert = await makeCert(server.origin);
    member = await makeMember(cert, 'Commit Office', 'commit.example');
    must(await cert.client.sync(ignore));
  });
  afterAll(() => server.stop());

  test('a load is there as a whole or not at all', async () => {
    const rounds = await everyCommit(cert, failure, async ({ name, arm, recover }) => {
      const lines = [`https://vpn.commit.example/l:l-${name}@commit.example:Load-${name}-1`];
      const before = await cert.client.reviews();
      arm();
      const loaded = await load(cert.client, name, lines);
      expectStorageError(loaded);
      await recover();
      const again = await load(cert.client, name, lines);
      if (loaded.ok) expect(again).toMatchObject({ error: { kind: 'already-done' } });
      const findings = before.reduce((sum, review) => sum + review.findings, 0);
      expect(
        (await cert.client.reviews()).reduce((sum, review) => sum + review.findings, 0),
        name,
      ).toBe(findings + 1);
    });
    expect(rounds).toBeGreaterThan(1);
    await cert.client.publish([], MASKED, ignore);
    must(await member.device.client.sync(ignore));
  });

  test('a bundle is published exactly once', async () => {
    const { listId } = member.listing;
    const rounds = await everyCommit(cert, failure, async ({ name, arm, recover }) => {
      const login = `${name}@commit.example`;
      must(await load(cert.client, `b-${name}`, [`https://vpn.commit.example/x:${login}:Secret-${name}`]));
      arm();
      const [outcome] = await cert.client.publish([listId], SEALED, ignore);
      if (outcome?.kind === 'failed') expectStorageError({ ok: false, error: outcome.error });
      await recover();
      await cert.client.publish([listId], SEALED, ignore);
      must(await cert.client.sync(ignore));
      expect(must(await member.device.client.sync(ignore)), name).toMatchObject({ bundles: 1, added: 1, merged: 0 });
    });
    expect(rounds).toBeGreaterThan(4);
  });

  test('a bundle is taken over exactly once', async () => {
    const { device, listing } = member;
    const rounds = await everyCommit(device, failure, async ({ name, arm, recover }) => {
      const login = `t-${name}@commit.example`;
      must(await load(cert.client, `t-${name}`, [`https://vpn.commit.example/t:${login}:Taken-${name}`]));
      await cert.client.publish([listing.listId], SEALED, ignore);
      const before = await identitiesOf(device.client);
      const bundles = (await device.client.bundles()).length;
      arm();
      const synced = await device.client.sync(ignore);
      expectStorageError(synced);
      expect([before, [...before, login].sort()]).toContainEqual(await identitiesOf(device.client));
      await recover();
      expect([before, [...before, login].sort()]).toContainEqual(await identitiesOf(device.client));
      must(await device.client.sync(ignore));
      expect(await identitiesOf(device.client), name).toEqual([...before, login].sort());
      expect(await device.client.bundles(), name).toHaveLength(bundles + 1);
      const { token } = await device.client.query({ ...EVERYTHING, text: login });
      const [id] = await device.client.ids(token, 0, 1);
      expect(await device.client.reveal(id as never, 'check')).toMatchObject({ value: { secret: `Taken-${name}` } });
    });
    expect(rounds).toBeGreaterThan(4);
  });

  test('triage, undo and reveal happen or do not', async () => {
    const { device } = member;
    const rounds = await everyCommit(device, failure, async ({ arm, recover }) => {
      // One whose secret came with it: those of the first test were published masked.
      const { token } = await device.client.query({ ...EVERYTHING, text: `t-${failure}-0@commit.example` });
      const [id] = await device.client.ids(token, 0, 1);
      const state = async () => must(await device.client.detail(id as never)).status.state;
      const before = await state();
      const next = before === 'new' ? 'triaged' : 'new';
      const recorded = (await device.client.ownAudit(10_000)).length;
      arm();
      const done = await device.client.triage([id as never], [{ field: 'state', state: next }]);
      expectStorageError(done);
      expect(await state()).toBe(done.ok ? next : before);
      const revealed = await device.client.reveal(id as never, 'check');
      expectStorageError(revealed);
      await recover();
      const events = (await device.client.ownAudit(10_000)).length - recorded;
      // After a kill nobody heard whether the commit held; but change and record are one.
      if (failure !== 'after') expect(events).toBe(Number(done.ok) + Number(revealed.ok));
      expect(await state()).toBe(events > 0 ? next : before);
      if ((await state()) !== before)
        must(await device.client.triage([id as never], [{ field: 'state', state: before }]));
    });
    expect(rounds).toBeGreaterThan(2);
  });

  test('an approval is finished', async () => {
    const rounds = await everyCommit(cert, failure, async ({ name, arm, recover }) => {
      const applicant = await makeApplicant(cert, `Office ${name}`, `a-${name}.example`);
      must(await cert.client.sync(ignore));
      arm();
      const approved = await cert.client.approve(approvalOf(applicant));
      expectStorageError(approved);
      await recover();
      const again = await cert.client.approve(approvalOf(applicant));
      if (!again.ok) expect(again.error, name).toMatchObject({ kind: 'already-done' });
      must(await cert.client.sync(ignore));
      must(await applicant.device.client.sync(ignore));
      expect(await applicant.device.client.profile(), name).toMatchObject({
        enrolment: { kind: 'enrolled' },
        nameEn: `Office ${name}`,
      });
    });
    expect(rounds).toBeGreaterThan(4);
  });

  test('a withdrawal is taken over, and deleted, exactly once', async () => {
    const { device, listing } = member;
    const rounds = await everyCommit(device, failure, async ({ name, arm, recover }) => {
      const login = `w-${name}@commit.example`;
      must(await load(cert.client, `w-${name}`, [`https://vpn.commit.example/w:${login}:Wrong-${name}`]));
      const [outcome] = await cert.client.publish([listing.listId], SEALED, ignore);
      const bundleId = outcome?.kind === 'published' ? outcome.bundleId : '';
      must(await device.client.sync(ignore));
      must(await cert.client.withdraw(bundleId, 'wrong_recipient'));
      arm();
      expectStorageError(await device.client.sync(ignore));
      const deleted = await device.client.confirmDeletion(bundleId);
      if (!deleted.ok) expect(['storage-full', 'storage-damaged', 'not-found']).toContain(deleted.error.kind);
      await recover();
      must(await device.client.sync(ignore));
      must(await device.client.confirmDeletion(bundleId));
      expect(await identitiesOf(device.client), name).not.toContain(login);
      expect(
        (await device.client.bundles()).filter((row) => row.bundleId === bundleId),
        name,
      ).toHaveLength(1);
    });
    expect(rounds).toBeGreaterThan(3);
  });

  test('and the record of both has neither gap nor fork', async () => {
    must(await member.device.client.sync(ignore));
    must(await cert.client.sync(ignore));
    const report = must(await cert.client.audit({ device: null, kind: null, limit: 10_000 }));
    expect(report.devices.length).toBeGreaterThan(2);
    expect(report.devices.filter(({ gaps, forks }) => gaps + forks > 0)).toEqual([]);
  });
});
