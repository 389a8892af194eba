/** What to suggest for the term that is being typed, and in which order: the same from every engine. */
import { foldText } from './fold.ts';
import type { Suggestion } from './query.ts';
import { typedTerms } from './search-syntax.ts';
import { compareTexts } from './text-order.ts';

const SUGGESTED_FIELDS = [
  'identity',
  'host',
  'domain',
  'source',
  'family',
  'tag',
  'machine',
  'application',
  'owner',
] as const satisfies readonly Suggestion['field'][];

/** Which fields to look in, and for which folded text; '' finds all values of a field. */
export interface SuggestionRequest {
  readonly fields: readonly Suggestion['field'][];
  readonly needle: string;
}

/** What the last term of `typed` asks for; `null` if it is none that values can complete (ended, a vocabulary's word, a date). */
export function suggestionRequest(typed: string): SuggestionRequest | null {
  const last = typedTerms(typed).at(-1);
  // A term that ended does not reach the end: a space or its closing quote follows.
  if (last?.end !== typed.length || !typed.endsWith(last.raw)) return null;
  const needle = foldText(last.raw).trim();
  if (last.field === null) return needle === '' ? null : { fields: SUGGESTED_FIELDS, needle };
  const field = SUGGESTED_FIELDS.find((one) => one === last.field);
  return field === undefined ? null : { fields: [field], needle };
}

/** A value that contains the needle; one that does not begin with it comes after all that do. */
export interface Candidate extends Suggestion {
  readonly isPrefix: boolean;
}

/** The first `limit` of the first candidates of each field. `pickLargest` by count, prefixes apart, finds those. */
export function rankSuggestions(candidates: readonly Candidate[], limit: number): readonly Suggestion[] {
  return candidates
    .toSorted(
      (a, b) =>
        Number(b.isPrefix) - Number(a.isPrefix) ||
        b.count - a.count ||
        SUGGESTED_FIELDS.indexOf(a.field) - SUGGESTED_FIELDS.indexOf(b.field) ||
        compareTexts(a.value, b.value),
    )
    .slice(0, limit)
    .map(({ field, value, count }) => ({ field, value, count }));
}
