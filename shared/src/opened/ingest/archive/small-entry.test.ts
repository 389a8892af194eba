import { deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { crc32 } from '../../../base/crc32.ts';
import { inflateStored } from './small-entry.ts';

const Native = globalThis.DecompressionStream;
afterEach(() => {
  globalThis.DecompressionStream = Native;
});

/** The platform's own inflater; tells how much it was handed at once. */
function watchInflater(): { largestWrite: number } {
  const seen = { largestWrite: 0 };
  globalThis.DecompressionStream = class {
    readonly writable: WritableStream<BufferSource>;
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
    constructor(format: CompressionFormat) {
      const watch = new TransformStream<BufferSource, BufferSource>({
        transform(chunk, controller) {
          seen.largestWrite = Math.max(seen.largestWrite, chunk.byteLength);
          controller.enqueue(chunk);
        },
      });
      this.writable = watch.writable;
      this.readable = watch.readable.pipeThrough(new Native(format));
    }
  };
  return seen;
}

describe('a small entry', () => {
  test('is inflated in pieces: a browser unpacks all it is handed before anybody can count', async () => {
    const seen = watchInflater();
    const plain = new Uint8Array(50 * 2 ** 20);
    const stored = new Uint8Array(deflateRawSync(plain));
    let size = 0;
    const entry = { offset: 0, nameBytes: 0, compressedSize: stored.length, method: 8, crc: crc32(plain) };
    for await (const chunk of inflateStored(stored, entry)) size += chunk.length;
    expect(size).toBe(plain.length);
    expect(stored.length).toBeGreaterThan(32 * 1024);
    expect(seen.largestWrite).toBeLessThanOrEqual(16 * 1024);
  });

  test('that is cut off gives what could be read, then says so', async () => {
    const plain = new TextEncoder().encode('https://portal.example:somchai:a-password\n'.repeat(50_000));
    const stored = new Uint8Array(deflateRawSync(plain)).slice(0, -100);
    const entry = { offset: 0, nameBytes: 0, compressedSize: stored.length, method: 8, crc: crc32(plain) };
    const read = async (): Promise<void> => {
      for await (const chunk of inflateStored(stored, entry)) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toMatchObject({ reason: 'archive-corrupt' });
  });

  test('whose reader stops early ends without a word', async () => {
    const stored = new Uint8Array(deflateRawSync(new Uint8Array(20 * 2 ** 20)));
    const entry = { offset: 0, nameBytes: 0, compressedSize: stored.length, method: 8, crc: 0 };
    for await (const chunk of inflateStored(stored, entry)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
  });
});
