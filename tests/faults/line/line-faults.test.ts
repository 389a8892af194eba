import { expect, test } from 'vitest';
import { resume } from './resume.ts';
import { slowNetwork } from './slow-network.ts';

const NOTHING_LOST = { lost: 0, gaps: 0, torn: 0, undetected: 0 };

test('transfers that are cut go on where they stood, and end whole', async () => {
  expect(await resume(2)).toMatchObject({ ...NOTHING_LOST, acked: 2, attacks: 6 });
});

test('200 slow, cut and half-open clients hold nobody up, and are let go', async () => {
  expect(await slowNetwork(1)).toMatchObject({ ...NOTHING_LOST, attacks: 200 });
});
