/** Counts of one field as they are shown: the same shape from every engine. */
import { pickLargest } from './pick-largest.ts';
import type { FacetCount } from './query.ts';

/** Query: at most this many values a field. */
const MAX_VALUES = 50;

/** Values as a dictionary or a vocabulary knows them. */
export interface CodedTexts {
  text(code: number): string;
  /** Negative: `a` first, in the order of text (text-order.ts). */
  compare(a: number, b: number): number;
}

/** The largest of `counts` (by code), equal ones in the order of text; none that is zero. */
export function facetList(counts: Uint32Array, texts: CodedTexts): readonly FacetCount[] {
  const codes = pickLargest(counts, MAX_VALUES, (a, b) => texts.compare(a, b));
  return codes.map((code) => ({ value: texts.text(code), count: counts[code] as number }));
}
