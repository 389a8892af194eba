/**
 * What the search box offers while somebody types: values out of the vault, words of the closed vocabularies as filters, and
 * what was searched for before. Recent searches live in memory only and go when the vault locks.
 */
import { createContext } from 'svelte';
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '@sealpost/shared/opened/finding/finding';
import { foldText } from '@sealpost/shared/opened/query/fold';
import type { FacetField, Suggestion } from '@sealpost/shared/opened/query/query';
import type { SearchField } from '@sealpost/shared/opened/query/search-syntax';
import { TRIAGE_STATES } from '@sealpost/shared/opened/triage/triage';
import type { Messages } from '#lib/messages/messages.svelte.ts';
import type { Vault } from '#lib/state/vault.svelte.ts';
import { termAt } from './search-completion.ts';

export type SearchOption =
  | { readonly kind: 'value'; readonly suggestion: Suggestion }
  | { readonly kind: 'filter'; readonly field: FacetField; readonly value: string; readonly name: string }
  | { readonly kind: 'recent'; readonly text: string };

const VALUES = 8;
const RECENT = 6;
/** A word of a vocabulary is offered from so many letters on. */
const FEW_LETTERS = 2;

const VOCABULARIES: readonly {
  readonly typed: SearchField;
  readonly field: 'level' | 'state' | 'exposure' | 'sourceClass' | 'pathClass';
  readonly words: readonly string[];
}[] = [
  { typed: 'level', field: 'level', words: LEVELS.toReversed() },
  { typed: 'state', field: 'state', words: TRIAGE_STATES },
  { typed: 'exposure', field: 'exposure', words: EXPOSURES },
  { typed: 'class', field: 'sourceClass', words: SOURCE_CLASSES },
  { typed: 'path', field: 'pathClass', words: PATH_CLASSES },
];

export class SearchOptions {
  list = $state.raw<readonly SearchOption[]>([]);
  /** Index in the list, -1 while the keyboard is in the text. */
  active = $state(-1);
  isOpen = $state(false);
  readonly #vault: Vault;
  readonly #words: Messages;
  #recent: readonly string[] = [];
  #asked = 0;

  constructor(vault: Vault, words: Messages) {
    this.#vault = vault;
    this.#words = words;
  }

  /** Offers what fits the term at the caret; an answer that comes late is dropped. */
  async offer(text: string, caret: number): Promise<void> {
    const asked = ++this.#asked;
    if (text.trim() === '') return this.#show(this.#recent.map((before) => ({ kind: 'recent', text: before })));
    const term = termAt(text, caret);
    if (term.raw === '' && term.field === null) return this.close();
    const filters = this.#filtersFor(term.field, term.raw);
    const values = await this.#vault.api.suggest(text.slice(0, caret), VALUES);
    if (asked !== this.#asked) return;
    const suggestions = values.map((suggestion): SearchOption => ({ kind: 'value', suggestion }));
    this.#show([...filters, ...suggestions].slice(0, VALUES));
  }

  #filtersFor(typed: SearchField | null, raw: string): readonly SearchOption[] {
    const begin = foldText(raw);
    if (typed === null && begin.length < FEW_LETTERS) return [];
    return VOCABULARIES.filter((vocabulary) => typed === null || vocabulary.typed === typed).flatMap(
      ({ field, words }): readonly SearchOption[] => {
        const names: Readonly<Record<string, string>> = this.#words.terms[field];
        const named = words.map((value) => ({ kind: 'filter' as const, field, value, name: names[value] ?? value }));
        return named.filter(({ value, name }) => foldText(name).startsWith(begin) || value.startsWith(begin));
      },
    );
  }

  #show(list: readonly SearchOption[]): void {
    this.list = list;
    this.active = -1;
    this.isOpen = list.length > 0;
  }

  /** The next option, or the text itself beyond either end. */
  move(by: number): void {
    const places = this.list.length + 1;
    this.active = ((this.active + 1 + by + places) % places) - 1;
  }

  close(): void {
    this.#asked++;
    this.isOpen = false;
    this.active = -1;
  }

  /** Remembers a search until the vault locks. */
  remember(text: string): void {
    const said = text.trim();
    if (said === '') return;
    this.#recent = [said, ...this.#recent.filter((other) => other !== said)].slice(0, RECENT);
  }
}

export const [useSearchOptions, provideSearchOptions] = createContext<SearchOptions>();
