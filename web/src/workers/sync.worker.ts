/** Rim of the sync worker: executes requests that the vault made. See sync.api.ts. */
import { expose, transfer } from 'comlink';
import type { NetworkRequest } from '@sealpost/shared/opened/client/ports';
import type { NetworkApi, SyncStart } from './sync.api';

/** Longer than the slowest 8 MiB part on a bad line (0.5 Mbit/s). */
const TIMEOUT_MS = 150_000;

const network: NetworkApi = {
  async request(request: NetworkRequest) {
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const body = new Uint8Array(await response.arrayBuffer());
      const value = { status: response.status, headers: Object.fromEntries(response.headers), body };
      return transfer({ ok: true as const, value }, [body.buffer]);
    } catch {
      return { ok: false as const, error: { kind: 'offline' as const } };
    }
  },
};

self.addEventListener('message', (event: MessageEvent<SyncStart>) => {
  expose(network, event.data.port);
});
