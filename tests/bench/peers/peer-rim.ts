/** Rim of a peer's worker: answers the page's calls one by one. */
import type { PeerCalls } from './question.ts';

/** One call, as the page posts it. */
export interface PeerRequest {
  readonly name: keyof PeerCalls;
  readonly args: readonly number[];
}

export type PeerResponse = { readonly value: unknown } | { readonly error: string };

/** Serves `peer` on this worker. */
export function servePeer(peer: PeerCalls): void {
  self.onmessage = async ({ data }: MessageEvent<PeerRequest>) => {
    const call = peer[data.name] as (...args: readonly number[]) => Promise<unknown>;
    let response: PeerResponse;
    try {
      response = { value: await call.apply(peer, [...data.args]) };
    } catch (error) {
      response = { error: String(error) };
    }
    self.postMessage(response);
  };
}

/** Milliseconds of each of `runs` calls after `warmups`. */
export async function timesOf(warmups: number, runs: number, call: () => unknown): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = -warmups; run < runs; run++) {
    const startMs = performance.now();
    await call();
    if (run >= 0) times.push(performance.now() - startMs);
  }
  return times;
}
