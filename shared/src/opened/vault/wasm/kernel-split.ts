/** Identities cut by a kernel, some thousand at a time: they are copied into its memory and their parts out of it, while both are in the cache. */
import type { Bytes } from '../../../base/bytes.ts';
import type { TextDictionary } from '../../bundle/columns.ts';
import { narrowCodes } from '../../query/narrow-codes.ts';
import type { IdentitySplit } from '../../query/split-identities.ts';
import { beginPlainSplit } from '../../query/split-identities.ts';
import { placesFrom, slotsFor } from './places.ts';
import { createVaultKernel, LIST_WORDS } from './vault-kernel.ts';
import type { VaultKernel } from './vault-kernel.ts';

/** Entries at once. */
const CHUNK_ENTRIES = 4096;
/** Distinct domains that there is room for. A million findings have some thousand; a dictionary with more is left to the plain twin. */
const MOST_DOMAINS = 131_072;
/** The kernel copies eight bytes at a time. */
const SPARE_BYTES = 8;

/** `null` where there is no WebAssembly, or no room. */
export function beginKernelSplit(dictionary: TextDictionary, mostDomains = MOST_DOMAINS): IdentitySplit | null {
  const kernel = createVaultKernel();
  if (kernel === null) return null;
  const longest = longestChunk(dictionary.offsets);
  const place = placesFrom(kernel.run.heapBase());
  const places = {
    domains: place(LIST_WORDS * 4),
    heap: place(longest + SPARE_BYTES),
    offsets: place((CHUNK_ENTRIES + 1) * 4),
    locals: place(longest + SPARE_BYTES),
    ends: place(CHUNK_ENTRIES * 4),
    domainOf: place(CHUNK_ENTRIES * 4),
  };
  const slots = place(slotsFor(mostDomains) * 4);
  const [hashes, starts] = [place(mostDomains * 4), place(mostDomains * 4 + 4)];
  // Last, so that it grows.
  const words = place(0);
  if (!kernel.reserve(words)) return null;
  kernel.words.set([slots, hashes, starts, words], places.domains / 4);
  kernel.run.clearDomains(places.domains);
  return new KernelSplit(kernel, dictionary, places, mostDomains);
}

/** Bytes of the longest chunk. */
function longestChunk(offsets: Uint32Array): number {
  let longest = 0;
  for (let from = 0; from < offsets.length - 1; from += CHUNK_ENTRIES) {
    const to = Math.min(offsets.length - 1, from + CHUNK_ENTRIES);
    longest = Math.max(longest, (offsets[to] as number) - (offsets[from] as number));
  }
  return longest;
}

interface Places {
  readonly domains: number;
  readonly heap: number;
  readonly offsets: number;
  readonly locals: number;
  readonly ends: number;
  readonly domainOf: number;
}

class KernelSplit implements IdentitySplit {
  readonly #kernel: VaultKernel;
  readonly #dictionary: TextDictionary;
  readonly #places: Places;
  readonly #localOffsets: Uint32Array<ArrayBuffer>;
  readonly #localHeap: Bytes;
  readonly #domainOf: Uint32Array<ArrayBuffer>;
  readonly #mostDomains: number;
  #localBytes = 0;
  /** Once there is no room for the domains. */
  #plain: IdentitySplit | null = null;

  constructor(kernel: VaultKernel, dictionary: TextDictionary, places: Places, mostDomains: number) {
    this.#kernel = kernel;
    this.#dictionary = dictionary;
    this.#places = places;
    this.#mostDomains = mostDomains;
    this.#localOffsets = new Uint32Array(dictionary.offsets.length);
    this.#localHeap = new Uint8Array(dictionary.heap.length);
    this.#domainOf = new Uint32Array(dictionary.offsets.length - 1);
  }

  cut(first: number, last: number): void {
    for (let from = first; from < last && this.#plain === null; from += CHUNK_ENTRIES) {
      const to = Math.min(last, from + CHUNK_ENTRIES);
      if (this.#hasRoom(from, to)) this.#cutChunk(from, to);
      else {
        this.#plain = beginPlainSplit(this.#dictionary);
        this.#plain.cut(0, first);
      }
    }
    this.#plain?.cut(first, last);
  }

  /** Whether there is room for the domains of all entries, were they new. Each has its length before it, and is filled up to whole words. */
  #hasRoom(first: number, last: number): boolean {
    const { offsets } = this.#dictionary;
    const { size, words } = this.#kernel.listsAt(this.#places.domains);
    if (size + last - first > this.#mostDomains) return false;
    const used = this.#kernel.run.wordCount(this.#places.domains) * 4;
    const bytes = (offsets[last] as number) - (offsets[first] as number) + (last - first) * 8;
    return this.#kernel.reserve(words + used + bytes);
  }

  #cutChunk(first: number, last: number): void {
    const { offsets, heap } = this.#dictionary;
    const { run, bytes, words } = this.#kernel;
    const places = this.#places;
    const [from, to] = [offsets[first] as number, offsets[last] as number];
    const count = last - first;
    this.#kernel.put(places.heap, heap.subarray(from, to));
    this.#kernel.put(places.offsets, offsets.subarray(first, last + 1));
    // Where the text at offset 0 would begin, which may be below 0.
    const zero = (places.heap - from) | 0;
    const { domains, locals, ends, domainOf } = places;
    const length = run.cutTexts(domains, zero, places.offsets, count, locals, this.#localBytes, ends, domainOf);
    this.#localHeap.set(bytes.subarray(locals, locals + length), this.#localBytes);
    this.#localOffsets.set(words.subarray(ends / 4, ends / 4 + count), first + 1);
    this.#domainOf.set(words.subarray(domainOf / 4, domainOf / 4 + count), first);
    this.#localBytes += length;
  }

  finish() {
    if (this.#plain !== null) return this.#plain.finish();
    const identityDomain = this.#domains();
    const domain = narrowCodes(this.#domainOf, identityDomain.offsets.length - 1);
    const heap = this.#localHeap.subarray(0, this.#localBytes);
    return { identity: { local: { offsets: this.#localOffsets, heap }, domain }, identityDomain };
  }

  #domains(): TextDictionary {
    const { bytes, words } = this.#kernel;
    const { size, starts } = this.#kernel.listsAt(this.#places.domains);
    const offsets = new Uint32Array(size + 1);
    const at = words.subarray(starts / 4, starts / 4 + size);
    at.forEach((start, i) => (offsets[i + 1] = (offsets[i] as number) + (words[start / 4] as number)));
    const heap = new Uint8Array(offsets[size] as number);
    at.forEach((start, i) => heap.set(bytes.subarray(start + 4, start + 4 + (words[start / 4] as number)), offsets[i]));
    return { offsets, heap };
  }
}
