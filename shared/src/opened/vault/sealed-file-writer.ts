/** Writes one sealed file: while a block is being sealed the next one is made, and what is sealed goes to disk a megabyte at a time. */
import { toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import { freeBuffer } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { BackendError } from './backend-error.ts';
import { additionalData, IV_BYTES, TAG_BYTES } from './keyring.ts';
import type { SealedFile, SealedFileWriter } from './sealed-file.ts';
import type { SegmentWriter } from './segment-storage.ts';

/** Appends are this long: large enough that messages to a disk worker cost nothing beside the bytes. */
const WRITE_BYTES = 1024 * 1024;

/** What blocks of a new file are sealed with. */
export interface SealingKey {
  readonly vault: string;
  readonly generation: number;
  readonly key: CryptoKey;
}

export class BlockWriter implements SealedFileWriter {
  readonly #name: string;
  readonly #sealing: SealingKey;
  readonly #writer: SegmentWriter;
  readonly #random: (length: number) => Bytes;
  readonly #blocks: (readonly [number, string])[] = [];
  #sealed: { readonly iv: Bytes; readonly bytes: Promise<ArrayBuffer> } | null = null;
  #buffer: Bytes = new Uint8Array(0);
  #filled = 0;
  #writing: Promise<Result<ArrayBuffer | null, BackendError>> | null = null;
  #failed: { readonly ok: false; readonly error: BackendError } | null = null;

  constructor(name: string, sealing: SealingKey, writer: SegmentWriter, random: (length: number) => Bytes) {
    this.#name = name;
    this.#sealing = sealing;
    this.#writer = writer;
    this.#random = random;
  }

  async append(plain: Bytes): Promise<Result<void, BackendError>> {
    const before = await this.#settle();
    if (!before.ok) return before;
    const { vault, generation, key } = this.#sealing;
    const iv = this.#random(IV_BYTES);
    const id = blockId(this.#name, this.#blocks.length);
    const aad = additionalData({ vault, table: 'segments', generation, id, rev: 1 });
    const bytes = crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, plain);
    this.#sealed = { iv, bytes };
    return ok(undefined);
  }

  async close(): Promise<Result<SealedFile, BackendError>> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const flushed = this.#filled > 0 ? await this.#flush() : settled;
    if (!flushed.ok) return flushed;
    const written = await this.#written();
    if (!written.ok) return written;
    const closed = await this.#writer.close();
    if (!closed.ok) return closed;
    return ok({ name: this.#name, generation: this.#sealing.generation, blocks: this.#blocks });
  }

  async abort(): Promise<void> {
    await this.#sealed?.bytes.catch(() => undefined);
    this.#sealed = null;
    await this.#writing;
    await this.#writer.abort();
  }

  /** Waits for the block that is being sealed and hands it on. */
  async #settle(): Promise<Result<void, BackendError>> {
    if (this.#failed !== null) return this.#failed;
    if (this.#sealed === null) return ok(undefined);
    const { iv, bytes } = this.#sealed;
    const sealed = new Uint8Array(await bytes);
    this.#sealed = null;
    this.#blocks.push([IV_BYTES + sealed.length, toBase64url(sealed.subarray(-TAG_BYTES))]);
    const written = await this.#write(iv);
    const done = written.ok ? await this.#write(sealed) : written;
    freeBuffer(sealed.buffer);
    return done;
  }

  async #write(bytes: Uint8Array): Promise<Result<void, BackendError>> {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === this.#buffer.length) {
        const flushed = await this.#flush();
        if (!flushed.ok) return flushed;
      }
      const end = Math.min(bytes.length, at + this.#buffer.length - this.#filled);
      this.#buffer.set(bytes.subarray(at, end), this.#filled);
      this.#filled += end - at;
      at = end;
    }
    return ok(undefined);
  }

  /** Starts writing what is gathered once the append before is done; its buffer is filled next. */
  async #flush(): Promise<Result<void, BackendError>> {
    const before = await this.#written();
    if (!before.ok) return before;
    const next = before.value?.byteLength === WRITE_BYTES ? before.value : new ArrayBuffer(WRITE_BYTES);
    if (this.#filled > 0) this.#writing = this.#writer.append(this.#buffer.subarray(0, this.#filled));
    this.#buffer = new Uint8Array(next);
    this.#filled = 0;
    return ok(undefined);
  }

  async #written(): Promise<Result<ArrayBuffer | null, BackendError>> {
    if (this.#failed !== null) return this.#failed;
    const written = await (this.#writing ?? ok(null));
    this.#writing = null;
    if (!written.ok) this.#failed = written;
    return written;
  }
}

/** What a block's ciphertext is bound to, as a row is to its id. */
export function blockId(name: string, block: number): string {
  return `${name}/${block}`;
}
