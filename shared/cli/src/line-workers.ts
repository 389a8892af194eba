/** Threads that read the lines of large lists, one for each core up to a limit. They start with the first such list. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LinePartResult, LinesOfLeaf } from '@sealpost/shared/opened/ingest/line-part';
import type { LineReaders, OpenLines } from '@sealpost/shared/opened/ingest/line-readers';
import type { LoadedRecord } from '@sealpost/shared/opened/ingest/record';
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import type { FromLineWorker, LineWorkerData, ToLineWorker } from './line-messages.ts';

/** Parts that a worker has: one that it reads, one that waits. */
const PARTS_EACH = 2;

/** More cannot be fed by one reader, which hashes a gigabyte in a second at best. */
const MOST_WORKERS = 16;

interface Waiting {
  reuse(buffer: Uint8Array<ArrayBuffer>): void;
  answer(result: LinePartResult): void;
  fail(error: unknown): void;
}

export class LineWorkers implements LineReaders {
  readonly atOnce: number;
  readonly #watch: WatchList | null;
  readonly #count: number;
  #workers: readonly Worker[] = [];
  /** Parts that each worker has. */
  readonly #load: number[];
  readonly #waiting = new Map<number, Waiting>();
  #leaves = 0;
  #parts = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(watch: WatchList | null, count = Math.min(MOST_WORKERS, availableParallelism())) {
    this.#watch = watch;
    this.#count = count;
    this.#load = new Array<number>(count).fill(0);
    this.atOnce = count * PARTS_EACH;
  }

  open(lines: LinesOfLeaf): OpenLines {
    if (this.#workers.length === 0) this.#workers = Array.from({ length: this.#count }, (_, at) => this.#start(at));
    const leaf = this.#leaves++;
    for (const worker of this.#workers) tell(worker, { kind: 'open', leaf, lines });
    return {
      read: (offset, buffer, length, reuse) => this.#read(leaf, offset, buffer, length, reuse),
      close: () => {
        for (const worker of this.#workers) tell(worker, { kind: 'close', leaf });
      },
    };
  }

  /** Ends the threads, whatever they do. */
  async close(): Promise<void> {
    const workers = this.#workers;
    this.#workers = [];
    this.#fail(new Error('line workers are closed'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #read(
    leaf: number,
    offset: number,
    buffer: Uint8Array<ArrayBuffer>,
    length: number,
    reuse: Waiting['reuse'],
  ): Promise<LinePartResult> {
    return new Promise((answer, fail) => {
      const at = this.#load.indexOf(Math.min(...this.#load));
      const worker = this.#workers[at];
      if (this.#failure !== null || worker === undefined) {
        fail(this.#failure?.error);
        return;
      }
      const part = this.#parts++;
      this.#load[at] = (this.#load[at] ?? 0) + 1;
      this.#waiting.set(part, { reuse, answer, fail });
      tell(worker, { kind: 'read', leaf, part, offset, buffer, length }, [buffer.buffer]);
    });
  }

  #start(at: number): Worker {
    const workerData: LineWorkerData = { watch: this.#watch };
    const worker = new Worker(new URL('./line.worker.ts', import.meta.url), { workerData });
    worker.on('message', ({ part, result, buffer }: FromLineWorker) => {
      const waiting = this.#waiting.get(part);
      if (waiting === undefined) return;
      this.#waiting.delete(part);
      this.#load[at] = (this.#load[at] ?? 1) - 1;
      waiting.reuse(buffer);
      waiting.answer({ ...result, records: JSON.parse(result.records) as LoadedRecord[] });
    });
    worker.on('error', (error) => this.#fail(error));
    return worker;
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of this.#waiting.values()) waiting.fail(error);
    this.#waiting.clear();
  }
}

function tell(worker: Worker, message: ToLineWorker, transfer: readonly ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer);
}
