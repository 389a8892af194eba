/**
 * The vault's way to the network: ports to the sync workers of the open tabs. Each tab holds a Web Lock while it lives; when the
 * lock is given back the tab is gone, and what waited for an answer through it hears `offline`.
 */
import { wrap } from 'comlink';
import type { Remote } from 'comlink';
import { err } from '@sealpost/shared/base/result';
import type { Network, NetworkRequest, NetworkResponse } from '@sealpost/shared/opened/client/ports';
import type { Result } from '@sealpost/shared/base/result';

/** Longer than the sync worker's own limit: only a tab that died without a word gets here. */
const SILENCE_MS = 180_000;

type Answer = Result<NetworkResponse, { readonly kind: 'offline' }>;
const OFFLINE: Answer = err({ kind: 'offline' } as const);

interface Line {
  readonly remote: Remote<Network>;
  readonly port: MessagePort;
  /** Settles when the tab is gone. */
  readonly gone: Promise<Answer>;
}

export class NetworkPorts implements Network {
  readonly #lines = new Set<Line>();

  /** Adds a tab's sync worker; `tabGone` settles when the tab is gone (never, where that cannot be known). */
  attach(port: MessagePort, tabGone: Promise<void>): void {
    const line: Line = { remote: wrap<Network>(port), port, gone: tabGone.then(() => OFFLINE) };
    this.#lines.add(line);
    void tabGone.then(() => {
      this.#lines.delete(line);
      port.close();
    });
  }

  async request(request: NetworkRequest): Promise<Answer> {
    // The newest tab first: it is the likeliest to live.
    for (const line of [...this.#lines].reverse()) {
      const silence = new AbortController();
      const answer = await Promise.race([line.remote.request(request), line.gone, afterSilence(silence.signal)]);
      silence.abort();
      if (answer !== null) return answer;
      this.#lines.delete(line);
    }
    return OFFLINE;
  }
}

function afterSilence(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), SILENCE_MS);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
