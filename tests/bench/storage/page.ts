/**
 * The page's side of the storage bench and tests: starts a worker of its own, or with `?shared` the one that all pages share, and a
 * disk worker for that, as the app's pages do. With `?shared-later` the test says when.
 */
import type { DiskStart } from '../../../web/src/workers/disk.api.ts';
import type { Answered, StorageCalls } from './storage.worker.ts';

const isShared = location.search.startsWith('?shared');
let calls = 0;

function startWorker(): Worker | MessagePort {
  if (!isShared) return new Worker(new URL('./storage.worker.ts', import.meta.url), { type: 'module' });
  const worker = new SharedWorker(new URL('./storage.worker.ts', import.meta.url), { type: 'module' });
  worker.port.start();
  return worker.port;
}

const worker = startWorker();

/** One call of the worker. */
function call(name: keyof StorageCalls, ...values: readonly unknown[]): Promise<unknown> {
  const number = ++calls;
  return new Promise((resolve, reject) => {
    const hear = ({ data }: MessageEvent<Answered>): void => {
      if (data.number !== number) return;
      worker.removeEventListener('message', hear as EventListener);
      if (data.error === undefined) resolve(data.value);
      else reject(new Error(data.error));
    };
    worker.addEventListener('message', hear as EventListener);
    const transfer = values.filter((value) => value instanceof MessagePort);
    worker.postMessage({ number, name, values }, transfer);
  });
}

async function attachDisk(): Promise<void> {
  const tab = `tab-${crypto.randomUUID()}`;
  await new Promise<void>((resolve) => {
    void navigator.locks.request(tab, () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
  const { port1, port2 } = new MessageChannel();
  const disk = new Worker(new URL('../../../web/src/workers/disk.worker.ts', import.meta.url), { type: 'module' });
  const start: DiskStart = { port: port1, folder: 'storage-bench' };
  disk.postMessage(start, [port1]);
  await call('attachDisk', port2, tab);
}

if (location.search === '?shared') await attachDisk();
Object.assign(window, { bench: { call, attachDisk } });
