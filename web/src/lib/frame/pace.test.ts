/** Speed and time left must follow what happens now, not what happened at the start. */
import { expect, test } from 'vitest';
import { PaceMeter } from './pace.ts';

test('nothing is said before there is something to say', () => {
  const meter = new PaceMeter();
  expect(meter.add(0, 100, 0)).toEqual({ perSecond: null, leftMs: null });
  expect(meter.add(10, 100, 100)).toEqual({ perSecond: null, leftMs: null });
});

test('speed is that of the last seconds, and the time left follows from it', () => {
  const meter = new PaceMeter();
  for (let s = 0; s <= 5; s++) meter.add(s * 100, 10_000, s * 1000);
  for (let s = 6; s <= 14; s++) meter.add(500 + (s - 5) * 10, 10_000, s * 1000);
  const { perSecond, leftMs } = meter.add(600, 10_000, 15_000);
  expect(perSecond).toBeCloseTo(10);
  expect(leftMs).toBeCloseTo(940_000);
});

test('the next bundle begins anew, and one that stands still has no end', () => {
  const meter = new PaceMeter();
  meter.add(0, 100, 0);
  meter.add(90, 100, 1000);
  expect(meter.add(0, 500, 1100).perSecond).toBeNull();
  expect(meter.add(0, 500, 2000)).toEqual({ perSecond: 0, leftMs: null });
});
