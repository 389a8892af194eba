/** What the server refuses, and how little it says about it. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { makeAuditEntry, NO_PREVIOUS } from '@sealpost/shared/sealed/audit/entry';
import type { MadeAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { generateAgeSecret } from '@sealpost/shared/sealed/crypto/age';
import { makeHeadClaims, makeRevocationClaims, nextPlace } from '@sealpost/shared/sealed/directory/builders';
import { headsFor } from '@sealpost/shared/sealed/directory/roles';
import { parseSid, sidToBytes, signStatement } from '@sealpost/shared/sealed/envelope/statement';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { AuditConflictSchema, AuditPageSchema, ChainsConflictSchema } from '@sealpost/shared/sealed/wire/bodies';
import { signRequest } from '@sealpost/shared/sealed/wire/request-signature';
import { createApp } from '@sealpost/server/src/app.ts';
import { DEFAULT_RATES } from '@sealpost/server/src/guard/rate-limit.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';
import {
  bodyBytes,
  checked,
  newKey,
  putManifest,
  random,
  sealedFile,
  send,
  setUp,
  signFirstFive,
  statementsOf,
} from './scene.ts';
import type { Enrolled, Scene } from './scene.ts';

let running: TestServer;
let scene: Scene;
let agency: Enrolled;
let clockMs = Date.now();

beforeAll(async () => {
  running = await startTestServer({
    now: () => clockMs,
    rates: {
      ...DEFAULT_RATES,
      byAddress: { burst: 10_000, perHour: 10_000 },
      byKey: { burst: 10_000, perHour: 10_000 },
    },
  });
  scene = await setUp(running.origin);
  agency = await scene.enrol();
});
afterAll(() => running.stop());

/** A request with any headers, `Host` included, which fetch does not allow. */
function raw(path: string, headers: Record<string, string>, method = 'GET', body: Uint8Array | null = null) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const port = running.server.port;
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

describe('a body', () => {
  it('is not waited for before its signature holds, even under a key that the public chains name', async () => {
    const path = `/api/v1/${scene.deployment}/blobs/${toBase64url(random(32))}?offset=0&size=8388608`;
    const stranger = await newKey();
    const signed = await signRequest({
      method: 'PUT',
      url: `${scene.origin}${path}`,
      body: random(8),
      signer: stranger,
      nowMs: clockMs,
      nonce: toBase64url(random(16)),
    });
    const headers = {
      ...signed,
      'signature-input': signed['signature-input'].replace(stranger.kid, scene.operator.kid),
      'content-length': '8388608',
      host: `localhost:${running.server.port}`,
    };
    const status = await new Promise<number | string>((resolve, reject) => {
      const { port } = running.server;
      const sent = httpRequest({ host: '127.0.0.1', port, path, method: 'PUT', headers }, (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write(random(1000)); // and no more
      setTimeout(() => {
        resolve('still waiting for the body');
        sent.destroy();
      }, 3000);
    });
    expect(status).toBe(401);
  });
});

describe('a request that is not signed as it must be', () => {
  const sign = async (path: string, overrides: Partial<Parameters<typeof signRequest>[0]> = {}) =>
    signRequest({
      method: 'GET',
      url: `${scene.origin}${path}`,
      body: null,
      signer: scene.operator,
      nowMs: clockMs,
      nonce: toBase64url(random(16)),
      ...overrides,
    });
  const host = (): string => `localhost:${running.server.port}`;
  const change = (text: string | undefined, from: string | RegExp, to: string): string =>
    String(text).replace(from, to);

  const attacks: Record<string, () => Promise<{ path: string; headers: Record<string, string>; method?: string }>> = {
    'carries no signature': async () => ({ path: scene.at.requests(), headers: { host: host() } }),
    'is signed by a key in no chain': async () => {
      return {
        path: scene.at.requests(),
        headers: { host: host(), ...(await sign(scene.at.requests(), { signer: await newKey() })) },
      };
    },
    'claims the key of another': async () => {
      const signed = await sign(scene.at.requests(), { signer: agency.device });
      const input = change(signed['signature-input'], agency.device.kid, scene.operator.kid);
      return { path: scene.at.requests(), headers: { host: host(), ...signed, 'signature-input': input } };
    },
    'was signed for another path': async () => ({
      path: scene.at.auditAfter(0),
      headers: { host: host(), ...(await sign(scene.at.requests())) },
    }),
    'was signed for another query': async () => ({
      path: scene.at.auditAfter(1),
      headers: { host: host(), ...(await sign(scene.at.auditAfter(0))) },
    }),
    'was signed for another method': async () => ({
      path: scene.at.deployment(),
      method: 'DELETE',
      headers: { host: host(), ...(await sign(scene.at.deployment())) },
    }),
    'was signed for another server': async () => {
      const url = `http://sealpost.example${scene.at.requests()}`;
      return { path: scene.at.requests(), headers: { host: 'sealpost.example', ...(await sign('', { url })) } };
    },
    'is too old': async () => ({
      path: scene.at.requests(),
      headers: { host: host(), ...(await sign(scene.at.requests(), { nowMs: clockMs - 301_000 })) },
    }),
    'comes from the future': async () => ({
      path: scene.at.requests(),
      headers: { host: host(), ...(await sign(scene.at.requests(), { nowMs: clockMs + 301_000 })) },
    }),
    'has one bit of its signature flipped': async () => {
      const signed = await sign(scene.at.requests());
      const signature = change(signed.signature, /=:(.)/, (signed.signature.includes('=:A') ? '=:B' : '=:A') as string);
      return { path: scene.at.requests(), headers: { host: host(), ...signed, signature } };
    },
    'is tagged for another protocol': async () => {
      const signed = await sign(scene.at.requests());
      const input = change(signed['signature-input'], 'sealpost/1', 'other/1');
      return { path: scene.at.requests(), headers: { host: host(), ...signed, 'signature-input': input } };
    },
    'names a deployment that is not here': async () => {
      const elsewhere = `/api/v1/${toBase64url(random(32))}/requests`;
      return { path: elsewhere, headers: { host: host(), ...(await sign(elsewhere)) } };
    },
  };

  it.each(Object.keys(attacks))('and %s is refused, with one answer for all', async (name) => {
    const { path, headers, method } = await (attacks[name] as (typeof attacks)[string])();
    const answer = await raw(path, headers, method ?? 'GET');
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toEqual({ type: 'urn:sealpost:problem:unauthorized', status: 401 });
    expect(Date.parse(String(answer.headers['date']))).toBe(Math.floor(clockMs / 1000) * 1000);
  });

  it('and whose body was replaced is refused', async () => {
    const path = scene.at.invitations();
    const exp = Math.floor(clockMs / 1000) + 60;
    const body = bodyBytes({ invitations: [{ token: toBase64url(random(32)), exp }] });
    const other = bodyBytes({ invitations: [{ token: toBase64url(random(32)), exp }] });
    const signed = await sign(path, { method: 'POST', body });
    expect((await raw(path, { host: host(), ...signed }, 'POST', other)).status).toBe(401);
    expect((await raw(path, { host: host(), ...signed }, 'POST', body)).status).toBe(204);
  });
});

describe('a write that is played again', () => {
  it('is refused, whatever it says, also after a restart of the clock within its life', async () => {
    const nonce = toBase64url(random(16));
    const exp = Math.floor(clockMs / 1000) + 60;
    const sending = { method: 'POST', path: scene.at.invitations(), nonce, nowMs: clockMs };
    const first = { invitations: [{ token: toBase64url(random(32)), exp }] };
    const second = { invitations: [{ token: toBase64url(random(32)), exp }] };
    expect((await send(scene.origin, scene.operator, { ...sending, body: first })).status).toBe(204);
    expect((await send(scene.origin, scene.operator, { ...sending, body: first })).status).toBe(401);
    expect((await send(scene.origin, scene.operator, { ...sending, body: second })).status).toBe(401);
  });

  it('runs once when both copies arrive together', async () => {
    const { org, device } = await scene.enrol();
    const manifest = await signManifest({
      signer: device,
      previous: null,
      heads: headsFor(await scene.directory(), org as never),
      items: [],
      pages: [],
      seen: {},
      nowMs: clockMs,
    });
    const sending = {
      method: 'PUT',
      path: scene.at.manifest(org as never, device.kid),
      body: manifest.statement.compact,
      headers: { 'If-None-Match': '*' },
      nonce: toBase64url(random(16)),
      nowMs: clockMs,
    };
    const answers = await Promise.all([send(scene.origin, device, sending), send(scene.origin, device, sending)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 401]);
  });
});

describe('a key without the role', () => {
  it('may not do what operators do', async () => {
    const exp = Math.floor(clockMs / 1000) + 60;
    const calls = [
      {
        method: 'POST',
        path: scene.at.invitations(),
        body: { invitations: [{ token: toBase64url(random(32)), exp }] },
      },
      { method: 'GET', path: scene.at.requests() },
      { method: 'GET', path: scene.at.request(toBase64url(random(32))) },
      { method: 'PUT', path: scene.at.decision(toBase64url(random(32))), body: (await sealedFile(100)).bytes },
      { method: 'GET', path: scene.at.deliveries('cert') },
      { method: 'DELETE', path: scene.at.deployment() },
    ];
    for (const call of calls) {
      const answer = await send(scene.origin, agency.device, { ...call, nowMs: clockMs });
      expect([call.path, answer.status]).toEqual([call.path, 403]);
    }
  });

  it('may not add to the chain of the CERT or of another organisation', async () => {
    const directory = await scene.directory();
    const head = await signStatement('head', makeHeadClaims(nextPlace(directory, 'cert', clockMs)), agency.device);
    const sending = { method: 'POST', path: scene.at.chains(), body: statementsOf(head), nowMs: clockMs };
    expect((await send(scene.origin, agency.device, sending)).status).toBe(403);
    const byOperator = await send(scene.origin, scene.operator, sending);
    expect(byOperator.status).toBe(400); // whoever brings it: the signer is no operator
    expect(await byOperator.json()).toMatchObject({ type: 'urn:sealpost:problem:refused' });
  });

  it('may not keep a feed for another writer, or in a mailbox of others', async () => {
    const other = await scene.enrol();
    const directory = await scene.directory();
    const make = async (signer: SigningKey, org: string) =>
      signManifest({
        signer,
        previous: null,
        heads: headsFor(directory, org as never),
        items: [],
        pages: [],
        seen: {},
        nowMs: clockMs,
      });
    const foreignBox = await make(agency.device, other.org);
    expect((await putManifest(scene, agency.device, other.org, foreignBox, null)).status).toBe(403);
    const forged = await send(scene.origin, agency.device, {
      method: 'PUT',
      path: scene.at.manifest(agency.org as never, scene.operator.kid),
      body: (await make(scene.operator, agency.org)).statement.compact,
      headers: { 'If-None-Match': '*' },
      nowMs: clockMs,
    });
    expect(forged.status).toBe(403);
  });
});

describe('bodies that attack the parser', () => {
  const token = 'A'.repeat(43);
  const bodies: Record<string, string> = {
    'a key twice': `{"invitations":[],"invitations":[{"token":"${token}","exp":1900000000}]}`,
    __proto__: `{"__proto__":{},"invitations":[{"token":"${token}","exp":1900000000}]}`,
    'a key too many': `{"invitations":[{"token":"${token}","exp":1900000000}],"admin":true}`,
    'a fraction': `{"invitations":[{"token":"${token}","exp":1900000000.5}]}`,
    milliseconds: `{"invitations":[{"token":"${token}","exp":1900000000000}]}`,
    'a lone surrogate': '{"invitations":"\\ud800"}',
    'a hundred levels': '['.repeat(100) + ']'.repeat(100),
    'trailing text': `{"invitations":[{"token":"${token}","exp":1900000000}]}x`,
    'an array': '[]',
    nothing: '',
    'a byte order mark': '\uFEFF{}',
    'sloppy base64': `{"invitations":[{"token":"${'B'.repeat(43)}","exp":1900000000}]}`,
  };
  it.each(Object.keys(bodies))('%s is refused', async (name) => {
    const sending = { method: 'POST', path: scene.at.invitations(), body: bodies[name] ?? '', nowMs: clockMs };
    expect((await send(scene.origin, scene.operator, sending)).status).toBe(400);
  });

  it('a body over the limit is refused before it is read whole, signed or not', async () => {
    const huge = new Uint8Array(1024 * 1024 + 1);
    const sending = { method: 'POST', path: scene.at.invitations(), body: huge, nowMs: clockMs };
    expect((await send(scene.origin, scene.operator, sending)).status).toBe(413);
    const request = await fetch(`${scene.origin}${scene.at.requests()}`, {
      method: 'POST',
      body: new Uint8Array(70_000),
    });
    expect(request.status).toBe(413);
  });

  it('paths that are no ids, and routes that do not exist, are refused without a page', async () => {
    for (const path of [
      '/api/v1/x/chains',
      '/api/v1/nothing',
      `${scene.at.deployment()}/nothing`,
      '/api',
      '/api/v2/x',
    ]) {
      const answer = await fetch(`${scene.origin}${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.get('Content-Type')).not.toContain('html');
    }
    expect((await fetch(`${scene.origin}${scene.at.chains()}?after=-1`)).status).toBe(400);
  });
});

describe('statements', () => {
  it('two with one version: the first stays, the second gets 409 and the head to sign anew from', async () => {
    const directory = await scene.directory();
    const place = nextPlace(directory, 'cert', clockMs);
    const first = await signStatement('head', makeHeadClaims(place), scene.operator);
    const second = await signStatement('head', makeHeadClaims({ ...place, nowMs: clockMs + 1000 }), scene.operator);
    const post = (...statements: (typeof first)[]) =>
      send(scene.origin, scene.operator, {
        method: 'POST',
        path: scene.at.chains(),
        body: statementsOf(...statements),
        nowMs: clockMs,
      });
    expect((await post(first)).status).toBe(200);
    const conflict = await post(second);
    expect(conflict.status).toBe(409);
    const { heads } = checked(ChainsConflictSchema, await conflict.json());
    expect(heads).toEqual({ cert: [first.claims['ver'], first.sid] });
    expect((await post(first)).status).toBe(200);
  });

  it('a batch with one bad statement leaves nothing behind', async () => {
    const directory = await scene.directory();
    const place = nextPlace(directory, 'cert', clockMs);
    const good = await signStatement('head', makeHeadClaims(place), scene.operator);
    const bad = await signStatement('head', makeHeadClaims(place), await newKey());
    const before = await (await fetch(`${scene.origin}${scene.at.chains()}`)).json();
    const sending = { method: 'POST', path: scene.at.chains(), body: statementsOf(good, bad), nowMs: clockMs };
    expect((await send(scene.origin, scene.operator, sending)).status).toBeGreaterThanOrEqual(400);
    expect(await (await fetch(`${scene.origin}${scene.at.chains()}`)).json()).toEqual(before);
  });

  it('a signature of another key over the same claims is refused', async () => {
    const place = nextPlace(await scene.directory(), 'cert', clockMs);
    const real = await signStatement('head', makeHeadClaims(place), scene.operator);
    const forged = { ...real, compact: `${real.compact.slice(0, -4)}AAAA` };
    const sending = { method: 'POST', path: scene.at.chains(), body: statementsOf(forged), nowMs: clockMs };
    expect((await send(scene.origin, scene.operator, sending)).status).toBe(400);
  });
});

describe('the audit log', () => {
  const bodyOf = (...made: readonly MadeAuditEntry[]) => ({
    entries: made.map(({ entry, salt, payload }) => {
      return { entry: toBase64url(entry), salt: toBase64url(salt), payload: toBase64url(payload) };
    }),
  });
  const make = (signer: SigningKey, seq: number, prev: Uint8Array, findings = 1) =>
    makeAuditEntry({
      deployment: sidToBytes(scene.deployment),
      signer,
      seq,
      prev,
      event: { v: 1, kind: 'wipe', at: Math.floor(clockMs / 1000), findings },
      recipients: [scene.audit.recipient],
      random,
    });
  const post = (signer: SigningKey, ...made: readonly MadeAuditEntry[]) =>
    send(scene.origin, signer, { method: 'POST', path: scene.at.audit(), body: bodyOf(...made), nowMs: clockMs });

  it('takes entries in order, answers a repeat with the same index, and anything else with what it expects', async () => {
    const { device } = await scene.enrol();
    const first = await make(device, 1, NO_PREVIOUS);
    const second = await make(device, 2, first.leaf);
    const third = await make(device, 3, second.leaf);
    const accepted = (await (await post(device, first, second)).json()) as { indices: number[] };
    expect(accepted.indices).toHaveLength(2);
    expect(await (await post(device, first, second)).json()).toEqual(accepted);
    const mixed = (await (await post(device, second, third)).json()) as { indices: number[] };
    expect(mixed.indices[0]).toBe(accepted.indices[1]);

    const gap = await post(device, await make(device, 5, third.leaf));
    expect(gap.status).toBe(409);
    const expected = { seq: 4, prev: toBase64url(third.leaf) };
    expect(checked(AuditConflictSchema, await gap.json()).expected).toEqual(expected);

    const fork = await make(device, 2, first.leaf, 99);
    const refused = await post(device, fork);
    expect(refused.status).toBe(409);
    expect(checked(AuditConflictSchema, await refused.json()).expected).toEqual(expected);
    const read = await send(scene.origin, scene.operator, {
      method: 'GET',
      path: scene.at.auditAfter(0),
      nowMs: clockMs,
    });
    const page = checked(AuditPageSchema, await read.json());
    expect(page.forks).toContainEqual({ entry: toBase64url(fork.entry) });
  });

  it('refuses entries of another device, of another deployment, or with another payload', async () => {
    const { device } = await scene.enrol();
    const foreign = await make(agency.device, 1, NO_PREVIOUS);
    expect((await post(device, foreign)).status).toBe(400);
    const own = await make(device, 1, NO_PREVIOUS);
    const other = await make(device, 1, NO_PREVIOUS);
    expect((await post(device, { ...own, payload: other.payload })).status).toBe(400);
    const elsewhere = await makeAuditEntry({
      deployment: random(32),
      signer: device,
      seq: 1,
      prev: NO_PREVIOUS,
      event: { v: 1, kind: 'unlock', at: Math.floor(clockMs / 1000) },
      recipients: [(await generateAgeSecret()).recipient],
      random,
    });
    expect((await post(device, elsewhere)).status).toBe(400);
    expect((await post(device, own)).status).toBe(200);
  });

  it('lets a revoked key end its chain for 30 days, and do nothing else', async () => {
    const { org, device } = await scene.enrol();
    const first = await make(device, 1, NO_PREVIOUS);
    expect((await post(device, first)).status).toBe(200);
    const place = nextPlace(await scene.directory(), org as never, clockMs);
    const claims = makeRevocationClaims(place, { kid: device.kid, reason: 'lost' });
    const revocation = await signStatement('revocation', claims, device);
    const sending = { method: 'POST', path: scene.at.chains(), body: statementsOf(revocation), nowMs: clockMs };
    expect((await send(scene.origin, device, sending)).status).toBe(200);

    const read = () => send(scene.origin, device, { method: 'GET', path: scene.at.auditAfter(0), nowMs: clockMs });
    expect((await read()).status).toBe(401);
    const second = await make(device, 2, first.leaf);
    expect((await post(device, second)).status).toBe(200);
    const then = clockMs;
    clockMs += 31 * 86_400_000;
    try {
      expect((await post(device, await make(device, 3, second.leaf))).status).toBe(401);
    } finally {
      clockMs = then;
    }
  });
});

describe('setting up a deployment', () => {
  const post = async (headers: Record<string, string>, change: (body: string[]) => string[] = (body) => body) => {
    const [root, operator, audit] = [await newKey(), await newKey(), await generateAgeSecret()];
    const statements = await signFirstFive(
      scene.origin,
      { root, operator, auditRecipient: audit.recipient },
      { nowMs: clockMs },
    );
    const body = bodyBytes({ statements: change(statements.map((statement) => statement.compact)) });
    return raw('/api/v1/deployments', { 'content-type': 'application/json', ...headers }, 'POST', body);
  };

  it('is refused to a page of another site, to a name pointed at this machine, and through a proxy without the token', async () => {
    const host = `localhost:${running.server.port}`;
    expect((await post({ host, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ host: `evil.example:${running.server.port}` })).status).toBe(403);
    expect((await post({ host, 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
    expect((await post({ host, 'x-forwarded-for': '192.0.2.1', 'sealpost-setup-token': 'wrong' })).status).toBe(403);
    const token = running.server.setupToken;
    expect((await post({ host, 'x-forwarded-for': '192.0.2.1', 'sealpost-setup-token': token })).status).toBe(201);
    expect((await post({ host, origin: scene.origin })).status).toBe(201);
    expect((await post({ host, 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('takes the token alone where the server has a public name: a proxy may make every request look local', async () => {
    const port = running.server.port + 1;
    const app = createApp({
      ...running.server.deps,
      origins: () => ['https://sealpost.example', `http://127.0.0.1:${port}`],
    });
    const incoming = { socket: { remoteAddress: '127.0.0.1', remotePort: 1, remoteFamily: 'IPv4' } };
    const answer = await app.request(
      `http://127.0.0.1:${port}/api/v1/deployments`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' },
      { incoming },
    );
    expect(answer.status).toBe(403);
  });

  it('needs all five statements, in order, that name the log keys of this server', async () => {
    const host = `localhost:${running.server.port}`;
    expect((await post({ host }, (body) => body.slice(0, 4))).status).toBe(400);
    expect((await post({ host }, (body) => [body[1], body[0], ...body.slice(2)] as string[])).status).toBe(400);
    const [root, operator, audit] = [await newKey(), await newKey(), await generateAgeSecret()];
    const checkpoint = toBase64url(operator.publicKey);
    const keys = { root, operator, auditRecipient: audit.recipient };
    const statements = await signFirstFive(scene.origin, keys, { nowMs: clockMs, checkpoint });
    const body = bodyBytes(statementsOf(...statements));
    const answer = await raw('/api/v1/deployments', { host, 'content-type': 'application/json' }, 'POST', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'log-keys' });
    const deployment = parseSid(String(statements[0]?.sid));
    expect((await fetch(`${scene.origin}/api/v1/${deployment}/chains`)).status).toBe(404);
  });
});

describe('quotas', () => {
  it('three requests an hour from one address without an invitation; a token that is none is refused', async () => {
    const post = async (headers: Record<string, string> = {}) => {
      const body = (await sealedFile(100)).bytes;
      return fetch(`${scene.origin}${scene.at.requests()}`, { method: 'POST', body, headers });
    };
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await post()).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect((await post({ 'sealpost-invitation': toBase64url(random(16)) })).status).toBe(403);
    expect((await post({ 'sealpost-invitation': 'x' })).status).toBe(403);
    const then = clockMs;
    clockMs += 1_200_001; // a third of an hour later: one more
    expect([(await post()).status, (await post()).status]).toEqual([201, 429]);
    clockMs = then;
  });

  it('one IPv6 network is one address, however many its machine makes up', async () => {
    const own = await startTestServer();
    try {
      const cert = await setUp(own.origin);
      const post = async (address: string) => {
        const body = (await sealedFile(100)).bytes;
        const headers = { 'x-forwarded-for': `198.51.100.7, ${address}` };
        return (await fetch(`${own.origin}${cert.at.requests()}`, { method: 'POST', body, headers })).status;
      };
      const statuses: number[] = [];
      for (const address of ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:DB8::3:4:5:6', '2001:db8::7'])
        statuses.push(await post(address));
      expect(statuses).toEqual([201, 201, 201, 429]);
      expect(await post('2001:db8:0:1::1')).toBe(201);
      expect(await post('::ffff:192.0.2.1')).toBe(201);
      expect(await post('::ffff:192.0.2.2')).toBe(201);
    } finally {
      await own.stop();
    }
  });

  it('twenty requests an hour in all, whatever the address', async () => {
    const own = await startTestServer({ rates: { ...DEFAULT_RATES, requestsByAddress: { burst: 100, perHour: 100 } } });
    try {
      const cert = await setUp(own.origin);
      const statuses: number[] = [];
      for (let i = 0; i < 21; i++) {
        const body = (await sealedFile(100)).bytes;
        statuses.push((await fetch(`${own.origin}${cert.at.requests()}`, { method: 'POST', body })).status);
      }
      expect(statuses).toEqual([...Array(20).fill(201), 429]);
    } finally {
      await own.stop();
    }
  });

  it('requests of one key, and of one address, are limited, with the seconds to wait', async () => {
    const byKey = { burst: 5, perHour: 60 };
    const own = await startTestServer({ rates: { ...DEFAULT_RATES, byKey, byAddress: { burst: 8, perHour: 60 } } });
    try {
      const cert = await setUp(own.origin);
      const read = () => send(own.origin, cert.operator, { method: 'GET', path: cert.at.requests() });
      for (let i = 0; i < 5; i++) expect((await read()).status).toBe(200);
      const limited = await read();
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('Retry-After'))).toBeGreaterThan(0);
      const statuses = [];
      for (let i = 0; i < 9; i++) statuses.push((await fetch(`${own.origin}${cert.at.chains()}`)).status);
      expect(statuses.at(-1)).toBe(429);
      expect((await fetch(`${own.origin}/healthz`)).status).toBe(200);
    } finally {
      await own.stop();
    }
  });
});
