/** What is asked of the findings: search, filters, ranges of time, order, grouping. Values only; the view holds the current one. */
import { PIVOT_FIELDS, TIME_FIELDS } from '@sealpost/shared/opened/query/query';
import type { FilterField, GroupField, Query, SortField, TimeField } from '@sealpost/shared/opened/query/query';

export type Filters = Query['filters'];
export type Ranges = NonNullable<Query['ranges']>;
export type Range = NonNullable<Ranges[TimeField]>;

export interface Question {
  readonly text: string;
  readonly filters: Filters;
  readonly ranges: Ranges;
  readonly sort: Query['sort'];
  readonly groupBy: GroupField | null;
}

/** All findings in the order of work. */
export const EVERYTHING: Question = {
  text: '',
  filters: {},
  ranges: {},
  sort: { by: 'priority', descending: true },
  groupBy: null,
};

/** Which way each order reads naturally. */
const DESCENDING: Readonly<Record<SortField, boolean>> = {
  priority: true,
  score: true,
  captured: true,
  lastSeen: true,
  identity: false,
  host: false,
  state: false,
};

export function queryOf({ text, filters, ranges, sort }: Question): Query {
  return { text, filters, ranges, sort };
}

export function questionOf(query: Query, groupBy: GroupField | null): Question {
  return { text: query.text, filters: query.filters, ranges: query.ranges ?? {}, sort: query.sort, groupBy };
}

/** The natural way of `by`; asked for again, the other way round. */
export function sortedBy(sort: Query['sort'], by: SortField): Query['sort'] {
  return { by, descending: sort.by === by ? !sort.descending : DESCENDING[by] };
}

/** Turns one value of a filter on or off. */
export function withToggled(filters: Filters, field: FilterField, value: string): Filters {
  const values = filters[field] ?? [];
  const next = values.includes(value) ? values.filter((known) => known !== value) : [...values, value];
  return withValues(filters, field, next);
}

/** `values` and no others; none of them takes the filter away. */
export function withValues(filters: Filters, field: FilterField, values: readonly string[]): Filters {
  const others = Object.entries(filters).filter(([other]) => other !== field);
  return Object.fromEntries(values.length > 0 ? [...others, [field, values]] : others);
}

/** `null` takes the range away. */
export function withRange(ranges: Ranges, field: TimeField, range: Range | null): Ranges {
  const others = Object.entries(ranges).filter(([other]) => other !== field);
  return Object.fromEntries(range ? [...others, [field, range]] : others);
}

/** Filters and ranges in use; several values of one filter count once. */
export function countFilters({ filters, ranges }: Question): number {
  return Object.values(filters).filter((values) => values.length > 0).length + Object.keys(ranges).length;
}

/** `true` if findings may be missing from the answer. */
export function isNarrowed(question: Question): boolean {
  return question.text.trim() !== '' || countFilters(question) > 0;
}

/** The same findings in the same order and grouping, however it was put together. */
export function isSameQuestion(a: Question, b: Question): boolean {
  return canonical(a) === canonical(b);
}

function canonical({ text, filters, ranges, sort, groupBy }: Question): string {
  const values = Object.entries(filters)
    .filter(([, list]) => list.length > 0)
    .map(([field, list]) => [field, list.toSorted()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const times = TIME_FIELDS.map((field) => ranges[field] ?? null);
  return JSON.stringify([text.trim(), values, times, sort.by, sort.descending, groupBy]);
}

export function isPivotField(field: FilterField): field is (typeof PIVOT_FIELDS)[number] {
  return (PIVOT_FIELDS as readonly string[]).includes(field);
}
