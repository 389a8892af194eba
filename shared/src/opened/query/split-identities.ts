/** Identities cut into local part and domain: a domain that a hundred thousand accounts share is held and searched once. */
import type { Bytes } from '../../base/bytes.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import type { HotDictionaries } from './hot-columns.ts';
import { narrowCodes } from './narrow-codes.ts';
import type { WithoutEmpty } from './without-empty.ts';
import { withoutEmpty } from './without-empty.ts';

const AT = 0x40;
/** Entries of one step: some milliseconds. */
const STEP_ENTRIES = 32_768;

/** Identities of a bundle as the engine has them. */
export interface HotIdentities extends WithoutEmpty, Pick<HotDictionaries, 'identity' | 'identityDomain'> {
  /** What they were made of. */
  readonly of: TextDictionary;
}

/** Cuts the entries of a dictionary in order, some at a time. */
export interface IdentitySplit {
  /** Entries `first`..`last`. */
  cut(first: number, last: number): void;
  /** Once all were cut. */
  finish(): Pick<HotDictionaries, 'identity' | 'identityDomain'>;
}

/** All of `splitSteps` at once. */
export function hotIdentities(of: TextDictionary): HotIdentities {
  const steps = splitSteps(of);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * Cuts each entry of `of` at the last '@' that has something on both sides, in steps of some milliseconds. Cost: one pass over the
 * heap, about 160 ns an entry; local parts are copied, `of` is left as it is. `begin` makes what cuts a dictionary without ''.
 */
export function* splitSteps(
  of: TextDictionary,
  begin: (dictionary: TextDictionary) => IdentitySplit = beginPlainSplit,
): Generator<void, HotIdentities, undefined> {
  const { dictionary, remap } = withoutEmpty(of);
  yield;
  const split = begin(dictionary);
  const entries = dictionary.offsets.length - 1;
  for (let from = 0; from < entries; from += STEP_ENTRIES) {
    split.cut(from, Math.min(entries, from + STEP_ENTRIES));
    yield;
  }
  return { of, dictionary, remap, ...split.finish() };
}

export function beginPlainSplit(dictionary: TextDictionary): IdentitySplit {
  return new PlainSplit(dictionary);
}

class PlainSplit implements IdentitySplit {
  readonly #entries: number;
  readonly #dictionary: TextDictionary;
  readonly #domains: DomainTable;
  readonly #localOffsets: Uint32Array<ArrayBuffer>;
  readonly #localHeap: Bytes;
  readonly #domainOf: Uint32Array<ArrayBuffer>;

  constructor(dictionary: TextDictionary) {
    this.#entries = dictionary.offsets.length - 1;
    this.#dictionary = dictionary;
    this.#domains = new DomainTable(dictionary.heap);
    this.#localOffsets = new Uint32Array(this.#entries + 1);
    this.#localHeap = new Uint8Array(dictionary.heap.length);
    this.#domainOf = new Uint32Array(this.#entries);
  }

  cut(first: number, last: number): void {
    const { offsets, heap } = this.#dictionary;
    const [localOffsets, localHeap, domainOf, domains] = [
      this.#localOffsets,
      this.#localHeap,
      this.#domainOf,
      this.#domains,
    ];
    let length = localOffsets[first] as number;
    for (let i = first; i < last; i++) {
      const from = offsets[i] as number;
      const to = offsets[i + 1] as number;
      let hash = FNV_START;
      let at = to - 1;
      // The last byte cannot be the cut, the first neither.
      if (at > from) hash = Math.imul(hash ^ (heap[at--] as number), FNV_PRIME);
      for (; at > from; at--) {
        const byte = heap[at] as number;
        if (byte === AT) break;
        hash = Math.imul(hash ^ byte, FNV_PRIME);
      }
      const end = at > from ? at : to;
      if (end !== to) domainOf[i] = domains.intern(hash >>> 0, at + 1, to);
      for (let j = from; j < end; j++) localHeap[length++] = heap[j] as number;
      localOffsets[i + 1] = length;
    }
  }

  finish(): Pick<HotDictionaries, 'identity' | 'identityDomain'> {
    const identityDomain = this.#domains.finish();
    const domain = narrowCodes(this.#domainOf, identityDomain.offsets.length - 1);
    const offsets = this.#localOffsets;
    const heap = this.#localHeap.subarray(0, offsets[this.#entries]);
    return { identity: { local: { offsets, heap }, domain }, identityDomain };
  }
}

/** Distinct domains as places in the heap they stand in: open addressing by a hash of their bytes (FNV-1a, last byte first). */
class DomainTable {
  readonly #heap: Bytes;
  #slots = new Uint32Array(1024);
  #hashes = new Uint32Array(512);
  #starts = new Uint32Array(512);
  #ends = new Uint32Array(512);
  #size = 0;

  constructor(heap: Bytes) {
    this.#heap = heap;
  }

  /** Code (from 1) of `heap[from..to)`. */
  intern(hash: number, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    for (let code = this.#slots[slot] as number; code !== 0; code = this.#slots[slot] as number) {
      if (this.#hashes[code - 1] === hash && this.#isSame(code - 1, from, to)) return code;
      slot = (slot + 1) & mask;
    }
    if (this.#size === this.#hashes.length) {
      this.#grow();
      return this.intern(hash, from, to);
    }
    this.#hashes[this.#size] = hash;
    this.#starts[this.#size] = from;
    this.#ends[this.#size] = to;
    return (this.#slots[slot] = ++this.#size);
  }

  finish(): TextDictionary {
    const offsets = new Uint32Array(this.#size + 1);
    for (let i = 0; i < this.#size; i++) {
      offsets[i + 1] = (offsets[i] as number) + (this.#ends[i] as number) - (this.#starts[i] as number);
    }
    const heap = new Uint8Array(offsets[this.#size] as number);
    for (let i = 0; i < this.#size; i++) {
      heap.set(this.#heap.subarray(this.#starts[i], this.#ends[i]), offsets[i]);
    }
    return { offsets, heap };
  }

  #isSame(entry: number, from: number, to: number): boolean {
    const start = this.#starts[entry] as number;
    if ((this.#ends[entry] as number) - start !== to - from) return false;
    const heap = this.#heap;
    for (let i = from, j = start; i < to; i++, j++) if (heap[i] !== heap[j]) return false;
    return true;
  }

  #grow(): void {
    const grow = (words: Uint32Array<ArrayBuffer>) => {
      const grown = new Uint32Array(words.length * 2);
      grown.set(words);
      return grown;
    };
    [this.#hashes, this.#starts, this.#ends] = [grow(this.#hashes), grow(this.#starts), grow(this.#ends)];
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let code = 1; code <= this.#size; code++) {
      let slot = spread(this.#hashes[code - 1] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = code;
    }
  }
}

/** FNV-1a (draft-eastlake-fnv). */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function spread(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) >>> 0;
}
