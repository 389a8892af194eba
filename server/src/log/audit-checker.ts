/**
 * Audit signatures are checked beside the sequencer: small bodies here, large ones by worker threads, one for each core up to four,
 * started when the first large body comes. Ed25519 bounds what the log takes; nothing else may wait for it.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { checkPosted } from './check-posted.ts';
import type { PostedBy } from './check-posted.ts';
import { unpackPosted } from './posted.ts';
import type { PackedPosted, PostedBody } from './posted.ts';

/** About ten entries: what takes less than a millisecond. */
const SMALL_BODY_BYTES = 10_000;
const MAX_WORKERS = 4;

export interface AuditChecker {
  /** The body's entries if every one is well formed, the caller's, and signed by him; else `null`. `body` may be handed away. */
  check(body: Bytes, by: PostedBy): Promise<PostedBody | null>;
  /** Ends the workers; what they had is rejected. */
  close(): Promise<void>;
}

/** What a worker is asked. */
export interface CheckRequest {
  readonly id: number;
  readonly body: Bytes;
  readonly by: PostedBy;
}

export interface CheckAnswer {
  readonly id: number;
  readonly posted: PackedPosted | null;
}

interface Waiting {
  readonly resolve: (posted: PostedBody | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** A checker whose workers do not keep the process alive. */
export function createAuditChecker(): AuditChecker {
  const threads: Thread[] = [];
  const most = Math.min(MAX_WORKERS, availableParallelism()); // asks the system: not with every body
  let isClosed = false;
  let nextId = 0;

  const start = (): Thread => {
    const thread: Thread = {
      worker: new Worker(new URL('./audit-check.worker.ts', import.meta.url)),
      waiting: new Map(),
    };
    const fail = (error: Error): void => {
      const at = threads.indexOf(thread);
      if (at >= 0) threads.splice(at, 1);
      for (const { reject } of thread.waiting.values()) reject(error);
      thread.waiting.clear();
    };
    thread.worker.on('message', ({ id, posted }: CheckAnswer) => {
      const asked = thread.waiting.get(id);
      thread.waiting.delete(id);
      asked?.resolve(unpacked(posted));
    });
    thread.worker.on('error', fail);
    thread.worker.on('exit', () => fail(new Error('A worker that checks signatures ended.')));
    thread.worker.unref();
    threads.push(thread);
    return thread;
  };

  const idlest = (): Thread => {
    const free = [...threads].sort((a, b) => a.waiting.size - b.waiting.size)[0];
    if (free !== undefined && (free.waiting.size === 0 || threads.length >= most)) return free;
    return start();
  };

  return {
    async check(body, by) {
      if (body.length <= SMALL_BODY_BYTES) return unpacked(checkPosted(body, by));
      if (isClosed) throw new Error('The checker is closed.');
      const { worker, waiting } = idlest();
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, body, by } satisfies CheckRequest, [body.buffer]);
      });
    },
    async close() {
      isClosed = true;
      await Promise.all(threads.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}

function unpacked(posted: PackedPosted | null): PostedBody | null {
  return posted === null ? null : unpackPosted(posted);
}
