/** Rim of the sync worker: executes requests that the vault made. See sync.api.ts. */
import { expose, transfer } from 'comlink';
import type { NetworkRequest } from '@sealpost/shared/opened/client/ports';
import { sendBody } from './streamed-body.ts';
import type { NetworkApi, SyncStart } from './sync.api';

/** Longer than the slowest 8 MiB part on a bad line (0.5 Mbit/s). */
const TIMEOUT_MS = 150_000;

const OFFLINE = { ok: false as const, error: { kind: 'offline' as const } };

const send = ({ url, method, headers, body }: NetworkRequest, signal: AbortSignal) =>
  fetch(url, {
    method,
    headers,
    body,
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal,
  });

const network: NetworkApi = {
  async request(request) {
    try {
      const response = await send(request, AbortSignal.timeout(TIMEOUT_MS));
      const body = new Uint8Array(await response.arrayBuffer());
      const value = { status: response.status, headers: Object.fromEntries(response.headers), body };
      return transfer({ ok: true as const, value }, [body.buffer]);
    } catch {
      return OFFLINE;
    }
  },
  async stream(request, port) {
    const waiting = new AbortController();
    // Until the answer begins; whoever reads it sees to the rest.
    const timer = setTimeout(() => waiting.abort(), TIMEOUT_MS);
    try {
      const response = await send(request, waiting.signal);
      sendBody(response.body ?? new Blob().stream(), port);
      return { ok: true, value: { status: response.status, headers: Object.fromEntries(response.headers) } };
    } catch {
      return OFFLINE;
    } finally {
      clearTimeout(timer);
    }
  },
};

self.addEventListener('message', (event: MessageEvent<SyncStart>) => {
  expose(network, event.data.port);
});
