/** Watch terms of one organisation while they are typed: lists as lines of text, keywords with their scope. */
import type { Organisation } from '@sealpost/shared/opened/client/api/organisations';
import type { KeywordScope, WatchedOrganisation } from '@sealpost/shared/opened/match/watch';
import type { WatchTerms } from '@sealpost/shared/opened/match/watch-history';

export const KEYWORD_SCOPES = ['anywhere', 'login', 'host'] as const satisfies readonly KeywordScope[];

export class TermsDraft {
  readonly organisation: Organisation;
  domains = $state('');
  exclude = $state('');
  patterns = $state('');
  keywords = $state<{ term: string; scope: KeywordScope }[]>([]);

  /** `domain` is added to what is in force. */
  constructor(organisation: Organisation, domain: string | null) {
    this.organisation = organisation;
    this.domains = [...organisation.domains, ...(domain === null ? [] : [domain])].join('\n');
    this.exclude = organisation.exclude.join('\n');
    this.patterns = (organisation.patterns ?? []).join('\n');
    this.keywords = organisation.keywords.map(({ term, scope }) => ({ term, scope }));
  }

  addKeyword(): void {
    this.keywords.push({ term: '', scope: 'anywhere' });
  }

  removeKeyword(index: number): void {
    this.keywords.splice(index, 1);
  }

  /** A plain copy: state proxies do not cross to a worker. Empty keywords are left out. */
  toTerms(): WatchTerms {
    return {
      domains: linesOf(this.domains),
      exclude: linesOf(this.exclude),
      keywords: this.keywords
        .map(({ term, scope }) => ({ term: term.trim(), scope }))
        .filter(({ term }) => term !== ''),
      patterns: this.patterns
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    };
  }

  toWatched(): WatchedOrganisation {
    return { id: this.organisation.listId, name: this.organisation.nameEn, ...this.toTerms() };
  }
}

function linesOf(text: string): string[] {
  return text
    .split(/[\s,;]+/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
