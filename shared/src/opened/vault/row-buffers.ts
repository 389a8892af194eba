/**
 * Memory of a store's commits, used again and again: a page of memory that was never touched costs more than what is written there (10
 * microseconds for 4 KiB were measured), and a bulk action writes 160 kB four times over.
 */
import type { Bytes } from '../../base/bytes.ts';

/** What commits of ten thousand findings take; what is more is made for the moment. */
const SCRATCH_BYTES = 256 * 1024;
/** Rows below are cheap, and rows above are few (Chromium makes files of them). */
const LEAST_ROW_BYTES = 16 * 1024;
const MOST_ROW_BYTES = 64 * 1024;
const MOST_ROWS = 8;

/** Plaintexts of one transaction after the other. */
export class Scratch {
  #bytes: Bytes = new Uint8Array(0);
  #at = 0;

  /** Room for `length` bytes until `wipe`; what stands there means nothing. */
  take(length: number): Bytes {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(SCRATCH_BYTES);
    if (this.#at + length > SCRATCH_BYTES) return new Uint8Array(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Nobody needs what was taken; nothing of it is left. */
  wipe(): void {
    this.#bytes.fill(0, 0, this.#at);
    this.#at = 0;
  }
}

/** Sealed rows on their way to a backend. A full row of a bulk action has the same size every time. */
export class RowBuffers {
  readonly #kept: Bytes[] = [];

  /** `length` bytes with a buffer of their own; what stands there means nothing. */
  take(length: number): Bytes {
    const at = this.#kept.findIndex((bytes) => bytes.length === length);
    return at < 0 ? new Uint8Array(length) : (this.#kept.splice(at, 1)[0] as Bytes);
  }

  /** The backend has taken what it needs of a row. */
  give(bytes: Bytes): void {
    if (bytes.length < LEAST_ROW_BYTES || bytes.length > MOST_ROW_BYTES) return;
    this.#kept.push(bytes);
    if (this.#kept.length > MOST_ROWS) this.#kept.shift();
  }
}
