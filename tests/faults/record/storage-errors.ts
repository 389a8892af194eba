/** Storage that fails under load: a full disk, two errors in a row, a failed fsync. Nothing acknowledged is lost, and the tree stays one. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EntryChain } from '../../integration/entry-chain.ts';
import { setUp } from '../../integration/scene.ts';
import { startTestServer } from '../../integration/test-server.ts';
import { createFailingStorage } from './failing-storage.ts';
import type { CommitFate } from './failing-storage.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { readDirectory } from './read-directory.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from './writers.ts';

const WRITERS = 3;
const POSTS = 12;

/** Commits fail for want of room, now and then; they are rolled back, and the client sends again. */
export function diskFull(rounds: number): Promise<FaultLine> {
  return underFailures('disk_full', rounds, (turn) => (turn % 3 === 0 ? ['refused'] : []), 'SQLITE_FULL');
}

/** Two transient errors in a row, the second of a commit that was durable all the same: what is in memory must not be believed. */
export function doubleStorageError(rounds: number): Promise<FaultLine> {
  const fates: readonly CommitFate[][] = [
    ['refused', 'lost'],
    ['lost', 'lost'],
    ['lost', 'refused'],
    ['refused', 'refused'],
  ];
  return underFailures('double_storage_error', rounds, (turn) => fates[turn % fates.length] ?? [], 'SQLITE_BUSY');
}

/** The disk refuses to make a commit durable: the server takes nothing more, ends, and what it acknowledged is there afterwards. */
export async function fsyncError(rounds: number): Promise<FaultLine> {
  let [acked, lost, gaps, attacks, undetected] = [0, 0, 0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'sealpost-fsync-'));
    try {
      const storage = createFailingStorage();
      const fatal: unknown[] = [];
      const first = await startTestServer({
        dataDir: folder,
        storage: storage.wrap,
        onFatal: (error) => fatal.push(error),
        report: () => undefined,
      });
      const scene = await setUp(first.origin);
      const acknowledged = noneAcknowledged();
      const { device } = await scene.enrol();
      const writer = new RecordWriter(scene, new EntryChain(device, scene.deployment), acknowledged);
      for (let i = 0; i < 5; i++) await writer.post(4);
      const fate = round % 2 === 0 ? 'refused' : 'lost';
      storage.fate = () => ({ fate, code: 'SQLITE_IOERR_FSYNC' });
      const failed = await writer.post(4);
      storage.fate = () => ({ fate: 'good', code: '' });
      const after = await writer.post(4);
      attacks += 1;
      if (failed === 200 || after === 200 || fatal.length === 0) undetected += 1;
      await first.server.stop().catch(() => undefined); // its last entry is refused, too
      const second = await startTestServer({ dataDir: folder });
      const again = { ...scene, origin: second.origin, directory: () => readDirectory(second.server.deps) };
      const verdict = await judgeRecord(again, acknowledged);
      acked += acknowledged.indices.size;
      lost += verdict.lost;
      gaps += verdict.gaps + acknowledged.bad;
      await second.stop();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return faultLine('fsync_error', rounds, { acked, lost, gaps, attacks, undetected });
}

async function underFailures(
  name: string,
  rounds: number,
  fatesOf: (turn: number) => readonly CommitFate[],
  code: string,
): Promise<FaultLine> {
  const storage = createFailingStorage();
  const server = await startTestServer({ storage: storage.wrap, report: () => undefined });
  try {
    const scene = await setUp(server.origin);
    const acknowledged = noneAcknowledged();
    const writers: RecordWriter[] = [];
    for (let i = 0; i < WRITERS; i++) {
      const { device } = await scene.enrol();
      writers.push(new RecordWriter(scene, new EntryChain(device, scene.deployment), acknowledged));
    }
    let attacks = 0;
    let wrong = 0;
    for (let round = 0; round < rounds; round++) {
      const fates = [...fatesOf(round)];
      storage.fate = () => {
        const fate = fates.shift() ?? 'good';
        if (fate !== 'good') attacks += 1;
        return { fate, code };
      };
      for (let i = 0; i < POSTS; i++) {
        await Promise.all(writers.map((writer) => writer.post(randomInt(1, 6))));
      }
      const verdict = await judgeRecord(scene, acknowledged);
      if (verdict.fault !== null) wrong += 1;
    }
    const verdict = await judgeRecord(scene, acknowledged);
    return faultLine(name, rounds, {
      acked: acknowledged.indices.size,
      lost: verdict.lost,
      gaps: verdict.gaps + acknowledged.bad + wrong,
      attacks,
    });
  } finally {
    await server.stop();
  }
}
