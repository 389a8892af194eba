/** Finding id to row: open addressing over the ids' words. Ids are keyed hashes, so their first word is as good as a hash of ours. */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { FindingId } from '../finding/finding.ts';

const EMPTY = 0xffffffff;
const ID_BYTES = 16;

export class IdIndex {
  /** Four big-endian words a row, in row order. */
  #words = new Uint32Array(4 * 1024);
  #slots = new Uint32Array(2048).fill(EMPTY);
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  /** Word `word` (0..3, the most significant first) of a row's id. */
  word(row: number, word: number): number {
    return this.#words[row * 4 + word] as number;
  }

  /** Row of the id at `bytes[offset..]`, or -1. */
  find(bytes: Uint8Array, offset: number): number {
    const [a, b] = [wordAt(bytes, offset), wordAt(bytes, offset + 4)];
    const [c, d] = [wordAt(bytes, offset + 8), wordAt(bytes, offset + 12)];
    const row = this.#slots[this.#slotOf(a, b, c, d)] as number;
    return row === EMPTY ? -1 : row;
  }

  /** Row of an id in its text form, or -1, also for a text that is none. */
  findText(id: FindingId): number {
    const bytes = parseBase64url(id, ID_BYTES);
    return bytes === null ? -1 : this.find(bytes, 0);
  }

  /** Appends an id that is not there; its row is `rows` before the call. */
  add(bytes: Uint8Array, offset: number): number {
    const row = this.#rows;
    if ((row + 1) * 4 > this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    for (let word = 0; word < 4; word++) this.#words[row * 4 + word] = wordAt(bytes, offset + word * 4);
    this.#rows++;
    if (this.#rows * 2 > this.#slots.length) this.#rehash();
    else this.#slots[this.#slotOf(this.word(row, 0), this.word(row, 1), this.word(row, 2), this.word(row, 3))] = row;
    return row;
  }

  /** Forgets all ids from `rows` on. */
  truncate(rows: number): void {
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#fillSlots();
  }

  get memoryBytes(): number {
    return this.#words.byteLength + this.#slots.byteLength;
  }

  /** Writes a row's id to `bytes[offset..]`. */
  write(row: number, bytes: Uint8Array, offset: number): void {
    for (let i = 0; i < ID_BYTES; i++) bytes[offset + i] = this.word(row, i >> 2) >>> (24 - (i & 3) * 8);
  }

  text(row: number): FindingId {
    const bytes = new Uint8Array(ID_BYTES);
    this.write(row, bytes, 0);
    return toBase64url(bytes) as FindingId;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    this.#fillSlots();
  }

  #fillSlots(): void {
    this.#slots.fill(EMPTY);
    for (let row = 0; row < this.#rows; row++) {
      const slot = this.#slotOf(this.word(row, 0), this.word(row, 1), this.word(row, 2), this.word(row, 3));
      this.#slots[slot] = row;
    }
  }

  /** The slot that holds this id, else the empty one where it belongs. */
  #slotOf(a: number, b: number, c: number, d: number): number {
    const mask = this.#slots.length - 1;
    // The first byte of an id is the key version (FORMATS), the same for all: the second word is taken.
    let slot = Math.imul(b ^ a, 0x9e3779b1) & mask;
    for (;;) {
      const row = this.#slots[slot] as number;
      if (row === EMPTY) return slot;
      const at = row * 4;
      const words = this.#words;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at] as number, bytes[at + 1] as number];
  const [c, d] = [bytes[at + 2] as number, bytes[at + 3] as number];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
