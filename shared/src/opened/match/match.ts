/**
 * Exact match of records against the watch terms of all organisations (DOMAIN rule 5): by suffix at label borders, longest suffix
 * first, never by address range. The scanner may only propose lines; what this says is what counts.
 */
import type { DomainName } from '../../base/domain-name.ts';
import { domainSuffixes } from '../../base/domain-name.ts';
import type { Identity } from '../finding/identity.ts';
import { normaliseIdentity } from '../finding/identity.ts';
import type { Service } from '../finding/service.ts';
import { parseService } from '../finding/service.ts';
import type { LoadedRecord } from '../ingest/record.ts';
import { KeywordIndex } from './keywords.ts';
import { PatternIndex } from './patterns.ts';
import type { WatchList } from './watch.ts';
import type { RefusedTerm, WatchedNames } from './watched-names.ts';
import { watchedNames } from './watched-names.ts';

/** One organisation that a record concerns. */
export interface RecordMatch {
  /** Index into `WatchList.organisations`. */
  readonly organisation: number;
  readonly organisationId: string;
  readonly via: 'host' | 'email' | 'keyword' | 'pattern';
  /** The watch term that hit, as listed. */
  readonly rule: string;
  /** What it hit: a host, a mail domain, or for keywords and patterns the field (`host`, `login`, `application`). */
  readonly label: string;
  readonly ownHost: boolean;
  readonly ownMail: boolean;
  /** A longer term of another organisation hit, too: this one is a parent and sees counts only. */
  readonly countsOnly: boolean;
  /** Shared by all matches of a record, so that nobody parses twice. */
  readonly identity: Identity;
  readonly service: Service;
}

export interface CompiledWatch {
  readonly matcher: Matcher;
  readonly refused: readonly RefusedTerm[];
}

interface DomainHit {
  readonly organisation: number;
  readonly rule: string;
  readonly length: number;
}

/** Compiles `list`. What cannot be a term is refused, the rest works. Cost: linear in the terms. */
export function compileWatch(list: WatchList): CompiledWatch {
  const { byName, refused } = watchedNames(list);
  const patterns = new PatternIndex(list);
  const badForms = patterns.refused.map(({ organisation, rule, reason }) => ({
    organisationId: list.organisations[organisation]?.id ?? '',
    ...{ term: rule, reason },
  }));
  return { matcher: new Matcher(list, byName, patterns), refused: [...refused, ...badForms] };
}

/** A compiled watch list. Made by `compileWatch`; over 100,000 records a second. */
export class Matcher {
  readonly #ids: readonly string[];
  readonly #termsByName: WatchedNames['byName'];
  readonly #keywords: KeywordIndex;
  readonly #patterns: PatternIndex;

  constructor(list: WatchList, termsByName: WatchedNames['byName'], patterns: PatternIndex) {
    this.#ids = list.organisations.map(({ id }) => id);
    this.#termsByName = termsByName;
    this.#keywords = new KeywordIndex(list);
    this.#patterns = patterns;
  }

  /** All organisations that `record` concerns, at most one match each: by host before mail before keyword before pattern. */
  match(record: LoadedRecord): readonly RecordMatch[] {
    const identity = normaliseIdentity(record.login);
    const service = parseService(record.url);
    const excluded = new Set<number>();
    const hosts = this.#domainHits(service.host, excluded);
    const mails = this.#domainHits(identity.domain, excluded);
    const longestHost = longestOf(hosts);
    const longestMail = longestOf(mails);
    const matches: RecordMatch[] = [];
    const place = (hit: DomainHit, via: 'host' | 'email', longest: number): void => {
      const at = matches.findIndex(({ organisation }) => organisation === hit.organisation);
      const before = matches[at];
      const countsOnly = hit.length < longest;
      const own = via === 'host' ? { ownHost: true } : { ownMail: true };
      if (before !== undefined) {
        const better = before.countsOnly && !countsOnly;
        const found = better
          ? { via, rule: hit.rule, label: via === 'host' ? service.host : identity.domain, countsOnly }
          : {};
        matches[at] = { ...before, ...found, ...own };
        return;
      }
      const label = via === 'host' ? service.host : identity.domain;
      const base = { ownHost: false, ownMail: false, countsOnly, identity, service };
      const organisationId = this.#ids[hit.organisation] ?? '';
      matches.push({ organisation: hit.organisation, organisationId, via, rule: hit.rule, label, ...base, ...own });
    };
    for (const hit of hosts) place(hit, 'host', longestHost);
    for (const hit of mails) place(hit, 'email', longestMail);
    const application = [service.appId, record.application].filter((text) => text !== null).join('\n');
    const weak = (organisation: number, via: 'keyword' | 'pattern', rule: string, label: string): void => {
      if (excluded.has(organisation) || matches.some((match) => match.organisation === organisation)) return;
      const organisationId = this.#ids[organisation] ?? '';
      const own = { ownHost: false, ownMail: false, countsOnly: false };
      matches.push({ organisation, organisationId, via, rule, label, ...own, identity, service });
    };
    const { host } = service;
    for (const hit of this.#keywords.find({ host, login: record.login, application })) {
      weak(hit.organisation, 'keyword', hit.rule, hit.label);
    }
    for (const { organisation, rule } of this.#patterns.find(record.login))
      weak(organisation, 'pattern', rule, 'login');
    return matches;
  }

  /** Longest term of each organisation that `name` lies in; those whose longest is an exclusion go into `excluded`. */
  #domainHits(name: string, excluded: Set<number>): readonly DomainHit[] {
    if (name === '' || !name.includes('.')) return [];
    const hits: DomainHit[] = [];
    const seen = new Set<number>();
    for (const suffix of domainSuffixes(name as DomainName)) {
      const terms = this.#termsByName.get(suffix);
      if (terms === undefined) continue;
      for (const { organisation, rule, excluded: out } of terms) {
        if (seen.has(organisation)) continue;
        seen.add(organisation);
        if (out) excluded.add(organisation);
        else hits.push({ organisation, rule, length: suffix.length });
      }
    }
    return hits;
  }
}

function longestOf(hits: readonly DomainHit[]): number {
  return hits.reduce((longest, { length }) => Math.max(longest, length), 0);
}
