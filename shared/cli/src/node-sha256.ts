/** SHA-256 of streams by Node, which uses the processor's own instructions: four times as fast as WebAssembly. */
import { createHash } from 'node:crypto';
import type { RunningSha256 } from '@sealpost/shared/sealed/crypto/hash';

export function nodeSha256(): RunningSha256 {
  const hash = createHash('sha256');
  return {
    update: (bytes) => hash.update(bytes),
    // Not a Buffer, which may be a part of a larger one.
    digest: () => new Uint8Array(hash.digest()),
  };
}
