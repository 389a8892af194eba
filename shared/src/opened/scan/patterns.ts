/**
 * Lines with a login of a watched form: beside any scanner of terms, since a form has no fixed bytes to look for. Every run of
 * letters, digits, `.`, `_` and `-` is a login to be tried, if its length and first byte allow. No miss against the exact match; extra
 * candidates are its to refuse.
 */
import type { LoginPattern } from '../match/login-pattern.ts';
import { PatternIndex } from '../match/patterns.ts';
import type { WatchList } from '../match/watch.ts';
import { mergeLines } from './merge-lines.ts';
import type { LineScanner } from './scanner.ts';

/** `terms` with the login patterns of `watch`; `terms` itself where there are none. */
export function withPatterns(terms: LineScanner, watch: WatchList): LineScanner {
  const { patterns } = new PatternIndex(watch);
  if (patterns.length === 0) return terms;
  const runs = new PatternRuns(patterns);
  return {
    scan(bytes, start, end, newline, hits) {
      const byTerm: number[] = [];
      const byPattern: number[] = [];
      const newlines = terms.scan(bytes, start, end, newline, byTerm);
      runs.scan(bytes, start, end, newline, byPattern);
      for (const place of mergeLines(byTerm, byPattern)) hits.push(place);
      return newlines;
    },
  };
}

class PatternRuns {
  readonly #patterns: readonly LoginPattern[];
  readonly #minLength: number;
  readonly #maxLength: number;
  /** 1 for bytes of a run, 2 for those that a login may begin with. */
  readonly #kinds = new Uint8Array(256);

  constructor(patterns: readonly LoginPattern[]) {
    this.#patterns = patterns;
    this.#minLength = Math.min(...patterns.map(({ minLength }) => minLength));
    this.#maxLength = Math.max(...patterns.map(({ maxLength }) => maxLength));
    for (let byte = 0; byte < 128; byte++) {
      if (!/[A-Za-z0-9._-]/.test(String.fromCharCode(byte))) continue;
      this.#kinds[byte] = patterns.some((pattern) => pattern.mayStart(byte)) ? 2 : 1;
    }
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void {
    const kinds = this.#kinds;
    for (let at = start; at < end; at++) {
      if (kinds[bytes[at] as number] === 0) continue;
      const from = at;
      do at++;
      while (at < end && kinds[bytes[at] as number] !== 0);
      if (!this.#isLogin(bytes, from, at)) continue;
      const to = bytes.indexOf(newline, at);
      const lineEnd = to < 0 || to >= end ? end : to + 1;
      hits.push(from === start ? start : Math.max(bytes.lastIndexOf(newline, from - 1) + 1, start), lineEnd);
      at = lineEnd - 1;
    }
  }

  #isLogin(bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (length < this.#minLength || length > this.#maxLength || this.#kinds[bytes[from] as number] !== 2) return false;
    const text = String.fromCharCode(...bytes.subarray(from, to));
    return this.#patterns.some((pattern) => pattern.matches(text));
  }
}
