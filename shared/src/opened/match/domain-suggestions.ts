/** Domains that loads saw often and nobody watches: counts only, for an operator to make a watch term of, or to ignore. */
import type { DomainName } from '../../base/domain-name.ts';
import { domainSuffixes, parseDomainName } from '../../base/domain-name.ts';
import { isPublicMail } from '../finding/public-mail.ts';
import type { DomainCounts } from '../scan/domain-census.ts';
import type { WatchList } from './watch.ts';

export interface DomainSuggestion {
  readonly domain: string;
  /** Over the loads given; an estimate where one of them is. */
  readonly seen: number;
  /** Loads that saw it. */
  readonly loads: number;
  /** Terms below it that are watched: a part of the domain is covered. */
  readonly partly: readonly string[];
}

export interface DomainSuggestions {
  readonly suggestions: readonly DomainSuggestion[];
  /** Counted in part of the material and scaled up. */
  readonly isEstimate: boolean;
  /** Loads that were looked at. */
  readonly loads: number;
  /** Domains that an operator does not want to see again. */
  readonly ignored: readonly string[];
}

const MOST = 500;

/** What `loads` saw, less what is watched, excluded, ignored, or a mail provider that anybody can register at. */
export function suggestDomains(
  loads: readonly DomainCounts[],
  watch: WatchList,
  ignored: readonly string[],
): DomainSuggestions {
  const isIgnored = new Set(ignored);
  const known = new Set<string>();
  const watchedBelow = new Map<string, string[]>();
  for (const { domains, exclude } of watch.organisations) {
    for (const term of [...domains, ...exclude]) {
      const name = parseDomainName(term);
      if (name === null) continue;
      known.add(name);
      for (const parent of domainSuffixes(name).slice(1)) {
        watchedBelow.set(parent, [...(watchedBelow.get(parent) ?? []), term]);
      }
    }
  }
  const byDomain = new Map<string, { seen: number; loads: number }>();
  for (const { domains } of loads) {
    for (const { domain, seen } of domains) {
      const sum = byDomain.get(domain) ?? { seen: 0, loads: 0 };
      byDomain.set(domain, { seen: sum.seen + seen, loads: sum.loads + 1 });
    }
  }
  const suggestions = [...byDomain]
    .filter(([domain]) => !isIgnored.has(domain) && !isPublicMail(domain) && !isWithin(domain, known))
    .map(([domain, counts]) => ({ domain, ...counts, partly: (watchedBelow.get(domain) ?? []).slice(0, 5) }))
    .sort((a, b) => b.seen - a.seen || (a.domain < b.domain ? -1 : 1))
    .slice(0, MOST);
  const isEstimate = loads.some((load) => load.isEstimate);
  return { suggestions, isEstimate, loads: loads.length, ignored };
}

function isWithin(domain: string, known: ReadonlySet<string>): boolean {
  return domainSuffixes(domain as DomainName).some((suffix) => known.has(suffix));
}
