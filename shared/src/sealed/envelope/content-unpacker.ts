import type { Bytes } from '../../base/bytes.ts';

/**
 * Unpacks content on its way to the stage: gzip (exactly one member, fed exactly its bytes, to exactly the claimed size), or as it
 * stands. DecompressionStream refuses a second member and trailing bytes (WHATWG Compression Standard); a test holds engines to it.
 */
export class ContentUnpacker {
  readonly #limit: number | null;
  readonly #stage: (chunk: Uint8Array) => Promise<void> | void;
  readonly #writer: WritableStreamDefaultWriter<BufferSource> | null = null;
  readonly #pump: Promise<void> = Promise.resolve();
  #unpacked = 0;
  #isRefused = false;
  #stageFailure: { readonly error: unknown } | null = null;

  /** `inflated`: the size gzip content must unpack to, or `null` for content that is not packed. */
  constructor(inflated: number | null, stage: (chunk: Uint8Array) => Promise<void> | void) {
    this.#limit = inflated;
    this.#stage = stage;
    if (inflated === null) return;
    const stream = new DecompressionStream('gzip');
    this.#writer = stream.writable.getWriter();
    this.#writer.closed.catch(() => undefined); // told by `write` and `end`
    this.#pump = this.#drain(stream.readable.getReader());
  }

  /** Takes the next packed bytes; false once the content is known to be wrong. */
  async write(chunk: Uint8Array): Promise<boolean> {
    if (this.#writer === null) {
      await this.#stage(chunk.slice());
      return true;
    }
    // small pieces: what a hostile 16 KiB can unpack to before the limit is looked at is 16 MiB
    for (let at = 0; at < chunk.length && !this.#isRefused; at += FEED_BYTES) {
      try {
        await this.#writer.write(chunk.slice(at, at + FEED_BYTES) as Bytes);
      } catch {
        this.#isRefused = true;
      }
    }
    this.#rethrow();
    return !this.#isRefused;
  }

  /** True if everything was unpacked, to exactly the claimed size. */
  async end(): Promise<boolean> {
    if (this.#writer === null) return true;
    try {
      await this.#writer.close();
    } catch {
      this.#isRefused = true;
    }
    await this.#pump;
    this.#rethrow();
    return !this.#isRefused && this.#unpacked === this.#limit;
  }

  /** Gives up. */
  async abort(): Promise<void> {
    await this.#writer?.abort().catch(() => undefined);
    await this.#pump;
    this.#rethrow();
  }

  async #drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    for (;;) {
      let next;
      try {
        next = await reader.read();
      } catch {
        this.#isRefused = true; // not gzip, cut off, a second member, trailing bytes
        return;
      }
      if (next.done) return;
      this.#unpacked += next.value.length;
      if (this.#unpacked > (this.#limit ?? 0)) return this.#refuse(reader);
      try {
        await this.#stage(next.value);
      } catch (error) {
        this.#stageFailure = { error };
        return this.#refuse(reader);
      }
    }
  }

  async #refuse(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#isRefused = true;
    await reader.cancel().catch(() => undefined);
  }

  #rethrow(): void {
    if (this.#stageFailure !== null) throw this.#stageFailure.error;
  }
}

const FEED_BYTES = 16 * 1024;
