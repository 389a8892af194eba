import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAhead } from './zip-source.ts';

const BYTES = new Uint8Array(700_000).map((_, at) => (at * 7 + (at >> 9)) & 0xff);

test('slices that are read ahead are those of the source, in any order, and small neighbours are read once', async () => {
  let reads = 0;
  const source = {
    sizeBytes: BYTES.length,
    slice: (start: number, end: number) => {
      reads++;
      return Promise.resolve(BYTES.slice(start, end));
    },
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: BYTES.length }), fc.oneof(fc.nat({ max: 5_000 }), fc.nat({ max: 300_000 }))), {
        minLength: 1,
        maxLength: 12,
      }),
      async (parts) => {
        const ahead = readAhead(source);
        const kept: Uint8Array[] = [];
        const ends = parts.map(([start, length]) => [start, Math.min(BYTES.length, start + length)] as const);
        for (const [start, end] of ends) kept.push(await ahead.slice(start, end));
        // What came first is still what it was.
        ends.forEach(([start, end], at) =>
          expect(Buffer.compare(kept[at] ?? BYTES, BYTES.subarray(start, end))).toBe(0),
        );
      },
    ),
    { numRuns: 60 },
  );
  reads = 0;
  const ahead = readAhead(source);
  for (let at = 0; at + 100 <= BYTES.length; at += 100) await ahead.slice(at, at + 100);
  expect(reads).toBeLessThan(12);
});
