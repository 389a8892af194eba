/** The ways in which a 7z header writes numbers, bits and names (7zFormat.txt, Data types). */

/** A header that no archiver writes. Caught where the archive is opened. */
export class HeaderError extends Error {}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new HeaderError();
    return byte;
  }

  expect(wanted: number): void {
    if (this.byte() !== wanted) throw new HeaderError();
  }

  bytes(length: number): Uint8Array {
    const from = this.#at;
    if (length > this.#bytes.length - from) throw new HeaderError();
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  uint32(): number {
    let value = 0;
    for (let i = 0; i < 4; i++) value += this.byte() * 2 ** (8 * i);
    return value;
  }

  uint64(): number {
    const value = this.uint32() + this.uint32() * 2 ** 32;
    if (!Number.isSafeInteger(value)) throw new HeaderError();
    return value;
  }

  /** As many bytes follow the first as it has ones in front; what is left of it are the highest bits. */
  number(): number {
    const first = this.byte();
    let value = 0;
    for (let i = 0, mask = 0x80; i < 8; i++, mask >>= 1) {
      if ((first & mask) === 0) {
        value += (first & (mask - 1)) * 2 ** (8 * i);
        break;
      }
      value += this.byte() * 2 ** (8 * i);
    }
    if (!Number.isSafeInteger(value)) throw new HeaderError();
    return value;
  }

  /** A number of things, or the index of one. */
  count(most: number): number {
    const value = this.number();
    if (value > most) throw new HeaderError();
    return value;
  }

  bits(count: number): readonly boolean[] {
    const bytes = this.bytes(Math.ceil(count / 8));
    return Array.from({ length: count }, (_, i) => (((bytes[i >> 3] ?? 0) << (i & 7)) & 0x80) !== 0);
  }

  digests(count: number): readonly (number | null)[] {
    const isDefined = this.byte() !== 0 ? null : this.bits(count);
    if (count * 4 > this.#bytes.length && isDefined === null) throw new HeaderError();
    return Array.from({ length: count }, (_, i) => (isDefined?.[i] === false ? null : this.uint32()));
  }

  /** UTF-16, each with a NUL behind it. */
  names(count: number): readonly string[] {
    const text = new TextDecoder('utf-16le').decode(this.bytes(this.#bytes.length - this.#at));
    const names = text.split('\0');
    if (names.length <= count) throw new HeaderError();
    return names.slice(0, count);
  }
}

/** Bytes of a header that is written. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  byte(...bytes: readonly number[]): void {
    this.#bytes.push(...bytes);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  uint32(value: number): void {
    for (let i = 0; i < 4; i++) this.#bytes.push(Math.floor(value / 2 ** (8 * i)) % 256);
  }

  /** In nine bytes, which any number may have. */
  number(value: number): void {
    this.#bytes.push(0xff);
    for (let i = 0; i < 8; i++) this.#bytes.push(Math.floor(value / 2 ** (8 * i)) % 256);
  }

  done(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes);
  }
}
