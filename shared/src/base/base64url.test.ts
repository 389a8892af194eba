import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseBase64url, parseBase64urlAll, toBase64url, toBase64urlAll } from './base64url.ts';
import { compareBytes, equalBytes, fromHex, fromUtf8, lengthPrefixed, toHex, u64be, utf8 } from './bytes.ts';

it('every byte string has one text, and only that text is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(parseBase64url(text)).toEqual(bytes);
      expect(parseBase64url(text, bytes.length)).toEqual(bytes);
      expect(parseBase64url(text, bytes.length + 1)).toBeNull();
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

it('many texts are read and written as each of them alone would be, across the pieces they are taken in', () => {
  for (const length of [15, 16, 17]) {
    const texts = Array.from({ length: 1300 }, () => toBase64url(crypto.getRandomValues(new Uint8Array(length))));
    expect(parseBase64urlAll(texts, length)).toEqual(
      new Uint8Array(texts.flatMap((text) => [...(parseBase64url(text) ?? [])])),
    );
    expect(toBase64urlAll(parseBase64urlAll(texts, length) ?? new Uint8Array(0), length)).toEqual(texts);
    expect(parseBase64urlAll(texts, length + 1)).toBeNull();
    const size = texts[0]?.length ?? 0;
    const odd = ['=', '+', '\n', 'é', '€', '\ud800'].map((end) => 'A'.repeat(size - 1) + end);
    // Bits beyond the last byte; where there are none, a text of another length.
    odd.push(length % 3 === 0 ? 'A'.repeat(size + 1) : `${'A'.repeat(size - 1)}B`);
    for (const at of [0, 511, 512, 1299]) {
      for (const text of odd) expect(parseBase64urlAll(texts.with(at, text), length)).toBeNull();
    }
  }
  expect(parseBase64urlAll([], 16)).toEqual(new Uint8Array(0));
  expect(toBase64urlAll(new Uint8Array(0), 16)).toEqual([]);
});

it.each(['A', 'AB', 'AAB', 'AA==', 'AAA=', 'A+AA', 'A/AA', 'AA A', 'AAAA\n', 'ÀAAA'])(
  '%j is not canonical base64url',
  (text) => {
    expect(parseBase64url(text)).toBeNull();
  },
);

it('the fixed forms of the formats come out as written', () => {
  expect(toHex(lengthPrefixed(utf8('ก')))).toBe('0003e0b881');
  expect(toHex(lengthPrefixed(null))).toBe('0000');
  expect(() => lengthPrefixed(new Uint8Array(65_536))).toThrow(RangeError);
  expect(toHex(u64be(2 ** 40 + 1))).toBe('0000010000000001');
  expect(fromUtf8(new Uint8Array([0xe0, 0xb8]))).toBeNull();
  for (const text of ['0', '0x', 'gg', ' 00']) expect(fromHex(text)).toBeNull();
});

it('bytes are compared whole', () => {
  expect(equalBytes(utf8('ab'), utf8('ab'))).toBe(true);
  expect(equalBytes(utf8('ab'), utf8('ac'))).toBe(false);
  expect(equalBytes(utf8('ab'), utf8('abc'))).toBe(false);
  expect([utf8('b'), utf8('ab'), utf8('a')].sort(compareBytes).map(fromUtf8)).toEqual(['a', 'ab', 'b']);
});
