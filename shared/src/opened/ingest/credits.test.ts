import { expect, test } from 'vitest';
import { Credits } from './credits.ts';

test('a reader is never further ahead than its credits, and the order is kept', async () => {
  const credits = new Credits(2);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  let spent = 0;
  const reader = (async () => {
    for (let batch = 0; batch < 5; batch++) {
      await credits.spend(() => {
        begun.push(batch);
        return new Promise((resolve) => ends.push(resolve));
      });
      spent++;
    }
  })();
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  expect(spent).toBe(2);
  while (spent < 5 || ends.length > 0) {
    ends.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(begun.length - spent).toBeLessThanOrEqual(1);
  }
  await reader;
  await credits.settle();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('a failed write ends the reading, and is not lost in between', async () => {
  const credits = new Credits(2);
  await credits.spend(() => Promise.reject(new Error('full')));
  await expect(credits.settle()).rejects.toThrow('full');
  await expect(credits.spend(() => Promise.resolve())).rejects.toThrow('full');
});
