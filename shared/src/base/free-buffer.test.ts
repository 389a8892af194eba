import { expect, test } from 'vitest';
import { freeBuffer } from './bytes.ts';

test('a buffer that was freed is empty, also one that WebCrypto made', async () => {
  const own = new ArrayBuffer(1000);
  const digest = await crypto.subtle.digest('SHA-256', own);
  freeBuffer(own);
  freeBuffer(digest);
  expect([own.byteLength, digest.byteLength]).toEqual([0, 0]);
});
