/**
 * What is typed into the search box: words (all must hit), "phrases", -word, field:value. Never refuses; odd input is a word.
 * A word is found anywhere inside a text, so that Thai, which has no spaces, is never split.
 */
import { parseBase64url } from '../../base/base64url.ts';
import type { Ms } from '../../base/brand.ts';
import type { Bytes } from '../../base/bytes.ts';
import { foldText } from './fold.ts';
import type { Period } from './search-dates.ts';
import { periodOf } from './search-dates.ts';
import type { WordField } from './search-words.ts';
import { WORD_FIELDS, wordCodes } from './search-words.ts';

/** Fields that hold text. A word without a field is looked for in all of them but the owner. */
export const TEXT_FIELDS = [
  'identity',
  'host',
  'domain',
  'application',
  'machine',
  'source',
  'family',
  'tag',
  'owner',
] as const;
export type TextField = (typeof TEXT_FIELDS)[number];
export const PLAIN_FIELDS = TEXT_FIELDS.filter((field) => field !== 'owner');

/** By the captured date: in a period, from its beginning on, up to its end. */
const DATE_FIELDS = ['captured', 'since', 'until'] as const;
type DateField = (typeof DATE_FIELDS)[number];

export const SEARCH_FIELDS = [...TEXT_FIELDS, ...WORD_FIELDS, 'secret', ...DATE_FIELDS] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

/** Other names for fields that people type, in both languages of the interface. */
const ALIASES: Readonly<Record<string, SearchField>> = {
  login: 'identity',
  account: 'identity',
  user: 'identity',
  email: 'identity',
  url: 'host',
  site: 'host',
  app: 'application',
  pc: 'machine',
  computer: 'machine',
  alias: 'source',
  malware: 'family',
  mark: 'tag',
  status: 'state',
  sourceclass: 'class',
  kind: 'class',
  pathclass: 'path',
  fingerprint: 'secret',
  from: 'since',
  to: 'until',
  บัญชี: 'identity',
  เว็บไซต์: 'host',
  โดเมน: 'domain',
  แอป: 'application',
  เครื่อง: 'machine',
  แหล่งที่มา: 'source',
  มัลแวร์: 'family',
  ตระกูลมัลแวร์: 'family',
  เครื่องหมาย: 'tag',
  ผู้รับผิดชอบ: 'owner',
  ระดับ: 'level',
  สถานะ: 'state',
  ประเภท: 'exposure',
  ประเภทบัญชี: 'exposure',
  ชนิด: 'class',
  ชนิดของแหล่งที่มา: 'class',
  ระบบ: 'path',
  ระบบที่เข้าถึงได้: 'path',
  ลายพิมพ์: 'secret',
  วันที่รั่วไหล: 'captured',
  รั่วไหล: 'captured',
  ตั้งแต่: 'since',
  ถึง: 'until',
};

const FIELD_BY_NAME: ReadonlyMap<string, SearchField> = new Map([
  ...SEARCH_FIELDS.map((field) => [field, field] as const),
  ...Object.entries(ALIASES).map(([name, field]) => [foldText(name), field] as const),
]);
const LONGEST_NAME = Math.max(...[...FIELD_BY_NAME.keys()].map((name) => name.length));

/** One condition. All must hold; a negated one must not. */
export type SearchTerm = { readonly isNegated: boolean } & (
  | { readonly kind: 'text'; readonly field: TextField | null; /** Folded, never empty. */ readonly text: string }
  /** One of these of the field's vocabulary (finding.ts, triage.ts); none of them: nothing hits. */
  | { readonly kind: 'words'; readonly field: WordField; readonly codes: readonly number[] }
  /** 16 bytes; `null`: what was typed is none, so nothing hits. */
  | { readonly kind: 'secret'; readonly fingerprint: Bytes | null }
  /** The captured time is in [from, to); an unknown one never is. */
  | { readonly kind: 'captured'; readonly fromMs: Ms; readonly toMs: Ms }
);

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

/** Phones put curly quotes; keyboards for Thai and Chinese wide ones. Any closes any. */
export const QUOTE = /["“”„«»＂]/u;
const MINUS = /[-−－]/u;
const COLON = /[:：]/u;

/** Reads the box. An unknown field (`https://…`) is part of the word; an open quote ends with the text; `field:` alone says nothing yet. */
export function parseSearch(typed: string): readonly SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const term of typedTerms(typed)) {
    if (terms.length === MAX_TERMS) break;
    const read = readTerm(term, typed);
    if (read !== null) terms.push(read);
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
    const isNegated = MINUS.test(text.charAt(at)) && /\S/u.test(text.charAt(at + 1));
    if (isNegated) at++;
    const field = fieldAt(text, at);
    if (field) at = field.end;
    const isQuoted = QUOTE.test(text.charAt(at));
    const from = isQuoted ? at + 1 : at;
    const to = indexFrom(text, isQuoted ? QUOTE : /\s/u, from);
    at = isQuoted ? Math.min(to + 1, text.length) : to;
    terms.push({ field: field?.name ?? null, isNegated, raw: text.slice(from, to), start, end: at });
  }
  return terms;
}

/** `null` for a term that says nothing (yet). */
function readTerm({ field, raw, isNegated, start, end }: TypedTerm, typed: string): SearchTerm | null {
  const text = foldText(raw).trim();
  if (text === '') return null;
  if (field === null || isOneOf(TEXT_FIELDS, field)) return { kind: 'text', field, text, isNegated };
  if (isOneOf(WORD_FIELDS, field)) return { kind: 'words', field, codes: wordCodes(field, raw), isNegated };
  if (field === 'secret')
    return { kind: 'secret', fingerprint: parseBase64url(raw.normalize('NFKC').trim(), 16), isNegated };
  const period = periodOf(raw);
  if (period === 'incomplete') return null;
  if (period === null) {
    // Not a date: the whole of it is a word, as with a field that is none.
    return { kind: 'text', field: null, text: foldText(typed.slice(start + Number(isNegated), end)), isNegated };
  }
  return { kind: 'captured', ...boundsOf(field, period), isNegated };
}

function boundsOf(field: DateField, [fromMs, toMs]: Period): { readonly fromMs: Ms; readonly toMs: Ms } {
  switch (field) {
    case 'captured':
      return { fromMs, toMs };
    case 'since':
      return { fromMs, toMs: Number.POSITIVE_INFINITY };
    case 'until':
      return { fromMs: Number.NEGATIVE_INFINITY, toMs };
  }
}

function fieldAt(text: string, at: number): { readonly name: SearchField; readonly end: number } | null {
  const length = text.slice(at, at + LONGEST_NAME + 1).search(COLON);
  const name = length > 0 ? FIELD_BY_NAME.get(foldText(text.slice(at, at + length))) : undefined;
  return name === undefined ? null : { name, end: at + length + 1 };
}

/** Where `what` next stands in `text` from `from` on, else its end. */
function indexFrom(text: string, what: RegExp, from: number): number {
  const index = text.slice(from).search(what);
  return index < 0 ? text.length : from + index;
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}
