/** What is typed into the search box: words (all must hit), "phrases", -word, field:value. Never refuses; odd input is a word. */
import { foldText } from './fold.ts';

export const SEARCH_FIELDS = [
  'identity',
  'host',
  'domain',
  'application',
  'machine',
  'source',
  'family',
  'tag',
  'owner',
  'level',
  'state',
  'exposure',
  'class',
  'path',
] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

/** Other names for fields that people type. */
const ALIASES: Readonly<Record<string, SearchField>> = {
  login: 'identity',
  account: 'identity',
  user: 'identity',
  email: 'identity',
  url: 'host',
  app: 'application',
  pc: 'machine',
  status: 'state',
  sourceclass: 'class',
};

/** `text` is folded and never empty. */
export interface SearchTerm {
  readonly field: SearchField | null;
  readonly text: string;
  readonly isNegated: boolean;
}

/** More terms than this are ignored: nobody types them. */
const MAX_TERMS = 16;
const MAX_TEXT_LENGTH = 1000;

/** Reads the box. An unknown field (`https://…`) is part of the word; an open quote ends with the text. */
export function parseSearch(typed: string): readonly SearchTerm[] {
  const text = typed.slice(0, MAX_TEXT_LENGTH);
  const terms: SearchTerm[] = [];
  let at = 0;
  while (at < text.length && terms.length < MAX_TERMS) {
    if (/\s/u.test(text.charAt(at))) {
      at++;
      continue;
    }
    const isNegated = text[at] === '-' && at + 1 < text.length && !/\s/u.test(text.charAt(at + 1));
    if (isNegated) at++;
    const field = fieldAt(text, at);
    if (field) at = field.end;
    const isQuoted = text[at] === '"';
    const start = isQuoted ? at + 1 : at;
    const end = isQuoted
      ? indexOrEnd(text.indexOf('"', start), text)
      : indexOrEnd(text.slice(start).search(/\s/u), text, start);
    at = isQuoted ? end + 1 : end;
    const folded = foldText(text.slice(start, end)).trim();
    if (folded !== '') terms.push({ field: field?.name ?? null, text: folded, isNegated });
  }
  return terms;
}

function fieldAt(text: string, at: number): { readonly name: SearchField; readonly end: number } | null {
  const colon = text.indexOf(':', at);
  if (colon < 0 || colon - at > 16 || colon === at) return null;
  const word = text.slice(at, colon).toLowerCase();
  const known =
    SEARCH_FIELDS.find((field) => field === word) ?? (Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined);
  return known === undefined ? null : { name: known, end: colon + 1 };
}

function indexOrEnd(index: number, text: string, base = 0): number {
  return index < 0 ? text.length : base + index;
}
