import { expect, test } from 'vitest';
import { evilServer } from './evil-server.ts';

test('every lie about the record is noticed, with evidence, and honest contacts go on afterwards', async () => {
  const told: string[] = [];
  const line = await evilServer(1, (text) => told.push(text));
  expect(told).toEqual([]);
  expect(line).toMatchObject({ lost: 0, undetected: 0 });
  expect(line.attacks).toBeGreaterThanOrEqual(12);
});
