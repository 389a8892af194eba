/** The second port, for who operates the server: figures and readiness. Bound to this machine unless configured; it answers nothing else. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';

export interface Operations {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens. `waitsFor` says in words why no request should come here now; `null`: they should. */
export async function startOperations(
  place: { readonly port: number; readonly host: string },
  metrics: Metrics,
  waitsFor: () => Promise<string | null>,
): Promise<Operations> {
  const answer = async (url: string): Promise<readonly [number, string, string]> => {
    if (url === '/metrics') return [200, metrics.contentType, await metrics.text()];
    if (url === '/healthz') return [200, 'text/plain', 'ok\n'];
    if (url !== '/readyz') return [404, 'text/plain', 'not found\n'];
    const reason = await waitsFor();
    return reason === null ? [200, 'text/plain', 'ready\n'] : [503, 'text/plain', `${reason}\n`];
  };
  const server = createServer((request, response) => {
    answer(request.url ?? '').then(
      ([status, type, body]) => response.writeHead(status, { 'Content-Type': type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, place);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, { port, host }: { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
