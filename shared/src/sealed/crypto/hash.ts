import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as sha256Engine } from '@noble/hashes/sha2.js';
import type { Bytes } from '../../base/bytes.ts';
import { createKernelSha256 } from './sha256-kernel.ts';

/**
 * SHA-256 and what is built on it. Synchronous (WebCrypto's digest cannot stream and is asynchronous); only public or
 * high-entropy inputs pass here, never a passphrase.
 */

/** SHA-256 (FIPS 180-4): 32 bytes. */
export function sha256(message: Uint8Array): Bytes {
  return sha256Engine(message) as Bytes;
}

/** One stream's hash. `digest` gives 32 bytes. */
export interface RunningSha256 {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

let platform: (() => RunningSha256) | null = null;

/** Streams are hashed by what a shell brings, that of Node for instance; `null`: by ours. */
export function setSha256Engine(create: (() => RunningSha256) | null): void {
  platform = create;
}

/** SHA-256 of a stream: by a kernel where there is WebAssembly, twice as fast. `digest` ends it: later calls throw. */
export class Sha256 {
  #engine: RunningSha256 | null = platform?.() ?? createKernelSha256() ?? sha256Engine.create();

  /** Takes the next bytes; they are not kept. */
  update(bytes: Uint8Array): this {
    this.#running.update(bytes);
    return this;
  }

  /** The hash of all bytes so far: 32 bytes. */
  digest(): Bytes {
    const digest = this.#running.digest() as Bytes;
    this.#engine = null;
    return digest;
  }

  get #running() {
    if (this.#engine === null) throw new TypeError('Sha256: digest was called');
    return this.#engine;
  }
}

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Bytes {
  return hmac(sha256Engine, key, message) as Bytes;
}

/** HKDF-SHA-256 (RFC 5869), extract and expand; at most 8,160 bytes. */
export function hkdfSha256(inputKey: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes {
  return hkdf(sha256Engine, inputKey, salt, info, length) as Bytes;
}
