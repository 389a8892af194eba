/** A thread that reads parts of lists: a scanner of its own, no keys, no files, no network. */
import { parentPort, workerData } from 'node:worker_threads';
import { LinePartReader } from '@sealpost/shared/opened/ingest/line-part';
import { scannerFor } from '@sealpost/shared/opened/scan/scanner-for';
import type { FromLineWorker, LineWorkerData, ToLineWorker } from './line-messages.ts';

const { watch } = workerData as LineWorkerData;
const readers = new Map<number, LinePartReader>();

parentPort?.on('message', (message: ToLineWorker) => {
  switch (message.kind) {
    case 'open':
      readers.set(message.leaf, new LinePartReader(message.lines, watch === null ? null : scannerFor(watch)));
      return;
    case 'close':
      readers.delete(message.leaf);
      return;
    case 'read': {
      const { leaf, part, offset, buffer, length } = message;
      const result = readers.get(leaf)?.read(offset, buffer.subarray(0, length));
      if (result === undefined) throw new Error('part of a leaf that is not open');
      const packed = { ...result, records: JSON.stringify(result.records) };
      const answer: FromLineWorker = { part, result: packed, buffer };
      parentPort?.postMessage(answer, [buffer.buffer]);
    }
  }
});
