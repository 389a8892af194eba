import { blake2b as engine } from '@noble/hashes/blake2.js';
import type { Bytes } from '../../base/bytes.ts';

/** BLAKE2b (RFC 7693) without a key: what minisign hashes with. `length`: 1 to 64 bytes. */
export function blake2b(message: Uint8Array, length: number): Bytes {
  return engine(message, { dkLen: length }) as Bytes;
}
