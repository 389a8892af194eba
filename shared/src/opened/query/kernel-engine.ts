/** The engine on WebAssembly kernels: columns, dictionaries, bitsets and orders in one memory that grows. */
import { parseBase64url, toBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { RESOLUTIONS, TRIAGE_STATES } from '../triage/triage.ts';
import type { DictionaryRoom, DictionarySizes } from './dictionary-room.ts';
import type {
  Appearance,
  Arrival,
  Engine,
  EngineImport,
  HostCount,
  ImportOrigin,
  RowWords,
  TimeSteps,
} from './engine.ts';
import { NO_ROW } from './engine.ts';
import type { HotDictionaries } from './hot-columns.ts';
import type {
  FacetField,
  GroupField,
  GroupPage,
  Histogram,
  Query,
  QueryResult,
  Row,
  Suggestion,
  TimeField,
} from './query.ts';
import { Answers } from './wasm/answers.ts';
import { BitSets } from './wasm/bit-sets.ts';
import { Columns } from './wasm/columns.ts';
import type { Condition } from './wasm/conditions.ts';
import { Conditions } from './wasm/conditions.ts';
import { FacetCounts } from './wasm/facet-counts.ts';
import { lendRoom } from './wasm/dictionary-room.ts';
import { GroupCounts } from './wasm/group-counts.ts';
import { WasmMemory } from './wasm/memory.ts';
import { RowMarker } from './wasm/row-marker.ts';
import { RowOrders } from './wasm/row-orders.ts';
import { StagedImport } from './wasm/staged-import.ts';
import { countArrivals, topHosts } from './wasm/tallies.ts';
import { TextSearch } from './wasm/text-search.ts';
import { TimeBars } from './wasm/time-bars.ts';
import { ValueSuggestions } from './wasm/value-suggestions.ts';

const ID_BYTES = 16;

/**
 * Makes an empty engine; needs WebAssembly with SIMD. `elapsedMs` is measured with `clock` (milliseconds, any zero). Tokens count from
 * `firstToken`. `maxBytes` bounds its memory, for tests.
 */
export function createKernelEngine(clock: () => number = () => 0, firstToken = 1, maxBytes?: number): Engine {
  return new KernelEngine(clock, firstToken, new WasmMemory(maxBytes));
}

class KernelEngine implements Engine {
  readonly #clock: () => number;
  readonly #columns: Columns;
  readonly #sets: BitSets;
  readonly #marker: RowMarker;
  readonly #conditions: Conditions;
  readonly #facets: FacetCounts;
  readonly #orders: RowOrders;
  readonly #answers: Answers;
  readonly #groups: GroupCounts;
  readonly #bars: TimeBars;
  readonly #suggestions: ValueSuggestions;
  #isImporting = false;

  constructor(clock: () => number, firstToken: number, memory: WasmMemory) {
    this.#clock = clock;
    const columns = new Columns(memory);
    const sets = new BitSets(memory, columns.kernels);
    const search = new TextSearch(columns);
    this.#columns = columns;
    this.#sets = sets;
    this.#marker = new RowMarker(columns, sets, search);
    this.#conditions = new Conditions(columns, sets, this.#marker);
    this.#facets = new FacetCounts(columns, sets);
    this.#orders = new RowOrders(columns);
    this.#answers = new Answers(columns, sets, this.#orders, firstToken);
    this.#groups = new GroupCounts(columns);
    this.#bars = new TimeBars(columns);
    this.#suggestions = new ValueSuggestions(columns, search, this.#facets);
  }

  get rows(): number {
    return this.#columns.rows;
  }

  get memoryBytes(): number {
    return this.#columns.memory.bytes + this.#columns.places.memoryBytes + this.#answers.memoryBytes;
  }

  roomFor(sizes: DictionarySizes): DictionaryRoom {
    return lendRoom(this.#columns, sizes);
  }

  begin(dictionaries: HotDictionaries, origin: ImportOrigin): EngineImport {
    if (this.#isImporting) throw new Error('one import at a time');
    this.#orders.buildAll();
    const staged = new StagedImport(this.#columns, dictionaries, origin, (isCommitted) => {
      this.#isImporting = false;
      if (isCommitted) this.#forget();
    });
    this.#isImporting = true;
    return staged;
  }

  rowsOf(ids: Bytes): Uint32Array {
    return this.#columns.idTable.find(ids, this.rows);
  }

  rowOf(id: FindingId): number {
    const bytes = parseBase64url(id, ID_BYTES);
    return bytes === null ? NO_ROW : (this.rowsOf(bytes)[0] as number);
  }

  idAt(row: number): FindingId {
    const { ids, memory } = this.#columns;
    const at = ids.rowAt(row);
    return toBase64url(memory.u8.subarray(at, at + ID_BYTES)) as FindingId;
  }

  idBytes(rows: Uint32Array): Bytes {
    const { ids, memory, kernels } = this.#columns;
    return memory.lend([rows.byteLength, rows.length * ID_BYTES], (rowsAt, out) => {
      memory.u32.set(rows, rowsAt >> 2);
      kernels.gatherIds(ids.table, rowsAt, rows.length, out);
      return memory.u8.slice(out, out + rows.length * ID_BYTES);
    });
  }

  setStatus(rows: Uint32Array, status: Pick<TriageStatus, 'state' | 'resolution' | 'owner'>): void {
    const { memory, codes, planes, texts, held } = this.#columns;
    const owner = texts.owner.intern(status.owner ?? '');
    const resolution = status.resolution === null ? 0 : RESOLUTIONS.indexOf(status.resolution) + 1;
    const state = TRIAGE_STATES.indexOf(status.state);
    codes.owner.fit(owner, held);
    codes.resolution.fit(resolution, held);
    if (state > 0) planes.state.fill(held);
    memory.lend([rows.byteLength], (rowsAt) => {
      memory.u32.set(rows, rowsAt >> 2);
      codes.owner.set(rowsAt, rows.length, owner);
      codes.resolution.set(rowsAt, rows.length, resolution);
      planes.state.set(rowsAt, rows.length, state);
    });
    this.#conditions.forgetTriage();
    this.#facets.forgetTriage();
    this.#orders.forgetTriage();
  }

  run(query: Query): QueryResult {
    const startMs = this.#clock();
    this.#sets.resize(this.rows);
    const { kernels } = this.#columns;
    const { words } = this.#sets;
    const conditions = this.#conditions.of(query);
    const bits = this.#sets.take();
    this.#all(conditions, bits);
    const total = kernels.countBits(bits, words);
    // While rows come, orders are of those that are there.
    const isFirst = query.sort.by === 'priority' && query.sort.descending && !this.#isImporting && total === this.rows;
    const order = this.#orders.use(query.sort.by, query.sort.descending, isFirst);
    const facets = this.#facetLists(conditions, bits, total);
    const accounts = this.#facets.accounts(bits, total);
    const token = this.#answers.pin(bits, total, order);
    return { token, total, accounts, facets, elapsedMs: this.#clock() - startMs };
  }

  window(token: number, offset: number, limit: number): readonly Row[] {
    return Array.from(this.#answers.rows(token, offset, offset + limit), (row) => this.row(row));
  }

  rowsIn(token: number, from: number, to: number): Uint32Array {
    return this.#answers.rows(token, from, to);
  }

  ids(token: number, from: number, to: number): readonly FindingId[] {
    return Array.from(this.#answers.rows(token, from, to), (row) => this.idAt(row));
  }

  position(token: number, id: FindingId): number {
    const row = this.rowOf(id);
    return row === NO_ROW ? -1 : this.#answers.position(token, row);
  }

  groups(token: number, by: GroupField, offset: number, limit: number): GroupPage {
    const answer = this.#answers.get(token);
    return answer === undefined ? { total: 0, groups: [] } : this.#groups.page(answer, by, offset, limit);
  }

  histogram(token: number, field: TimeField, bars: number): Histogram {
    const answer = this.#answers.get(token);
    return answer === undefined ? { bars: [], unknown: 0 } : this.#bars.of(answer, field, bars);
  }

  suggest(text: string, limit: number): readonly Suggestion[] {
    this.#sets.resize(this.rows);
    return this.#suggestions.find(text, limit);
  }

  row(row: number): Row {
    const { codes, planes, texts, times } = this.#columns;
    const capturedAtMs = times.captured.at(row);
    const [mask, owner, resolution] = [codes.mask.at(row), codes.owner.at(row), codes.resolution.at(row)];
    return {
      id: this.idAt(row),
      identityKind: IDENTITY_KINDS[planes.identityKind.at(row)] ?? 'user',
      identity: texts.identity.text(codes.identity.at(row)),
      registrable: texts.registrable.text(codes.registrable.at(row)),
      host: texts.host.text(codes.host.at(row)),
      pathClass: PATH_CLASSES[planes.pathClass.at(row)] ?? 'other',
      exposure: EXPOSURES[planes.exposure.at(row)] ?? 'unclassified',
      sourceClass: SOURCE_CLASSES[planes.sourceClass.at(row)] ?? 'address_only',
      sourceAlias: texts.source.text(codes.source.at(row)),
      capturedAtMs: Number.isNaN(capturedAtMs) ? null : capturedAtMs,
      lastSeenAtMs: times.lastSeen.at(row),
      mask: mask === 0 ? null : texts.mask.text(mask),
      score: codes.score.at(row),
      level: LEVELS[planes.level.at(row)] ?? 'info',
      confidence: CONFIDENCES[planes.confidence.at(row)] ?? 'low',
      state: TRIAGE_STATES[planes.state.at(row)] ?? 'new',
      resolution: resolution === 0 ? null : (RESOLUTIONS[resolution - 1] ?? null),
      owner: owner === 0 ? null : texts.owner.text(owner),
    };
  }

  appearances(row: number): readonly Appearance[] {
    return this.#columns.places.appearances(row);
  }

  receivedAtMs(row: number): number {
    return this.#columns.places.receivedAtMs(row);
  }

  related(self: number, by: 'machine' | 'identity', limit: number): readonly Row[] {
    const code = this.#columns.codes[by].at(self);
    if (code === 0 || limit <= 0) return [];
    this.#sets.resize(this.rows);
    const bits = this.#sets.empty();
    const order = this.#orders.use('priority', true, false);
    try {
      return this.#marked(by, code, bits, order.at, limit + 1)
        .filter((row) => row !== self)
        .slice(0, limit)
        .map((row) => this.row(row));
    } finally {
      this.#orders.release(order);
      this.#sets.give(bits);
    }
  }

  wordsOf(rows: Uint32Array): RowWords {
    const { level, state, sourceClass } = this.#columns.planes;
    return { level: level.codesOf(rows), state: state.codesOf(rows), sourceClass: sourceClass.codesOf(rows) };
  }

  arrivals(): readonly Arrival[] {
    return countArrivals(this.#columns);
  }

  firstSeenBySteps(steps: TimeSteps): Uint32Array {
    this.#sets.resize(this.rows);
    return this.#bars.count({ bits: this.#sets.all, rows: this.rows }, 'firstSeen', steps);
  }

  topHosts(limit: number): readonly HostCount[] {
    this.#sets.resize(this.rows);
    return topHosts(this.#columns, this.#facets, this.#sets.all, limit);
  }

  makeReady(bytes: number, most: number): boolean {
    return this.#columns.memory.touch(bytes, most);
  }

  warm(): boolean {
    const { idTable, rows, texts } = this.#columns;
    if (Object.values(texts).some((one) => one.settle())) return true;
    return idTable.fillAll(rows) || this.#orders.warm();
  }

  /** Rows came. */
  #forget(): void {
    this.#conditions.forget();
    this.#facets.forget();
    this.#orders.forget();
    this.#groups.forget();
  }

  /** Rows that all conditions let through, but for those of one facet. */
  #all(conditions: readonly Condition[], out: number, except: FacetField | null = null): void {
    const { kernels, memory } = this.#columns;
    const { words, all } = this.#sets;
    memory.u8.copyWithin(out, all, all + words * 8);
    for (const { facet, isNegated, bits } of conditions) {
      if (facet !== null && facet === except) continue;
      if (isNegated) kernels.withoutBits(out, bits, out, words);
      else kernels.andBits(out, bits, out, words);
    }
  }

  /** Counts of a field ignore its own filter. */
  #facetLists(conditions: readonly Condition[], bits: number, total: number): QueryResult['facets'] {
    const { kernels } = this.#columns;
    const filtered = new Map<FacetField, { readonly bits: number; readonly count: number }>();
    for (const { facet } of conditions) {
      if (facet === null) continue;
      const others = this.#sets.take();
      this.#all(conditions, others, facet);
      filtered.set(facet, { bits: others, count: kernels.countBits(others, this.#sets.words) });
    }
    const hits = { bits, count: total };
    const lists = this.#facets.lists((field) => filtered.get(field) ?? hits);
    for (const { bits: others } of filtered.values()) this.#sets.give(others);
    return lists;
  }

  /** The first rows of an order that have a code. */
  #marked(by: 'machine' | 'identity', code: number, bits: number, order: number, limit: number): readonly number[] {
    const { memory, kernels, rows } = this.#columns;
    const { words, all } = this.#sets;
    this.#marker.orCode(by, code, bits);
    kernels.andBits(bits, all, bits, words);
    return memory.lend([(limit + 1) * 4], (out) => {
      const found = kernels.takeHits(order, rows, bits, 0, 0, limit, out);
      return [...memory.u32.slice(out >> 2, (out >> 2) + found)];
    });
  }
}
