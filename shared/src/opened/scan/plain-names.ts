/**
 * Names for the plain scanner: runs of host bytes that hold a dot are filtered by a hash of their last bytes, then every suffix at a
 * label border is compared exactly, from right to left.
 */
import { foldedWord, HOST, LOWER, standsAt } from './byte-classes.ts';
import { HashBits } from './hash-bits.ts';
import { HashChains } from './hash-chains.ts';
import type { ScanPass } from './plain-pass.ts';
import { pushLine } from './plain-pass.ts';
import type { ScanName } from './terms.ts';

const DOT = 0x2e;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
/** RFC 1035, section 2.3.4: a name has at most 253 characters of text. Longer runs are compared by their end only. */
const LONGEST_NAME = 253;
const LONGEST_ESCAPE = 5;

export class NamePass implements ScanPass {
  readonly #names: readonly ScanName[];
  readonly #byHash: HashChains;
  /** By the last 8 bytes; of shorter names by the last 4. */
  readonly #tails: HashBits;
  readonly #shortTails = new HashBits(1 << 12);
  readonly #wholes: HashBits;
  readonly #shortest: number;
  readonly #longest: number;
  readonly #hasExcluded: boolean;

  constructor(names: readonly ScanName[]) {
    this.#tails = new HashBits(names.length);
    this.#wholes = new HashBits(names.length);
    for (const { bytes } of names) {
      if (bytes.length >= 8) this.#tails.add(tail8(bytes, bytes.length));
      else if (bytes.length >= 4) this.#shortTails.add(foldedWord(bytes, bytes.length - 4));
      this.#wholes.add(hashName(bytes, 0, bytes.length));
    }
    this.#names = names;
    this.#byHash = new HashChains(Int32Array.from(names, ({ bytes }) => hashName(bytes, 0, bytes.length)));
    this.#shortest = names.reduce((least, { bytes }) => Math.min(least, bytes.length), LONGEST_NAME);
    this.#longest = names.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
    this.#hasExcluded = names.some(({ isHit }) => !isHit);
  }

  /** Only runs with a dot are looked at: from each dot to the end of its run, where the name's last bytes are. */
  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    for (let at = start; at < end; at++) {
      if (bytes[at] !== DOT) continue;
      do at++;
      while (at < end && HOST[bytes[at] as number] !== 0);
      let last = at;
      while (last > start && bytes[last - 1] === DOT) last--;
      if (this.#mayEnd(bytes, last, start) && this.#isWatched(bytes, start, last)) {
        at = pushLine(bytes, last - 1, start, end, newline, hits) - 1;
      }
    }
  }

  /** True if a watched name may end just before `last`. */
  #mayEnd(bytes: Uint8Array, last: number, start: number): boolean {
    const length = last - start;
    if (length >= 8 && this.#tails.has(tail8(bytes, last))) return true;
    if (this.#shortest >= 8) return false;
    // No registry has names of under 4 bytes: where one is given, every end is looked at.
    return this.#shortest < 4 ? length > 0 : length >= 4 && this.#shortTails.has(foldedWord(bytes, last - 4));
  }

  /** By the longest listed suffix of the run that ends before `end`; after an escape, by any. */
  #isWatched(bytes: Uint8Array, first: number, end: number): boolean {
    const limit = Math.max(first, end - Math.min(LONGEST_NAME, this.#longest + LONGEST_ESCAPE));
    let hasHit = false;
    let verdict = false;
    let hash = HASH_START;
    for (let at = end - 1; at >= limit; at--) {
      hash = Math.imul(hash ^ (HOST[bytes[at] as number] as number), HASH_FACTOR);
      const before = at === first ? 0 : (HOST[bytes[at - 1] as number] as number);
      if (before !== 0 && before !== DOT) continue;
      const name = this.#wholes.has(hash) ? this.#find(bytes, at, end, hash) : undefined;
      if (name !== undefined) {
        if (name.isHit && !this.#hasExcluded) return true;
        hasHit ||= name.isHit;
        verdict = name.isHit;
      }
      if (before !== 0) continue;
      const escape = at === first ? 0 : escapeLength(bytes, at);
      return escape === 0 ? verdict : hasHit || this.#isHit(bytes, at + escape, end);
    }
    return verdict;
  }

  #isHit(bytes: Uint8Array, at: number, end: number): boolean {
    return at < end && this.#find(bytes, at, end, hashName(bytes, at, end))?.isHit === true;
  }

  #find(bytes: Uint8Array, at: number, end: number, hash: number): ScanName | undefined {
    for (let entry = this.#byHash.first(hash); entry >= 0; entry = this.#byHash.next(entry, hash)) {
      const name = this.#names[entry] as ScanName;
      if (name.bytes.length === end - at && standsAt(bytes, at, end, name.bytes)) return name;
    }
    return undefined;
  }
}

/** How many bytes of the run at `from` belong to an escape that began before it: `%40`, `\u0040`, `\x40`, `\n`. */
function escapeLength(bytes: Uint8Array, from: number): number {
  if (bytes[from - 1] === PERCENT) return 2;
  if (bytes[from - 1] !== BACKSLASH) return 0;
  const kind = LOWER[bytes[from] as number];
  return kind === 0x75 ? LONGEST_ESCAPE : kind === 0x78 ? 3 : 1;
}

/** FNV-1a (Fowler, Noll, Vo), from the last byte to the first. */
const HASH_START = 0x811c9dc5 | 0;
const HASH_FACTOR = 0x01000193;

function hashName(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = end - 1; at >= start; at--) {
    hash = Math.imul(hash ^ (HOST[bytes[at] as number] as number), HASH_FACTOR);
  }
  return hash;
}

function tail8(bytes: Uint8Array, end: number): number {
  return foldedWord(bytes, end - 4) ^ Math.imul(foldedWord(bytes, end - 8), 0x85ebca6b);
}
