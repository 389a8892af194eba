import fc from 'fast-check';
import { expect, it } from 'vitest';
import { padmeLength } from './padme.ts';

it('pads as the paper says', () => {
  expect([0, 1, 2, 8, 9, 100, 1000, 10_000, 1_000_000, 200_000_000].map(padmeLength)).toEqual([
    0, 1, 2, 8, 10, 104, 1024, 10_240, 1_015_808, 201_326_592,
  ]);
});

it('never shortens, adds at most 12 %, is idempotent and monotonic', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (length) => {
      const padded = padmeLength(length);
      expect(padded).toBeGreaterThanOrEqual(length);
      expect(padded).toBeLessThanOrEqual(length * 1.12 + 1);
      expect(padmeLength(padded)).toBe(padded);
      expect(padmeLength(length + 1)).toBeGreaterThanOrEqual(padded);
    }),
  );
});

it('is exact beside powers of two, where floating logarithms are not', () => {
  expect(padmeLength(2 ** 48 - 1)).toBe(2 ** 48);
  expect(padmeLength(2 ** 31)).toBe(2 ** 31);
  expect(padmeLength(2 ** 33 + 1)).toBe(2 ** 33 + 2 ** 27);
});
