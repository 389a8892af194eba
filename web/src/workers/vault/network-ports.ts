/**
 * The vault's way to the network: ports to the sync workers of the open tabs. When a tab is gone, what waited for an answer through
 * it hears `offline`.
 */
import { transfer, wrap } from 'comlink';
import { err, ok } from '@sealpost/shared/base/result';
import type { Network, NetworkRequest, NetworkResponse, StreamedResponse } from '@sealpost/shared/opened/client/ports';
import type { Result } from '@sealpost/shared/base/result';
import { receiveBody } from '../streamed-body.ts';
import type { NetworkApi } from '../sync.api.ts';
import { tabAnswer } from './tab-answer.ts';

/** Longer than the sync worker's own limit: only a tab that died without a word gets here. */
const SILENCE_MS = 180_000;

type Answer<T> = Result<T, { readonly kind: 'offline' }>;
const OFFLINE = err({ kind: 'offline' } as const);

interface Line {
  readonly remote: NetworkApi;
  readonly gone: AbortSignal;
}

export class NetworkPorts implements Network {
  readonly #lines = new Set<Line>();

  /** Adds a tab's sync worker; `gone` is aborted with the tab (never, where that cannot be known). */
  attach(port: MessagePort, gone: AbortSignal): void {
    const line: Line = { remote: wrap<NetworkApi>(port), gone };
    this.#lines.add(line);
    gone.addEventListener('abort', () => {
      this.#lines.delete(line);
      port.close();
    });
  }

  request(request: NetworkRequest): Promise<Answer<NetworkResponse>> {
    return this.#ask(({ remote }) => remote.request(request));
  }

  stream(request: NetworkRequest): Promise<Answer<StreamedResponse>> {
    return this.#ask(async ({ remote, gone }) => {
      const { port1, port2 } = new MessageChannel();
      const answer = await remote.stream(request, transfer(port2, [port2]));
      if (answer.ok) return ok({ ...answer.value, body: receiveBody(port1, gone) });
      port1.close();
      return answer;
    });
  }

  async #ask<T>(question: (line: Line) => Promise<Answer<T>>): Promise<Answer<T>> {
    // The newest tab first: it is the likeliest to live.
    for (const line of [...this.#lines].reverse()) {
      const answer = await tabAnswer(question(line), line.gone, SILENCE_MS);
      if (answer.kind === 'answer') return answer.value;
      if (answer.kind === 'gone') return OFFLINE;
      this.#lines.delete(line);
    }
    return OFFLINE;
  }
}
