import { equalBytes } from '../../base/bytes.ts';
import { streamOf } from '../crypto/age.ts';
import { Sha256 } from '../crypto/hash.ts';

/** The ciphertext on its way to the age reader: hashed and counted while it comes, cut off where it is longer than it may be. */
export class SealedSource {
  readonly stream: ReadableStream<Uint8Array>;

  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #hash = new Sha256();
  #size = 0;
  #failure: 'interrupted' | 'not-as-listed' | null = null;

  constructor(sealed: ReadableStream<Uint8Array> | Uint8Array, maxSize: number) {
    this.#reader = (sealed instanceof Uint8Array ? streamOf(sealed) : sealed).getReader();
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.#next();
          if (chunk === null) {
            if (this.#failure === null) controller.close();
            else controller.error(new TypeError(this.#failure));
            return;
          }
          this.#size += chunk.length;
          if (this.#size > maxSize) {
            this.#failure = 'not-as-listed';
            controller.error(new RangeError(this.#failure));
            return;
          }
          this.#hash.update(chunk);
          controller.enqueue(chunk);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Why the stream failed, if it was not the age reader. */
  failure(): { readonly kind: 'interrupted' | 'not-as-listed' } | null {
    return this.#failure === null ? null : { kind: this.#failure };
  }

  /** Compares what came with what was listed. Call once, after the stream ended. */
  mismatch(
    expected: { readonly sha256: Uint8Array; readonly size: number } | null,
  ): { readonly kind: 'not-as-listed' } | null {
    if (expected === null) return null;
    const holds = this.#size === expected.size && equalBytes(this.#hash.digest(), expected.sha256);
    return holds ? null : { kind: 'not-as-listed' };
  }

  /** Lets go of the source. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined); // a source that failed already says so again
  }

  async #next(): Promise<Uint8Array | null> {
    try {
      const next = await this.#reader.read();
      return next.done ? null : next.value;
    } catch {
      this.#failure = 'interrupted';
      return null;
    }
  }
}
