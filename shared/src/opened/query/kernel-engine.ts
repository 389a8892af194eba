/** The engine on WebAssembly kernels: columns, dictionaries, bitsets and orders in one memory that grows. */
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
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
import type { CountedRows } from './wasm/facet-counts.ts';
import { FacetCounts } from './wasm/facet-counts.ts';
import { lendRoom } from './wasm/dictionary-room.ts';
import { GroupCounts } from './wasm/group-counts.ts';
import { WasmMemory } from './wasm/memory.ts';
import { RowMarker } from './wasm/row-marker.ts';
import { RowOrders } from './wasm/row-orders.ts';
import { RowReader } from './wasm/row-reader.ts';
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
  readonly #reader: RowReader;
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
    this.#reader = new RowReader(columns);
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
    return this.#reader.ids(Uint32Array.of(row))[0] as FindingId;
  }

  idBytes(rows: Uint32Array): Bytes {
    return this.#reader.idBytes(rows);
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
    const conditions = this.#conditions.of(query);
    const bits = this.#sets.take();
    const total = this.#meet(conditions, bits);
    // While rows come, orders are of those that are there.
    const isFirst = query.sort.by === 'priority' && query.sort.descending && !this.#isImporting && total === this.rows;
    const order = this.#orders.use(query.sort.by, query.sort.descending, isFirst);
    const { facets, accounts } = this.#count(conditions, { bits, count: total });
    const token = this.#answers.pin(bits, total, order);
    return { token, total, accounts, facets, elapsedMs: this.#clock() - startMs };
  }

  window(token: number, offset: number, limit: number): readonly Row[] {
    return this.#reader.rows(this.#answers.rows(token, offset, offset + limit));
  }

  rowsIn(token: number, from: number, to: number): Uint32Array {
    return this.#answers.rows(token, from, to);
  }

  ids(token: number, from: number, to: number): readonly FindingId[] {
    return this.#reader.ids(this.#answers.rows(token, from, to));
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
    return this.#reader.rows(Uint32Array.of(row))[0] as Row;
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
      const others = this.#marked(by, code, bits, order.at, limit + 1).filter((row) => row !== self);
      return this.#reader.rows(Uint32Array.from(others.slice(0, limit)));
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

  /** `out` gets the rows that all conditions let through; their number. */
  #meet(conditions: readonly Condition[], out: number): number {
    const bitsOf = (isNegated: boolean) => conditions.flatMap((one) => (one.isNegated === isNegated ? [one.bits] : []));
    const inside = bitsOf(false);
    return this.#sets.meet(inside.length === 0 ? [this.#sets.all] : inside, bitsOf(true), out);
  }

  /** The same, without a bitset of their own where there is one. */
  #rowsOf(conditions: readonly Condition[], taken: number[]): CountedRows {
    const [only, ...more] = conditions;
    if (only === undefined) return { bits: this.#sets.all, count: this.rows };
    if (more.length === 0 && !only.isNegated) return only;
    const bits = this.#sets.take();
    taken.push(bits);
    return { bits, count: this.#meet(conditions, bits) };
  }

  /** Counts of a field ignore its own filter. */
  #count(conditions: readonly Condition[], hits: CountedRows): Pick<QueryResult, 'facets' | 'accounts'> {
    const filtered = new Map<FacetField, CountedRows>();
    const taken: number[] = [];
    for (const { facet } of conditions) {
      if (facet === null) continue;
      const others = conditions.filter((one) => one.facet !== facet);
      filtered.set(facet, this.#rowsOf(others, taken));
    }
    const counts = this.#facets.of(hits, (field) => filtered.get(field) ?? hits);
    for (const bits of taken) this.#sets.give(bits);
    return counts;
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
