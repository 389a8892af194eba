/** The list must reach its last row at any length and never draw more rows than fit. */
import { expect, test } from 'vitest';
import { isCapped, rowAt, scrollOf, scrollToShow, spacerPx, windowAt } from './windowing.ts';

const shape = (total: number) => ({ total, rowPx: 40, viewPx: 800 });

test('a short list scrolls pixel by pixel', () => {
  expect(isCapped(shape(3000))).toBe(false);
  expect(rowAt(shape(3000), 400)).toBeCloseTo(10);
  expect(windowAt(shape(3000), 400)).toEqual({ first: 4, count: 32, topPx: 160 });
});

test.each([1, 19, 20, 21, 3_000, 200_000, 1_000_000, 25_000_000])(
  'the end of %i rows is the end of the scroll',
  (total) => {
    const list = shape(total);
    const end = Math.max(0, spacerPx(list) - list.viewPx);
    const { first, count } = windowAt(list, end);
    expect(first + count).toBe(total);
    expect(count).toBeLessThanOrEqual(34);
    expect(spacerPx(list)).toBeLessThanOrEqual(8_000_000);
  },
);

test('the last row of a million stands at the lower edge', () => {
  const list = shape(1_000_000);
  const end = spacerPx(list) - list.viewPx;
  const { first, topPx } = windowAt(list, end);
  expect(topPx + (1_000_000 - first) * 40).toBeCloseTo(end + 800);
});

test('scrolling to a row and asking for the row there agree', () => {
  for (const row of [0, 17.5, 4_321, 999_980])
    expect(rowAt(shape(1_000_000), scrollOf(shape(1_000_000), row))).toBeCloseTo(row);
});

test('showing a row that is on screen does not move the list', () => {
  expect(scrollToShow(shape(3000), 400, 15)).toBe(400);
  expect(scrollToShow(shape(3000), 400, 5)).toBe(200);
  expect(rowAt(shape(3000), scrollToShow(shape(3000), 0, 2999))).toBe(2980);
});

test('an empty list draws nothing', () => {
  expect(windowAt(shape(0), 0)).toEqual({ first: 0, count: 0, topPx: 0 });
});
