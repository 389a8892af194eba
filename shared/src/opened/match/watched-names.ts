/** The names that organisations watch or take out, in one form: what the scanner looks for and what the exact match decides by. */
import { domainSuffixes, isPublicSuffix, parseDomainName } from '../../base/domain-name.ts';
import type { DomainName } from '../../base/domain-name.ts';
import type { WatchList } from './watch.ts';

export interface WatchedName {
  /** Index into `WatchList.organisations`. */
  readonly organisation: number;
  /** As listed. */
  readonly rule: string;
  readonly excluded: boolean;
}

/** A watch term that cannot be one. */
export interface RefusedTerm {
  readonly organisationId: string;
  readonly term: string;
  readonly reason: 'not-a-domain' | 'public-suffix' | 'bad-pattern' | 'too-wide';
}

export interface WatchedNames {
  /** Of each name, exclusions first, so that they win over the same name as a term. */
  readonly byName: ReadonlyMap<DomainName, readonly WatchedName[]>;
  readonly refused: readonly RefusedTerm[];
}

/** Public suffixes and texts that are no domain are refused, the rest works. Cost: about 1 µs a term. */
export function watchedNames(list: WatchList): WatchedNames {
  const byName = new Map<DomainName, WatchedName[]>();
  const refused: RefusedTerm[] = [];
  list.organisations.forEach(({ id, domains, exclude }, organisation) => {
    for (const [terms, excluded] of [
      [domains, false],
      [exclude, true],
    ] as const) {
      for (const rule of terms) {
        const name = parseDomainName(rule);
        if (name === null) refused.push({ organisationId: id, term: rule, reason: 'not-a-domain' });
        else if (!excluded && isPublicSuffix(name))
          refused.push({ organisationId: id, term: rule, reason: 'public-suffix' });
        else add(byName, name, { organisation, rule, excluded });
      }
    }
  });
  return { byName, refused };
}

/** True if a host of which `name` is the longest listed suffix concerns anybody: some organisation's longest term is not taken out. */
export function concernsAnybody(byName: WatchedNames['byName'], name: DomainName): boolean {
  const seen = new Set<number>();
  for (const suffix of domainSuffixes(name)) {
    for (const { organisation, excluded } of byName.get(suffix) ?? []) {
      if (seen.has(organisation)) continue;
      if (!excluded) return true;
      seen.add(organisation);
    }
  }
  return false;
}

function add(byName: Map<DomainName, WatchedName[]>, name: DomainName, term: WatchedName): void {
  const terms = byName.get(name);
  if (terms === undefined) byName.set(name, [term]);
  else if (term.excluded) terms.unshift(term);
  else terms.push(term);
}
