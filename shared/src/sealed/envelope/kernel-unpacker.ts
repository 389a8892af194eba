/** Unpacks gzip by the kernel of shared/kernels/inflate.ts: as strict as zlib, in 448 KiB that the next one uses again. */
import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { startKernel } from '../../base/kernel.ts';
import { crc32 } from '../../base/crc32.ts';
import { gzipHeaderSize } from './gzip-header.ts';
import { INFLATE_MODULE } from './inflate-module.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  reset(): void;
  input(): number;
  room(): number;
  fed(size: number): void;
  whole(): void;
  inflate(): number;
  output(): number;
  taken(): void;
  behind(): number;
  inputEnd(): number;
  makeCrcTables(): void;
  crcOfOutput(crc: number): number;
}

/** Answers of `inflate`. */
const NEEDS_INPUT = 0;
const IS_DONE = 2;
const IS_BAD = 3;
/** Where input and output lie; the kernel's tables are below. */
const INPUT_AT = 32_768;
const OUTPUT_AT = 163_840;
const FEED_BYTES = 65_536;
/** RFC 1952, 2.3.1: CRC-32 and size. */
const TRAILER_BYTES = 8;

interface Instance {
  readonly kernel: Kernel;
  readonly bytes: Bytes;
}
/** Instances that nobody uses: each reserves address space, so they are few. */
const idle: Instance[] = [];
const MAX_IDLE = 2;

function takeInstance(): Instance | null {
  const known = idle.pop();
  if (known) return known;
  const kernel = startKernel<Kernel>(INFLATE_MODULE);
  if (kernel === null) return null;
  kernel.makeCrcTables();
  return { kernel, bytes: new Uint8Array(kernel.memory.buffer as ArrayBuffer) };
}

export class KernelUnpacker {
  readonly #limit: number;
  readonly #take: (chunk: Uint8Array) => Promise<void> | void;
  #instance: Instance | null;
  #state: 'header' | 'body' | 'trailer' | 'bad' = 'header';
  /** Bytes of the header or trailer so far. */
  #edge: Bytes = new Uint8Array(0);
  #crc = 0xffffffff;
  #unpacked = 0;

  /** `null` where there is no WebAssembly. `inflated`: the size the content must unpack to. */
  static start(inflated: number, take: (chunk: Uint8Array) => Promise<void> | void): KernelUnpacker | null {
    const instance = takeInstance();
    return instance === null ? null : new KernelUnpacker(instance, inflated, take);
  }

  private constructor(instance: Instance, inflated: number, take: (chunk: Uint8Array) => Promise<void> | void) {
    this.#instance = instance;
    this.#limit = inflated;
    this.#take = take;
    instance.kernel.reset();
  }

  async write(chunk: Uint8Array): Promise<boolean> {
    let rest = this.#state === 'header' ? this.#readHeader(chunk) : chunk;
    while (this.#state === 'body' && rest.length > 0) {
      const { kernel, bytes } = this.#running;
      const at = kernel.input();
      const part = rest.subarray(0, Math.min(FEED_BYTES, kernel.room()));
      bytes.set(part, at);
      kernel.fed(part.length);
      rest = rest.subarray(part.length);
      await this.#inflate();
    }
    if (this.#state === 'trailer') this.#readTrailer(rest);
    return this.#state !== 'bad';
  }

  async end(): Promise<boolean> {
    if (this.#state === 'body') {
      this.#running.kernel.whole();
      await this.#inflate();
    }
    if (this.#state !== 'trailer' || this.#edge.length !== TRAILER_BYTES || this.#unpacked !== this.#limit)
      return false;
    const trailer = new DataView(this.#edge.buffer, this.#edge.byteOffset, TRAILER_BYTES);
    return (
      trailer.getUint32(0, true) === (this.#crc ^ 0xffffffff) >>> 0 &&
      trailer.getUint32(4, true) === this.#unpacked >>> 0
    );
  }

  abort(): Promise<void> {
    const instance = this.#instance;
    this.#instance = null;
    this.#state = 'bad';
    // Nothing that was opened stays behind.
    instance?.bytes.fill(0, INPUT_AT);
    if (instance && idle.length < MAX_IDLE) idle.push(instance);
    return Promise.resolve();
  }

  /** Unpacks what was fed, as far as it goes. */
  async #inflate(): Promise<void> {
    for (;;) {
      const { kernel, bytes } = this.#running;
      const answer = kernel.inflate();
      if (answer === IS_BAD) this.#state = 'bad';
      if (answer === IS_BAD || answer === NEEDS_INPUT) return;
      const size = kernel.output();
      this.#unpacked += size;
      if (this.#unpacked > this.#limit) {
        this.#state = 'bad';
        return;
      }
      this.#crc = kernel.crcOfOutput(this.#crc);
      const waits = size === 0 ? undefined : this.#take(bytes.subarray(OUTPUT_AT, OUTPUT_AT + size));
      if (waits !== undefined) await waits;
      kernel.taken();
      if (answer !== IS_DONE) continue;
      this.#state = 'trailer';
      this.#edge = new Uint8Array(0);
      this.#readTrailer(bytes.subarray(kernel.behind(), kernel.inputEnd()));
      return;
    }
  }

  /** What follows on the header. */
  #readHeader(chunk: Uint8Array): Uint8Array {
    this.#edge = concatBytes(this.#edge, chunk);
    const size = gzipHeaderSize(this.#edge, crc32);
    if (size === 'bad') this.#state = 'bad';
    if (typeof size !== 'number') return this.#edge.subarray(this.#edge.length);
    this.#state = 'body';
    return this.#edge.subarray(size);
  }

  #readTrailer(bytes: Uint8Array): void {
    this.#edge = concatBytes(this.#edge, bytes.subarray(0, TRAILER_BYTES + 1));
    if (this.#edge.length > TRAILER_BYTES) this.#state = 'bad';
  }

  get #running(): Instance {
    if (this.#instance === null) throw new TypeError('KernelUnpacker: let go of');
    return this.#instance;
  }
}
