/**
 * Ports to the unpack workers that pages start for a sync. Only one that lives in the vault worker's process is used: an import
 * passes hundreds of megabytes through it, which between processes would be copied. Without one, bundles are read in the vault worker.
 */
import { transfer, wrap } from 'comlink';
import { readBundleHere } from '@sealpost/shared/opened/bundle/read-bundle';
import type { ReadBundle } from '@sealpost/shared/opened/bundle/read-bundle';
import { readThrough } from '@sealpost/shared/opened/bundle/read-elsewhere';
import type { UnpackApi } from '../unpack.api.ts';
import { holdReserve } from './memory-reserve.ts';
import { isNearWorker } from './near-worker.ts';
import { tabAnswer } from './tab-answer.ts';

/** A worker that is alive answers between two pieces of work, which take some milliseconds. */
const SILENCE_MS = 10_000;
const ASK_EVERY_MS = 5_000;
/** A worker that takes longer to answer at first is not waited for. */
const MEASURE_MS = 1_000;

interface Line {
  readonly remote: UnpackApi;
  readonly gone: AbortSignal;
  readonly isNear: Promise<boolean>;
  leave(): void;
}

export class UnpackPorts {
  readonly #lines = new Map<number, Line>();
  #next = 0;

  /** Adds a tab's unpack worker; `tabGone` is aborted with the tab (never, where that cannot be known). */
  attach(port: MessagePort, tabGone: AbortSignal): number {
    const number = this.#next++;
    const left = new AbortController();
    const gone = AbortSignal.any([tabGone, left.signal]);
    const remote: UnpackApi = wrap<UnpackApi>(port);
    const isNear = isNearWorker(remote, gone, MEASURE_MS);
    this.#lines.set(number, { remote, gone, isNear, leave: () => left.abort() });
    gone.addEventListener('abort', () => {
      this.#lines.delete(number);
      port.close();
    });
    return number;
  }

  /** The page ends the worker. */
  detach(number: number): void {
    this.#lines.get(number)?.leave();
  }

  readonly readBundle: ReadBundle = async (file, sink) => {
    const line = await this.#nearLine();
    if (line === null) return readBundleHere(file, sink);
    const channel = new MessageChannel();
    void line.remote.serve(transfer(channel.port2, [channel.port2]));
    const silent = new AbortController();
    const giveBack = holdReserve();
    const watch = setInterval(() => void listen(line, silent), ASK_EVERY_MS);
    const reading = readThrough(channel.port1, AbortSignal.any([line.gone, silent.signal]), file, sink);
    return {
      statement: () => reading.statement(),
      content: (claims) => reading.content(claims),
      close: () => {
        clearInterval(watch);
        giveBack();
        reading.close();
      },
    };
  };

  async #nearLine(): Promise<Line | null> {
    for (const line of [...this.#lines.values()].reverse()) if (await line.isNear) return line;
    return null;
  }
}

/** Aborts `silent` if the worker does not answer: a phone has put its page to sleep. */
async function listen({ remote, gone }: Line, silent: AbortController): Promise<void> {
  const answer = await tabAnswer(remote.echo(new ArrayBuffer(0)), gone, SILENCE_MS);
  if (answer.kind === 'silent') silent.abort();
}
