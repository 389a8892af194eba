/** Which engine scans for a watch list: WebAssembly where it runs, else plain TypeScript; forms of logins have a pass beside it. */
import type { WatchList } from '../match/watch.ts';
import { createKernelScanner } from './kernel-scanner.ts';
import { withPatterns } from './patterns.ts';
import { createPlainScanner } from './plain.ts';
import type { LineScanner } from './scanner.ts';
import { scanTerms } from './terms.ts';

/** A load has one list and many sources, and a kernel scanner megabytes of memory. */
const scanners = new WeakMap<WatchList, LineScanner>();

/** The scanner for `list`, compiled at its first use and kept as long as the list is. Cost: about 5 µs a term. */
export function scannerFor(list: WatchList): LineScanner {
  const known = scanners.get(list);
  if (known !== undefined) return known;
  const terms = scanTerms(list);
  const scanner = withPatterns(createKernelScanner(terms) ?? createPlainScanner(terms), list);
  scanners.set(list, scanner);
  return scanner;
}
