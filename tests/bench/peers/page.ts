/** The page of the peers: starts the worker of one peer and passes calls to it. */
import type { PeerRequest, PeerResponse } from './peer-rim.ts';

const WORKERS: Readonly<Record<string, () => Worker>> = {
  sqlite: () => new Worker(new URL('./sqlite.worker.ts', import.meta.url), { type: 'module' }),
  duckdb: () => new Worker(new URL('./duckdb.worker.ts', import.meta.url), { type: 'module' }),
  dexie: () => new Worker(new URL('./dexie.worker.ts', import.meta.url), { type: 'module' }),
};

const worker = WORKERS[new URL(location.href).searchParams.get('peer') ?? '']?.();

/** One call at a time. */
function call(request: PeerRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (worker === undefined) throw new Error('which peer?');
    worker.onmessage = ({ data }: MessageEvent<PeerResponse>) => {
      if ('value' in data) resolve(data.value);
      else reject(new Error(data.error));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(request);
  });
}

Object.assign(window, { peer: { call } });
