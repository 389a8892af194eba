import { describe, expect, it } from 'vitest';
import { importSigningKey, signingSecretOfSeed } from '@sealpost/shared/sealed/crypto/ed25519';
import { openMinisignSecret, sealMinisignSecret } from './minisign-secret.ts';

/** Made by minisign 0.11 with `-W` for this test. */
const PLAIN = `untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkInagWXUit6+JEgZXnDkKFRn745c8f0QNDJZNHYQfwcTAPnOnj3jwGOR8zng201bRlQhfNg+K2JkEDRR+aKgAlCRigGRM0k9AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
`;
const nobody = () => Promise.reject(new Error('nobody should be asked'));

describe('a secret key file', () => {
  it('of minisign opens to a key that fits its public part', async () => {
    const opened = await openMinisignSecret(PLAIN, nobody);
    if (!opened.ok) throw new Error(opened.error.kind);
    expect(Buffer.from(opened.value.keyId).toString('hex')).toBe('9089da8165d48ade');
    await expect(importSigningKey(opened.value)).resolves.toMatchObject({ publicKey: opened.value.publicKey });
  });

  it('of ours opens with its passphrase alone', async () => {
    const secret = { ...(await signingSecretOfSeed(new Uint8Array(32).fill(9))), keyId: new Uint8Array(8).fill(1) };
    const file = await sealMinisignSecret(secret, 'seven quiet herons', new Uint8Array(32).fill(3));
    expect(await openMinisignSecret(file, () => Promise.resolve('seven quiet herons'))).toEqual({
      ok: true,
      value: secret,
    });
    expect(await openMinisignSecret(file, () => Promise.resolve('seven loud herons'))).toEqual({
      ok: false,
      error: { kind: 'wrong-passphrase' },
    });
  });

  it('that is cut, of another kind, or wants too much memory is refused before anybody is asked', async () => {
    const bytes = Buffer.from(PLAIN.split('\n')[1] ?? '', 'base64');
    const changed = (at: number, ...values: number[]): string => {
      const copy = Buffer.from(bytes);
      copy.set(values, at);
      return copy.toString('base64');
    };
    const kindOf = async (text: string): Promise<string> => {
      const opened = await openMinisignSecret(text, nobody);
      return opened.ok ? 'opened' : opened.error.kind;
    };
    expect(await kindOf(PLAIN.slice(0, -9))).toBe('malformed');
    expect(await kindOf(changed(0, 0x45, 0x44))).toBe('malformed');
    expect(await kindOf(changed(2, 0x41, 0x72))).toBe('malformed');
    expect(await kindOf(changed(126, 1))).toBe('malformed');
    const costly = Buffer.from(bytes);
    costly.set([0x53, 0x63], 2);
    costly.writeBigUInt64LE(1n << 40n, 38);
    costly.writeBigUInt64LE(1n << 40n, 46);
    expect(await kindOf(costly.toString('base64'))).toBe('too-costly');
  });
});
