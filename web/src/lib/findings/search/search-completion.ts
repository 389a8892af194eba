/** Puts a suggested value in the place of the term that is being typed, quoted where the search box needs it. */
import { QUOTE, typedTerms } from '@sealpost/shared/opened/query/search-syntax';
import type { TypedTerm } from '@sealpost/shared/opened/query/search-syntax';
import { hasHidden, markHidden } from '#lib/text/hidden-characters.ts';

/** The term that the caret stands in or right behind; an empty one where it stands by itself. */
export function termAt(text: string, caret: number): TypedTerm {
  const found = typedTerms(text).find(({ start, end }) => start < caret && caret <= end);
  const isInside = found && !(caret === found.end && isClosed(text, found));
  return isInside ? found : { field: null, isNegated: false, raw: '', start: caret, end: caret };
}

/** A quoted term that has its second quote: whoever types on begins another. */
function isClosed(text: string, { start, end }: TypedTerm): boolean {
  const quote = text.slice(start, end).search(QUOTE);
  return quote >= 0 && start + quote < end - 1 && QUOTE.test(text.charAt(end - 1));
}

export interface Completed {
  readonly text: string;
  readonly caret: number;
}

/** `name:value ` in the place of the term at the caret, which is behind it then. A `-` before the term stays. */
export function complete(text: string, caret: number, name: string, value: string): Completed {
  const term = termAt(text, caret);
  const written = `${term.isNegated ? '-' : ''}${name}:${quote(value)}`;
  const after = text.slice(term.end).trimStart();
  const before = `${text.slice(0, term.start)}${written} `;
  return { text: before + after, caret: before.length };
}

/** The text without the term at the caret. */
export function withoutTerm(text: string, caret: number): Completed {
  const term = termAt(text, caret);
  const before = text.slice(0, term.start);
  return { text: before + text.slice(term.end).trimStart(), caret: before.length };
}

/** As the search box reads it back. A phrase has no way to hold a quote: then its longest part without one is searched for. */
export function quote(value: string): string {
  const hasSpace = /\s/u.test(value);
  if (!QUOTE.test(value)) return hasSpace ? `"${value.replaceAll(/\s/gu, ' ')}"` : value;
  if (!hasSpace && !QUOTE.test(value.charAt(0))) return value;
  const parts = value.split(QUOTE).map((part) => part.trim());
  return quote(parts.sort((a, b) => b.length - a.length)[0] ?? '');
}

/** `false` for a value that would not show what it is in an input: with control or bidi characters, or an empty one. */
export function canBeTyped(value: string): boolean {
  return value !== '' && !hasHidden(value);
}

/** The longest part of a value that can be typed; '' if there is none. */
export function typablePart(value: string): string {
  const parts = markHidden(value).filter(({ hidden }) => !hidden);
  return parts.map(({ text }) => text.trim()).sort((a, b) => b.length - a.length)[0] ?? '';
}
