import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import golden from '../../../vectors/v1/wire-requests.json' with { type: 'json' };
import type { SigningKey } from '../crypto/ed25519.ts';
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { keyFor, NOW_MS } from '../directory/deployment.fixture.ts';
import { contentDigest, isDigestOf, signatureBase, signRequest, verifyRequest } from './request-signature.ts';

const NONCE = 'AAECAwQFBgcICQoLDA0ODw';
const POST = { method: 'POST', url: 'http://localhost:8787/api/v1/x/audit?after=1', body: utf8('{"a":1}') };

type Parts = { method: string; url: string; body: Uint8Array | null; headers: Record<string, string>; nowMs: number };

async function verify(parts: Parts, signer: SigningKey, authorities: readonly string[] = ['localhost:8787']) {
  const result = await verifyRequest({
    ...parts,
    headers: (name) => parts.headers[name] ?? null,
    authorities,
    keyOf: (kid) => Promise.resolve(kid === signer.kid ? signer.publicKey : null),
  });
  return result.ok ? result.value : result.error.kind;
}

async function signed(
  over: Partial<typeof POST> = {},
  label = 'device',
): Promise<{ parts: Parts; signer: SigningKey }> {
  const signer = await keyFor(label);
  const request = { ...POST, ...over };
  const headers = await signRequest({ ...request, signer, nowMs: NOW_MS, nonce: NONCE });
  return { parts: { ...request, headers: { ...headers }, nowMs: NOW_MS }, signer };
}

describe('signed requests', () => {
  it('hold, with and without a body and a query', async () => {
    const { parts, signer } = await signed();
    expect(await verify(parts, signer)).toEqual({
      kid: signer.kid,
      nonce: NONCE,
      createdMs: NOW_MS,
      expiresMs: NOW_MS + 300_000,
    });
    const get = await signed({ method: 'GET', url: 'http://localhost:8787/api/v1/x/chains', body: new Uint8Array(0) });
    expect(await verify(get.parts, get.signer)).toMatchObject({ kid: signer.kid });
    expect(signatureBase(get.parts, 'd', 'p')).toContain('"@query": ?\n');
  });

  it('break when any component, parameter or the body is changed', async () => {
    const { parts, signer } = await signed();
    const input = parts.headers['signature-input'] as string;
    const withInput = (text: string): Parts => ({ ...parts, headers: { ...parts.headers, 'signature-input': text } });
    const other = await contentDigest(utf8('{"a":2}'));
    const changed: [string, Parts, string][] = [
      ['method', { ...parts, method: 'PUT' }, 'bad-signature'],
      ['path', { ...parts, url: parts.url.replace('/audit', '/chains') }, 'bad-signature'],
      ['query', { ...parts, url: parts.url.replace('after=1', 'after=2') }, 'bad-signature'],
      ['no query', { ...parts, url: parts.url.replace('?after=1', '') }, 'bad-signature'],
      ['authority', { ...parts, url: parts.url.replace('8787', '8788') }, 'authority'],
      ['body', { ...parts, body: utf8('{"a":2}') }, 'digest'],
      [
        'body and digest',
        { ...parts, body: utf8('{"a":2}'), headers: { ...parts.headers, 'content-digest': other } },
        'bad-signature',
      ],
      [
        'created',
        withInput(input.replace(/created=(\d+)/, (_, at: string) => `created=${Number(at) + 1}`)),
        'bad-signature',
      ],
      [
        'expires',
        withInput(input.replace(/expires=(\d+)/, (_, at: string) => `expires=${Number(at) - 1}`)),
        'bad-signature',
      ],
      ['nonce', withInput(input.replace(NONCE, 'AQECAwQFBgcICQoLDA0ODw')), 'bad-signature'],
      ['keyid', withInput(input.replace(signer.kid, (await keyFor('other')).kid)), 'unknown-key'],
      ['tag', withInput(input.replace('sealpost/1', 'sealpost/2')), 'malformed'],
      ['alg', withInput(input.replace('ed25519', 'hmac')), 'malformed'],
      ['fewer components', withInput(input.replace('"@query" ', '')), 'malformed'],
      ['another order', withInput(input.replace('"@method" "@authority"', '"@authority" "@method"')), 'malformed'],
      ['two signatures', withInput(`${input}, ${input.replace('sealpost=', 'two=')}`), 'malformed'],
      ['a parameter twice', withInput(input.replace(';alg=', `;created=1;alg=`)), 'malformed'],
      ['a parameter missing', withInput(input.replace(/;nonce="[^"]+"/, '')), 'malformed'],
    ];
    for (const [name, bad, kind] of changed) expect([name, await verify(bad, signer)]).toEqual([name, kind]);
  });

  it('break with every changed character of the signature', async () => {
    const { parts, signer } = await signed();
    const signature = parts.headers['signature'] as string;
    for (const at of [10, 30, 60, signature.length - 4]) {
      const text = signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1);
      const verdict = await verify({ ...parts, headers: { ...parts.headers, signature: text } }, signer);
      expect(['bad-signature', 'malformed']).toContain(verdict);
    }
  });

  it('are refused without their headers, too early, too late, or living too long', async () => {
    const { parts, signer } = await signed();
    for (const name of ['signature', 'signature-input', 'content-digest']) {
      const headers = Object.fromEntries(Object.entries(parts.headers).filter(([header]) => header !== name));
      expect(await verify({ ...parts, headers }, signer)).toBe('unsigned');
    }
    expect(await verify({ ...parts, nowMs: NOW_MS + 301_000 }, signer)).toBe('clock');
    expect(await verify({ ...parts, nowMs: NOW_MS - 301_000 }, signer)).toBe('clock');
    const long = (parts.headers['signature-input'] as string).replace(
      /expires=(\d+)/,
      (_, at: string) => `expires=${Number(at) + 1}`,
    );
    expect(await verify({ ...parts, headers: { ...parts.headers, 'signature-input': long } }, signer)).toBe('clock');
  });

  it('hold no longer than they say', async () => {
    const { parts, signer } = await signed();
    const params = (parts.headers['signature-input'] as string)
      .replace('sealpost=', '')
      .replace(/expires=\d+/, `expires=${NOW_MS / 1000 + 10}`);
    const base = signatureBase(parts, parts.headers['content-digest'] as string, params);
    const signature = toBase64url(await signer.sign(utf8(base)))
      .replaceAll('-', '+')
      .replaceAll('_', '/');
    const headers = {
      ...parts.headers,
      'signature-input': `sealpost=${params}`,
      signature: `sealpost=:${signature}==:`,
    };
    expect(await verify({ ...parts, headers, nowMs: NOW_MS + 10_000 }, signer)).toMatchObject({ kid: signer.kid });
    expect(await verify({ ...parts, headers, nowMs: NOW_MS + 11_000 }, signer)).toBe('clock');
  });

  it('a GET with a body is refused on both sides', async () => {
    const { parts, signer } = await signed();
    expect(await verify({ ...parts, method: 'GET' }, signer)).toBe('body');
    await expect(signed({ method: 'GET' })).rejects.toThrow(TypeError);
  });

  it('a signature under a small-order key proves nothing', async () => {
    const { parts, signer } = await signed();
    const result = await verifyRequest({
      ...parts,
      headers: (name) => parts.headers[name] ?? null,
      authorities: ['localhost:8787'],
      keyOf: () => Promise.resolve(Uint8Array.of(1, ...new Uint8Array(31))),
    });
    expect(result).toEqual({ ok: false, error: { kind: 'bad-signature' } });
    expect(signer.publicKey).toHaveLength(32);
  });

  it('parameters may stand in another order, as other libraries write them', async () => {
    const { parts, signer } = await signed();
    const params = (parts.headers['signature-input'] as string).replace('sealpost=', '');
    const [components, ...fields] = params.split(';') as [string, ...string[]];
    const turned = [components, ...fields.reverse()].join(';');
    const base = signatureBase(parts, parts.headers['content-digest'] as string, turned);
    const signature = toBase64url(await signer.sign(utf8(base)))
      .replaceAll('-', '+')
      .replaceAll('_', '/');
    const headers = { ...parts.headers, 'signature-input': `sig1=${turned}`, signature: `sig1=:${signature}==:` };
    expect(await verify({ ...parts, headers }, signer)).toMatchObject({ kid: signer.kid });
  });

  it('the digest of a part of an upload is compared with its bytes', async () => {
    const part = utf8('part');
    expect(await isDigestOf(await contentDigest(part), part)).toBe(true);
    expect(await isDigestOf(await contentDigest(part), utf8('paru'))).toBe(false);
  });
});

it('requests signed with version 1 have the same bytes today', async () => {
  const signer = await keyFor('request');
  expect(toBase64url(signer.publicKey)).toBe(golden.publicKey);
  for (const { method, url, body, nowMs, nonce, headers } of golden.requests)
    expect(await signRequest({ method, url, body: utf8(body), signer, nowMs, nonce })).toEqual(headers);
});

const VECTOR = resolve(import.meta.dirname, '../../../../../shared/vectors/rfc9421/b2.6-ed25519.json');

it.skipIf(!existsSync(VECTOR))(
  'RFC 9421, B.2.6: the published signature holds under the function that requests use',
  async () => {
    const vector = JSON.parse(readFileSync(VECTOR, 'utf8')) as {
      jwk: { x: string };
      headers: Record<string, string>;
      signature: string;
      signatureInput: string;
    };
    const base = [
      `"date": ${vector.headers['date']}`,
      '"@method": POST',
      '"@path": /foo',
      '"@authority": example.com',
      `"content-type": ${vector.headers['content-type']}`,
      `"content-length": ${vector.headers['content-length']}`,
      `"@signature-params": ${vector.signatureInput.replace('sig-b26=', '')}`,
    ].join('\n');
    const text = (/:([^:]+)==:/.exec(vector.signature)?.[1] ?? '').replaceAll('+', '-').replaceAll('/', '_');
    const signature = parseBase64url(text, 64) ?? new Uint8Array(64);
    const publicKey = parseBase64url(vector.jwk.x, 32) ?? new Uint8Array(32);
    expect(await verifyEd25519(publicKey, signature, utf8(base))).toBe(true);
    expect(await verifyEd25519(publicKey, signature, utf8(base.replace('/foo', '/bar')))).toBe(false);
  },
);
