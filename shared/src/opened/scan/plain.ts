/**
 * The plain scanner, in TypeScript: what runs where WebAssembly does not, and the oracle for what does. No false hit and no miss
 * against the rules in `terms.ts`. Each kind of term has a pass of its own over the bytes.
 */
import { KeywordPass, StringPass, WordPass } from './plain-terms.ts';
import { NamePass } from './plain-names.ts';
import type { ScanPass } from './plain-pass.ts';
import type { LineScanner } from './scanner.ts';
import type { ScanTerms } from './terms.ts';

/** Compiles `terms` once for a whole load. Memory: about 2 bytes per term and filter bit, at most 2 MiB, plus the terms. */
export function createPlainScanner(terms: ScanTerms): LineScanner {
  const passes: ScanPass[] = [];
  if (terms.names.length > 0) passes.push(new NamePass(terms.names));
  if (terms.keywords.length > 0) passes.push(new KeywordPass(terms.keywords));
  if (terms.words.length > 0) passes.push(new WordPass(terms.words));
  if (terms.strings.length > 0) passes.push(new StringPass(terms.strings));
  return {
    scan(bytes, start, end, newline, hits) {
      let found: number[] = [];
      for (const pass of passes) {
        const more: number[] = [];
        pass.scan(bytes, start, end, newline, more);
        found = found.length === 0 ? more : more.length === 0 ? found : merge(found, more);
      }
      for (const place of found) hits.push(place);
      return countNewlines(bytes, start, end, newline);
    },
  };
}

function countNewlines(bytes: Uint8Array, start: number, end: number, newline: number): number {
  let count = 0;
  for (let at = bytes.indexOf(newline, start); at >= 0 && at < end; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

/** Both lists of lines in one, in order and each once. */
function merge(a: readonly number[], b: readonly number[]): number[] {
  const both: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = i < a.length ? (a[i] as number) : Infinity;
    const y = j < b.length ? (b[j] as number) : Infinity;
    if (x <= y) both.push(x, a[i + 1] as number);
    else both.push(y, b[j + 1] as number);
    if (x <= y) i += 2;
    if (y <= x) j += 2;
  }
  return both;
}
