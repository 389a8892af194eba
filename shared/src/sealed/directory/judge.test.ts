import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../base/strict-json.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import type { Statement } from '../envelope/statement.ts';
import { toBase64url } from '../../base/base64url.ts';
import { parseStatement, signStatement } from '../envelope/statement.ts';
import {
  makeConsentClaims,
  makeEpochClaims,
  makeHeadClaims,
  makeLogClaims,
  makeNextRootClaims,
  makeNoticeClaims,
  makeOperatorClaims,
  makeOrganisationClaims,
  makePolicyClaims,
  makeRevocationClaims,
  makeRootClaims,
  nextPlace,
} from './builders.ts';
import { parseClaims } from './claims.ts';
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
import { applyStatements } from './directory.ts';
import { chainState } from './freshness.ts';
import { logKeys, newestEpoch, roleOf } from './roles.ts';

type Scene = Awaited<ReturnType<typeof makeScene>>;

/** Applies one statement; the code it was refused with, or `held`. */
async function outcome(scene: Scene, statement: Statement): Promise<string> {
  const result = await applyStatements(scene.directory, scene.deployment, [statement]);
  if (result.ok) return result.value.waiting.length > 0 ? 'waits' : 'held';
  return result.error.kind === 'refused' ? result.error.code : result.error.kind;
}

const signers = ['root', 'operator', 'admin', 'analyst', 'stranger'] as const;

/** One organisation with an admin and an analyst, and everybody's key. */
async function cast() {
  const base = await makeScene('agency', 'other');
  const { org, device } = base.enrolled('agency');
  const analyst = await keyFor('analyst');
  const added = await signStatement(
    'device',
    deviceClaims(nextPlace(base.directory, org, NOW_MS), analyst, 'analyst'),
    device,
  );
  const scene = { ...base, directory: await applied(base.directory, base.deployment, [added]) };
  const keys: Record<(typeof signers)[number], SigningKey> = {
    root: scene.root,
    operator: scene.operator,
    admin: device,
    analyst,
    stranger: await keyFor('stranger'),
  };
  return { scene, org, keys };
}

it('a log statement begins the next epoch, or names other witnesses of the running one and changes nothing else', async () => {
  const scene = await makeScene();
  const running = logKeys(scene.directory);
  if (running === null) throw new Error('no log');
  const { origin, epoch, checkpoint, entry } = running;
  const same = { origin, epoch, checkpoint, entry, witnesses: [], quorum: 0, reason: 'key-change' as const };
  const told = async (changes: Partial<typeof same>, signer = scene.operator) => {
    const claims = makeLogClaims(nextPlace(scene.directory, 'cert', NOW_MS), { ...same, ...changes });
    return outcome(scene, await signStatement('log', claims, signer));
  };
  expect(await told({})).toBe('held');
  expect(await told({ epoch: epoch + 1, origin: `${origin}2`, checkpoint: entry })).toBe('held');
  expect(await told({ epoch: epoch + 2 })).toBe('wrong-number');
  expect(await told({ origin: `${origin}2` })).toBe('wrong-number');
  expect(await told({ checkpoint: entry })).toBe('wrong-number');
  expect(await told({ entry: checkpoint })).toBe('wrong-number');
  expect(await told({}, scene.root)).not.toBe('held');
});

describe('who may sign which statement', () => {
  it('in the CERT chain: exactly the holders that FORMATS names', async () => {
    const { scene, keys } = await cast();
    const place = nextPlace(scene.directory, 'cert', NOW_MS);
    const fresh = await keyFor('fresh');
    const { organisation } = await makeEnrolment(scene.directory, scene.operator, 'third');
    const cases: [string, JsonObject, readonly string[]][] = [
      ['root', makeNextRootClaims(place, fresh.publicKey), ['root']],
      ['operator', makeOperatorClaims(place, fresh.publicKey, RECIPIENTS.read), ['root']],
      ['organisation', organisation.claims, ['operator']],
      ['notice', makeNoticeClaims(place, { version: '2', th: hash('th'), en: hash('en') }), ['operator']],
      ['policy', makePolicyClaims(place, { subject: 'retention', sha256: hash('policy') }), ['operator']],
      ['epoch', makeEpochClaims(place, { n: 2, recipients: RECIPIENTS }), ['root', 'operator']],
      ['head', makeHeadClaims(place), ['operator']],
      ['revocation', makeRevocationClaims(place, { kid: keys.operator.kid, reason: 'left' }), ['root', 'operator']],
    ];
    for (const [type, claims, allowed] of cases) {
      for (const who of signers) {
        const verdict = await outcome(scene, await signStatement(type, claims, keys[who]));
        expect([type, who, verdict]).toEqual([type, who, allowed.includes(who) ? 'held' : 'not-allowed']);
      }
    }
  });

  it('in an organisation’s chain: its admins, and a device for its own revocation', async () => {
    const { scene, org, keys } = await cast();
    const place = nextPlace(scene.directory, org, NOW_MS);
    const fresh = await keyFor('fresh');
    const cases: [string, JsonObject, readonly string[]][] = [
      ['device', deviceClaims(place, fresh, 'on_call'), ['admin']],
      ['epoch', makeEpochClaims(place, epochOf(2)), ['admin']],
      ['consent', makeConsentClaims(place, { admins: [keys.admin.kid] }), ['admin']],
      ['revocation', makeRevocationClaims(place, { kid: keys.analyst.kid, reason: 'left' }), ['admin', 'analyst']],
    ];
    for (const [type, claims, allowed] of cases) {
      for (const who of [...signers, 'other'] as const) {
        const key = who === 'other' ? scene.enrolled('other').device : keys[who];
        const verdict = await outcome(scene, await signStatement(type, claims, key));
        expect([type, who, verdict]).toEqual([type, who, allowed.includes(who) ? 'held' : 'not-allowed']);
      }
    }
  });

  it('a statement under another key than its signer’s is refused', async () => {
    const { scene, keys } = await cast();
    const good = await signStatement('head', makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)), keys.operator);
    const flipped = good.compact.slice(0, -2) + (good.compact.endsWith('AA') ? 'BA' : 'AA');
    const parsed = parseStatement(flipped);
    expect(parsed.ok && (await outcome(scene, parsed.value))).toBe('signature');
  });

  it('a revoked operator is void at every later version, whatever its iat', async () => {
    const { scene, keys } = await cast();
    const revoke = makeRevocationClaims(nextPlace(scene.directory, 'cert', NOW_MS), {
      kid: keys.operator.kid,
      reason: 'lost',
    });
    const after = {
      ...scene,
      directory: await applied(scene.directory, scene.deployment, [
        await signStatement('revocation', revoke, keys.root),
      ]),
    };
    const early = makeHeadClaims(nextPlace(after.directory, 'cert', NOW_MS - 86_400_000));
    expect(await outcome(after, await signStatement('head', early, keys.operator))).toBe('not-allowed');
    expect(roleOf(after.directory, keys.operator.kid)).toBeNull();
    const back = makeOperatorClaims(
      nextPlace(after.directory, 'cert', NOW_MS),
      keys.operator.publicKey,
      RECIPIENTS.read,
    );
    expect(await outcome(after, await signStatement('operator', back, keys.root))).toBe('key-known');
  });

  it('after a change of root the old root signs nothing', async () => {
    const { scene, keys } = await cast();
    const next = await keyFor('next root');
    const change = makeNextRootClaims(nextPlace(scene.directory, 'cert', NOW_MS), next.publicKey);
    const after = {
      ...scene,
      directory: await applied(scene.directory, scene.deployment, [await signStatement('root', change, keys.root)]),
    };
    const fresh = await keyFor('fresh');
    const claims = makeOperatorClaims(nextPlace(after.directory, 'cert', NOW_MS), fresh.publicKey, RECIPIENTS.read);
    expect(await outcome(after, await signStatement('operator', claims, keys.root))).toBe('not-allowed');
    expect(await outcome(after, await signStatement('operator', claims, next))).toBe('held');
    expect(roleOf(after.directory, keys.root.kid)).toBeNull();
  });
});

describe('what a statement must fit', () => {
  it('another deployment’s root, and statements that know another CERT chain, are refused', async () => {
    const scene = await makeScene();
    const elsewhere = await makeDeployment({ name: 'elsewhere' });
    expect(await outcome(scene, elsewhere.statements[0] as Statement)).toBe('wrong-deployment');
    const result = await applyStatements(null, scene.deployment, [elsewhere.statements[0] as Statement]);
    expect(result).toMatchObject({ ok: false, error: { code: 'wrong-deployment' } });

    const foreign = await applied(null, elsewhere.deployment, elsewhere.statements);
    const enrolment = await makeEnrolment(foreign, scene.operator, 'agency');
    const { org, admins, genesis } = enrolment.organisation.claims as never;
    const claims = makeOrganisationClaims(nextPlace(scene.directory, 'cert', NOW_MS), {
      org,
      generation: 1,
      genesis,
      admins,
      status: 'active',
      profile: hash('p'),
    });
    const known = await applied(scene.directory, scene.deployment, [
      await signStatement('organisation', claims, scene.operator),
    ]);
    expect(await outcome({ ...scene, directory: known }, enrolment.genesis[0])).toBe('split-view');
  });

  it('an organisation’s first versions hold only when its statement names them', async () => {
    const scene = await makeScene();
    const enrolment = await makeEnrolment(scene.directory, scene.operator, 'agency');
    expect(await outcome(scene, enrolment.genesis[0])).toBe('waits');
    const known = await applied(scene.directory, scene.deployment, [enrolment.organisation, enrolment.genesis[0]]);
    const other = makeEpochClaims(nextPlace(known, enrolment.org, NOW_MS + 1000), epochOf(1));
    const forged = await signStatement('epoch', other, enrolment.device);
    expect(await outcome({ ...scene, directory: known }, forged)).toBe('not-genesis');
  });

  it('epochs and generations count one by one', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    const skipped = makeEpochClaims(nextPlace(scene.directory, org, NOW_MS), epochOf(3));
    expect(await outcome(scene, await signStatement('epoch', skipped, device))).toBe('wrong-number');
    const early = makeOrganisationClaims(nextPlace(scene.directory, 'cert', NOW_MS), {
      org,
      generation: 3,
      genesis: [hash('a') as never, hash('b') as never],
      admins: [device.kid],
      status: 'active',
      profile: hash('p'),
    });
    expect(await outcome(scene, await signStatement('organisation', early, scene.operator))).toBe('wrong-number');
  });

  it('keys of small order, not canonical, or of the wrong length are malformed', async () => {
    const scene = await makeScene();
    const place = nextPlace(scene.directory, 'cert', NOW_MS);
    const good = makeOperatorClaims(place, (await keyFor('fresh')).publicKey, RECIPIENTS.read);
    const bad = [
      new Uint8Array(32),
      new Uint8Array(32).fill(0xff),
      Uint8Array.of(1, ...new Uint8Array(31)),
      new Uint8Array(31),
    ];
    for (const key of bad) {
      const statement = await signStatement('operator', { ...good, key: toBase64url(key) }, scene.root);
      expect(await outcome(scene, statement)).toBe('malformed');
    }
    expect(() => makeRootClaims({ publicKey: new Uint8Array(32), demo: false, nowMs: NOW_MS })).toThrow();
  });

  it('a head lives seven days at most, an epoch of an organisation has no intake, times are seconds', async () => {
    const scene = await makeScene('agency');
    const head = makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS));
    const long = { ...head, exp: (head['iat'] as number) + 8 * 86_400 };
    expect(await outcome(scene, await signStatement('head', long, scene.operator))).toBe('malformed');
    expect(await outcome(scene, await signStatement('head', { ...head, iat: NOW_MS }, scene.operator))).toBe(
      'malformed',
    );
    const { org, device } = scene.enrolled('agency');
    const epoch = makeEpochClaims(nextPlace(scene.directory, org, NOW_MS), epochOf(2));
    const intake = { ...epoch, recipients: { ...RECIPIENTS } };
    expect(await outcome(scene, await signStatement('epoch', intake, device))).toBe('malformed');
  });
});

describe('claims that make no sense', () => {
  it('are malformed or unknown, and never an exception', async () => {
    const scene = await makeScene();
    const good = makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(good)), fc.jsonValue(), async (name, value) => {
        fc.pre(JSON.stringify(value) !== JSON.stringify(good[name]));
        const statement = { sid: scene.deployment, type: 'head', kid: scene.operator.kid, compact: '' };
        const parsed = parseClaims({ ...statement, claims: { ...good, [name]: value } as JsonObject });
        const applies = await applyStatements(scene.directory, scene.deployment, [
          { ...statement, claims: { ...good, [name]: value } as JsonObject },
        ]);
        expect([parsed.ok, applies.ok && chainState(applies.value, 'cert')]).not.toEqual([true, 'current']);
      }),
      { numRuns: 300 },
    );
  });
});

describe('statements of a newer format', () => {
  const variants: [string, string, (claims: JsonObject) => JsonObject][] = [
    ['version', 'head', (claims) => ({ ...claims, v: 2 })],
    ['type', 'quorum', (claims) => claims],
    ['critical claim', 'head', (claims) => ({ ...claims, crit: ['region'], region: 'north' })],
  ];

  it.each(variants)(
    'an unknown %s keeps its place and asks for an update; reading goes on',
    async (_name, type, change) => {
      const scene = await makeScene('agency');
      const claims = change(makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)));
      const directory = await applied(scene.directory, scene.deployment, [
        await signStatement(type, claims, scene.operator),
      ]);
      expect(chainState(directory, 'cert')).toBe('update-needed');
      expect(newestEpoch(directory, 'cert')?.n).toBe(1);
      const next = await signStatement('head', makeHeadClaims(nextPlace(directory, 'cert', NOW_MS)), scene.operator);
      const after = await applied(directory, scene.deployment, [next]);
      expect(after.cert.links).toHaveLength(directory.cert.links.length + 1);
    },
  );

  it('by a stranger they are refused, and a critical claim that is understood is none', async () => {
    const scene = await makeScene();
    const claims = makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS));
    expect(await outcome(scene, await signStatement('quorum', claims, await keyFor('stranger')))).toBe('not-allowed');
    const understood = await signStatement('head', { ...claims, crit: ['exp'], note: 1 }, scene.operator);
    const parsed = parseClaims(understood);
    expect(parsed.ok && parsed.value.type).toBe('head');
  });
});
