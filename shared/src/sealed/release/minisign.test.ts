/** Signatures by other programs verify here; that other programs verify ours is tried in tests/integration/verify-site.test.ts. */
import { describe, expect, it } from 'vitest';
import { fromHex, utf8 } from '../../base/bytes.ts';
import { blake2b } from '../crypto/blake2b.ts';
import { importSigningKey, signingSecretOfSeed } from '../crypto/ed25519.ts';
import { formatMinisignKey, keyName, parseMinisignKey, signMinisign, verifyMinisign } from './minisign.ts';

/** From the tests of rust-minisign-verify, by the author of minisign. */
const PUBLISHED = {
  key: 'RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3',
  signature: `untrusted comment: signature from minisign secret key
RUQf6LRCGA9i559r3g7V1qNyJDApGip8MfqcadIgT9CuhV3EMhHoN1mGTkUidF/z7SrlQgXdy8ofjb7bNJJylDOocrCo8KLzZwo=
trusted comment: timestamp:1633700835\tfile:test\tprehashed
wLMDjy9FLAuxZ3q4NlEvkgtyhrr0gtTu6KC4KBJdITbbOeAi1zBIYo0v4iTgt8jJpIidRJnp94ABQkJAgAooBQ==
`,
};

/** Made by minisign 0.11 for this test. */
const DEBIAN = {
  key: `untrusted comment: minisign public key DE8AD46581DA8990
RWSQidqBZdSK3mOR8zng201bRlQhfNg+K2JkEDRR+aKgAlCRigGRM0k9
`,
  signature: `untrusted comment: signature from minisign secret key
RUSQidqBZdSK3nb7d6gbx2Xp4aS3/UXZzSk7mzc0AfYsn0CZtRAOayXL5FZnVlJqIellTyaOHzroPSHHorJ3dK3eNEMW76pHSAo=
trusted comment: made for a test
Zu39NPzSc9mJTVTwVPXepir0G+ceijvHQ4dE2nDCDloBq8Wm9l3EVD4yqLG5XhMnwQceeZ8HNvwXf4FeEKr/Bw==
`,
};

const keyOf = (text: string) => {
  const key = parseMinisignKey(text);
  if (key === null) throw new Error('no key');
  return key;
};

describe('a signature of minisign', () => {
  it('holds, and gives its signed comment', async () => {
    expect(await verifyMinisign(utf8('test'), PUBLISHED.signature, keyOf(PUBLISHED.key))).toEqual({
      ok: true,
      value: 'timestamp:1633700835\tfile:test\tprehashed',
    });
    expect(await verifyMinisign(utf8('test'), DEBIAN.signature, keyOf(DEBIAN.key))).toMatchObject({ ok: true });
    expect(keyName(keyOf(DEBIAN.key).keyId)).toBe('DE8AD46581DA8990');
    expect(formatMinisignKey(keyOf(DEBIAN.key))).toBe(DEBIAN.key);
  });

  it('does not hold for other bytes, another key, or another comment', async () => {
    const key = keyOf(DEBIAN.key);
    const kindOf = async (text: string, signature: string, by = key): Promise<string> => {
      const verified = await verifyMinisign(utf8(text), signature, by);
      return verified.ok ? 'holds' : verified.error.kind;
    };
    expect(await kindOf('tesu', DEBIAN.signature)).toBe('bad-signature');
    expect(await kindOf('test', DEBIAN.signature.replace('made for', 'made by'))).toBe('bad-signature');
    expect(await kindOf('test', DEBIAN.signature, keyOf(PUBLISHED.key))).toBe('other-key');
    const samename = { ...keyOf(PUBLISHED.key), keyId: key.keyId };
    expect(await kindOf('test', DEBIAN.signature, samename)).toBe('bad-signature');
    const broken = [
      '',
      'rubbish',
      DEBIAN.signature.replace('RUSQ', 'RWSQ'), // the older form, not prehashed
      DEBIAN.signature.split('\n').slice(0, 2).join('\n'),
      `${DEBIAN.signature}more\n`,
      DEBIAN.signature.replace('trusted comment: made', 'comment: made'),
    ];
    for (const signature of broken)
      expect([signature, await kindOf('test', signature)]).toEqual([signature, 'malformed']);
  });
});

describe('a signature of ours', () => {
  it('holds, has the same form, and takes one line of comment', async () => {
    const signer = await importSigningKey(await signingSecretOfSeed(new Uint8Array(32).fill(7)));
    const keyId = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const key = { keyId, publicKey: signer.publicKey };
    const signature = await signMinisign(utf8('a list'), 'release 1', signer, keyId);
    expect(await verifyMinisign(utf8('a list'), signature, key)).toEqual({ ok: true, value: 'release 1' });
    expect(signature.split('\n').map((line) => line.length)).toEqual(
      DEBIAN.signature.split('\n').map((line, at) => (at === 0 ? 50 : at === 2 ? 26 : line.length)),
    );
    await expect(signMinisign(utf8('a list'), 'one\ntwo', signer, keyId)).rejects.toThrow(RangeError);
  });

  it('hashes as RFC 7693, appendix A publishes', () => {
    expect(blake2b(utf8('abc'), 64)).toEqual(
      fromHex(
        'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
      ),
    );
  });
});
