/**
 * The plain scanner: finds lines with a watch term in raw bytes, without splitting or decoding them. Host-like runs that hold a
 * dot are filtered by a hash of their last bytes, then compared exactly from right to left at label borders. The oracle for
 * faster engines: it has no false hit and no miss against the rules in `terms.ts`.
 */
import type { ScanTerms } from './terms.ts';
import type { LineScanner } from './scanner.ts';

const DOT = 0x2e;
const PERCENT = 0x25;
/** RFC 1035, section 2.3.4: a name has at most 253 characters of text. Longer runs are compared by their end only. */
const LONGEST_NAME = 253;

/** Lower-case value of a host byte (letters, digits, `.`, `-`, `_`, anything from 0x80), 0 for all else. */
const HOST = new Uint8Array(256);
/** ASCII lower case of any byte. */
const LOWER = new Uint8Array(256);
/** 1 for letters, digits and anything from 0x80. */
const WORD = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
  const isWord = (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte >= 0x80;
  LOWER[byte] = lower;
  WORD[byte] = isWord ? 1 : 0;
  HOST[byte] = isWord || byte === DOT || byte === 0x2d || byte === 0x5f ? lower : 0;
}

/** Compiles `terms` once for a whole load. Memory: about 2 bytes per term and filter bit, at most 2 MiB, plus the terms. */
export function createPlainScanner(terms: ScanTerms): LineScanner {
  const domains = terms.domains.length > 0 ? new DomainTable(terms.domains) : null;
  const keywords = terms.keywords.length + terms.words.length > 0 ? new KeywordTable(terms) : null;
  return {
    scan(bytes, start, end, newline, hits) {
      if (domains === null && keywords === null) return;
      if (keywords === null) {
        domains?.scan(bytes, start, end, newline, hits);
        return;
      }
      if (domains === null) {
        keywords.scan(bytes, start, end, newline, hits);
        return;
      }
      const byDomain: number[] = [];
      const byKeyword: number[] = [];
      domains.scan(bytes, start, end, newline, byDomain);
      keywords.scan(bytes, start, end, newline, byKeyword);
      mergeHits(byDomain, byKeyword, hits);
    },
  };
}

class DomainTable {
  readonly #names: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly #filter: Uint8Array;
  readonly #shift: number;
  /** Names of under 8 bytes, by their last 4. */
  readonly #shortFilter = new Uint8Array(1 << 16);
  readonly #hasShort: boolean;
  /** A name of under 4 bytes (no real one is): the filters cannot hold it, so every run is compared. */
  readonly #hasTiny: boolean;

  constructor(names: readonly Uint8Array[]) {
    const bits = Math.min(21, Math.max(16, Math.ceil(Math.log2(names.length * 16))));
    this.#filter = new Uint8Array(1 << bits);
    this.#shift = 32 - bits;
    let hasShort = false;
    const byHash = new Map<number, Uint8Array[]>();
    for (const name of names) {
      const end = name.length;
      if (end >= 8) this.#filter[hash8(name, end) >>> this.#shift] = 1;
      else {
        hasShort = true;
        if (end >= 4) this.#shortFilter[mix(last4(name, end))] = 1;
      }
      const hash = hashName(name);
      byHash.set(hash, [...(byHash.get(hash) ?? []), name]);
    }
    this.#names = byHash;
    this.#hasShort = hasShort;
    this.#hasTiny = names.some((name) => name.length < 4);
  }

  /** Only runs with a dot are looked at: from each dot to the end of its run, where the name's last bytes are. */
  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    for (let at = start; at < end; at++) {
      if (bytes[at] !== DOT) continue;
      do at++;
      while (at < end && HOST[bytes[at] as number] !== 0);
      let last = at;
      while (last > start && bytes[last - 1] === DOT) last--;
      if (!this.#mayEnd(bytes, last, start) || !this.#isWatched(bytes, start, last)) continue;
      const to = bytes.indexOf(newline, at);
      const lineEnd = to < 0 || to >= end ? end : to + 1;
      hits.push(Math.max(bytes.lastIndexOf(newline, last - 1) + 1, start), lineEnd);
      at = lineEnd - 1;
    }
  }

  /** True if a watched name may end just before `last`. */
  #mayEnd(bytes: Uint8Array, last: number, start: number): boolean {
    const length = last - start;
    if (length >= 8 && this.#filter[hash8(bytes, last) >>> this.#shift] === 1) return true;
    return (length >= 4 && this.#hasShort && this.#shortFilter[mix(last4(bytes, last))] === 1) || this.#hasTiny;
  }

  /** Compares every suffix of the run that begins at a label border, or just after a percent escape (`%40moe.example`). */
  #isWatched(bytes: Uint8Array, first: number, end: number): boolean {
    let runStart = end;
    while (runStart > first && end - runStart <= LONGEST_NAME && HOST[bytes[runStart - 1] as number] !== 0) runStart--;
    const escapeEnd = runStart > first && bytes[runStart - 1] === PERCENT ? runStart + 2 : -1;
    let hash = 0x811c9dc5 | 0;
    for (let at = end - 1; at >= runStart; at--) {
      hash = Math.imul(hash ^ (LOWER[bytes[at] as number] as number), 0x01000193);
      if (at !== runStart && at !== escapeEnd && bytes[at - 1] !== DOT) continue;
      const names = this.#names.get(hash);
      if (names !== undefined && names.some((name) => equalsLower(bytes, at, end, name))) return true;
    }
    return false;
  }
}

class KeywordTable {
  readonly #filter = new Uint8Array(1 << 16);
  readonly #byFirst4 = new Map<number, Uint8Array[]>();
  readonly #words = new Set<string>();

  constructor(terms: ScanTerms) {
    for (const keyword of terms.keywords) {
      const first = last4(keyword, 4);
      this.#filter[mix(first)] = 1;
      this.#byFirst4.set(first, [...(this.#byFirst4.get(first) ?? []), keyword]);
    }
    for (const word of terms.words) this.#words.add(String.fromCharCode(...word));
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    const filter = this.#filter;
    const hasWords = this.#words.size > 0;
    let packed = 0;
    let wordStart = -1;
    for (let at = start; at <= end; at++) {
      const byte = at < end ? (bytes[at] as number) : newline;
      packed = (packed << 8) | (LOWER[byte] as number);
      let isHit = at - start >= 3 && filter[mix(packed)] === 1 && this.#hasKeyword(bytes, at - 3, end, packed);
      if (hasWords) {
        if (WORD[byte] === 1) {
          if (wordStart < 0) wordStart = at;
        } else {
          isHit ||= wordStart >= 0 && at - wordStart < 5 && this.#words.has(lowerText(bytes, wordStart, at));
          wordStart = -1;
        }
      }
      if (!isHit) continue;
      const lineStart = at === start ? start : bytes.lastIndexOf(newline, at - 1) + 1;
      const to = bytes.indexOf(newline, at);
      const lineEnd = to < 0 || to >= end ? end : to + 1;
      hits.push(Math.max(lineStart, start), lineEnd);
      at = lineEnd - 1;
      packed = 0;
      wordStart = -1;
    }
  }

  #hasKeyword(bytes: Uint8Array, at: number, end: number, packed: number): boolean {
    const keywords = this.#byFirst4.get(packed);
    return (
      keywords !== undefined &&
      keywords.some((keyword) => at + keyword.length <= end && equalsLower(bytes, at, at + keyword.length, keyword))
    );
  }
}

function mergeHits(a: readonly number[], b: readonly number[], into: number[]): void {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = i < a.length ? (a[i] as number) : Infinity;
    const y = j < b.length ? (b[j] as number) : Infinity;
    if (x <= y) into.push(x, a[i + 1] as number);
    else into.push(y, b[j + 1] as number);
    if (x <= y) i += 2;
    if (y <= x) j += 2;
  }
}

function equalsLower(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (LOWER[bytes[start + i] as number] !== name[i]) return false;
  return true;
}

function lowerText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(LOWER[bytes[at] as number] as number);
  return text;
}

/** FNV-1a from the last byte to the first. */
function hashName(name: Uint8Array): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = name.length - 1; at >= 0; at--) {
    hash = Math.imul(hash ^ (name[at] as number), 0x01000193);
  }
  return hash;
}

function pack4(bytes: Uint8Array, end: number): number {
  return (
    ((LOWER[bytes[end - 4] as number] as number) << 24) |
    ((LOWER[bytes[end - 3] as number] as number) << 16) |
    ((LOWER[bytes[end - 2] as number] as number) << 8) |
    (LOWER[bytes[end - 1] as number] as number)
  );
}

/** Knuth's multiplicative hash; its high bits are the good ones. */
function hash8(bytes: Uint8Array, end: number): number {
  return Math.imul(pack4(bytes, end) ^ Math.imul(pack4(bytes, end - 4), 0x85ebca6b), 0x9e3779b1);
}

function mix(packed: number): number {
  return Math.imul(packed, 0x9e3779b1) >>> 16;
}

/** The last 4 bytes before `end`, packed; a name with a dot and a top level has no fewer. */
function last4(bytes: Uint8Array, end: number): number {
  return end >= 4 ? pack4(bytes, end) : 0;
}
