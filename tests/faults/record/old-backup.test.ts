import { expect, test } from 'vitest';
import { oldBackup } from './old-backup.ts';

test('a server restored from an old backup alarms every device, and loses nothing once an operator declares it', async () => {
  expect(await oldBackup(2)).toMatchObject({
    attacks: 4,
    undetected: 0,
    lost: 0,
    gaps: 0,
    acked: expect.toSatisfy((n: number) => n > 28) as number,
  });
});
