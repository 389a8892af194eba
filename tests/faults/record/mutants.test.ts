import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';

// those that only strace sees take half a minute: `npm run -s faults -- mutants`
test('every fault that is built into a server is caught by the test that is there for it', async () => {
  const told: string[] = [];
  const line = await mutants(1, false, (text) => told.push(text));
  expect(told).toEqual([]);
  expect(line).toMatchObject({ undetected: 0 });
  expect(line.attacks).toBeGreaterThanOrEqual(2);
});
