/**
 * The vault's way to the network: ports to the sync workers of the open tabs. When a tab is gone, what waited for an answer through
 * it hears `offline`.
 */
import { wrap } from 'comlink';
import { err } from '@sealpost/shared/base/result';
import type { Network, NetworkRequest, NetworkResponse } from '@sealpost/shared/opened/client/ports';
import type { Result } from '@sealpost/shared/base/result';
import { tabAnswer } from './tab-answer.ts';

/** Longer than the sync worker's own limit: only a tab that died without a word gets here. */
const SILENCE_MS = 180_000;

type Answer = Result<NetworkResponse, { readonly kind: 'offline' }>;
const OFFLINE: Answer = err({ kind: 'offline' } as const);

interface Line {
  readonly remote: Network;
  readonly gone: AbortSignal;
}

export class NetworkPorts implements Network {
  readonly #lines = new Set<Line>();

  /** Adds a tab's sync worker; `gone` is aborted with the tab (never, where that cannot be known). */
  attach(port: MessagePort, gone: AbortSignal): void {
    const line: Line = { remote: wrap<Network>(port), gone };
    this.#lines.add(line);
    gone.addEventListener('abort', () => {
      this.#lines.delete(line);
      port.close();
    });
  }

  async request(request: NetworkRequest): Promise<Answer> {
    // The newest tab first: it is the likeliest to live.
    for (const line of [...this.#lines].reverse()) {
      const answer = await tabAnswer(line.remote.request(request), line.gone, SILENCE_MS);
      if (answer.kind === 'answer') return answer.value;
      if (answer.kind === 'gone') return OFFLINE;
      this.#lines.delete(line);
    }
    return OFFLINE;
  }
}
