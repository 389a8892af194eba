import { describe, expect, it } from 'vitest';
import type { EnvelopeKind } from '../envelope/kinds.ts';
import type { Sid } from '../envelope/statement.ts';
import { ENVELOPE_KINDS } from '../envelope/kinds.ts';
import { signStatement } from '../envelope/statement.ts';
import { makeHeadClaims, makeRevocationClaims, nextPlace } from './builders.ts';
import { applied, deviceClaims, hash, keyFor, makeDeployment, makeScene, NOW_MS, orgOf } from './deployment.fixture.ts';
import { maySignEnvelope } from './envelope-rights.ts';
import { checkSealing, compareHeads, directoryNowMs, headExpiryMs, needsHead } from './freshness.ts';
import { headsFor, isDemo } from './roles.ts';

const DAY_MS = 86_400_000;

describe('freshness', () => {
  it('sealing works until the newest head expires, and an operator renews it after three days', async () => {
    const { directory, enrolled } = await makeScene('agency');
    const { org } = enrolled('agency');
    expect(checkSealing(directory, org, NOW_MS)).toMatchObject({ ok: true, value: { n: 1 } });
    expect(headExpiryMs(directory)).toBe(NOW_MS + 7 * DAY_MS);
    expect([needsHead(directory, NOW_MS + 2 * DAY_MS), needsHead(directory, NOW_MS + 4 * DAY_MS)]).toEqual([
      false,
      true,
    ]);
    expect(checkSealing(directory, org, NOW_MS + 7 * DAY_MS)).toEqual({ ok: false, error: { kind: 'stale' } });
  });

  it('a device clock set back does not make an expired head fresh', async () => {
    const scene = await makeScene();
    const later = makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS + DAY_MS));
    const directory = await applied(scene.directory, scene.deployment, [
      await signStatement('head', later, scene.operator),
    ]);
    expect(directoryNowMs(directory, NOW_MS - 1000 * DAY_MS)).toBe(NOW_MS + DAY_MS);
  });

  it('nothing is sealed to an organisation that no statement names', async () => {
    const { directory } = await makeScene();
    expect(checkSealing(directory, orgOf('nobody'), NOW_MS)).toEqual({ ok: false, error: { kind: 'not-enrolled' } });
  });

  it('heads of others are known, ahead, or a split view', async () => {
    const scene = await makeScene('agency');
    const { org } = scene.enrolled('agency');
    const early = headsFor(scene.directory, org);
    const head = await signStatement(
      'head',
      makeHeadClaims(nextPlace(scene.directory, 'cert', NOW_MS)),
      scene.operator,
    );
    const directory = await applied(scene.directory, scene.deployment, [head]);
    expect(compareHeads(directory, early)).toEqual({ kind: 'known' });
    expect(compareHeads(scene.directory, headsFor(directory))).toEqual({ kind: 'ahead', chains: ['cert'] });
    expect(compareHeads(directory, { cert: [3, hash('other') as Sid] })).toMatchObject({
      kind: 'split',
      chain: 'cert',
    });
  });

  it('a demo deployment says so for ever', async () => {
    const { deployment, statements } = await makeDeployment({ demo: true });
    expect(isDemo(await applied(null, deployment, statements))).toBe(true);
    expect(isDemo((await makeScene()).directory)).toBe(false);
  });
});

describe('who may sign which envelope', () => {
  it('every kind, by every role, as the table of FORMATS says', async () => {
    const scene = await makeScene('agency', 'other');
    const { org, device } = scene.enrolled('agency');
    const roles = {
      analyst: await keyFor('analyst'),
      on_call: await keyFor('on call'),
      auditor: await keyFor('auditor'),
    };
    let directory = scene.directory;
    for (const [role, key] of Object.entries(roles) as ['analyst' | 'on_call' | 'auditor', typeof device][]) {
      const claims = deviceClaims(nextPlace(directory, org, NOW_MS), key, role);
      directory = await applied(directory, scene.deployment, [await signStatement('device', claims, device)]);
    }
    const keys = {
      operator: scene.operator,
      admin: device,
      ...roles,
      root: scene.root,
      other: scene.enrolled('other').device,
    };
    const allowed: Partial<Record<EnvelopeKind, readonly string[]>> = {
      grant: ['admin'],
      triage: ['admin', 'analyst', 'on_call'],
      outcome: ['admin', 'analyst', 'other'],
      incident: ['admin', 'analyst', 'other'],
      'access-request': [],
    };
    for (const kind of Object.keys(ENVELOPE_KINDS) as EnvelopeKind[]) {
      const who = Object.entries(keys).filter(([, key]) => maySignEnvelope(directory, kind, key.kid, org) !== null);
      expect([kind, who.map(([name]) => name).sort()]).toEqual([kind, [...(allowed[kind] ?? ['operator'])].sort()]);
    }
    expect(maySignEnvelope(directory, 'triage', roles.on_call.kid, org)?.onCallOnly).toBe(true);
    expect(maySignEnvelope(directory, 'grant', scene.operator.kid, 'cert')).not.toBeNull();
  });

  it('a revoked device signs nothing', async () => {
    const scene = await makeScene('agency');
    const { org, device } = scene.enrolled('agency');
    expect(maySignEnvelope(scene.directory, 'triage', device.kid, org)).not.toBeNull();
    const claims = makeRevocationClaims(nextPlace(scene.directory, org, NOW_MS), { kid: device.kid, reason: 'lost' });
    const directory = await applied(scene.directory, scene.deployment, [
      await signStatement('revocation', claims, device),
    ]);
    expect(maySignEnvelope(directory, 'triage', device.kid, org)).toBeNull();
  });
});
