import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Covers } from './log-covers.ts';
import { COVER_AGE_MS, coveredEntries, withMark } from './log-covers.ts';

const DAY = 86_400_000;
const WITNESSED = { epoch: 1, by: 'witnesses' } as const;

function after(marks: readonly { readonly size: number; readonly atMs: number }[], from: Covers | null = null) {
  return marks.reduce<Covers | null>((covers, mark) => withMark(covers, WITNESSED, mark), from);
}

const covered = (covers: Covers | null): number => (covers === null ? 0 : coveredEntries(covers));

it('what a checkpoint covers is covered when one of fourteen days later says so, not a moment earlier', () => {
  const covers = after([{ size: 10, atMs: 0 }]);
  expect(covered(after([{ size: 50, atMs: COVER_AGE_MS - 1 }], covers))).toBe(0);
  expect(covered(after([{ size: 50, atMs: COVER_AGE_MS }], covers))).toBe(10);
});

it('entries that came within the fourteen days are not covered yet', () => {
  const days = Array.from({ length: 30 }, (_, day) => ({ size: 10 * (day + 1), atMs: day * DAY }));
  expect(covered(after(days))).toBe(160);
});

it('a new epoch, and another kind of cover, begin from nothing', () => {
  const covers = after([
    { size: 10, atMs: 0 },
    { size: 10, atMs: COVER_AGE_MS },
  ]);
  expect(covered(covers)).toBe(10);
  const mark = { size: 10, atMs: COVER_AGE_MS + 1 };
  expect(coveredEntries(withMark(covers, { epoch: 2, by: 'witnesses' }, mark))).toBe(0);
  expect(coveredEntries(withMark(covers, { epoch: 1, by: 'contact' }, mark))).toBe(0);
});

it('a mark that goes back in time or size changes nothing', () => {
  const covers = after([{ size: 10, atMs: 5 * DAY }]);
  expect(after([{ size: 20, atMs: 4 * DAY }], covers)).toEqual(covers);
  expect(after([{ size: 9, atMs: 6 * DAY }], covers)).toEqual(covers);
});

it('however often it is marked, few marks are kept, and what counts is never younger than fourteen days', () => {
  const steps = fc.array(fc.tuple(fc.nat(20), fc.nat(3 * DAY)), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(steps, (all) => {
      let [size, atMs] = [0, 0];
      const marks = all.map(([more, later]) => ({ size: (size += more), atMs: (atMs += later) }));
      const covers = after(marks);
      const old = marks.filter((mark) => atMs - mark.atMs >= COVER_AGE_MS).map((mark) => mark.size);
      expect(covered(covers)).toBeLessThanOrEqual(Math.max(0, ...old));
      expect(covers?.marks.length).toBeLessThanOrEqual(17);
    }),
  );
});
