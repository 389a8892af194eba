/** The one question that the vault and its peers all answer, and what an answer holds: equal answers before any time counts. */
import type { FacetField, FacetCount, Query } from '@sealpost/shared/opened/query/query';

/** Part of a host's name. */
export const HOST_PART = 'mail';
export const TWO_LEVELS = ['high', 'critical'] as const;

/** Substring in host, two levels, sorted by score, four facets, 50 rows: the shape `text_filter_sort_window`. */
export const QUESTION: Query = {
  text: `host:${HOST_PART}`,
  filters: { level: TWO_LEVELS },
  sort: { by: 'score', descending: true },
};

/** The facets that a peer counts; the vault counts all it has. A facet's own filter does not narrow it. */
export const QUESTION_FACETS = ['level', 'state', 'source', 'domain'] as const satisfies readonly FacetField[];
export const QUESTION_ROWS = 50;
/** The most values that a facet tells. */
export const FACET_VALUES = 50;

export interface Answer {
  readonly total: number;
  readonly facets: Readonly<Record<(typeof QUESTION_FACETS)[number], readonly FacetCount[]>>;
  /** The first QUESTION_ROWS findings, as base64url. */
  readonly ids: readonly string[];
}

/** What a peer's worker is asked for, one after the other. */
export interface PeerCalls {
  /** Takes all findings in; milliseconds until they are as durable as the peer makes them, and indexed. */
  load(rows: number): Promise<number>;
  answer(): Promise<Answer>;
  /** Milliseconds of each of `runs` answers after `warmups`, by the name of the plan. */
  measure(warmups: number, runs: number): Promise<Readonly<Record<string, readonly number[]>>>;
  /** Name and version, for the record. */
  version(): Promise<string>;
}
