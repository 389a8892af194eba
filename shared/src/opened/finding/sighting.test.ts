import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sighting } from './finding.ts';
import { SOURCE_CLASSES } from './finding.ts';
import { mergeSightings, summariseSightings } from './sighting.ts';

const sighting: fc.Arbitrary<Sighting> = fc.record({
  sourceId: fc.constantFrom('AAAAAAAAAAA', 'BBBBBBBBBBA', 'CCCCCCCCCCA'),
  sourceClass: fc.constantFrom(...SOURCE_CLASSES),
  alias: fc.constantFrom('S-1', 'S-2'),
  family: fc.constantFrom(null, 'lumma', 'vidar'),
  capturedAtMs: fc.constantFrom(null, 1, 2, 3),
  publishedAtMs: fc.constantFrom(null, 1, 2, 3),
  seenAtMs: fc.constantFrom(10, 20),
});
const set = fc.array(sighting, { minLength: 1, maxLength: 6 });

describe('merging sightings', () => {
  test('does not depend on the order', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(mergeSightings(a, b)).toEqual(mergeSightings(b, a));
      }),
    );
  });
  test('does not depend on what was merged first', () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        expect(mergeSightings(mergeSightings(a, b), c)).toEqual(mergeSightings(a, mergeSightings(b, c)));
      }),
    );
  });
  test('of the same file again changes nothing', () => {
    fc.assert(
      fc.property(set, (a) => {
        const once = mergeSightings(a);
        expect(mergeSightings(once, a)).toEqual(once);
      }),
    );
  });
});

test('a finding shows its worst class, its latest capture and its earliest publication', () => {
  const base = { sourceId: 'A', alias: 'a', family: null, capturedAtMs: 5, publishedAtMs: 9, seenAtMs: 20 } as const;
  const summary = summariseSightings([
    { ...base, sourceClass: 'combo' },
    {
      ...base,
      sourceId: 'B',
      alias: 'b',
      family: 'lumma',
      sourceClass: 'stealer',
      capturedAtMs: 3,
      publishedAtMs: 4,
      seenAtMs: 30,
    },
  ]);
  expect(summary).toEqual({
    sourceClass: 'stealer',
    sourceAlias: 'b',
    family: 'lumma',
    capturedAtMs: 5,
    publishedAtMs: 4,
    firstSeenAtMs: 20,
    lastSeenAtMs: 30,
  });
});
