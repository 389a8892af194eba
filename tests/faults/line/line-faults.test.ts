import { expect, test } from 'vitest';
import { resume } from './resume.ts';

const NOTHING_LOST = { lost: 0, gaps: 0, torn: 0, undetected: 0 };

test('transfers that are cut go on where they stood, and end whole', async () => {
  expect(await resume(2)).toMatchObject({ ...NOTHING_LOST, acked: 2, attacks: 6 });
});
