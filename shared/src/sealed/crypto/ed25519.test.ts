import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import speccheck from '../../../vectors/ed25519-speccheck.json' with { type: 'json' };
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes, fromHex, utf8 } from '../../base/bytes.ts';
import {
  generateSigningSecret,
  importSigningKey,
  isAcceptablePoint,
  parsePublicKey,
  publicKeyToText,
  signingSecretOfSeed,
  verifyEd25519,
} from './ed25519.ts';
import { thumbprint } from './keys.ts';

const hex = (text: string): Bytes => fromHex(text) as Bytes;

/** A platform without Ed25519: what old engines answer. Everything else stays native. */
function withoutNativeEd25519(): void {
  const native = crypto.subtle.importKey.bind(crypto.subtle) as (...parameters: unknown[]) => Promise<CryptoKey>;
  vi.spyOn(crypto.subtle, 'importKey').mockImplementation(((...parameters: unknown[]) =>
    parameters[2] === 'Ed25519'
      ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
      : native(...parameters)) as never);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('Ed25519', () => {
  it('verifies what it signed, and nothing with one bit changed', async () => {
    const key = await importSigningKey(await generateSigningSecret());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.nat(), async (message, flip) => {
        const signature = await key.sign(message);
        expect(await verifyEd25519(key.publicKey, signature, message)).toBe(true);
        const all = concatBytes(key.publicKey, signature, message);
        const bit = flip % (all.length * 8);
        all[bit >> 3] = (all[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(await verifyEd25519(all.slice(0, 32), all.slice(32, 96), all.slice(96))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('signs RFC 8032 test 2 as published', async () => {
    const secret = await signingSecretOfSeed(hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'));
    expect(secret.publicKey).toEqual(hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'));
    const key = await importSigningKey(secret);
    expect(await key.sign(hex('72'))).toEqual(
      hex(
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ),
    );
    expect(key.kid).toBe(thumbprint(secret.publicKey));
  });

  it('does not use a stored key whose public part belongs to another', async () => {
    const [one, other] = [await generateSigningSecret(), await generateSigningSecret()];
    await expect(importSigningKey({ seed: one.seed, publicKey: other.publicKey })).rejects.toThrow(TypeError);
  });

  it('never throws on hostile lengths and points', async () => {
    for (const length of [0, 31, 33, 64]) {
      expect(await verifyEd25519(new Uint8Array(length), new Uint8Array(64), utf8('m'))).toBe(false);
      expect(await verifyEd25519(new Uint8Array(32).fill(2), new Uint8Array(length), utf8('m'))).toBe(false);
    }
    expect(await verifyEd25519(new Uint8Array(32).fill(2), new Uint8Array(64).fill(3), utf8('m'))).toBe(false);
  });

  it('refuses small-order and non-canonical keys by name', async () => {
    const { publicKey } = await generateSigningSecret();
    expect(parsePublicKey(publicKeyToText(publicKey))).toEqual(publicKey);
    const zero = new Uint8Array(32);
    const hostile = [
      zero,
      hex(`01${'00'.repeat(31)}`),
      hex(`01${'00'.repeat(30)}80`),
      hex(`ec${'ff'.repeat(30)}7f`),
      hex(`ed${'ff'.repeat(30)}7f`),
      hex(`ee${'ff'.repeat(30)}ff`),
      hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
      hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'),
      hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
    ];
    for (const point of hostile) {
      expect(isAcceptablePoint(point)).toBe(false);
      expect(parsePublicKey(publicKeyToText(point))).toBeNull();
    }
  });

  it.each(['native', 'webcrypto-liner'])(
    'gives the one strict verdict on every ed25519-speccheck case (%s)',
    async (engine) => {
      if (engine !== 'native') withoutNativeEd25519();
      const fresh = await import('./ed25519.ts');
      const verdicts = [];
      for (const { publicKey, signature, message } of speccheck.cases)
        verdicts.push((await fresh.verifyEd25519(hex(publicKey), hex(signature), hex(message))) ? 'good' : 'bad');
      expect(verdicts).toEqual(speccheck.cases.map(({ verdict }) => verdict));
      expect(verdicts).toHaveLength(12);
    },
  );
});

describe('without native Ed25519', () => {
  it('signatures are verified by webcrypto-liner, which is loaded only then', async () => {
    const key = await importSigningKey(await generateSigningSecret());
    const message = utf8('eyJ made up');
    const signature = await key.sign(message);

    withoutNativeEd25519();
    const { nativeEd25519Agrees } = await import('./ed25519-native.ts');
    const fresh = await import('./ed25519.ts');
    expect(await nativeEd25519Agrees()).toBe(false);
    expect(await fresh.verifyEd25519(key.publicKey, signature, message)).toBe(true);
    for (let bit = 0; bit < 512; bit += 37) {
      const changed = signature.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(await fresh.verifyEd25519(key.publicKey, changed, message)).toBe(false);
    }
    expect(await fresh.verifyEd25519(key.publicKey, signature, utf8('eyJ made uq'))).toBe(false);
  });

  it('no private key is made, and signing fails instead of falling back', async () => {
    const secret = await generateSigningSecret();
    withoutNativeEd25519();
    await expect(importSigningKey(secret)).rejects.toThrow();
  });

  it('an engine that uses the cofactor is not trusted either', async () => {
    vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(true);
    const { nativeEd25519Agrees } = await import('./ed25519-native.ts');
    expect(await nativeEd25519Agrees()).toBe(false);
  });
});
