/** Whether another worker lives in this one's process: there a buffer is handed over, between processes it is copied. */
import { transfer } from 'comlink';
import { tabAnswer } from './tab-answer.ts';

/** A MiB there and back, less what an empty call takes: 0.1 ms within a process, 20 ms between two. */
const NEAR_MS = 0.5;
const ECHOES = 5;

/** What both disk and unpack workers offer: sends the buffer back. */
export interface Echo {
  echo(buffer: ArrayBuffer): Promise<ArrayBuffer>;
}

/** Measures it; false as well where nobody answers. */
export async function isNearWorker(remote: Echo, gone: AbortSignal, silenceMs: number): Promise<boolean> {
  try {
    const empty = await fastestEcho(remote, gone, silenceMs, 0);
    return (await fastestEcho(remote, gone, silenceMs, 1 << 20)) - empty < NEAR_MS;
  } catch {
    return false;
  }
}

/** Milliseconds. */
async function fastestEcho(remote: Echo, gone: AbortSignal, silenceMs: number, size: number): Promise<number> {
  let buffer = new ArrayBuffer(size);
  let fastest = Infinity;
  for (let n = 0; n < ECHOES; n++) {
    const startMs = performance.now();
    const answer = await tabAnswer(remote.echo(transfer(buffer, [buffer])), gone, silenceMs);
    if (answer.kind !== 'answer') return Infinity;
    fastest = Math.min(fastest, performance.now() - startMs);
    buffer = answer.value;
  }
  return fastest;
}
