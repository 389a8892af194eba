import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import type { TextDictionary } from '../../bundle/columns.ts';
import type { IdentitySplit } from '../../query/split-identities.ts';
import { beginPlainSplit } from '../../query/split-identities.ts';
import { beginKernelSplit } from './kernel-split.ts';

function dictionaryOf(texts: readonly string[]): TextDictionary {
  const parts = texts.map((text) => utf8(text));
  const offsets = new Uint32Array(texts.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = (offsets[i] as number) + part.length));
  const heap = new Uint8Array(offsets[texts.length] as number);
  parts.forEach((part, i) => heap.set(part, offsets[i]));
  return { offsets, heap };
}

function expectTwins(texts: readonly string[], step: number, mostDomains?: number): void {
  const dictionary = dictionaryOf(texts);
  const cut = (split: IdentitySplit | null) => {
    for (let from = 0; from < texts.length; from += step) split?.cut(from, Math.min(texts.length, from + step));
    const parts = split?.finish();
    if (parts === undefined) throw new Error('no WebAssembly');
    const { identity, identityDomain } = parts;
    return [identity.local.offsets, identity.local.heap, identity.domain, identityDomain.offsets, identityDomain.heap];
  };
  const expected = cut(beginPlainSplit(dictionary));
  cut(beginKernelSplit(dictionary, mostDomains)).forEach((array, i) => {
    const plain = expected[i] as typeof array;
    expect(array.constructor).toBe(plain.constructor);
    expect(Buffer.compare(new Uint8Array(array.slice().buffer), new Uint8Array(plain.slice().buffer))).toBe(0);
  });
}

describe('identities cut by the kernel', () => {
  test('whatever they are, the parts are those of the plain twin', () => {
    const odd = fc.constantFrom(
      '@',
      'a',
      'ab',
      'a@',
      '@b',
      'a@b',
      'a@@b',
      'a@b@c',
      'สมหญิง@ก.example',
      'x@y@',
      'n@\0',
      'n@\0\0',
    );
    const text = fc.oneof(odd, fc.string({ minLength: 1 }), fc.emailAddress());
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), fc.integer({ min: 1, max: 300 }), (texts, step) => {
        expectTwins(texts, step);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test('more than go at once, domains of their own, and texts as long as they may be', () => {
    expectTwins(
      Array.from({ length: 10_000 }, (_, i) => `user${i}@d${i % 7 === 0 ? i : i % 40}.example`),
      5000,
    );
    expectTwins(['x'.repeat(65_535), `${'y'.repeat(30_000)}@${'z'.repeat(30_000)}`, 'a@b.example'], 3);
  });

  test('with more domains than there is room for, the parts are the same', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `user${i}@d${i < 9000 ? i % 40 : i}.example`);
    expectTwins(texts, 6000, 4200);
    expectTwins(texts, 20_000, 10);
  });
});
