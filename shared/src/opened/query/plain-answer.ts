/** One query of the plain engine: which rows, in which order, how many of what. */
import { parseBase64url } from '../../base/base64url.ts';
import type { FacetColumn } from './facets.ts';
import { facetColumn, marksOfValues } from './facets.ts';
import type { FindingColumns } from './finding-columns.ts';
import type { FacetCount, FacetField, Query, QueryResult } from './query.ts';
import { FACET_FIELDS, TIME_FIELDS } from './query.ts';
import { markSecrets, markTimes } from './text-match.ts';

type Rows = Uint32Array<ArrayBuffer>;

/** Marks of membership: 0 hit, 1 + i where only the filter of facet i excludes the row, else this. */
const EXCLUDED = 255;

export interface Answer extends Pick<QueryResult, 'facets' | 'accounts'> {
  readonly view: Rows;
}

/** `textHits`: one byte a row, `null` for all; `order`: all rows. Cost: some passes over the rows. */
export function answerQuery(columns: FindingColumns, query: Query, textHits: Uint8Array | null, order: Rows): Answer {
  const filters = activeFilters(columns, query);
  const membership = new Uint8Array(columns.rows);
  if (textHits !== null) keep(membership, textHits);
  applyPivots(columns, query, membership);
  filters.forEach(({ column: { codes }, marks }, i) => {
    for (let row = 0; row < membership.length; row++) {
      if (marks[codes[row] as number] === 0) membership[row] = membership[row] === 0 ? i + 1 : EXCLUDED;
    }
  });
  const view = viewOf(order, membership);
  return { view, facets: countFacets(columns, filters, membership, view), accounts: countAccounts(columns, view) };
}

interface ActiveFilter {
  readonly field: FacetField;
  readonly column: FacetColumn;
  readonly marks: Uint8Array;
}

function activeFilters(columns: FindingColumns, query: Query): readonly ActiveFilter[] {
  return FACET_FIELDS.flatMap((field) => {
    const values = query.filters[field];
    if (values === undefined || values.length === 0) return [];
    const column = facetColumn(columns, field);
    return [{ field, column, marks: column.marks(values) }];
  });
}

function keep(membership: Uint8Array, hits: Uint8Array): void {
  for (let row = 0; row < membership.length; row++) if (hits[row] === 0) membership[row] = EXCLUDED;
}

/** Filters without a facet, and ranges. */
function applyPivots(columns: FindingColumns, { filters, ranges }: Query, membership: Uint8Array): void {
  for (const field of ['identity', 'machine'] as const) {
    const values = filters[field] ?? [];
    if (values.length === 0) continue;
    const marks = marksOfValues(columns.dictionaries[field], values);
    const codes = columns.codes[field];
    for (let row = 0; row < membership.length; row++) {
      if (marks[codes[row] as number] === 0) membership[row] = EXCLUDED;
    }
  }
  const secrets = filters.secret ?? [];
  if (secrets.length > 0) {
    const hits = new Uint8Array(membership.length);
    for (const value of secrets) {
      const fingerprint = parseBase64url(value, 16);
      if (value === '' || fingerprint !== null) markSecrets(columns, fingerprint, hits);
    }
    keep(membership, hits);
  }
  for (const field of TIME_FIELDS) {
    const range = ranges?.[field];
    if (range === undefined) continue;
    const hits = new Uint8Array(membership.length);
    markTimes(columns.times[`${field}AtMs`], range[0], range[1], hits);
    keep(membership, hits);
  }
}

function viewOf(order: Rows, membership: Uint8Array): Rows {
  const view = new Uint32Array(order.length);
  let total = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] as number;
    if (membership[row] === 0) view[total++] = row;
  }
  return view.slice(0, total);
}

function countFacets(
  columns: FindingColumns,
  filters: readonly ActiveFilter[],
  membership: Uint8Array,
  view: Rows,
): QueryResult['facets'] {
  const counts = (field: FacetField): readonly FacetCount[] => {
    const own = filters.findIndex((filter) => filter.field === field);
    const column: FacetColumn = filters[own]?.column ?? facetColumn(columns, field);
    const perCode = new Uint32Array(column.size);
    const { codes } = column;
    for (let i = 0; i < view.length; i++) {
      const code = codes[view[i] as number] as number;
      perCode[code] = (perCode[code] as number) + 1;
    }
    if (own >= 0) {
      for (let row = 0; row < membership.length; row++) {
        if (membership[row] !== own + 1) continue;
        const code = codes[row] as number;
        perCode[code] = (perCode[code] as number) + 1;
      }
    }
    return column.counts(perCode);
  };
  return Object.fromEntries(FACET_FIELDS.map((field) => [field, counts(field)])) as unknown as QueryResult['facets'];
}

function countAccounts(columns: FindingColumns, view: Rows): number {
  const { identity } = columns.codes;
  const seen = new Uint8Array(columns.dictionaries.identity.size);
  let distinct = 0;
  for (let i = 0; i < view.length; i++) {
    const code = identity[view[i] as number] as number;
    if (seen[code] === 0) distinct++;
    seen[code] = 1;
  }
  return distinct;
}
