/** The page's side of the vault bench: starts the worker and passes calls to it, as the app's pages do. */
import type { BenchCalls } from './vault-bench.worker.ts';

const worker = new Worker(new URL('./vault-bench.worker.ts', import.meta.url), { type: 'module' });

/** One call at a time. */
function call(name: keyof BenchCalls, argument: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ readonly value?: unknown; readonly error?: string }>) => {
      if (data.error === undefined) resolve(data.value);
      else reject(new Error(data.error));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({ name, argument });
  });
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
