import { expect, test } from 'vitest';
import { boundHeap } from './bound-heap.ts';

/** A memory of 1 page that may grow to 512, exported as `m`. */
const MODULE = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[5, 5, 1, 1, 1, 0x80, 0x04],
  ...[7, 5, 1, 1, 0x6d, 2, 0],
]);
const PAGE = 65_536;

test('memory grows to the bound and no further', async () => {
  const { instance } = await WebAssembly.instantiate(boundHeap(MODULE, 8 * PAGE));
  const memory = instance.exports['m'] as WebAssembly.Memory;
  memory.grow(7);
  expect(memory.buffer.byteLength).toBe(8 * PAGE);
  expect(() => memory.grow(1)).toThrow();
});

test('a module that cannot be bounded is refused', () => {
  const unbounded = new Uint8Array([...MODULE.subarray(0, 8), 5, 3, 1, 0, 1]);
  expect(() => boundHeap(unbounded, 8 * PAGE)).toThrow();
  expect(() => boundHeap(MODULE.subarray(0, 8), 8 * PAGE)).toThrow();
});
