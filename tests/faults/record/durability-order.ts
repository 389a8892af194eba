/**
 * The order of a server's system calls, by strace: no answer of success leaves before everything that was written to the database's log,
 * to sealed files and to the folders that name them has been made durable. A kill -9 cannot see this: the kernel keeps what was only
 * written.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { EntryChain } from '../../integration/entry-chain.ts';
import { random, sealedFile, send, setUp, upload } from '../../integration/scene.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
import type { ProcessOptions } from './server-process.ts';
import { noneAcknowledged, RecordWriter } from './writers.ts';

/** False where strace is not installed or may not trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;
}

/** `rounds` answers, audit entries, invitations and sealed files in turn. `undetected` counts answers that came too early: each is a loss to be. */
export async function durabilityOrder(rounds: number, options: ProcessOptions = {}): Promise<FaultLine> {
  const server = await ServerProcess.prepare();
  const trace = join(server.folder, 'trace');
  const calls =
    'trace=read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2';
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
      if (round % 3 === 0) answers += (await writer.post(2)) === 200 ? 1 : 0;
      else if (round % 3 === 1) {
        const stored = await upload(scene, scene.operator, await sealedFile(5_000));
        answers += stored.status === 201 ? 1 : 0;
      } else {
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

/** What a trace says was written and is not durable yet. */
class Unsynced {
  /** Writes to the database's log. */
  #log = 0;
  /** Sealed files that were written, and folders in which one got its name. */
  readonly #paths = new Set<string>();
  /** Writes to the log that became durable since the request came. */
  #synced = 0;

  get isEarly(): boolean {
    return this.#log > 0 || this.#paths.size > 0 || this.#synced === 0;
  }

  request(): void {
    this.#synced = 0;
  }

  write(path: string): void {
    if (path.endsWith('-wal')) this.#log += 1;
    else if (path.includes('/blobs/')) this.#paths.add(path);
  }

  sync(path: string): void {
    this.#paths.delete(path);
    if (!path.endsWith('-wal')) return;
    this.#synced += this.#log;
    this.#log = 0;
  }

  rename(from: string, to: string): void {
    if (!to.includes('/blobs/')) return;
    if (this.#paths.delete(from)) this.#paths.add(to);
    this.#paths.add(dirname(to));
  }
}

/**
 * Answers of success in a trace of requests that follow one another, and those that left too early: while something written was not
 * durable yet, or before anything was made durable since their request came. A call that other threads interrupt stands on two lines;
 * what it syncs is durable at the second.
 */
export function judgeTrace(trace: string): { readonly seen: number; readonly early: number } {
  const unsynced = new Unsynced();
  const syncing = new Map<string, string>();
  let [seen, early] = [0, 0];
  for (const line of trace.split('\n')) {
    const thread = line.slice(0, line.indexOf(' '));
    const [, name = '', path = ''] = / (\w+)\(\d+<([^>]*)/.exec(line) ?? [];
    const [, from, to] = / rename\w*\([^"]*"([^"]*)",[^"]*"([^"]*)"/.exec(line) ?? [];
    const isSocket = /^(socket|TCP)/.test(path);
    if (from !== undefined && to !== undefined) unsynced.rename(from, to);
    else if (/<\.\.\. f(data)?sync resumed>/.test(line)) unsynced.sync(syncing.get(thread) ?? '');
    else if (/^f(data)?sync$/.test(name)) {
      if (line.includes('<unfinished')) syncing.set(thread, path);
      else unsynced.sync(path);
    } else if (/^(read|readv|recvfrom)$/.test(name) && isSocket && /"(POST|PUT) /.test(line)) unsynced.request();
    else if (!/^(write|writev|sendto|sendmsg|pwrite64|pwritev)$/.test(name)) continue;
    else if (!isSocket) unsynced.write(path);
    else if (/HTTP\/1\.1 20[0-9]/.test(line)) {
      seen += 1;
      if (unsynced.isEarly) early += 1;
    }
  }
  return { seen, early };
}
