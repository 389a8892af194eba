/**
 * Keywords of all organisations compiled to one look-up: words of 5 bytes or more hit anywhere in their scope, shorter ones only
 * as a whole host label or login token (INGEST). No regular expression is ever made from a keyword.
 */
import type { DomainName } from '../../base/domain-name.ts';
import { domainToUnicode } from '../../base/domain-name.ts';
import { utf8 } from '../../base/bytes.ts';
import type { KeywordScope, WatchList } from './watch.ts';

export interface KeywordHit {
  readonly organisation: number;
  /** The keyword as the watch list has it. */
  readonly rule: string;
  readonly label: 'host' | 'login' | 'application';
}

/** The texts of one record, as found or in normal form: folding happens here. */
export interface KeywordTexts {
  readonly host: string;
  readonly login: string;
  readonly application: string;
}

interface Keyword {
  readonly organisation: number;
  readonly rule: string;
  readonly folded: string;
  readonly scope: KeywordScope;
}

/** INGEST: keywords of at least this many bytes may stand inside a word. */
const MIN_INSIDE_BYTES = 5;

/** Compiled keywords of a watch list. */
export class KeywordIndex {
  /** By the first four UTF-16 units in two steps (of shorter words: two), so that one pass tries few keywords at each place. */
  readonly #insideByStart = new Map<number, { readonly short: Keyword[]; readonly byNext: Map<number, Keyword[]> }>();
  readonly #wholeByWord = new Map<string, Keyword[]>();

  constructor(list: WatchList) {
    list.organisations.forEach(({ keywords }, organisation) => {
      for (const { term, scope } of keywords) {
        const folded = fold(term.trim());
        if (folded === '') continue;
        const keyword = { organisation, rule: term, folded, scope };
        if (isFoundInside(folded)) this.#addInside(keyword);
        else push(this.#wholeByWord, folded, keyword);
      }
    });
  }

  /** First hit of each organisation. */
  find(texts: KeywordTexts): readonly KeywordHit[] {
    if (this.#insideByStart.size === 0 && this.#wholeByWord.size === 0) return [];
    const hits = new Map<number, KeywordHit>();
    const hostForms = [texts.host];
    if (texts.host.includes('xn--')) hostForms.push(fold(domainToUnicode(texts.host as DomainName)));
    for (const host of hostForms) this.#scan(host, 'host', host.split('.'), hits);
    const login = fold(texts.login);
    this.#scan(login, 'login', login.split(/[^\p{L}\p{N}\p{M}]+/u), hits);
    this.#scan(fold(texts.application), 'application', [], hits);
    return [...hits.values()];
  }

  #addInside(keyword: Keyword): void {
    const key = startOf(keyword.folded, 0);
    const start = this.#insideByStart.get(key) ?? { short: [], byNext: new Map<number, Keyword[]>() };
    this.#insideByStart.set(key, start);
    if (keyword.folded.length < 4) start.short.push(keyword);
    else push(start.byNext, startOf(keyword.folded, 2), keyword);
  }

  #scan(text: string, label: KeywordHit['label'], words: readonly string[], hits: Map<number, KeywordHit>): void {
    if (this.#insideByStart.size > 0) {
      for (let at = 0; at + 1 < text.length; at++) {
        const start = this.#insideByStart.get(startOf(text, at));
        if (start === undefined) continue;
        for (const keyword of start.short) if (text.startsWith(keyword.folded, at)) note(keyword, label, hits);
        if (start.byNext.size === 0 || at + 3 >= text.length) continue;
        for (const keyword of start.byNext.get(startOf(text, at + 2)) ?? [])
          if (text.startsWith(keyword.folded, at)) note(keyword, label, hits);
      }
    }
    for (const word of words) for (const keyword of this.#wholeByWord.get(word) ?? []) note(keyword, label, hits);
  }
}

/** True if a folded keyword may stand inside a word; a shorter one must be a whole label or login token. */
export function isFoundInside(folded: string): boolean {
  return folded.length >= 2 && utf8(folded).length >= MIN_INSIDE_BYTES;
}

/** Case and composition do not tell two spellings apart. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function startOf(text: string, at: number): number {
  return text.charCodeAt(at) * 0x10000 + text.charCodeAt(at + 1);
}

function push<K>(map: Map<K, Keyword[]>, key: K, keyword: Keyword): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [keyword]);
  else list.push(keyword);
}

function note(keyword: Keyword, label: KeywordHit['label'], hits: Map<number, KeywordHit>): void {
  if (keyword.scope !== 'anywhere' && keyword.scope !== label) return;
  if (!hits.has(keyword.organisation))
    hits.set(keyword.organisation, { organisation: keyword.organisation, rule: keyword.rule, label });
}
