/** Segment files in a map: tests of logic, and vaults that shall not outlive the process. Copies what comes in and goes out. */
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { SegmentStorage } from './segment-storage.ts';

export interface MemorySegments extends SegmentStorage {
  /** The files themselves, also those still being written, for tests that damage them. */
  readonly files: Map<string, Bytes>;
}

/** Makes an empty one. */
export function createMemorySegments(): MemorySegments {
  const files = new Map<string, Bytes>();
  return {
    kind: 'memory',
    files,
    create: async (name) => {
      if (files.has(name)) return err({ kind: 'conflict' });
      files.set(name, new Uint8Array(0));
      return ok({
        append: async (bytes) => {
          files.set(name, concatBytes(files.get(name) ?? new Uint8Array(0), bytes));
          return ok(bytes.buffer);
        },
        close: async () => ok(undefined),
        abort: async () => {
          files.delete(name);
        },
      });
    },
    read: async (name, offset, length, into) => {
      const file = files.get(name);
      if (file === undefined || offset + length > file.length) return null;
      const answer = new Uint8Array(into !== undefined && into.byteLength >= length ? into : new ArrayBuffer(length));
      answer.set(file.subarray(offset, offset + length));
      return answer.subarray(0, length);
    },
    remove: async (names) => {
      for (const name of names) files.delete(name);
      return ok(undefined);
    },
    list: async () => [...files].map(([name, { length }]) => ({ name, size: length })),
  };
}
