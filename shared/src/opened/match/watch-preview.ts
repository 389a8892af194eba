/**
 * What new watch terms would hit, before anybody approves them: counts, hosts, and a few rows with account and secret masked. Fed with
 * the records of a load that is read once more; nothing else of them is kept.
 */
import type { SourceClass } from '../finding/finding.ts';
import { maskText } from '../finding/mask.ts';
import type { LoadedRecord } from '../ingest/record.ts';
import { compileWatch } from './match.ts';
import type { Matcher, RecordMatch } from './match.ts';
import type { WatchedOrganisation, WatchList } from './watch.ts';

const MOST_SAMPLES = 20;
const MOST_PLACES = 10;
/** Places and accounts beyond these are counted no longer one by one: memory stays bounded whatever is read. */
const MOST_COUNTED = 200_000;

/** One row as it may be shown: never an account or a secret in full. */
export interface PreviewSample {
  readonly account: string;
  /** Host, or application without one; '' for a pair alone. */
  readonly place: string;
  /** Secret under DOMAIN's mask rule, or the hash type. */
  readonly secret: string;
  readonly sourceClass: SourceClass;
  readonly via: RecordMatch['via'];
  /** The term that hit. */
  readonly rule: string;
}

export interface PreviewCounts {
  /** Records that the terms hit. */
  readonly records: number;
  /** Different logins among them. */
  readonly accounts: number;
  /** Records that the organisation's present terms do not hit, and different logins among those. */
  readonly added: number;
  readonly addedAccounts: number;
  /** Records that its present terms hit and these would not. */
  readonly lost: number;
  readonly byVia: Readonly<Record<RecordMatch['via'], number>>;
  /** Records by term, most first. */
  readonly byRule: readonly { readonly rule: string; readonly records: number }[];
  /** Hosts and mail domains, most first. */
  readonly places: readonly { readonly place: string; readonly records: number }[];
  /** Records that terms of other organisations hit as well, by organisation, most first. */
  readonly shared: readonly { readonly organisationId: string; readonly records: number }[];
  /** What is hit anew comes first. */
  readonly samples: readonly PreviewSample[];
}

/** Counts what `candidate` hits, beside what `present` hits already. Its id may be one of `present`, which it then replaces. */
export class WatchPreview {
  readonly #matcher: Matcher;
  /** The organisation's present terms alone; `null` where it has none. */
  readonly #before: Matcher | null;
  readonly #id: string;
  #added = 0;
  readonly #addedAccounts = new Set<string>();
  #lost = 0;
  #records = 0;
  readonly #accounts = new Set<string>();
  readonly #via: Record<RecordMatch['via'], number> = { host: 0, email: 0, keyword: 0, pattern: 0 };
  readonly #rules = new Map<string, number>();
  readonly #places = new Map<string, number>();
  readonly #shared = new Map<string, number>();
  readonly #samples: PreviewSample[] = [];
  readonly #newSamples: PreviewSample[] = [];

  constructor(candidate: WatchedOrganisation, present: WatchList) {
    const others = present.organisations.filter(({ id }) => id !== candidate.id);
    this.#matcher = compileWatch({ organisations: [candidate, ...others] }).matcher;
    const before = present.organisations.filter(({ id }) => id === candidate.id);
    this.#before = before.length === 0 ? null : compileWatch({ organisations: before }).matcher;
    this.#id = candidate.id;
  }

  add(records: readonly LoadedRecord[]): void {
    for (const record of records) {
      const matches = this.#matcher.match(record);
      const match = matches.find(({ organisationId }) => organisationId === this.#id);
      const wasHit = this.#before !== null && this.#before.match(record).length > 0;
      if (match !== undefined) this.#note(record, match, matches, !wasHit);
      else if (wasHit) this.#lost++;
    }
  }

  counts(): PreviewCounts {
    return {
      records: this.#records,
      accounts: this.#accounts.size,
      added: this.#added,
      addedAccounts: this.#addedAccounts.size,
      lost: this.#lost,
      byVia: { ...this.#via },
      byRule: ranked(this.#rules).map(([rule, records]) => ({ rule, records })),
      places: ranked(this.#places)
        .slice(0, MOST_PLACES)
        .map(([place, records]) => ({ place, records })),
      shared: ranked(this.#shared).map(([organisationId, records]) => ({ organisationId, records })),
      samples: [...this.#newSamples, ...this.#samples].slice(0, MOST_SAMPLES),
    };
  }

  #note(record: LoadedRecord, match: RecordMatch, matches: readonly RecordMatch[], isNew: boolean): void {
    const { identity, service, via, rule } = match;
    this.#records++;
    this.#via[via]++;
    count(this.#rules, rule);
    count(this.#places, service.host || identity.domain || (service.appId ?? record.application ?? ''));
    if (isNew) this.#added++;
    const isFirst = noteAccount(this.#accounts, identity.canonical);
    if (isNew) noteAccount(this.#addedAccounts, identity.canonical);
    for (const { organisationId } of matches) if (organisationId !== this.#id) count(this.#shared, organisationId);
    const samples = isNew ? this.#newSamples : this.#samples;
    if (!isFirst || samples.length >= MOST_SAMPLES) return;
    samples.push({
      account: maskAccount(identity.canonical),
      place: service.host || (service.appId ?? record.application ?? ''),
      secret: record.hashTypes[0] ?? maskText(record.password),
      sourceClass: record.sourceClass,
      via,
      rule,
    });
  }
}

/** An account by the mask rule: of an address the domain stays, since it is what a term is judged by. */
function maskAccount(account: string): string {
  const at = account.lastIndexOf('@');
  return at < 0 ? maskText(account) : maskText(account.slice(0, at)) + account.slice(at);
}

/** `true` for an account that was not counted yet. */
function noteAccount(accounts: Set<string>, account: string): boolean {
  if (accounts.size >= MOST_COUNTED || accounts.has(account)) return false;
  accounts.add(account);
  return true;
}

function count(into: Map<string, number>, key: string): void {
  const known = into.get(key);
  if (known !== undefined) into.set(key, known + 1);
  else if (into.size < MOST_COUNTED) into.set(key, 1);
}

function ranked(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  return [...counts].filter(([key]) => key !== '').sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
