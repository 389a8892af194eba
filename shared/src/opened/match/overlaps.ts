/** Terms of two organisations of which one contains the other: who gets what has to be decided by a person (DOMAIN rule 5). */
import { domainSuffixes, parseDomainName } from '../../base/domain-name.ts';
import type { WatchList } from './watch.ts';

export interface WatchOverlap {
  /** The contained term: the longer name, or the same. */
  readonly term: string;
  readonly organisationId: string;
  readonly otherTerm: string;
  readonly otherOrganisationId: string;
}

interface Owner {
  readonly organisationId: string;
  readonly term: string;
  readonly at: number;
}

/** All overlaps between different organisations, each pair once; keywords overlap where they are the same word. */
export function findOverlaps(list: WatchList): readonly WatchOverlap[] {
  const ownersByName = new Map<string, Owner[]>();
  const ownersByWord = new Map<string, Owner[]>();
  list.organisations.forEach(({ id, domains, keywords }, at) => {
    for (const term of domains) {
      const name = parseDomainName(term);
      if (name !== null) push(ownersByName, name, { organisationId: id, term, at });
    }
    for (const { term } of keywords)
      push(ownersByWord, term.normalize('NFC').toLowerCase(), { organisationId: id, term, at });
  });
  const overlaps: WatchOverlap[] = [];
  for (const [name, owners] of ownersByName) {
    const parsed = parseDomainName(name);
    if (parsed === null) continue;
    for (const suffix of domainSuffixes(parsed)) {
      for (const other of ownersByName.get(suffix) ?? []) report(overlaps, owners, other, suffix === name);
    }
  }
  for (const owners of ownersByWord.values()) for (const other of owners) report(overlaps, owners, other, true);
  return overlaps;
}

/** `same`: both lists are one, so that each pair would be met twice. */
function report(overlaps: WatchOverlap[], owners: readonly Owner[], other: Owner, same: boolean): void {
  for (const owner of owners) {
    if (owner.at === other.at || (same && owner.at > other.at)) continue;
    overlaps.push({
      term: owner.term,
      organisationId: owner.organisationId,
      otherTerm: other.term,
      otherOrganisationId: other.organisationId,
    });
  }
}

function push(owners: Map<string, Owner[]>, key: string, owner: Owner): void {
  const list = owners.get(key);
  if (list === undefined) owners.set(key, [owner]);
  else if (!list.some(({ at }) => at === owner.at)) list.push(owner);
}
