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

/** Other names for fields that people type, in both languages of the interface. */
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
  บัญชี: 'identity',
  เว็บไซต์: 'host',
  โดเมน: 'domain',
  แอป: 'application',
  เครื่อง: 'machine',
  แหล่งที่มา: 'source',
  มัลแวร์: 'family',
  เครื่องหมาย: 'tag',
  ผู้รับผิดชอบ: 'owner',
  ระดับ: 'level',
  สถานะ: 'state',
  ประเภท: 'exposure',
  ชนิด: 'class',
  ระบบ: 'path',
};

/** `text` is folded and never empty. */
export interface SearchTerm {
  readonly field: SearchField | null;
  readonly text: string;
  readonly isNegated: boolean;
}

/** A term with its place in what was typed, for completing it. `raw` is as typed, without its quotes; it may be empty. */
export interface TypedTerm {
  readonly field: SearchField | null;
  readonly isNegated: boolean;
  readonly raw: string;
  /** Where the term begins, its `-` and field included. */
  readonly start: number;
  /** Behind its last character, a closing quote included. */
  readonly end: number;
}

/** More terms than this are ignored: nobody types them. */
const MAX_TERMS = 16;
const MAX_TEXT_LENGTH = 1000;

/** Reads the box. An unknown field (`https://…`) is part of the word; an open quote ends with the text. */
export function parseSearch(typed: string): readonly SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const { field, raw, isNegated } of typedTerms(typed)) {
    const text = foldText(raw).trim();
    if (text !== '' && terms.length < MAX_TERMS) terms.push({ field, text, isNegated });
  }
  return terms;
}

/** The same reading, term by term in the order typed. */
export function typedTerms(typed: string): readonly TypedTerm[] {
  const text = typed.slice(0, MAX_TEXT_LENGTH);
  const terms: TypedTerm[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text.charAt(at))) {
      at++;
      continue;
    }
    const start = at;
    const isNegated = text[at] === '-' && at + 1 < text.length && !/\s/u.test(text.charAt(at + 1));
    if (isNegated) at++;
    const field = fieldAt(text, at);
    if (field) at = field.end;
    const isQuoted = text[at] === '"';
    const from = isQuoted ? at + 1 : at;
    const to = isQuoted
      ? indexOrEnd(text.indexOf('"', from), text)
      : indexOrEnd(text.slice(from).search(/\s/u), text, from);
    at = isQuoted ? Math.min(to + 1, text.length) : to;
    terms.push({ field: field?.name ?? null, isNegated, raw: text.slice(from, to), start, end: at });
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
