import { afterEach, expect, test } from 'vitest';
import { toHex, utf8 } from '@sealpost/shared/base/bytes';
import { Sha256, setSha256Engine } from '@sealpost/shared/sealed/crypto/hash';
import { nodeSha256 } from './node-sha256.ts';

afterEach(() => setSha256Engine(null));

test('streams have the same hash by Node as by the kernel, and 32 bytes of their own', () => {
  const parts = [utf8('made-up'), new Uint8Array(), utf8(' material'.repeat(1_000))];
  const hashOf = () => parts.reduce((hash, part) => hash.update(part), new Sha256()).digest();
  const byKernel = hashOf();
  setSha256Engine(nodeSha256);
  const byNode = hashOf();
  expect(toHex(byNode)).toBe(toHex(byKernel));
  expect(byNode.buffer.byteLength).toBe(32);
});
