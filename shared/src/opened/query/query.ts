/**
 * The query engine's interface: what is asked and what comes back. Engines (plain twin, kernels) answer the same.
 * Text has one order everywhere (sorts, facets, groups, suggestions): by the folded text, then by the text itself, both by code
 * points (text-order.ts); '' comes first. '' is the value of findings that have none, in filters, facets and groups.
 */
import type { Ms } from '../../base/brand.ts';
import type {
  Confidence,
  Exposure,
  Finding,
  FindingId,
  IdentityKind,
  Level,
  PathClass,
  SourceClass,
} from '../finding/finding.ts';
import type { Resolution, TriageOperation, TriageState, TriageStatus } from '../triage/triage.ts';

export const FACET_FIELDS = [
  'level',
  'state',
  'exposure',
  'sourceClass',
  'pathClass',
  'host',
  'domain',
  'source',
  'owner',
  'family',
  'tag',
] as const;
export type FacetField = (typeof FACET_FIELDS)[number];

/** Filters that are not counted: a pivot to one account, one keyed machine, one secret fingerprint (base64url). */
export const PIVOT_FIELDS = ['identity', 'machine', 'secret'] as const;
export type PivotField = (typeof PIVOT_FIELDS)[number];
export type FilterField = FacetField | PivotField;

export const TIME_FIELDS = ['captured', 'firstSeen', 'lastSeen'] as const;
export type TimeField = (typeof TIME_FIELDS)[number];

export const GROUP_FIELDS = ['identity', 'machine', 'host'] as const;
export type GroupField = (typeof GROUP_FIELDS)[number];

export const SORT_FIELDS = ['priority', 'score', 'captured', 'lastSeen', 'identity', 'host', 'state'] as const;
export type SortField = (typeof SORT_FIELDS)[number];

export interface Query {
  /** The search box as typed (search-syntax.ts): words (all must hit), "phrases", -word, field:value. Case and width folded. */
  readonly text: string;
  /** Any of the values within a field, all of the fields. Values are the vocabulary's words or the text itself. */
  readonly filters: Readonly<Partial<Record<FilterField, readonly string[]>>>;
  /** [from, to) by time; a finding whose time is unknown lies in no range. */
  readonly ranges?: Readonly<Partial<Record<TimeField, readonly [Ms, Ms]>>>;
  /** `priority` = level, then score, then captured, then id (DOMAIN, Default order). */
  readonly sort: { readonly by: SortField; readonly descending: boolean };
}

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

export interface QueryResult {
  /** Pins this answer's order and membership while the user scrolls, until the next `run` but one. */
  readonly token: number;
  readonly total: number;
  /** Distinct identities among the hits. */
  readonly accounts: number;
  /** Disjunctive: a field's counts ignore its own filter. At most 50 values a field, largest first, then in the order of text. */
  readonly facets: Readonly<Record<FacetField, readonly FacetCount[]>>;
  readonly elapsedMs: number;
}

/** One account, machine or host among the hits. */
export interface Group {
  /** The value as a filter takes it; '' for findings that have none. */
  readonly value: string;
  /** What a person reads: for a machine the name that its hit with the highest row number has that has one, else `value`. */
  readonly label: string;
  readonly count: number;
  /** Not contained, closed or merged. */
  readonly open: number;
  readonly worst: Level;
  readonly lastSeenAtMs: Ms;
}

/** Groups by count (largest first), then worst level (worst first), then value in the order of text. */
export interface GroupPage {
  readonly total: number;
  readonly groups: readonly Group[];
}

/**
 * Hits over time in bars of equally many whole days (Asia/Bangkok), as few days as the wanted number of bars allows, from the day of
 * the earliest hit to the day of the latest; none where no hit has a time.
 */
export interface Histogram {
  readonly bars: readonly {
    readonly fromMs: Ms;
    readonly toMs: Ms;
    readonly byLevel: Readonly<Record<Level, number>>;
  }[];
  /** Hits without this time. */
  readonly unknown: number;
}

/** A value that begins with, or else contains, what is being typed. Ordered so, then by count, then field (as listed here), then text. */
export interface Suggestion {
  readonly field: 'identity' | 'host' | 'domain' | 'source' | 'family' | 'tag' | 'machine' | 'application' | 'owner';
  /** As it stands; for `machine` its name. */
  readonly value: string;
  /** Findings that have it, of the whole vault. */
  readonly count: number;
}

/** One line of the table. */
export interface Row {
  readonly id: FindingId;
  readonly identityKind: IdentityKind;
  readonly identity: string;
  readonly registrable: string;
  readonly host: string;
  readonly pathClass: PathClass;
  readonly exposure: Exposure;
  readonly sourceClass: SourceClass;
  readonly sourceAlias: string;
  readonly capturedAtMs: Ms | null;
  readonly lastSeenAtMs: Ms;
  readonly mask: string | null;
  readonly score: number;
  readonly level: Level;
  readonly confidence: Confidence;
  readonly state: TriageState;
  readonly resolution: Resolution | null;
  readonly owner: string | null;
}

/** Everything about one finding, with its history. */
export interface Detail {
  readonly finding: Finding;
  readonly status: TriageStatus;
  readonly history: readonly TriageOperation[];
  /** Other findings of the same machine and of the same identity, best first, at most 50 each. */
  readonly sameMachine: readonly Row[];
  readonly sameIdentity: readonly Row[];
  /** `true` if a clear secret of this finding lies sealed in the vault. */
  readonly hasSecret: boolean;
  readonly bundleId: string;
}

/** One week or day of the overview. */
export interface Overview {
  readonly total: number;
  readonly byLevel: Readonly<Record<Level, number>>;
  readonly byState: Readonly<Record<TriageState, number>>;
  readonly openCritical: number;
  readonly openCriticalUnowned: number;
  readonly overdue: number;
  readonly contained: number;
  /** Median time from first sync to contained or closed; `null` before the first. */
  readonly medianContainMs: number | null;
  /** Last 12 weeks, oldest first: findings by level by the week in which they were first seen. */
  readonly weeks: readonly { readonly startMs: Ms; readonly byLevel: Readonly<Record<Level, number>> }[];
  /** Last 30 days of new critical, overdue and contained counts, oldest first. */
  readonly days: readonly {
    readonly startMs: Ms;
    readonly critical: number;
    readonly overdue: number;
    readonly contained: number;
  }[];
  readonly topHosts: readonly { readonly host: string; readonly count: number; readonly worst: Level }[];
  readonly lastBundle: {
    readonly id: string;
    readonly receivedAtMs: Ms;
    readonly added: number;
    readonly merged: number;
  } | null;
}
