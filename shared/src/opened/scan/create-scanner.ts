/** Which engine scans: WebAssembly where it runs, else plain TypeScript. */
import { createKernelScanner } from './kernel-scanner.ts';
import { createPlainScanner } from './plain.ts';
import type { LineScanner } from './scanner.ts';
import type { ScanTerms } from './terms.ts';

/** Compiles `terms` once for a whole load. */
export function createScanner(terms: ScanTerms): LineScanner {
  return createKernelScanner(terms) ?? createPlainScanner(terms);
}
