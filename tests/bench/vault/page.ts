/** The page's side of the vault bench: starts the workers as the app's pages do, and passes calls to the vault. */
import type { BenchHello, BenchOffer, BenchRequest, BenchResponse } from './bench-calls.ts';

const NAME = 'sealpost-bench';
const HELLO_MS = 5_000;
const lock = `${NAME}-tab-${crypto.randomUUID()}`;
const waiting = new Map<number, (response: BenchResponse) => void>();
let calls = 0;
let isGone = false;

const port = await reachWorker();

await new Promise<void>((held) => {
  void navigator.locks.request(lock, () => {
    held();
    return new Promise(() => undefined);
  });
});
port.onmessage = ({ data }: MessageEvent<BenchResponse>) => {
  waiting.get(data.call)?.(data);
  waiting.delete(data.call);
};
const disk = new MessageChannel();
const network = new MessageChannel();
new Worker(new URL('../../../web/src/workers/disk.worker.ts', import.meta.url), { type: 'module' }).postMessage(
  { port: disk.port1, folder: NAME },
  [disk.port1],
);
new Worker(new URL('../../../web/src/workers/sync.worker.ts', import.meta.url), { type: 'module' }).postMessage(
  { port: network.port1 },
  [network.port1],
);
void navigator.locks.request(NAME, { mode: 'shared' }, () => {
  isGone = true;
  answerGone();
});
const hello: BenchHello = { disk: disk.port2, network: network.port2, lock };
port.postMessage(hello, [disk.port2, network.port2]);

/** A worker that died with another page may not be known as dead yet and never answers: then the page asks for the next one. */
async function reachWorker(): Promise<MessagePort> {
  for (;;) {
    const { port } = new SharedWorker(new URL('./vault-bench.worker.ts', import.meta.url), {
      type: 'module',
      name: NAME,
    });
    const isReady = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), HELLO_MS);
      port.onmessage = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (isReady) return port;
    port.close();
  }
}

/** As the app does for a sync: a worker for bundles beside the vault, whose memory is given back afterwards. */
async function withUnpacker(work: () => Promise<unknown>): Promise<unknown> {
  const worker = new Worker(new URL('../../../web/src/workers/unpack.worker.ts', import.meta.url), { type: 'module' });
  const channel = new MessageChannel();
  worker.postMessage({ port: channel.port1 }, [channel.port1]);
  const offer: BenchOffer = { unpacker: channel.port2 };
  port.postMessage(offer, [channel.port2]);
  try {
    await ask('ready', null);
    return await work();
  } finally {
    const end: BenchOffer = { unpacker: null };
    port.postMessage(end);
    worker.terminate();
  }
}

function call(name: BenchRequest['name'], argument: unknown): Promise<unknown> {
  const isImport = name === 'importBundle' || name === 'cancelImport';
  return isImport ? withUnpacker(() => ask(name, argument)) : ask(name, argument);
}

/** Nobody else answers what was asked of a worker that is gone. */
function answerGone(): void {
  for (const [call, resolve] of waiting) resolve({ call, error: 'the worker is gone' });
  waiting.clear();
}

async function ask(name: BenchRequest['name'], argument: unknown): Promise<unknown> {
  const request: BenchRequest = { call: ++calls, name, argument };
  const response = await new Promise<BenchResponse>((resolve) => {
    waiting.set(request.call, resolve);
    if (isGone) answerGone();
    else port.postMessage(request);
  });
  if ('error' in response) throw new Error(response.error);
  return response.value;
}

/** What every key stroke costs: query and the first 50 rows, there and back. */
async function typeText(text: string): Promise<number[]> {
  const times: number[] = [];
  for (let length = 1; length <= text.length; length++) {
    const startMs = performance.now();
    await call('rows', text.slice(0, length));
    times.push(performance.now() - startMs);
  }
  return times;
}

Object.assign(window, { bench: { call, typeText } });
