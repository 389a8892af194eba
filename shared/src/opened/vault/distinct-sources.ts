/**
 * Distinct sources of a batch: where, by whom and when a finding was seen. A batch has a few hundred, so that one is compared in place
 * with the one that its hash names, and copied only if it is new; what a row of the bundle's table is need be found once.
 */
import type { SourceTable } from '../bundle/columns.ts';
import { SOURCE_WORDS } from './cold-format.ts';

export class DistinctSources {
  #words = new Int32Array(256 * SOURCE_WORDS);
  #slots = new Int32Array(1024);
  #size = 0;
  /** By row of the table: 1 + its number, 0 where it was not asked for yet. */
  #numbers = new Uint32Array(0);
  #ids = new Int32Array(0);
  #classes: Uint8Array = new Uint8Array(0);
  #aliases = new Int32Array(0);
  #families = new Int32Array(0);
  #published = new Int32Array(0);
  #seen = new Int32Array(0);

  get size(): number {
    return this.#size;
  }

  /** Begins anew, with the table that a batch's sightings name. */
  begin({ sourceId, sourceClass, alias, family, publishedAtMs, seenAtMs }: SourceTable): void {
    this.#size = 0;
    this.#slots.fill(0);
    if (this.#numbers.length < seenAtMs.length) this.#numbers = new Uint32Array(seenAtMs.length);
    else this.#numbers.fill(0);
    this.#ids = wordsOf(sourceId);
    this.#classes = sourceClass;
    this.#aliases = wordsOf(alias.codes);
    this.#families = wordsOf(family.codes);
    this.#published = wordsOf(publishedAtMs);
    this.#seen = wordsOf(seenAtMs);
  }

  /** Number of the source in row `at` of the table. */
  intern(at: number): number {
    const known = this.#numbers[at] as number;
    if (known !== 0) return known - 1;
    const number = this.#find(at);
    this.#numbers[at] = number + 1;
    return number;
  }

  #find(at: number): number {
    const words = this.#words;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const two = at * 2;
    const id = this.#ids[two] as number;
    const seen = this.#seen[two] as number;
    const family = this.#families[at] as number;
    let slot = hashOf(id, seen, family) & mask;
    for (let held = slots[slot] as number; held !== 0; held = slots[slot] as number) {
      const base = (held - 1) * SOURCE_WORDS;
      if (
        words[base] === id &&
        words[base + 1] === this.#ids[two + 1] &&
        words[base + 2] === seen &&
        words[base + 3] === this.#seen[two + 1] &&
        words[base + 4] === family &&
        words[base + 5] === this.#aliases[at] &&
        words[base + 6] === this.#classes[at] &&
        words[base + 7] === this.#published[two] &&
        words[base + 8] === this.#published[two + 1]
      ) {
        return held - 1;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, at);
  }

  /** Word `word` of all sources, one more than it is, so that NO_TEXT is 0. */
  column(word: number, into: Uint32Array): void {
    const words = this.#words;
    for (let i = 0; i < into.length; i++) into[i] = (words[i * SOURCE_WORDS + word] as number) + 1;
  }

  #add(slot: number, at: number): number {
    const base = this.#size++ * SOURCE_WORDS;
    if (base + SOURCE_WORDS > this.#words.length) {
      const grown = new Int32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    const words = this.#words;
    words[base] = this.#ids[at * 2] as number;
    words[base + 1] = this.#ids[at * 2 + 1] as number;
    words[base + 2] = this.#seen[at * 2] as number;
    words[base + 3] = this.#seen[at * 2 + 1] as number;
    words[base + 4] = this.#families[at] as number;
    words[base + 5] = this.#aliases[at] as number;
    words[base + 6] = this.#classes[at] as number;
    words[base + 7] = this.#published[at * 2] as number;
    words[base + 8] = this.#published[at * 2 + 1] as number;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return this.#size - 1;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    const words = this.#words;
    for (let number = 0; number < this.#size; number++) {
      const base = number * SOURCE_WORDS;
      let slot = hashOf(words[base] as number, words[base + 2] as number, words[base + 4] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** An array's bytes as signed 32-bit words. */
export function wordsOf(
  array: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = array.byteOffset % 4 === 0 ? array : array.slice();
  return new Int32Array(buffer, byteOffset, byteLength >> 2);
}

function hashOf(id: number, seen: number, family: number): number {
  const hash = Math.imul(id ^ Math.imul(seen ^ (family << 7), 0x85ebca6b), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
