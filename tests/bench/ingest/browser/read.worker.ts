/** Reads a file as the app's ingest worker does, and only reads it. */
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { readChunks } from '@sealpost/shared/opened/ingest/source-file';
import { fileToSource } from '../../../../web/src/workers/ingest/file-source.ts';
import type { ReadRequest, ReadTimes } from './messages.ts';

self.onmessage = async ({ data }: MessageEvent<ReadRequest>) => {
  const { file, watch, rounds } = data;
  const source = fileToSource(file.name, file);
  const blob: number[] = [];
  const blobSpread: number[] = [];
  const hash: number[] = [];
  const ingest: number[] = [];
  let records = 0;
  for (let round = 0; round <= rounds; round++) {
    const startMs = performance.now();
    await readBlob(file);
    const readMs = performance.now();
    await hashSource(source);
    const hashedMs = performance.now();
    const read = await ingestSource(source, { watch, nowMs: 0, onRecords: () => Promise.resolve() });
    if (!read.ok || read.value.total.bytesIn !== file.size) throw new Error('not read to its end');
    records = read.value.total.records;
    const doneMs = performance.now();
    await readBlob(file);
    const againMs = performance.now() - doneMs;
    // The first round is for the compiler.
    if (round === 0) continue;
    const firstMs = readMs - startMs;
    blob.push((firstMs + againMs) / 2);
    blobSpread.push(Math.max(firstMs, againMs) / Math.min(firstMs, againMs));
    hash.push(hashedMs - readMs);
    ingest.push(doneMs - hashedMs);
  }
  const times: ReadTimes = { blob, blobSpread, hash, ingest, records };
  self.postMessage(times);
};

/** The fastest way we know: into memory that is used again. */
async function readBlob(file: File): Promise<void> {
  let bytes = 0;
  for await (const chunk of readChunks(file.stream(), file.size)) bytes += chunk.length;
  if (bytes !== file.size) throw new Error('not read to its end');
}
