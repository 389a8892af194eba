/** A set of 32-bit hashes that may say yes to one it does not have: about 16 bits each, so that it stays in the cache. */
export class HashBits {
  readonly #bits: Uint8Array;
  readonly #shift: number;

  /** For `count` hashes. At most 256 KiB: beyond 131,072 hashes it says yes more often. */
  constructor(count: number) {
    const bits = Math.min(21, Math.max(13, Math.ceil(Math.log2(count * 16 + 1))));
    this.#bits = new Uint8Array(1 << (bits - 3));
    this.#shift = 32 - bits;
  }

  add(hash: number): void {
    const at = this.#place(hash);
    this.#bits[at >>> 3] = (this.#bits[at >>> 3] as number) | (1 << (at & 7));
  }

  has(hash: number): boolean {
    const at = this.#place(hash);
    return (((this.#bits[at >>> 3] as number) >>> (at & 7)) & 1) === 1;
  }

  /** Knuth's multiplicative hash; its high bits are the good ones. */
  #place(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift;
  }
}
