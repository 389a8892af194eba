import { expect, it } from 'vitest';
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { toHex, utf8 } from '../../base/bytes.ts';
import { hkdfSha256, hmacSha256, sha256, Sha256 } from './hash.ts';
import { createKernelSha256 } from './sha256-kernel.ts';
import { digits, matchDigits, parseKid, parseTypedDigits, thumbprint } from './keys.ts';

it('names the key of RFC 8037, appendix A.3 as published', () => {
  const publicKey = parseBase64url('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', 32) as Bytes;
  expect(thumbprint(publicKey)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  expect(parseKid(thumbprint(publicKey))).toBe(thumbprint(publicKey));
  for (const text of ['', 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4l', 'x'.repeat(44)])
    expect(parseKid(text)).toBeNull();
});

it('shows six groups of five digits that depend on use, deployment and statement', () => {
  const [zeros, ones] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
  const groups = digits('request', zeros, ones);
  expect(groups).toEqual(['81700', '80881', '80175', '59749', '12344', '23697']);
  for (const others of [
    digits('root', zeros, ones),
    digits('device', zeros, ones),
    digits('request', ones, ones),
    digits('request', zeros, zeros),
  ])
    expect(others).not.toEqual(groups);
});

it('reads typed digits in Thai and English, with any spacing, and only all thirty', () => {
  const groups = ['01234', '56789', '01234', '56789', '01234', '56789'];
  const thai = groups.join(' ').replace(/\d/g, (digit) => String.fromCharCode(0x0e50 + Number(digit)));
  for (const typed of [groups.join(' '), groups.join('-'), groups.join(''), ` ${groups.join('\n')} `, thai])
    expect(matchDigits(typed, groups)).toBe(true);
  expect(matchDigits(groups.join(' ').replace('9', '8'), groups)).toBe(false);
  for (const typed of ['', '1', '0'.repeat(29), '0'.repeat(31), `${'0'.repeat(29)}x`, '٠'.repeat(30)])
    expect(parseTypedDigits(typed)).toBeNull();
});

it('hashes as FIPS 180-4, RFC 4231 (case 2) and RFC 5869 (case 1) publish', () => {
  expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(new Sha256().update(utf8('a')).update(utf8('bc')).digest()).toEqual(sha256(utf8('abc')));
  expect(toHex(hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  const salt = Uint8Array.from({ length: 13 }, (_, i) => i);
  const info = Uint8Array.from({ length: 10 }, (_, i) => 0xf0 + i);
  expect(toHex(hkdfSha256(new Uint8Array(22).fill(0x0b), salt, info, 42))).toBe(
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  );
});

it('hashes a stream the same way however it is cut, by kernel as by noble', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31) ^ (i >> 7));
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 65_536, 65_600, 200_000]) {
    for (const piece of [1, 3, 63, 64, 65, 1000, 70_000]) {
      if (length / piece > 20_000) continue;
      const kernel = createKernelSha256();
      const hash = new Sha256();
      for (let at = 0; at < length; at += piece) {
        kernel?.update(bytes.subarray(at, Math.min(length, at + piece)));
        hash.update(bytes.subarray(at, Math.min(length, at + piece)));
      }
      expect(kernel?.digest()).toEqual(sha256(bytes.subarray(0, length)));
      expect(hash.digest()).toEqual(sha256(bytes.subarray(0, length)));
    }
  }
  const done = new Sha256();
  done.digest();
  expect(() => done.update(bytes)).toThrow(TypeError);
});
