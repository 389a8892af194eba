/** Distinct lists of numbers of any length, as distinct-tuples.ts: the sightings and ledgers that rows share. */
export class DistinctLists {
  /** A new list is written here from `end` on, after `reserve`. */
  buffer = new Int32Array(16_384);
  end = 0;
  #offsets = new Int32Array(1025);
  #hashes = new Int32Array(1024);
  #slots = new Int32Array(4096);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Begins anew. */
  clear(): void {
    this.#size = 0;
    this.end = 0;
    this.#slots.fill(0);
  }

  /** Makes room for one more list of up to `length` words. */
  reserve(length: number): void {
    while (this.end + length > this.buffer.length) this.buffer = doubled(this.buffer);
  }

  /** Number of the list of `length` words that was written at `end`. `hash` of it, by `mixWord` from 0. */
  intern(length: number, hash: number): number {
    const start = this.end;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let held = slots[slot] as number; held !== 0; held = slots[slot] as number) {
      if (this.#hashes[held - 1] === hash && this.#isSame(held - 1, start, length)) return held - 1;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, length, hash);
  }

  #add(slot: number, length: number, hash: number): number {
    const number = this.#size++;
    this.#slots[slot] = this.#size;
    if (this.#size === this.#hashes.length) {
      this.#hashes = doubled(this.#hashes);
      this.#offsets = doubled(this.#offsets);
    }
    this.end += length;
    this.#hashes[number] = hash;
    this.#offsets[this.#size] = this.end;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** Words that list `number` has. */
  lengthOf(number: number): number {
    return (this.#offsets[number + 1] as number) - (this.#offsets[number] as number);
  }

  #isSame(number: number, start: number, length: number): boolean {
    const words = this.buffer;
    const from = this.#offsets[number] as number;
    if ((this.#offsets[number + 1] as number) - from !== length) return false;
    for (let i = 0; i < length; i++) if (words[from + i] !== words[start + i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const hash = this.#hashes[number] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** One more word in a hash. */
export function mixWord(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);
}

function doubled(words: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(words.length * 2 + 1);
  grown.set(words);
  return grown;
}
