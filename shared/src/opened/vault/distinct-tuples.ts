/**
 * Distinct tuples and lists of numbers, found row by row inside the import: what repeats (sources, ledgers, features) is kept once a
 * batch. Open addressing over flat arrays; nothing is made per row.
 */

/** Tuples of a fixed number of 32-bit words. Write one into `tuple`, then `intern` it. */
export class DistinctTuples {
  readonly tuple: Uint32Array;
  readonly #width: number;
  #words: Uint32Array<ArrayBuffer>;
  #slots = new Uint32Array(1024);
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.tuple = new Uint32Array(width);
    this.#words = new Uint32Array(512 * width);
  }

  get size(): number {
    return this.#size;
  }

  /** Begins anew. */
  clear(): void {
    this.#size = 0;
    this.#slots.fill(0);
  }

  /** Number of `tuple`, a new one if it was not there. */
  intern(): number {
    const width = this.#width;
    const tuple = this.tuple;
    let hash = 0;
    for (let i = 0; i < width; i++) hash = Math.imul(hash ^ (tuple[i] as number), 0x9e3779b1) ^ (hash >>> 15);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const held = this.#slots[slot] as number;
      if (held === 0) break;
      const at = (held - 1) * width;
      let same = 0;
      while (same < width && this.#words[at + same] === tuple[same]) same++;
      if (same === width) return held - 1;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot);
  }

  /** Word `word` of tuple `number`. */
  word(number: number, word: number): number {
    return this.#words[number * this.#width + word] as number;
  }

  /** Tuples end to end. */
  words(): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#size * this.#width);
  }

  #add(slot: number): number {
    const number = this.#size++;
    if (this.#size * this.#width > this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(this.tuple, number * this.#width);
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    const width = this.#width;
    for (let number = 0; number < this.#size; number++) {
      let hash = 0;
      for (let i = 0; i < width; i++) {
        hash = Math.imul(hash ^ (this.#words[number * width + i] as number), 0x9e3779b1) ^ (hash >>> 15);
      }
      let slot = (hash ^ (hash >>> 13)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** Lists of any length. `push` the words of one, then `intern` it. */
export class DistinctLists {
  #offsets = new Uint32Array(513);
  #hashes = new Uint32Array(512);
  #words = new Uint32Array(4096);
  #slots = new Uint32Array(1024);
  #size = 0;
  #end = 0;

  get size(): number {
    return this.#size;
  }

  /** Begins anew. */
  clear(): void {
    this.#size = 0;
    this.#end = 0;
    this.#slots.fill(0);
  }

  push(word: number): void {
    if (this.#end === this.#words.length) this.#words = doubled(this.#words);
    this.#words[this.#end++] = word;
  }

  /** Number of the list pushed since the last call. */
  intern(): number {
    const start = this.#offsets[this.#size] as number;
    const length = this.#end - start;
    const words = this.#words;
    let hash = length;
    for (let i = start; i < this.#end; i++) hash = Math.imul(hash ^ (words[i] as number), 0x9e3779b1) ^ (hash >>> 15);
    hash >>>= 0;
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const held = this.#slots[slot] as number;
      if (held === 0) break;
      if (this.#hashes[held - 1] === hash && this.#isSame(held - 1, start, length)) {
        this.#end = start;
        return held - 1;
      }
      slot = (slot + 1) & mask;
    }
    const number = this.#size++;
    if (this.#size === this.#hashes.length) {
      this.#hashes = doubled(this.#hashes);
      this.#offsets = doubled(this.#offsets);
    }
    this.#hashes[number] = hash;
    this.#offsets[this.#size] = this.#end;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** List `i` is `words()[offsets()[i]..offsets()[i + 1])`. */
  offsets(): Uint32Array<ArrayBuffer> {
    return this.#offsets.subarray(0, this.#size + 1);
  }

  words(): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#end);
  }

  #isSame(number: number, start: number, length: number): boolean {
    const from = this.#offsets[number] as number;
    if ((this.#offsets[number + 1] as number) - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#words[from + i] !== this.#words[start + i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const hash = this.#hashes[number] as number;
      let slot = (hash ^ (hash >>> 13)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function doubled(words: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(words.length * 2);
  grown.set(words);
  return grown;
}
