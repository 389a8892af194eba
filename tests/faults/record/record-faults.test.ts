import { expect, test } from 'vitest';
import { bitFlips } from './bit-flips.ts';
import { clock } from './clock.ts';
import { canTrace, durabilityOrder, judgeTrace } from './durability-order.ts';
import { kill9 } from './kill9.ts';
import { retryStorm } from './retry-storm.ts';
import { sigterm } from './sigterm.ts';
import { diskFull, doubleStorageError, fsyncError } from './storage-errors.ts';

const NOTHING_LOST = { lost: 0, gaps: 0, torn: 0, undetected: 0 };

test('killed at any moment, the server has what it acknowledged', async () => {
  const line = await kill9(2);
  expect(line).toMatchObject(NOTHING_LOST);
  expect(line.acked).toBeGreaterThan(0);
});

test('commits that fail for want of room lose nothing that was acknowledged', async () => {
  const line = await diskFull(3);
  expect(line).toMatchObject(NOTHING_LOST);
  expect(line.attacks).toBeGreaterThan(0);
});

test('two storage errors in a row leave one tree, also where a failed commit was durable', async () => {
  expect(await doubleStorageError(4)).toMatchObject({ ...NOTHING_LOST, attacks: 8 });
});

test('after a failed fsync nothing is acknowledged any more, and all that was is there after a restart', async () => {
  expect(await fsyncError(2)).toMatchObject({ ...NOTHING_LOST, attacks: 2 });
});

test('what is sent many times at once stands in the record once', async () => {
  expect(await retryStorm(4)).toMatchObject({ ...NOTHING_LOST, acked: 120 });
});

test('asked to end under load, the server ends with 0, answers whole, and has what it acknowledged', async () => {
  const line = await sigterm(2);
  expect(line).toMatchObject({ ...NOTHING_LOST, attacks: 2 });
  expect(line.acked).toBeGreaterThan(0);
});

test('clocks that are wrong by ten years cost nothing but a warning', async () => {
  expect(await clock(1)).toMatchObject({ ...NOTHING_LOST, acked: 11, attacks: 5 });
});

test('a flipped bit anywhere in the record or in a stored file is found', async () => {
  expect(await bitFlips(20)).toMatchObject({ ...NOTHING_LOST, attacks: 20 });
});

test.runIf(canTrace())('no answer leaves before what it promises is durable', async () => {
  const line = await durabilityOrder(10);
  expect(line).toMatchObject(NOTHING_LOST);
  expect(line.attacks).toBeGreaterThanOrEqual(10);
});

test('a trace in which an answer leaves early is told from one in which it does not', () => {
  const asked = '1 read(30<TCP:[127.0.0.1:1->127.0.0.1:2]>, "POST /api/v1/x HTTP/1.1"..., 65536) = 900';
  const written = '1 pwrite64(21</d/sealpost.sqlite-wal>, "x"..., 24, 0) = 24';
  const synced = '1 fdatasync(21</d/sealpost.sqlite-wal>) = 0';
  const answered = '1 write(30<TCP:[127.0.0.1:1->127.0.0.1:2]>, "HTTP/1.1 200 OK\\r\\n"..., 90) = 90';
  const judge = (...lines: readonly string[]) => judgeTrace(lines.join('\n'));
  expect(judge(asked, written, synced, answered)).toEqual({ seen: 1, early: 0 });
  expect(judge(asked, written, answered, synced)).toEqual({ seen: 1, early: 1 });
  expect(judge(written, synced, asked, answered, written, synced)).toEqual({ seen: 1, early: 1 });

  const part = '2 pwrite64(22</d/blobs/aa/parts/bb>, "age-"..., 5000, 0) = 5000';
  const partSynced = ['2 fsync(22</d/blobs/aa/parts/bb> <unfinished ...>', '2 <... fsync resumed>) = 0'] as const;
  const named = '3 rename("/d/blobs/aa/parts/bb", "/d/blobs/aa/bb/bb") = 0';
  const folderSynced = '2 fsync(23</d/blobs/aa/bb>) = 0';
  const put = asked.replace('POST', 'PUT');
  const row = [written, synced, answered] as const;
  expect(judge(put, part, ...partSynced, named, folderSynced, ...row)).toEqual({ seen: 1, early: 0 });
  expect(judge(put, part, partSynced[0], named, folderSynced, ...row, partSynced[1])).toEqual({ seen: 1, early: 1 });
  expect(judge(put, part, named, folderSynced, ...row)).toEqual({ seen: 1, early: 1 });
  expect(judge(put, part, ...partSynced, named, ...row)).toEqual({ seen: 1, early: 1 });
});
