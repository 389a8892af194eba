import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import { utf8 } from '../../base/bytes.ts';
import type { SigningKey } from '../crypto/ed25519.ts';
import { generateSigningSecret, importSigningKey } from '../crypto/ed25519.ts';
import { needsUpdate, parseSid, parseStatement, signStatement, verifyStatement } from './statement.ts';

let key: SigningKey;
beforeAll(async () => {
  key = await importSigningKey(await generateSigningSecret());
});

/** Signs any header and payload texts, as an attacker with a key could. */
async function forge(header: string, payload: string): Promise<string> {
  const signed = `${toBase64url(utf8(header))}.${toBase64url(utf8(payload))}`;
  return `${signed}.${toBase64url(await key.sign(utf8(signed)))}`;
}

const headerWith = (changes: object): string =>
  JSON.stringify({ alg: 'Ed25519', typ: 'sealpost-head+jws', kid: key.kid, ...changes });

describe('statements', () => {
  it('read back what was signed, under one sid whatever the signature', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          fc.integer(),
          { noNullPrototype: true },
        ),
        async (claims) => {
          const signed = await signStatement('access-request', claims, key);
          const parsed = parseStatement(signed.compact);
          expect(parsed).toEqual({ ok: true, value: signed });
          expect(await verifyStatement(signed, key.publicKey)).toBe(true);
          expect(parseSid(signed.sid)).toBe(signed.sid);
          const otherSignature = `${signed.compact.slice(0, -86)}${'A'.repeat(86)}`;
          const other = parseStatement(otherSignature);
          expect(other.ok && other.value.sid).toBe(signed.sid);
          expect(other.ok && (await verifyStatement(other.value, key.publicKey))).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are refused or fail when any character changes', async () => {
    const { compact } = await signStatement('head', { v: 1, ver: 2, note: 'made up' }, key);
    for (let at = 0; at < compact.length; at++) {
      const changed = `${compact.slice(0, at)}${compact[at] === 'A' ? 'B' : 'A'}${compact.slice(at + 1)}`;
      const parsed = parseStatement(changed);
      expect(parsed.ok && (await verifyStatement(parsed.value, key.publicKey)), String(at)).toBe(false);
    }
  });

  it('do not verify under a key they do not name', async () => {
    const other = await importSigningKey(await generateSigningSecret());
    const signed = await signStatement('head', {}, key);
    expect(await verifyStatement(signed, other.publicKey)).toBe(false);
    const lying = parseStatement(await forge(headerWith({ kid: other.kid }), '{}'));
    expect(lying.ok && (await verifyStatement(lying.value, key.publicKey))).toBe(false);
    expect(await verifyStatement(signed, new Uint8Array(5))).toBe(false);
  });

  it.each([
    ['another algorithm', { alg: 'EdDSA' }],
    ['no algorithm', { alg: 'none' }],
    ['a foreign typ', { typ: 'JWT' }],
    ['an empty type', { typ: 'sealpost-+jws' }],
    ['a short kid', { kid: 'abc' }],
    ['crit in the header', { crit: ['exp'] }],
    ['an embedded key', { jwk: {} }],
  ])('with %s in the header are refused', async (_name, changes) => {
    expect(parseStatement(await forge(headerWith({}), '{}')).ok).toBe(true);
    expect(parseStatement(await forge(headerWith(changes), '{}'))).toMatchObject({ error: { reason: 'header' } });
  });

  it('refuse sloppy JSON and base64url, which others read differently', async () => {
    for (const payload of ['{"ver":1,"ver":2}', '{"__proto__":{}}', '{"ver":1.5}', '{"a":"\\ud800"}', '[]', 'null', ''])
      expect(parseStatement(await forge(headerWith({}), payload)), payload).toMatchObject({
        error: { reason: 'payload' },
      });
    const good = await forge(headerWith({}), '{"v":1}');
    for (const bad of [
      '',
      '..',
      'a.b',
      `${good}.`,
      `${good}=`,
      `${good} `,
      ` ${good}`,
      `${good}A`,
      good.replace('.', '=.'),
    ])
      expect(parseStatement(bad).ok, bad).toBe(false);
    expect(parseStatement(`${good.slice(0, -1)}${nextLetter(good.slice(-1))}`)).toMatchObject({
      error: { reason: 'encoding' },
    });
    expect(parseStatement(good, good.length - 1)).toMatchObject({ error: { reason: 'too-large' } });
  });

  it('begin like nothing else that is signed', async () => {
    expect((await signStatement('head', {}, key)).compact).toMatch(/^eyJ/);
    expect(parseStatement(await forge(` ${headerWith({})}`, '{}'))).toMatchObject({ error: { reason: 'form' } });
  });

  it('of a newer version, or with a critical claim, ask for an update', () => {
    expect(needsUpdate({ v: 1, other: 5 }, [])).toBe(false);
    expect(needsUpdate({ v: 1, crit: ['quorum'] }, ['quorum'])).toBe(false);
    for (const claims of [{ v: 2 }, {}, { v: 1, crit: ['quorum'] }, { v: 1, crit: 'quorum' }, { v: 1, crit: [1] }])
      expect(needsUpdate(claims, ['exp'])).toBe(true);
  });
});

/** The last of 86 characters holds 4 bits: its neighbour has a stray bit. */
function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet.charAt(alphabet.indexOf(letter) + 1);
}
