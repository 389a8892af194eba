/** The client's network port over `fetch`, with a place to listen, cut, drop and lie: what a bad line or a bad server could do. */
import { err, ok } from '@sealpost/shared/base/result';
import type { Network, NetworkRequest, NetworkResponse } from '@sealpost/shared/opened/client/ports';

const offline = err({ kind: 'offline' } as const);

/**
 * What happens to one call. `cut`: it never reaches the server. `drop`: the server acts, the answer is lost. A function gets the
 * real answer and gives another one.
 */
export type Trouble = 'none' | 'cut' | 'drop' | ((answer: NetworkResponse) => NetworkResponse);

export interface NodeNetwork extends Network {
  /** Calls so far, oldest first, as they were asked for. */
  readonly calls: readonly NetworkRequest[];
  /** Asked before each call; `index` counts from the last `forget`. */
  trouble: (request: NetworkRequest, index: number) => Trouble;
  forget(): void;
}

/** Makes one. Without trouble it is an ordinary network. */
export function createNodeNetwork(): NodeNetwork {
  const calls: NetworkRequest[] = [];
  const network: NodeNetwork = {
    calls,
    trouble: () => 'none',
    forget: () => {
      calls.length = 0;
    },
    request: async (request) => {
      calls.push(request);
      const trouble = network.trouble(request, calls.length - 1);
      if (trouble === 'cut') return offline;
      const answer = await send(request);
      if (answer === null || trouble === 'drop') return offline;
      return ok(trouble === 'none' ? answer : trouble(answer));
    },
  };
  return network;
}

async function send({ method, url, headers, body }: NetworkRequest): Promise<NetworkResponse | null> {
  try {
    // A connection of its own: key files block this process, the server's too, longer than it keeps idle ones.
    const response = await fetch(url, {
      method,
      headers: { ...headers, connection: 'close' },
      body,
      redirect: 'manual',
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes };
  } catch {
    return null;
  }
}
