/** The page of the browser's part of the ingest bench: hands the chosen file to the worker. */
import type { WatchList } from '@sealpost/shared/opened/match/watch';
import type { ReadRequest, ReadTimes } from './messages.ts';

const worker = new Worker(new URL('./read.worker.ts', import.meta.url), { type: 'module' });

Object.assign(window, {
  readChosen: (watch: WatchList, rounds: number): Promise<ReadTimes> =>
    new Promise((resolve, reject) => {
      const file = document.querySelector('input')?.files?.[0];
      if (file === undefined) {
        reject(new Error('no file is chosen'));
        return;
      }
      worker.onmessage = ({ data }: MessageEvent<ReadTimes>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      const request: ReadRequest = { file, watch, rounds };
      worker.postMessage(request);
    }),
});
