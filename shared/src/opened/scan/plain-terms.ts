/** Keywords, words and strings for the plain scanner. */
import { foldedWord, LOWER, standsAt, WORD } from './byte-classes.ts';
import { HashChains } from './hash-chains.ts';
import type { ScanPass } from './plain-pass.ts';
import { pushLine } from './plain-pass.ts';
import { stringAnchor } from './terms.ts';

const DASH = 0x2d;
const LONGEST_WORD = 4;

/**
 * Keywords, anywhere: four bytes at every few places against a filter that knows at which places of a keyword they stand, then as
 * many bytes as the shortest keyword has (at most 8) by hash, then the keywords that begin with them.
 */
export class KeywordPass implements ScanPass {
  readonly #keywords: readonly Uint8Array[];
  /** Bytes that all keywords have, at most 8. */
  readonly #headBytes: number;
  /** So far apart that each keyword's head holds four bytes at one of the places; at most 4. */
  readonly #stride: number;
  /** By hash of four bytes: bit n for a keyword that has them n bytes after its first. */
  readonly #filter = new Uint8Array(1 << 16);
  readonly #byHead: HashChains;

  constructor(keywords: readonly Uint8Array[]) {
    this.#keywords = keywords;
    this.#headBytes = keywords.reduce((least, { length }) => Math.min(least, length), 8);
    this.#stride = Math.min(4, this.#headBytes - 3);
    for (const keyword of keywords) {
      for (let offset = 0; offset < this.#stride; offset++) {
        const place = mix(foldedWord(keyword, offset));
        this.#filter[place] = (this.#filter[place] as number) | (1 << offset);
      }
    }
    this.#byHead = new HashChains(Int32Array.from(keywords, (keyword) => this.#hashHead(keyword, 0)));
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    const filter = this.#filter;
    const stride = this.#stride;
    for (let at = start; at + 4 <= end; at += stride) {
      const offsets = filter[mix(foldedWord(bytes, at))] as number;
      if (offsets === 0) continue;
      for (let offset = 0; offset < stride; offset++) {
        if ((offsets >>> offset) % 2 === 0 || at - offset < start || !this.#isKeywordAt(bytes, at - offset, end))
          continue;
        at = pushLine(bytes, at, start, end, newline, hits) - stride;
        break;
      }
    }
  }

  #isKeywordAt(bytes: Uint8Array, at: number, end: number): boolean {
    if (at + this.#headBytes > end) return false;
    const hash = this.#hashHead(bytes, at);
    for (let entry = this.#byHead.first(hash); entry >= 0; entry = this.#byHead.next(entry, hash)) {
      if (standsAt(bytes, at, end, this.#keywords[entry] as Uint8Array)) return true;
    }
    return false;
  }

  #hashHead(bytes: Uint8Array, at: number): number {
    return foldedWord(bytes, at) ^ Math.imul(foldedWord(bytes, at + this.#headBytes - 4), 0x85ebca6b);
  }
}

/** Words of 1 to 4 letters and digits, as whole runs. */
export class WordPass implements ScanPass {
  readonly #words: ReadonlySet<number>;

  constructor(words: readonly Uint8Array[]) {
    this.#words = new Set(words.map((word) => packed(word, 0, word.length)));
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    for (let at = start; at < end; at++) {
      if (WORD[bytes[at] as number] === 0) continue;
      const from = at;
      while (at < end && WORD[bytes[at] as number] === 1) at++;
      if (at - from > LONGEST_WORD || !this.#words.has(packed(bytes, from, at))) continue;
      at = pushLine(bytes, from, start, end, newline, hits) - 1;
    }
  }
}

/** Strings, anywhere: each is looked for at its first byte from 0x80, or else at its `--`. */
export class StringPass implements ScanPass {
  readonly #byAnchor = new Map<number, { readonly text: Uint8Array; readonly before: number }[]>();

  constructor(strings: readonly Uint8Array[]) {
    for (const text of strings) {
      const before = stringAnchor(text);
      const anchor = text[before] as number;
      this.#byAnchor.set(anchor, [...(this.#byAnchor.get(anchor) ?? []), { text, before }]);
    }
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte < 0x80 && (byte !== DASH || bytes[at + 1] !== DASH)) continue;
      const strings = this.#byAnchor.get(byte) ?? [];
      if (!strings.some(({ text, before }) => at - before >= start && standsAt(bytes, at - before, end, text)))
        continue;
      at = pushLine(bytes, at, start, end, newline, hits) - 1;
    }
  }
}

function packed(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = (value << 8) | (LOWER[bytes[at] as number] as number);
  return value;
}

/** Knuth's multiplicative hash; its high bits are the good ones. */
function mix(window: number): number {
  return Math.imul(window, 0x9e3779b1) >>> 16;
}
