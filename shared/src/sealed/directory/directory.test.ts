import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { Statement } from '../envelope/statement.ts';
import type { Directory } from './model.ts';
import { signStatement } from '../envelope/statement.ts';
import {
  makeConsentClaims,
  makeEpochClaims,
  makeHeadClaims,
  makeOrganisationClaims,
  makeRevocationClaims,
  nextPlace,
} from './builders.ts';
import {
  applied,
  deviceClaims,
  epochOf,
  hash,
  keyFor,
  makeDeployment,
  makeEnrolment,
  makeScene,
  NOW_MS,
  RECIPIENTS,
} from './deployment.fixture.ts';
import { applyStatements, appendStatements } from './directory.ts';
import { chainState, forks } from './freshness.ts';
import { headOf } from './model.ts';
import {
  devices,
  headsFor,
  isUnknownKey,
  keyOf,
  logKeys,
  newestEpoch,
  operators,
  organisation,
  roleOf,
} from './roles.ts';

describe('the life of a deployment', () => {
  it('root, operator, epoch, log and head follow from the pinned root', async () => {
    const { deployment, statements, root, operator } = await makeDeployment();
    const directory = await applied(null, deployment, statements);
    expect(chainState(directory, 'cert')).toBe('current');
    expect(headsFor(directory)).toEqual({ cert: [5, statements[4]?.sid] });
    expect(roleOf(directory, root.kid)).toMatchObject({ kind: 'root', org: 'cert' });
    expect(roleOf(directory, operator.kid)).toMatchObject({ role: 'operator', recipient: RECIPIENTS.read });
    expect(operators(directory).map((term) => term.kid)).toEqual([operator.kid]);
    expect(newestEpoch(directory, 'cert')).toMatchObject({ n: 1, recipients: RECIPIENTS });
    expect(logKeys(directory)).toMatchObject({ epoch: 1, reason: 'first' });
  });

  it('an approved organisation has an admin and an epoch, and its chain stands in the heads of its mailbox', async () => {
    const { directory, enrolled } = await makeScene('agency');
    const { org, device, genesis } = enrolled('agency');
    expect(roleOf(directory, device.kid)).toMatchObject({ kind: 'device', role: 'admin', org, status: 'active' });
    expect(newestEpoch(directory, org)).toMatchObject({ n: 1, sid: genesis[1].sid });
    expect(headsFor(directory, org)).toEqual({ cert: [6, headOf(directory.cert)?.[1]], [org]: [2, genesis[1].sid] });
    expect(organisation(directory, org)).toMatchObject({ generation: 1, status: 'active', recovery: null });
    expect(chainState(directory, org)).toBe('current');
  });

  it('an admin adds devices and epochs and revokes; a revoked key has no role but is still known', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const analyst = await keyFor('analyst');
    let directory = scene.directory;
    const act = async (type: string, claims: Parameters<typeof signStatement>[1]) => {
      directory = await applied(directory, scene.deployment, [await signStatement(type, claims, device)]);
    };
    await act('device', deviceClaims(nextPlace(directory, org, NOW_MS), analyst, 'analyst'));
    expect(roleOf(directory, analyst.kid)).toMatchObject({ role: 'analyst', org });
    expect(devices(directory, org)).toHaveLength(2);
    await act('epoch', makeEpochClaims(nextPlace(directory, org, NOW_MS), epochOf(2)));
    await act(
      'revocation',
      makeRevocationClaims(nextPlace(directory, org, NOW_MS), { kid: analyst.kid, reason: 'lost' }),
    );
    expect(roleOf(directory, analyst.kid)).toBeNull();
    expect(keyOf(directory, analyst.kid)).toMatchObject({ org, revokedAtMs: NOW_MS });
    expect(isUnknownKey(directory, analyst.kid)).toBe(false);
    expect(newestEpoch(directory, org)?.n).toBe(2);
  });

  it('a suspended organisation keeps its keys and says so', async () => {
    const scene = await makeScene('agency');
    const { org, device, organisation: first } = scene.enrolled('agency');
    const { genesis, profile } = first.claims as { genesis: never; profile: string };
    const claims = makeOrganisationClaims(nextPlace(scene.directory, 'cert', NOW_MS), {
      org,
      generation: 1,
      genesis,
      admins: [device.kid],
      status: 'suspended',
      profile,
    });
    const directory = await applied(scene.directory, scene.deployment, [
      await signStatement('organisation', claims, scene.operator),
    ]);
    expect(roleOf(directory, device.kid)).toMatchObject({ role: 'admin', status: 'suspended' });
  });

  it('a new generation starts a new chain, and keys of the old one have no role', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const revoke = makeRevocationClaims(nextPlace(scene.directory, org, NOW_MS), { kid: device.kid, reason: 'lost' });
    let directory = await applied(scene.directory, scene.deployment, [
      await signStatement('revocation', revoke, device),
    ]);
    const again = await keyFor('replacement');
    const cert = headOf(directory.cert);
    const place = { chain: org, previous: null, cert, nowMs: NOW_MS };
    const first = await signStatement('device', deviceClaims(place, again, 'admin'), again);
    const epoch = makeEpochClaims({ ...place, previous: [1, first.sid] }, epochOf(1));
    const second = await signStatement('epoch', epoch, again);
    const claims = makeOrganisationClaims(nextPlace(directory, 'cert', NOW_MS), {
      org,
      generation: 2,
      genesis: [first.sid, second.sid],
      admins: [again.kid],
      status: 'active',
      profile: hash('profile'),
    });
    const statements = [await signStatement('organisation', claims, scene.operator), first, second];
    const appended = await appendStatements(directory, scene.deployment, statements, NOW_MS);
    expect(appended.ok && appended.value.added).toHaveLength(3);
    directory = await applied(directory, scene.deployment, statements);
    expect(roleOf(directory, again.kid)).toMatchObject({ role: 'admin', org });
    expect(roleOf(directory, device.kid)).toBeNull();
    expect(headsFor(directory, org)[org]).toEqual([2, second.sid]);
  });
});

describe('order of delivery', () => {
  it('does not matter: any order and repeats give the same directory, also across chains', async () => {
    const scene = await makeScene('one', 'two');
    const { org, device } = scene.enrolled('one');
    const second = await keyFor('second admin');
    let directory = scene.directory;
    const later: Statement[] = [];
    const act = async (statement: Promise<Statement>) => {
      later.push(await statement);
      directory = await applied(directory, scene.deployment, later.slice(-1));
    };
    const place = () => nextPlace(directory, org, NOW_MS);
    const admins = [device.kid, second.kid];
    await act(signStatement('device', deviceClaims(place(), second, 'admin'), device));
    await act(signStatement('consent', makeConsentClaims(place(), { admins }), device));
    await act(changeAdmins(directory, scene.operator, org, admins, later[1]));
    await act(signStatement('epoch', makeEpochClaims(place(), epochOf(2)), second));
    await act(signStatement('revocation', makeRevocationClaims(place(), { kid: device.kid, reason: 'left' }), second));
    await act(changeAdmins(directory, scene.operator, org, admins, undefined));
    const all = [...scene.statements, ...later];
    const expected = snapshot(directory);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...all, ...all.slice(3, 8)], { minLength: all.length + 5 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 30, maxLength: 30 }),
        async (shuffled, sizes) => {
          let read: Directory | null = null;
          const rest = [...shuffled];
          for (const size of sizes) read = await applied(read, scene.deployment, rest.splice(0, size));
          expect(snapshot(read as Directory)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('a gap waits, blocks the chain, and closes when the missing statement comes', async () => {
    const { deployment, statements } = await makeDeployment();
    const [root, operator, epoch, log, head] = statements as [Statement, Statement, Statement, Statement, Statement];
    const gapped = await applied(null, deployment, [root, operator, log, head]);
    expect(chainState(gapped, 'cert')).toBe('gap');
    expect(headOf(gapped.cert)?.[0]).toBe(2);
    expect(chainState(await applied(gapped, deployment, [epoch]), 'cert')).toBe('current');
  });

  it('two legal statements with one version freeze the chain and are both kept', async () => {
    const scene = await makeScene('agency');
    const place = nextPlace(scene.directory, 'cert', NOW_MS);
    const a = await signStatement('head', makeHeadClaims(place), scene.operator);
    const b = await signStatement('head', makeHeadClaims({ ...place, nowMs: NOW_MS + 5000 }), scene.operator);
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      let directory = scene.directory;
      for (const statement of order) directory = await applied(directory, scene.deployment, [statement]);
      expect(chainState(directory, 'cert')).toBe('frozen');
      expect(forks(directory).map((fork) => fork.statements.map((statement) => statement.sid))).toEqual([
        [a.sid, b.sid].sort(),
      ]);
      expect(roleOf(directory, scene.operator.kid)).not.toBeNull();
    }
  });

  it('a frozen chain takes nothing more, and keeps the first evidence', async () => {
    const scene = await makeScene();
    const place = nextPlace(scene.directory, 'cert', NOW_MS);
    const rivals = [0, 1, 2].map((i) =>
      signStatement('head', makeHeadClaims({ ...place, nowMs: NOW_MS + i * 1000 }), scene.operator),
    );
    const [a, b, c] = (await Promise.all(rivals)) as [Statement, Statement, Statement];
    const frozen = await applied(scene.directory, scene.deployment, [a, b]);
    const next = await signStatement('head', makeHeadClaims(nextPlace(frozen, 'cert', NOW_MS)), scene.operator);
    const later = await applied(frozen, scene.deployment, [c, next]);
    expect(later.cert).toEqual(frozen.cert);
  });

  it('a fork in one organisation leaves the others alone', async () => {
    const scene = await makeScene('one', 'two');
    const one = scene.enrolled('one');
    const place = nextPlace(scene.directory, one.org, NOW_MS);
    const a = await signStatement('epoch', makeEpochClaims(place, epochOf(2)), one.device);
    const b = await signStatement('epoch', makeEpochClaims({ ...place, nowMs: NOW_MS + 1000 }, epochOf(2)), one.device);
    const directory = await applied(scene.directory, scene.deployment, [a, b]);
    expect(chainState(directory, one.org)).toBe('frozen');
    expect(chainState(directory, scene.enrolled('two').org)).toBe('current');
    expect(chainState(directory, 'cert')).toBe('current');
  });

  it('applying one statement to three hundred organisations costs no more than its own check', async () => {
    const scene = await makeScene();
    let directory = scene.directory;
    for (let i = 0; i < 300; i++) {
      const { organisation: statement, genesis } = await makeEnrolment(directory, scene.operator, `agency ${i}`);
      directory = await applied(directory, scene.deployment, [statement, ...genesis]);
    }
    const before = directory.organisations.get((await makeEnrolment(directory, scene.operator, 'agency 7')).org);
    const head = await signStatement('head', makeHeadClaims(nextPlace(directory, 'cert', NOW_MS)), scene.operator);
    const startMs = performance.now();
    const after = await applied(directory, scene.deployment, [head]);
    expect(performance.now() - startMs).toBeLessThan(500);
    expect(after.organisations.get(before?.org as never)).toBe(before);
  });
});

describe('consent', () => {
  it('a change of admins waits for an admin’s consent that names exactly the new ones', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const second = await keyFor('second admin');
    const add = deviceClaims(nextPlace(scene.directory, org, NOW_MS), second, 'admin');
    const base = await applied(scene.directory, scene.deployment, [await signStatement('device', add, device)]);
    expect(roleOf(base, second.kid)).toBeNull();

    const admins = [device.kid, second.kid];
    const without = await changeAdmins(base, scene.operator, org, admins, undefined);
    const appended = await appendStatements(base, scene.deployment, [without], NOW_MS);
    expect(appended).toMatchObject({ ok: false, error: { kind: 'refused', code: 'consent' } });
    expect(chainState(await applied(base, scene.deployment, [without]), 'cert')).toBe('gap');

    const consent = await signStatement('consent', makeConsentClaims(nextPlace(base, org, NOW_MS), { admins }), device);
    const changed = await changeAdmins(base, scene.operator, org, admins, consent);
    const directory = await applied(base, scene.deployment, [changed, consent]);
    expect(roleOf(directory, second.kid)).toMatchObject({ role: 'admin' });

    const other = await changeAdmins(base, scene.operator, org, [second.kid], consent);
    const refused = await applyStatements(base, scene.deployment, [consent, other]);
    expect(refused).toMatchObject({ ok: false, error: { kind: 'refused', code: 'consent' } });
  });

  it('an admin whom the newest consent leaves out signs nothing more, whatever CERT chain it pretends to know', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const second = await keyFor('second admin');
    let directory = scene.directory;
    const act = async (type: string, claims: Parameters<typeof signStatement>[1], key: SigningKey) => {
      directory = await applied(directory, scene.deployment, [await signStatement(type, claims, key)]);
    };
    await act('device', deviceClaims(nextPlace(directory, org, NOW_MS), second, 'admin'), device);
    const both = await signStatement(
      'consent',
      makeConsentClaims(nextPlace(directory, org, NOW_MS), { admins: [device.kid, second.kid] }),
      device,
    );
    directory = await applied(directory, scene.deployment, [both]);
    directory = await applied(directory, scene.deployment, [
      await changeAdmins(directory, scene.operator, org, [device.kid, second.kid], both),
    ]);
    const oldCert = headOf(directory.cert);
    await act('consent', makeConsentClaims(nextPlace(directory, org, NOW_MS), { admins: [second.kid] }), second);
    const backdated = makeEpochClaims({ ...nextPlace(directory, org, NOW_MS), cert: oldCert }, epochOf(2));
    const refused = await applyStatements(directory, scene.deployment, [
      await signStatement('epoch', backdated, device),
    ]);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-allowed' } });
  });
});

describe('the CERT chain as a signer knew it', () => {
  it('never goes back within an organisation’s chain', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const oldCert = headOf(scene.directory.cert);
    const head = await signStatement(
      'head',
      makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)),
      scene.operator,
    );
    let directory = await applied(scene.directory, scene.deployment, [head]);
    const two = await signStatement('epoch', makeEpochClaims(nextPlace(directory, org, NOW_MS), epochOf(2)), device);
    directory = await applied(directory, scene.deployment, [two]);
    const three = makeEpochClaims({ ...nextPlace(directory, org, NOW_MS), cert: oldCert }, epochOf(3));
    const refused = await applyStatements(directory, scene.deployment, [await signStatement('epoch', three, device)]);
    expect(refused).toMatchObject({ ok: false, error: { code: 'split-view' } });
  });

  it('a consent given before the present organisation statement is used up', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const second = await keyFor('second admin');
    const place = (directory: Directory) => nextPlace(directory, org, NOW_MS);
    const added = await signStatement('device', deviceClaims(place(scene.directory), second, 'admin'), device);
    let directory = await applied(scene.directory, scene.deployment, [added]);
    const consents: Statement[] = [];
    for (const admins of [[device.kid, second.kid], [device.kid]]) {
      const consent = await signStatement('consent', makeConsentClaims(place(directory), { admins }), device);
      directory = await applied(directory, scene.deployment, [consent]);
      const changed = await changeAdmins(directory, scene.operator, org, admins, consent);
      directory = await applied(directory, scene.deployment, [changed]);
      consents.push(consent);
    }
    const again = await changeAdmins(directory, scene.operator, org, [device.kid, second.kid], consents[0]);
    const refused = await applyStatements(directory, scene.deployment, [again]);
    expect(refused).toMatchObject({ ok: false, error: { code: 'consent' } });
  });
});

describe('the server appends', () => {
  it('only what comes next, answers a conflict with the head, and takes repeats', async () => {
    const { deployment, statements, operator } = await makeDeployment();
    const first = await appendStatements(null, deployment, statements, NOW_MS);
    if (!first.ok) throw new Error('refused');
    const { directory } = first.value;
    expect(first.value.added).toEqual(statements);
    const again = await appendStatements(directory, deployment, statements, NOW_MS);
    expect(again).toMatchObject({ ok: true, value: { added: [] } });
    const stale = makeHeadClaims({
      ...nextPlace(directory, 'cert', NOW_MS + 1000),
      previous: [4, statements[3]?.sid as never],
    });
    const conflict = await appendStatements(
      directory,
      deployment,
      [await signStatement('head', { ...stale, cert: [4, statements[3]?.sid as string] }, operator)],
      NOW_MS,
    );
    expect(conflict).toEqual({ ok: false, error: { kind: 'conflict', chain: 'cert', head: [5, statements[4]?.sid] } });
  });

  it('all of an array or nothing', async () => {
    const scene = await makeScene();
    const enrolment = await makeEnrolment(scene.directory, scene.operator, 'agency');
    const bad = await signStatement(
      'head',
      makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)),
      await keyFor('x'),
    );
    const result = await appendStatements(scene.directory, scene.deployment, [enrolment.organisation, bad], NOW_MS);
    expect(result.ok).toBe(false);
    const good = await appendStatements(
      scene.directory,
      scene.deployment,
      [enrolment.organisation, ...enrolment.genesis],
      NOW_MS,
    );
    expect(good.ok).toBe(true);
  });

  it('refuses a clock that runs ahead and a device key that another organisation has', async () => {
    const scene = await makeScene('one', 'two');
    const ahead = makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS + 3_600_000));
    expect(
      await appendStatements(
        scene.directory,
        scene.deployment,
        [await signStatement('head', ahead, scene.operator)],
        NOW_MS,
      ),
    ).toMatchObject({ error: { kind: 'refused', code: 'clock' } });
    const one = scene.enrolled('one');
    const taken = deviceClaims(nextPlace(scene.directory, one.org, NOW_MS), scene.enrolled('two').device, 'analyst');
    expect(
      await appendStatements(
        scene.directory,
        scene.deployment,
        [await signStatement('device', taken, one.device)],
        NOW_MS,
      ),
    ).toMatchObject({ error: { kind: 'refused', code: 'key-in-use' } });
  });

  it('refuses types it does not know', async () => {
    const scene = await makeScene();
    const claims = { ...makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)) };
    const unknown = await signStatement('quorum', claims, scene.operator);
    expect(await appendStatements(scene.directory, scene.deployment, [unknown], NOW_MS)).toMatchObject({
      error: { kind: 'unsupported' },
    });
  });
});

async function changeAdmins(
  directory: Directory,
  operator: SigningKey,
  org: Parameters<typeof organisation>[1],
  admins: Parameters<typeof makeConsentClaims>[1]['admins'],
  consent: Statement | undefined,
): Promise<Statement> {
  const chain = [...(directory.organisations.get(org)?.generations.values() ?? [])].at(-1);
  const own = {
    org,
    generation: 1,
    genesis: [...(chain?.genesis ?? [])] as never,
    admins,
    status: 'active' as const,
    profile: hash('p'),
  };
  const cited = consent === undefined ? own : { ...own, consent: consent.sid };
  return signStatement('organisation', makeOrganisationClaims(nextPlace(directory, 'cert', NOW_MS), cited), operator);
}

function snapshot(directory: Directory): unknown {
  const waiting = directory.waiting.length;
  const cert = { ...directory.cert, operators: [...directory.cert.operators] };
  const organisations = [...directory.organisations.values()]
    .map((record) => ({
      ...record,
      generations: [...record.generations].map(([, chain]) => ({ ...chain, devices: [...chain.devices] })),
    }))
    .sort((a, b) => (a.org < b.org ? -1 : 1));
  return { waiting, cert, organisations };
}
