/**
 * The plain scanner, in TypeScript: what runs where WebAssembly does not, and the oracle for what does. No false hit and no miss
 * against the rules in `terms.ts`. Each kind of term has a pass of its own over the bytes.
 */
import { mergeLines } from './merge-lines.ts';
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
        found = found.length === 0 ? more : more.length === 0 ? found : mergeLines(found, more);
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
