import type { ByteSource } from '../../base/byte-source.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { AgeOpening } from '../crypto/age-payload.ts';
import { Sha256 } from '../crypto/hash.ts';
import { MAX_SEALED_BYTES } from './claims.ts';

/** So small that a piece is still in the processor's cache when it is decrypted after being hashed. */
const PIECE_BYTES = 128 * 1024;

/** As a verified manifest lists a file. */
export interface ListedFile {
  readonly sha256: Uint8Array;
  readonly size: number;
}

/** The ciphertext behind the header on its way to the age reader: counted and hashed while it comes, cut off where it is too long. */
export class SealedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #expected: ListedFile | null;
  readonly #hash: Sha256 | null;
  #piece: Uint8Array = new Uint8Array(0);
  #size = 0;
  #failure: 'interrupted' | 'not-as-listed' | null = null;

  /** `source` brings what follows on `opening`. `expected`: `null` where nothing was listed, or somebody else compares. */
  constructor(opening: AgeOpening, source: ByteSource, expected: ListedFile | null) {
    this.#source = source;
    this.#expected = expected;
    this.#hash = expected && new Sha256();
    this.#take(opening.head);
    this.#take(opening.rest);
  }

  async next(): Promise<Uint8Array | null> {
    if (this.#piece.length === 0) {
      const came = this.#failure === null ? await this.#read() : null;
      if (this.#failure !== null) throw new TypeError(this.#failure);
      if (came === null) return null;
      this.#piece = came;
    }
    const part = this.#piece.subarray(0, PIECE_BYTES);
    this.#piece = this.#piece.subarray(part.length);
    this.#take(part);
    if (this.#failure !== null) throw new TypeError(this.#failure);
    return part;
  }

  /** Why it failed, if it was not the age reader. */
  failure(): { readonly kind: 'interrupted' | 'not-as-listed' } | null {
    return this.#failure === null ? null : { kind: this.#failure };
  }

  /** Compares what came with what was listed. Call once, after the end. */
  mismatch(): { readonly kind: 'not-as-listed' } | null {
    if (this.#expected === null || this.#hash === null) return null;
    const { size, sha256 } = this.#expected;
    const holds = this.#size === size && equalBytes(this.#hash.digest(), sha256);
    return holds ? null : { kind: 'not-as-listed' };
  }

  cancel(): Promise<void> {
    return this.#source.cancel();
  }

  #take(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > (this.#expected?.size ?? MAX_SEALED_BYTES)) this.#failure = 'not-as-listed';
    else this.#hash?.update(bytes);
  }

  async #read(): Promise<Uint8Array | null> {
    try {
      return await this.#source.next();
    } catch {
      this.#failure = 'interrupted';
      return null;
    }
  }
}
