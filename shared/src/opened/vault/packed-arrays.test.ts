import { expect, test } from 'vitest';
import { ArrayPacker, ArrayReader } from './packed-arrays.ts';

test('no codes can be read back, whatever stood where they would begin', () => {
  const packer = new ArrayPacker();
  packer.codes(Uint32Array.of(9, 9), 1, 1);
  expect(new ArrayReader(packer.finish().slice()).codes(0, 5)).toHaveLength(0);
});
