/** Rows' lists of tags as codes of distinct sets, batch by batch. A million rows have a few dozen sets. */
import type { TagColumns } from '../bundle/columns.ts';
import type { Codes, TagSets } from './hot-columns.ts';
import { codesFor } from './narrow-codes.ts';

/** A loop that ends soon is compiled once, not while it runs and again when it is called. */
const ROWS_AT_ONCE = 2048;

export class TagSetFinder {
  /** Hot code (0: drop it) by bundle code; `null`: code + 1. */
  readonly #remap: Uint32Array | null;
  #codes = new Uint32Array(0);
  #narrow: Codes = new Uint8Array(0);
  /** Set number + 1; open addressing by a hash of the set. */
  #slots = new Uint32Array(256);
  #hashes = new Uint32Array(128);
  #offsets = new Uint32Array(129);
  #tags = new Uint32Array(256);
  #sets = 0;

  constructor(remap: Uint32Array | null) {
    this.#remap = remap;
  }

  /** Sets of `rows` rows. What it returns is valid until the next call. Cost: about 20 ns a row. */
  find({ offsets, tag: { codes } }: TagColumns, rows: number): { readonly tagSets: TagSets; readonly tagSet: Codes } {
    this.#sets = 0;
    this.#slots.fill(0);
    if (this.#codes.length < rows) this.#codes = new Uint32Array(rows);
    for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
      this.#findRows(offsets, codes, from, Math.min(rows, from + ROWS_AT_ONCE));
    }
    const sets = this.#offsets.subarray(0, this.#sets + 1);
    const tags = this.#tags.subarray(0, this.#offsets[this.#sets]);
    return { tagSets: { offsets: sets, tags }, tagSet: this.#narrowed(rows) };
  }

  #findRows(offsets: Uint32Array, codes: Uint32Array, first: number, end: number): void {
    const into = this.#codes;
    for (let row = first; row < end; row++) {
      const from = offsets[row] as number;
      const to = offsets[row + 1] as number;
      into[row] = from === to ? 0 : this.#setOf(codes, from, to);
    }
  }

  /** The list is written behind the last set, in order and without repeats; if no set equals it, it stays there as the next one. */
  #setOf(codes: Uint32Array, from: number, to: number): number {
    const start = this.#offsets[this.#sets] as number;
    this.#reserve(start + to - from);
    const tags = this.#tags;
    const remap = this.#remap;
    let end = start;
    for (let i = from; i < to; i++) {
      const code = codes[i] as number;
      const tag = remap === null ? code : (remap[code] as number) - 1;
      if (tag < 0 || (end > start && tags[end - 1] === tag)) continue;
      tags[end++] = tag;
    }
    end = sortDistinct(tags, start, end);
    if (end === start) return 0;
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (tags[i] as number), 0x01000193);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let set = this.#slots[slot] as number; set !== 0; set = this.#slots[slot] as number) {
      if (this.#hashes[set - 1] === hash && this.#isSame(set - 1, start, end)) return set;
      slot = (slot + 1) & mask;
    }
    this.#hashes[this.#sets] = hash;
    this.#slots[slot] = ++this.#sets;
    this.#offsets[this.#sets] = end;
    return this.#sets;
  }

  #isSame(set: number, start: number, end: number): boolean {
    const from = this.#offsets[set] as number;
    if ((this.#offsets[set + 1] as number) - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) if (this.#tags[i] !== this.#tags[j]) return false;
    return true;
  }

  /** Room for one more set and for `tags` tags. */
  #reserve(tags: number): void {
    if (this.#tags.length < tags) this.#tags = grown(this.#tags, tags);
    if (this.#sets < this.#hashes.length) return;
    this.#hashes = grown(this.#hashes, this.#sets + 1);
    this.#offsets = grown(this.#offsets, this.#hashes.length + 1);
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let set = 1; set <= this.#sets; set++) {
      let slot = (this.#hashes[set - 1] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = set;
    }
  }

  #narrowed(rows: number): Codes {
    const width = this.#sets <= 0xff ? 1 : this.#sets <= 0xffff ? 2 : 4;
    if (this.#narrow.length < rows || this.#narrow.BYTES_PER_ELEMENT !== width)
      this.#narrow = codesFor(this.#sets, rows);
    const narrow = this.#narrow.subarray(0, rows) as Codes;
    narrow.set(this.#codes.subarray(0, rows));
    return narrow;
  }
}

/** Sorts `tags[start..end)` and drops repeats; its new end. Lists are short and mostly sorted already. */
function sortDistinct(tags: Uint32Array, start: number, end: number): number {
  let isRising = true;
  for (let i = start + 1; i < end; i++) if ((tags[i] as number) <= (tags[i - 1] as number)) isRising = false;
  if (isRising) return end;
  tags.subarray(start, end).sort();
  let kept = start + 1;
  for (let i = start + 1; i < end; i++) if (tags[i] !== tags[kept - 1]) tags[kept++] = tags[i] as number;
  return kept;
}

function grown(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(length, words.length * 2));
  larger.set(words);
  return larger;
}
