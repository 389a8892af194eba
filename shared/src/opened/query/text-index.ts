/**
 * Text to code: open addressing by a hash of the UTF-8 bytes, so that a bundle's heap is hashed where it lies. A Map of strings
 * hashes each string anew and cost most of an unlock. Texts that collide on purpose only make it slower.
 */

const EMPTY = 0xffffffff;

export class TextIndex {
  #slots = new Uint32Array(64).fill(EMPTY);
  /** Hash by code. */
  #hashes = new Uint32Array(32);
  #size = 0;

  /** The code that was added with this hash and of which `isSame` says so; -1 if none. */
  find(hash: number, isSame: (code: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot] as number;
      if (code === EMPTY) return -1;
      if (this.#hashes[code] === hash && isSame(code)) return code;
    }
  }

  /** Adds the next code (codes count from 0) under `hash`. */
  add(hash: number): void {
    if (this.#size === this.#hashes.length) this.#grow();
    this.#hashes[this.#size] = hash;
    this.#place(this.#size++);
  }

  get memoryBytes(): number {
    return this.#slots.byteLength + this.#hashes.byteLength;
  }

  /** Forgets all codes from `size` on. */
  truncate(size: number): void {
    this.#size = size;
    this.#slots.fill(EMPTY);
    for (let code = 0; code < size; code++) this.#place(code);
  }

  #grow(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Uint32Array(hashes.length * 2).fill(EMPTY);
    for (let code = 0; code < this.#size; code++) this.#place(code);
  }

  #place(code: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(this.#hashes[code] as number) & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = code;
  }
}

/** FNV-1a of nothing. */
export const FNV_START = 0x811c9dc5;

/** FNV-1a (draft-eastlake-fnv) of `bytes[from..to)`, behind what already has the hash `start`. */
export function hashBytes(bytes: Uint8Array, from: number, to: number, start = FNV_START): number {
  let hash = start;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash >>> 0;
}

function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0;
}
