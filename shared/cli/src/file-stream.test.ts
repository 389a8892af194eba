import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readChunks } from '@sealpost/shared/opened/ingest/source-file';
import { streamFile } from './file-stream.ts';

const BYTES = new Uint8Array(2_500_000).map((_, at) => (at * 31 + (at >> 12)) & 0xff);

describe('a file as a stream', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealpost-stream-'));
    path = join(folder, 'file');
    await writeFile(path, BYTES);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('gives every byte in order, in one memory used again', async () => {
    const read = new Uint8Array(BYTES.length);
    let at = 0;
    const before: Uint8Array[] = [];
    for await (const chunk of readChunks(streamFile(path), BYTES.length)) {
      // The memory of the chunk before went into this one.
      expect(before.every(({ length }) => length === 0)).toBe(true);
      read.set(chunk, at);
      at += chunk.length;
      before.push(chunk);
    }
    expect(at).toBe(BYTES.length);
    expect(Buffer.compare(read, BYTES)).toBe(0);
    expect(before.length).toBeGreaterThan(1);
  });

  test('can be read without memory of one’s own, and left early', async () => {
    const whole = new Uint8Array(await new Response(streamFile(path) as BodyInit).arrayBuffer());
    expect(Buffer.compare(whole, BYTES)).toBe(0);
    for await (const chunk of readChunks(streamFile(path))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });

  test('fails where the file is not there, and an empty file has no chunk', async () => {
    await expect(readChunks(streamFile(join(folder, 'none'))).next()).rejects.toThrow('ENOENT');
    await writeFile(path, '');
    expect((await readChunks(streamFile(path)).next()).done).toBe(true);
  });
});
