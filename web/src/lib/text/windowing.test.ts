/** The list must reach its last row at any length, never draw more rows than fit, and move under a finger as the finger does. */
import { expect, test } from 'vitest';
import {
  isCapped,
  mustRealign,
  placeOf,
  placeShowing,
  scrolled,
  spacerPx,
  TOP,
  windowAt,
  windowSize,
} from './windowing.ts';

const shape = (total: number) => ({ total, rowPx: 40, viewPx: 800 });
const MILLION = shape(1_000_000);
const endOf = (total: number) => Math.max(0, spacerPx(shape(total)) - 800);

test('a short list scrolls pixel by pixel', () => {
  expect(isCapped(shape(3000))).toBe(false);
  expect(scrolled(shape(3000), TOP, 400).row).toBeCloseTo(10);
  expect(scrolled(shape(3000), TOP, 100_000).row).toBeCloseTo(2500);
  expect(windowAt(shape(3000), { scrollPx: 400, row: 10 })).toEqual({ first: 2, count: 36, topPx: 80 });
});

test.each([1, 19, 20, 21, 3_000, 200_000, 1_000_000, 25_000_000])(
  'the end of %i rows is the end of the scroll bar',
  (total) => {
    const { first, count } = windowAt(shape(total), scrolled(shape(total), TOP, endOf(total)));
    expect(first + count).toBe(total);
    expect(count).toBeLessThanOrEqual(windowSize(shape(total)));
    expect(spacerPx(shape(total))).toBeLessThanOrEqual(8_000_000);
  },
);

test('the last row of a million stands at the lower edge', () => {
  const { first, topPx } = windowAt(MILLION, placeOf(MILLION, 999_999));
  expect(topPx + (1_000_000 - first) * 40).toBeCloseTo(endOf(1_000_000) + 800);
});

test('a wheel or a finger moves a million rows pixel by pixel, the thumb of the scroll bar in proportion', () => {
  const start = placeOf(MILLION, 500_000);
  expect(scrolled(MILLION, start, start.scrollPx + 100).row).toBeCloseTo(500_002.5);
  expect(scrolled(MILLION, start, start.scrollPx - 300).row).toBeCloseTo(499_992.5);
  const dragged = scrolled(MILLION, start, start.scrollPx + 10_000);
  expect(dragged.row).toBeCloseTo(501_250, -1);
});

test('rows on screen stay where they were drawn while the bar moves a little', () => {
  const start = placeOf(MILLION, 123_456);
  const at = (place: typeof start, row: number) => {
    const { first, topPx } = windowAt(MILLION, place);
    return topPx + (row - first) * 40;
  };
  const moved = scrolled(MILLION, start, start.scrollPx + 137);
  expect(at(moved, 123_460)).toBeCloseTo(at(start, 123_460));
});

test('a bar that reaches an end before the rows do is told to realign; one that ends with them is not', () => {
  const early = scrolled(MILLION, { scrollPx: 1_000, row: 900 }, 0);
  expect(early.row).toBeCloseTo(875);
  expect(mustRealign(MILLION, early)).toBe(true);
  expect(mustRealign(MILLION, TOP)).toBe(false);
  expect(mustRealign(MILLION, placeOf(MILLION, 999_999))).toBe(false);
  expect(mustRealign(MILLION, { scrollPx: endOf(1_000_000), row: 999_000 })).toBe(true);
  expect(mustRealign(shape(5), TOP)).toBe(false);
});

test('showing a row that is on screen does not move the list', () => {
  const at = placeOf(shape(3000), 10);
  expect(placeShowing(shape(3000), at, 15)).toBe(at);
  expect(placeShowing(shape(3000), at, 5).scrollPx).toBe(200);
  expect(placeShowing(shape(3000), TOP, 2999).row).toBe(2980);
});

test('an empty list draws nothing', () => {
  expect(windowAt(shape(0), TOP)).toEqual({ first: 0, count: 0, topPx: 0 });
  expect(scrolled(shape(0), TOP, 50)).toEqual(TOP);
});
