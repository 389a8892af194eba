/**
 * Distinct tuples of four 32-bit words, found row by row inside the import: what repeats (features, dates, factors of ledgers) is kept
 * once a batch. Open addressing over flat arrays; nothing is made per row, and words are signed, as tables compare them fastest.
 */
export class DistinctTuples {
  #words = new Int32Array(4096);
  #slots = new Int32Array(2048);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Begins anew. */
  clear(): void {
    this.#size = 0;
    this.#slots.fill(0);
  }

  /** Number of the tuple, a new one if it was not there. */
  intern(a: number, b: number, c: number, d: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(a, b, c, d) & mask;
    for (let held = slots[slot] as number; held !== 0; held = slots[slot] as number) {
      const at = (held - 1) << 2;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return held - 1;
      slot = (slot + 1) & mask;
    }
    const number = this.#size++;
    slots[slot] = this.#size;
    this.#put(number, a, b, c, d);
    return number;
  }

  /** Word `word` of all tuples, one more than it is, so that NO_TEXT is 0. */
  column(word: number, into: Uint32Array): void {
    const words = this.#words;
    for (let i = 0; i < into.length; i++) into[i] = (words[i * 4 + word] as number) + 1;
  }

  #put(number: number, a: number, b: number, c: number, d: number): void {
    if (this.#size * 4 > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    const at = number * 4;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    this.#words[at + 2] = c;
    this.#words[at + 3] = d;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    const words = this.#words;
    for (let number = 0; number < this.#size; number++) {
      const at = number * 4;
      const [a, b] = [words[at] as number, words[at + 1] as number];
      let slot = hashOf(a, b, words[at + 2] as number, words[at + 3] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function hashOf(a: number, b: number, c: number, d: number): number {
  const first = Math.imul(a ^ Math.imul(b, 0x85ebca6b), 0x9e3779b1);
  const second = Math.imul(c ^ (d >>> 7) ^ Math.imul(d, 0xc2b2ae35), 0x27d4eb2f);
  const hash = first ^ (second >>> 3) ^ second;
  return hash ^ (hash >>> 15);
}
