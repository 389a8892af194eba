/** Login patterns of all organisations. A hit is as weak as a keyword's: published only after a person confirms it. */
import type { LoginPattern } from './login-pattern.ts';
import { parseLoginPattern } from './login-pattern.ts';
import type { WatchList } from './watch.ts';

export interface PatternHit {
  readonly organisation: number;
  /** The pattern as the watch list has it. */
  readonly rule: string;
}

/** Why a pattern cannot be a watch term: it does not read, or it would hit everybody. */
export interface RefusedPattern {
  readonly organisation: number;
  readonly rule: string;
  readonly reason: 'bad-pattern' | 'too-wide';
}

export class PatternIndex {
  readonly refused: readonly RefusedPattern[];
  readonly patterns: readonly LoginPattern[];
  readonly #byLength = new Map<number, { readonly organisation: number; readonly pattern: LoginPattern }[]>();

  constructor(list: WatchList) {
    const refused: RefusedPattern[] = [];
    const kept: LoginPattern[] = [];
    list.organisations.forEach(({ patterns = [] }, organisation) => {
      for (const rule of patterns) {
        const parsed = parseLoginPattern(rule);
        if (!parsed.ok) refused.push({ organisation, rule, reason: 'bad-pattern' });
        else if (!parsed.value.isDistinctive) refused.push({ organisation, rule, reason: 'too-wide' });
        else {
          kept.push(parsed.value);
          this.#add(organisation, parsed.value);
        }
      }
    });
    this.refused = refused;
    this.patterns = kept;
  }

  /** First hit of each organisation on a login, with or without an NT domain before it. */
  find(login: string): readonly PatternHit[] {
    if (this.#byLength.size === 0) return [];
    const text = login.trim();
    const plain = text.slice(text.lastIndexOf('\\') + 1);
    const hits = new Map<number, PatternHit>();
    for (const { organisation, pattern } of this.#byLength.get(plain.length) ?? []) {
      if (!hits.has(organisation) && pattern.matches(plain))
        hits.set(organisation, { organisation, rule: pattern.text });
    }
    return [...hits.values()];
  }

  #add(organisation: number, pattern: LoginPattern): void {
    for (let length = pattern.minLength; length <= pattern.maxLength; length++) {
      const known = this.#byLength.get(length);
      if (known === undefined) this.#byLength.set(length, [{ organisation, pattern }]);
      else known.push({ organisation, pattern });
    }
  }
}
