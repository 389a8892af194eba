/** Entries by a 32-bit hash, in three arrays: a `Map` with hashes as keys makes an object of nearly every one, and is ten times slower. */
export class HashChains {
  /** By the hash's high bits: number of the first entry plus one, 0 for none. */
  readonly #heads: Int32Array;
  readonly #shift: number;
  readonly #hashes: Int32Array;
  /** By entry: number of the next plus one. */
  readonly #nexts: Int32Array;

  /** Entry n has `hashes[n]`. */
  constructor(hashes: Int32Array) {
    const bits = Math.max(4, Math.ceil(Math.log2(hashes.length * 2 + 1)));
    this.#heads = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
    this.#hashes = hashes;
    this.#nexts = new Int32Array(hashes.length);
    hashes.forEach((hash, entry) => {
      const head = this.#place(hash);
      this.#nexts[entry] = this.#heads[head] as number;
      this.#heads[head] = entry + 1;
    });
  }

  /** The first entry with `hash`, -1 if there is none. */
  first(hash: number): number {
    return this.#from(this.#heads[this.#place(hash)] as number, hash);
  }

  /** The one after `entry` with the same `hash`, -1 if there is none. */
  next(entry: number, hash: number): number {
    return this.#from(this.#nexts[entry] as number, hash);
  }

  #from(start: number, hash: number): number {
    for (let at = start; at !== 0; at = this.#nexts[at - 1] as number) if (this.#hashes[at - 1] === hash) return at - 1;
    return -1;
  }

  #place(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift;
  }
}
