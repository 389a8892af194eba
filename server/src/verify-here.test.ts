import { describe, expect, it } from 'vitest';
import speccheck from '../../shared/vectors/ed25519-speccheck.json' with { type: 'json' };
import type { Bytes } from '@sealpost/shared/base/bytes';
import { fromHex, utf8 } from '@sealpost/shared/base/bytes';
import { generateSigningSecret, importSigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { verifyHere } from './verify-here.ts';

const hex = (text: string): Bytes => fromHex(text) as Bytes;

describe('signatures checked by the server on its own thread', () => {
  it('get the one strict verdict on every ed25519-speccheck case, also when the key is known already', () => {
    const verdicts = speccheck.cases.map(({ publicKey, signature, message }) => {
      const key = hex(publicKey);
      const [first, second] = [0, 1].map(() => verifyHere(key, hex(signature), hex(message)));
      expect(second).toBe(first);
      return first === true ? 'good' : 'bad';
    });
    expect(verdicts).toEqual(speccheck.cases.map(({ verdict }) => verdict));
    expect(verdicts).toHaveLength(12);
  });

  it('hold for their key, signature and message only', async () => {
    const key = await importSigningKey(await generateSigningSecret());
    const other = await importSigningKey(await generateSigningSecret());
    const signature = await key.sign(utf8('a made-up message'));
    expect(verifyHere(key.publicKey, signature, utf8('a made-up message'))).toBe(true);
    expect(verifyHere(key.publicKey, signature, utf8('a made-up messagf'))).toBe(false);
    expect(verifyHere(other.publicKey, signature, utf8('a made-up message'))).toBe(false);
    expect(verifyHere(key.publicKey, signature.subarray(1), utf8('a made-up message'))).toBe(false);
    expect(verifyHere(key.publicKey.subarray(1), signature, utf8('a made-up message'))).toBe(false);
  });
});
