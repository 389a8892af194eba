/** The engine in plain TypeScript: the fallback where WASM SIMD is missing, and the oracle of the kernels. */
import type { Finding, FindingId } from '../finding/finding.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { RESOLUTIONS, TRIAGE_STATES } from '../triage/triage.ts';
import type { TriageStatus } from '../triage/triage.ts';
import type { BundleColumns } from '../bundle/columns.ts';
import { findingAt } from '../bundle/row.ts';
import { textAt } from '../bundle/text-column.ts';
import type { Engine, LoadedSegment, SegmentOrigin } from './engine.ts';
import { facetColumn } from './facets.ts';
import type { FacetColumn } from './facets.ts';
import { FindingColumns } from './finding-columns.ts';
import { parseSearch } from './search-syntax.ts';
import type { FacetCount, FacetField, Query, QueryResult, Row } from './query.ts';
import { FACET_FIELDS } from './query.ts';
import { mergeFinding } from './merge-finding.ts';
import { SortOrders } from './sort-orders.ts';
import { matchRows } from './text-match.ts';

type Rows = Uint32Array<ArrayBuffer>;

/** Query: an answer stays pinned until the next `run` but one. */
const PINNED_ANSWERS = 2;
/** Marks of `#membership`: no filter excludes the row; otherwise 1 + the only filter that does, or this. */
const EXCLUDED = 255;

/** Makes an empty engine. `elapsedMs` is measured with `clock` (milliseconds, any zero). Tokens count from `firstToken`. */
export function createPlainEngine(clock: () => number = () => 0, firstToken = 1): Engine {
  return new PlainEngine(clock, firstToken);
}

class PlainEngine implements Engine {
  readonly #columns = new FindingColumns();
  readonly #orders = new SortOrders(this.#columns);
  readonly #clock: () => number;
  readonly #pinned = new Map<number, Rows>();
  #lastToken: number;
  #textHits: { readonly text: string; readonly rows: Uint8Array | null } | null = null;

  constructor(clock: () => number, firstToken: number) {
    this.#clock = clock;
    this.#lastToken = firstToken - 1;
  }

  get rows(): number {
    return this.#columns.rows;
  }

  loadSegment(columns: BundleColumns, origin: SegmentOrigin): LoadedSegment {
    this.#orders.forgetAll();
    this.#textHits = null;
    return this.#columns.load(columns, origin);
  }

  countKnown(ids: Uint8Array): number {
    let known = 0;
    for (let at = 0; at < ids.length; at += 16) if (this.#columns.ids.find(ids, at) >= 0) known++;
    return known;
  }

  has(id: FindingId): boolean {
    return this.#columns.ids.findText(id) >= 0;
  }

  setStatus(id: FindingId, status: TriageStatus): void {
    const row = this.#columns.ids.findText(id);
    if (row < 0) return;
    const { bytes, codes, dictionaries } = this.#columns;
    bytes.state[row] = TRIAGE_STATES.indexOf(status.state);
    bytes.resolution[row] = status.resolution === null ? 0 : RESOLUTIONS.indexOf(status.resolution) + 1;
    codes.owner[row] = dictionaries.owner.intern(status.owner ?? '');
    this.#orders.forgetStates();
    this.#textHits = null;
  }

  run(query: Query): QueryResult {
    const startMs = this.#clock();
    const filters = this.#filtersOf(query);
    const membership = this.#membership(query.text, filters);
    const view = this.#view(query, membership);
    const facets = this.#facets(filters, membership, view);
    const token = ++this.#lastToken;
    this.#pinned.set(token, view);
    this.#pinned.delete(token - PINNED_ANSWERS);
    const accounts = this.#distinctAccounts(view);
    return { token, total: view.length, accounts, facets, elapsedMs: this.#clock() - startMs };
  }

  window(token: number, offset: number, limit: number): readonly Row[] {
    const view = this.#pinned.get(token) ?? new Uint32Array(0);
    return Array.from(view.subarray(offset, offset + limit), (row) => this.#row(row));
  }

  ids(token: number, from: number, to: number): readonly FindingId[] {
    const view = this.#pinned.get(token) ?? new Uint32Array(0);
    return Array.from(view.subarray(from, to), (row) => this.#columns.ids.text(row));
  }

  position(token: number, id: FindingId): number {
    const row = this.#columns.ids.findText(id);
    return row < 0 ? -1 : (this.#pinned.get(token)?.indexOf(row) ?? -1);
  }

  finding(id: FindingId): Finding | null {
    const row = this.#columns.ids.findText(id);
    if (row < 0) return null;
    return this.#columns
      .appearances(row)
      .map((appearance) => findingAt(appearance.part.columns, appearance.row))
      .reduce(mergeFinding);
  }

  row(id: FindingId): Row | null {
    const row = this.#columns.ids.findText(id);
    return row < 0 ? null : this.#row(row);
  }

  origin(id: FindingId): { readonly bundleId: string; readonly firstReceivedAtMs: number } | null {
    const row = this.#columns.ids.findText(id);
    const last = row < 0 ? undefined : this.#columns.appearances(row).at(-1);
    if (last === undefined) return null;
    const firstReceivedAtMs = this.#columns.times.receivedAtMs[row] as number;
    return { bundleId: last.part.origin.bundleId, firstReceivedAtMs };
  }

  related(id: FindingId, by: 'machine' | 'identity', limit: number): readonly Row[] {
    const self = this.#columns.ids.findText(id);
    if (self < 0) return [];
    const codes = this.#columns.codes[by];
    const code = codes[self];
    if (code === 0) return [];
    const found: Row[] = [];
    for (const row of this.#orders.order('priority', true)) {
      if (codes[row] === code && row !== self) found.push(this.#row(row));
      if (found.length >= limit) break;
    }
    return found;
  }

  visit(visit: Parameters<Engine['visit']>[0]): void {
    const { bytes, codes, times, rows } = this.#columns;
    for (let row = 0; row < rows; row++) {
      visit(
        bytes.level[row] as number,
        bytes.state[row] as number,
        codes.owner[row] as number,
        codes.host[row] as number,
        times.firstSeenAtMs[row] as number,
        times.receivedAtMs[row] as number,
        row,
      );
    }
  }

  hostText(code: number): string {
    return this.#columns.dictionaries.host.text(code);
  }

  idAt(rowNumber: number): FindingId {
    return this.#columns.ids.text(rowNumber);
  }

  #filtersOf(query: Query): readonly ActiveFilter[] {
    return FACET_FIELDS.flatMap((field) => {
      const values = query.filters[field];
      if (values === undefined || values.length === 0) return [];
      const column = facetColumn(this.#columns, field);
      return [{ field, column, marks: column.marks(values) }];
    });
  }

  /** One byte a row: 0 hit, 1 + i if only filter i excludes it, else EXCLUDED. All facets follow from this one pass. */
  #membership(typed: string, filters: readonly ActiveFilter[]): Uint8Array {
    if (this.#textHits?.text !== typed) {
      this.#textHits = { text: typed, rows: matchRows(this.#columns, parseSearch(typed)) };
    }
    const hits = this.#textHits.rows;
    const membership = new Uint8Array(this.rows);
    if (hits) for (let row = 0; row < membership.length; row++) if (hits[row] === 0) membership[row] = EXCLUDED;
    filters.forEach(({ column: { codes }, marks }, i) => {
      for (let row = 0; row < membership.length; row++) {
        if (marks[codes[row] as number] === 0) membership[row] = membership[row] === 0 ? i + 1 : EXCLUDED;
      }
    });
    return membership;
  }

  #view(query: Query, membership: Uint8Array): Rows {
    const order = this.#orders.order(query.sort.by, query.sort.descending);
    const view = new Uint32Array(order.length);
    let total = 0;
    for (let i = 0; i < order.length; i++) {
      const row = order[i] as number;
      if (membership[row] === 0) view[total++] = row;
    }
    return view.slice(0, total);
  }

  #facets(filters: readonly ActiveFilter[], membership: Uint8Array, view: Rows): QueryResult['facets'] {
    const counts = (field: FacetField): readonly FacetCount[] => {
      const own = filters.findIndex((filter) => filter.field === field);
      const column: FacetColumn = filters[own]?.column ?? facetColumn(this.#columns, field);
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

  #distinctAccounts(view: Rows): number {
    const { identity } = this.#columns.codes;
    const seen = new Uint8Array(this.#columns.dictionaries.identity.size);
    let distinct = 0;
    for (let i = 0; i < view.length; i++) {
      const code = identity[view[i] as number] as number;
      if (seen[code] === 0) distinct++;
      seen[code] = 1;
    }
    return distinct;
  }

  #row(row: number): Row {
    const { bytes, codes, times, dictionaries, ids } = this.#columns;
    const { part, row: at } = this.#columns.appearances(row).at(-1) as ReturnType<
      FindingColumns['appearances']
    >[number];
    const capturedAtMs = times.capturedAtMs[row] as number;
    const resolution = bytes.resolution[row] as number;
    return {
      id: ids.text(row),
      identityKind: IDENTITY_KINDS[part.columns.identityKind[at] as number] ?? 'user',
      identity: dictionaries.identity.text(codes.identity[row] as number),
      registrable: dictionaries.registrable.text(codes.registrable[row] as number),
      host: dictionaries.host.text(codes.host[row] as number),
      pathClass: PATH_CLASSES[bytes.pathClass[row] as number] ?? 'other',
      exposure: EXPOSURES[bytes.exposure[row] as number] ?? 'unclassified',
      sourceClass: SOURCE_CLASSES[bytes.sourceClass[row] as number] ?? 'address_only',
      sourceAlias: dictionaries.source.text(codes.source[row] as number),
      capturedAtMs: Number.isNaN(capturedAtMs) ? null : capturedAtMs,
      lastSeenAtMs: times.lastSeenAtMs[row] as number,
      mask: textAt(part.columns.mask, at),
      score: bytes.score[row] as number,
      level: LEVELS[bytes.level[row] as number] ?? 'info',
      confidence: CONFIDENCES[part.columns.confidence[at] as number] ?? 'low',
      state: TRIAGE_STATES[bytes.state[row] as number] ?? 'new',
      resolution: resolution === 0 ? null : (RESOLUTIONS[resolution - 1] ?? null),
      owner: codes.owner[row] === 0 ? null : dictionaries.owner.text(codes.owner[row] as number),
    };
  }
}

interface ActiveFilter {
  readonly field: FacetField;
  readonly column: FacetColumn;
  readonly marks: Uint8Array;
}
