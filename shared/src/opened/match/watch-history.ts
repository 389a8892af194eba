/**
 * Versions of one organisation's watch terms: who changed them when, what was added and taken out, and the way back. Several
 * operators may change them at the same time; histories merge to the same one on every device, whatever the order.
 */
import type { Ms } from '../../base/brand.ts';
import type { ExposureRule } from '../finding/exposure-rules.ts';
import type { KeywordScope } from './watch.ts';

/** Everything an organisation is recognised by, and its rules of whose accounts they are. */
export interface WatchTerms {
  readonly domains: readonly string[];
  readonly exclude: readonly string[];
  readonly keywords: readonly { readonly term: string; readonly scope: KeywordScope }[];
  /** Forms of logins. */
  readonly patterns: readonly string[];
  /** In order. Left out in versions from before rules had any: those say nothing about them. */
  readonly rules?: readonly ExposureRule[];
}

export interface WatchVersion {
  /** Counts up from 1 along what its author had seen; two operators may make the same number. */
  readonly version: number;
  readonly atMs: Ms;
  /** Key id of the device that changed it; '' for the terms an organisation was listed with before there was a history. */
  readonly by: string;
  readonly terms: WatchTerms;
  /** The version that this one goes back to. */
  readonly undoes: number | null;
}

/** Older versions are dropped: an envelope and a page hold a whole history. */
export const MOST_VERSIONS = 50;

export interface TermChange {
  readonly kind: keyof WatchTerms;
  /** Of a rule its JSON. */
  readonly term: string;
  readonly change: 'added' | 'removed';
}

/** What came and went between two versions, `before` `null` for a first one. Keywords count with their scope, no rules as none. */
export function compareTerms(before: WatchTerms | null, after: WatchTerms): readonly TermChange[] {
  const kinds = ['domains', 'exclude', 'keywords', 'patterns', 'rules'] as const;
  return kinds.flatMap((kind) => {
    const old = new Set(before === null ? [] : textsOf(before, kind));
    const now = new Set(textsOf(after, kind));
    return [
      ...[...now].filter((term) => !old.has(term)).map((term) => ({ kind, term, change: 'added' as const })),
      ...[...old].filter((term) => !now.has(term)).map((term) => ({ kind, term, change: 'removed' as const })),
    ];
  });
}

function textsOf(terms: WatchTerms, kind: keyof WatchTerms): readonly string[] {
  if (kind === 'keywords') return terms.keywords.map(({ term, scope }) => `${term} (${scope})`);
  return kind === 'rules' ? (terms.rules ?? []).map((rule) => JSON.stringify(ruleInOrder(rule))) : terms[kind];
}

/** One order of its fields, whoever wrote it. */
function ruleInOrder({ host, path, login, exposure }: ExposureRule): ExposureRule {
  return { host, path, login, exposure };
}

/** `history` (newest first) with one more version on top; the same history where nothing changes. */
export function addVersion(
  history: readonly WatchVersion[],
  change: Omit<WatchVersion, 'version'>,
): readonly WatchVersion[] {
  const [newest] = history;
  if (newest !== undefined && compareTerms(newest.terms, change.terms).length === 0) return history;
  return [{ ...change, version: (newest?.version ?? 0) + 1 }, ...history].slice(0, MOST_VERSIONS);
}

/** Both histories as one, newest first. Of versions with the same number the later counts, then the one of the higher key id. */
export function mergeHistories(a: readonly WatchVersion[], b: readonly WatchVersion[]): readonly WatchVersion[] {
  const byKey = new Map([...a, ...b].map((version) => [`${version.version} ${version.atMs} ${version.by}`, version]));
  return [...byKey.values()].sort(newestFirst).slice(0, MOST_VERSIONS);
}

function newestFirst(a: WatchVersion, b: WatchVersion): number {
  return b.version - a.version || b.atMs - a.atMs || (a.by < b.by ? 1 : a.by > b.by ? -1 : 0);
}
