/**
 * Words of the interface. `en/<area>.ts` gives the type, `th/<area>.ts` satisfies it; one language is one chunk.
 * Components say `const t = useMessages()` and read `t.frame.offline`; a change of language shows at once.
 */
import { createContext } from 'svelte';
import type { Catalogue } from './en.ts';
import { Formats } from './formats.ts';
import { rememberLanguage } from '#lib/state/preferences.ts';
import type { Language } from '#lib/state/preferences.ts';

export type { Catalogue } from './en.ts';

/** Fetches the words of one language. */
export async function loadMessages(language: Language): Promise<Catalogue> {
  return language === 'th' ? (await import('./th.ts')).th : (await import('./en.ts')).en;
}

export class Messages {
  language = $state<Language>('th');
  #words = $state.raw<Catalogue>() as Catalogue;
  readonly #formats = $derived.by(() => new Formats(this.language));

  constructor(language: Language, words: Catalogue) {
    this.language = language;
    this.#words = words;
  }

  get format(): Formats {
    return this.#formats;
  }
  get frame() {
    return this.#words.frame;
  }
  get terms() {
    return this.#words.terms;
  }
  get errors() {
    return this.#words.errors;
  }
  get exports() {
    return this.#words.exports;
  }
  get findings() {
    return this.#words.findings;
  }
  get search() {
    return this.#words.search;
  }
  get views() {
    return this.#words.views;
  }
  get factors() {
    return this.#words.factors;
  }
  get overview() {
    return this.#words.overview;
  }
  get bundles() {
    return this.#words.bundles;
  }
  get settings() {
    return this.#words.settings;
  }
  get welcome() {
    return this.#words.welcome;
  }
  get join() {
    return this.#words.join;
  }
  get operator() {
    return this.#words.operator;
  }
  get material() {
    return this.#words.material;
  }
  get publish() {
    return this.#words.publish;
  }
  get watch() {
    return this.#words.watch;
  }
  get audit() {
    return this.#words.audit;
  }

  /** Changes the language now, on this page, and remembers it for the next. */
  async switchTo(language: Language): Promise<void> {
    const words = await loadMessages(language);
    this.#words = words;
    this.language = language;
    rememberLanguage(language);
  }
}

/** `useMessages` in any component below the root layout, which calls `provideMessages`. */
export const [useMessages, provideMessages] = createContext<Messages>();
