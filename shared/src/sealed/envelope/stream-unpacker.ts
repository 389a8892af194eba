import type { Bytes } from '../../base/bytes.ts';

/**
 * Unpacks gzip with DecompressionStream, which refuses a second member and trailing bytes (WHATWG Compression Standard); a test holds
 * engines to it. For engines or places without WebAssembly.
 */
export class StreamUnpacker {
  readonly #limit: number;
  readonly #take: (chunk: Uint8Array) => Promise<void> | void;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #pump: Promise<void>;
  #unpacked = 0;
  #isRefused = false;
  #stageFailure: { readonly error: unknown } | null = null;

  /** `inflated`: the size the content must unpack to. */
  constructor(inflated: number, take: (chunk: Uint8Array) => Promise<void> | void) {
    this.#limit = inflated;
    this.#take = take;
    const stream = new DecompressionStream('gzip');
    this.#writer = stream.writable.getWriter();
    this.#writer.closed.catch(() => undefined); // told by `write` and `end`
    this.#pump = this.#drain(stream.readable.getReader());
  }

  async write(chunk: Uint8Array): Promise<boolean> {
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

  async end(): Promise<boolean> {
    try {
      await this.#writer.close();
    } catch {
      this.#isRefused = true;
    }
    await this.#pump;
    this.#rethrow();
    return !this.#isRefused && this.#unpacked === this.#limit;
  }

  async abort(): Promise<void> {
    await this.#writer.abort().catch(() => undefined);
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
      if (this.#unpacked > this.#limit) return this.#refuse(reader);
      try {
        await this.#take(next.value);
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
