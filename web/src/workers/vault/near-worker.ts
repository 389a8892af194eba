/** Whether another worker lives in this one's process: there a buffer is handed over, between processes it is copied. */
import { transfer } from 'comlink';
import { tabAnswer } from './tab-answer.ts';

/** A MiB there and back, less what an empty call takes: 0.1 ms within a process, 20 ms between two. */
const NEAR_MS = 0.5;
/** Tries, until one shows that the worker is near: a machine that is busy makes any of them slow. */
const TRIES = 12;

/** What both disk and unpack workers offer: sends the buffer back. */
export interface Echo {
  echo(buffer: ArrayBuffer): Promise<ArrayBuffer>;
}

/** Measures it; false as well where nobody answers. */
export async function isNearWorker(remote: Echo, gone: AbortSignal, silenceMs: number): Promise<boolean> {
  let [fastestEmpty, fastestFull] = [Infinity, Infinity];
  try {
    let [empty, full] = [new ArrayBuffer(0), new ArrayBuffer(1 << 20)];
    for (let n = 0; n < TRIES && !(fastestFull - fastestEmpty < NEAR_MS); n++) {
      const first = await echo(remote, gone, silenceMs, empty);
      const second = first && (await echo(remote, gone, silenceMs, full));
      if (first === null || second === null) return false;
      [empty, full] = [first.buffer, second.buffer];
      fastestEmpty = Math.min(fastestEmpty, first.ms);
      fastestFull = Math.min(fastestFull, second.ms);
    }
  } catch {
    return false;
  }
  return fastestFull - fastestEmpty < NEAR_MS;
}

/** How long a buffer takes there and back; `null` where it does not come back. */
async function echo(
  remote: Echo,
  gone: AbortSignal,
  silenceMs: number,
  sent: ArrayBuffer,
): Promise<{ readonly buffer: ArrayBuffer; readonly ms: number } | null> {
  const startMs = performance.now();
  const answer = await tabAnswer(remote.echo(transfer(sent, [sent])), gone, silenceMs);
  return answer.kind === 'answer' ? { buffer: answer.value, ms: performance.now() - startMs } : null;
}
