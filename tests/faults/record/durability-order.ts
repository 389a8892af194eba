/**
 * The order of a server's system calls, by strace: no answer of success leaves before everything that was written to the database's log
 * has been made durable. A kill -9 cannot see this: the kernel keeps what was only written.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { EntryChain } from '../../integration/entry-chain.ts';
import { random, send, setUp } from '../../integration/scene.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
import type { ProcessOptions } from './server-process.ts';
import { noneAcknowledged, RecordWriter } from './writers.ts';

/** False where strace is not installed or may not trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
}

/** `rounds` answers, audit entries and invitations in turn. `undetected` counts answers that came too early: each is a loss to be. */
export async function durabilityOrder(rounds: number, options: ProcessOptions = {}): Promise<FaultLine> {
  const server = await ServerProcess.prepare();
  const trace = join(server.folder, 'trace');
  const calls = 'trace=read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync';
  try {
    const under = ['strace', '-f', '-qq', '-y', '-s', '24', '-e', calls, '-e', 'signal=none', '-o', trace];
    await server.start();
    const scene = await setUp(server.origin);
    const acknowledged = noneAcknowledged();
    const { device } = await scene.enrol();
    const writer = new RecordWriter(scene, new EntryChain(device, scene.deployment), acknowledged);
    await writer.post(1);
    await server.kill('SIGTERM');
    await server.start({ ...options, under });
    let answers = 0;
    for (let round = 0; answers < rounds; round++) {
      if (round > 2 * rounds) break;
      if (round % 2 === 0) answers += (await writer.post(2)) === 200 ? 1 : 0;
      else {
        const exp = Math.floor(Date.now() / 1000) + 86_400;
        const invited = await send(scene.origin, scene.operator, {
          method: 'POST',
          path: scene.at.invitations(),
          body: { invitations: [{ token: toBase64url(random(32)), exp }] },
        });
        answers += invited.status === 204 ? 1 : 0;
      }
    }
    await server.kill('SIGTERM');
    const { seen, early } = judgeTrace(await readFile(trace, 'latin1'));
    return faultLine('durability_order', rounds, {
      acked: answers,
      lost: early,
      gaps: seen < answers ? 1 : 0, // a trace that missed answers proves nothing
      attacks: seen,
      undetected: early,
    });
  } finally {
    await server.remove();
  }
}

/**
 * Answers of success in a trace of requests that follow one another, and those that left too early: while something written was not
 * durable yet, or before anything was made durable since their request came.
 */
export function judgeTrace(trace: string): { readonly seen: number; readonly early: number } {
  let [seen, early, unsynced, synced] = [0, 0, 0, 0];
  for (const line of trace.split('\n')) {
    if (/ (pwrite64|pwritev)\(\d+<[^>]*-wal>/.test(line)) unsynced += 1;
    else if (/ (fsync|fdatasync)\(\d+<[^>]*-wal>/.test(line)) {
      synced += unsynced;
      unsynced = 0;
    } else if (/ (read|readv|recvfrom)\(\d+<(socket|TCP)/.test(line) && line.includes('"POST ')) synced = 0;
    else if (/ (write|writev|sendto|sendmsg)\(\d+<(socket|TCP)/.test(line) && /HTTP\/1\.1 20[0-9]/.test(line)) {
      seen += 1;
      if (unsynced > 0 || synced === 0) early += 1;
    }
  }
  return { seen, early };
}
