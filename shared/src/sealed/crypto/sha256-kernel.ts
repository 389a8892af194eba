/** SHA-256 over the kernel of shared/kernels/sha256.ts: one instance for all streams, whose state is with each stream. */
import type { Bytes } from '../../base/bytes.ts';
import { startKernel } from '../../base/kernel.ts';
import { SHA256_MODULE } from './sha256-module.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  compress(at: number, blocks: number): void;
}

const BLOCK = 64;
/** Where the kernel has its state, and free memory of PIECE bytes. */
const STATE_AT = 512;
const PIECE_AT = 2048;
const PIECE = 65_536;
/** FIPS 180-4, 5.3.3. */
const INITIAL = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

interface Running {
  readonly kernel: Kernel;
  readonly bytes: Bytes;
  readonly state: Uint32Array<ArrayBuffer>;
}
let running: Running | null | undefined;

/** A stream's hash by the kernel; `null` where it cannot run. */
export function createKernelSha256(): KernelSha256 | null {
  running ??= start();
  return running === null ? null : new KernelSha256(running);
}

function start(): Running | null {
  const kernel = startKernel<Kernel>(SHA256_MODULE);
  if (kernel === null) return null;
  const buffer = kernel.memory.buffer as ArrayBuffer;
  return { kernel, bytes: new Uint8Array(buffer), state: new Uint32Array(buffer, STATE_AT, 8) };
}

class KernelSha256 {
  readonly #running: Running;
  readonly #state = Uint32Array.from(INITIAL);
  /** Bytes of a block that is not full. */
  readonly #rest = new Uint8Array(BLOCK);
  #length = 0;

  constructor(running: Running) {
    this.#running = running;
  }

  update(bytes: Uint8Array): void {
    const held = this.#length % BLOCK;
    this.#length += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(bytes.length, BLOCK - held);
      this.#rest.set(bytes.subarray(0, at), held);
      if (held + at < BLOCK) return;
      this.#compress(this.#rest);
    }
    const blocks = bytes.length - ((bytes.length - at) % BLOCK);
    if (blocks > at) this.#compress(bytes.subarray(at, blocks));
    this.#rest.set(bytes.subarray(blocks));
  }

  digest(): Bytes {
    const held = this.#length % BLOCK;
    const last = new Uint8Array(held < BLOCK - 8 ? BLOCK : 2 * BLOCK);
    last.set(this.#rest.subarray(0, held));
    last[held] = 0x80;
    new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(this.#length) * 8n);
    this.#compress(last);
    const digest = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, i) => digest.setUint32(i * 4, word));
    return new Uint8Array(digest.buffer);
  }

  /** Whole blocks. */
  #compress(blocks: Uint8Array): void {
    const { kernel, bytes, state } = this.#running;
    state.set(this.#state);
    for (let at = 0; at < blocks.length; at += PIECE) {
      const piece = blocks.subarray(at, at + PIECE);
      bytes.set(piece, PIECE_AT);
      kernel.compress(PIECE_AT, piece.length / BLOCK);
    }
    this.#state.set(state);
  }
}
