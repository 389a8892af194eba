/** The engine in plain TypeScript: the fallback where WASM SIMD is missing, and the oracle of the kernels. */
import { parseBase64url } from '../../base/base64url.ts';
import type { Bytes } from '../../base/bytes.ts';
import type { FindingId } from '../finding/finding.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { TriageStatus } from '../triage/triage.ts';
import { RESOLUTIONS, TRIAGE_STATES } from '../triage/triage.ts';
import type { DictionaryRoom, DictionarySizes } from './dictionary-room.ts';
import { freshRoom } from './dictionary-room.ts';
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
import { FindingColumns } from './finding-columns.ts';
import type { HotDictionaries } from './hot-columns.ts';
import { countBars, groupRows, Suggestions } from './plain-groups.ts';
import { answerQuery } from './plain-answer.ts';
import { countArrivals, countFirstSeen, countHosts } from './plain-tallies.ts';
import type { GroupField, GroupPage, Histogram, Query, QueryResult, Row, Suggestion, TimeField } from './query.ts';
import { parseSearch } from './search-syntax.ts';
import { SortOrders } from './sort-orders.ts';
import { matchRows } from './text-match.ts';

type Rows = Uint32Array<ArrayBuffer>;

const ID_BYTES = 16;
/** Query: an answer stays pinned until the next `run` but one. */
const PINNED_ANSWERS = 2;

/** Makes an empty engine. `elapsedMs` is measured with `clock` (milliseconds, any zero). Tokens count from `firstToken`. */
export function createPlainEngine(clock: () => number = () => 0, firstToken = 1): Engine {
  return new PlainEngine(clock, firstToken);
}

class PlainEngine implements Engine {
  readonly #columns = new FindingColumns(() => {
    this.#orders.forgetAll();
    this.#suggestions.forget();
    this.#textHits = null;
  });
  readonly #orders = new SortOrders(this.#columns);
  readonly #suggestions = new Suggestions(this.#columns);
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

  get memoryBytes(): number {
    const pinned = [...this.#pinned.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return this.#columns.memoryBytes + this.#orders.memoryBytes + pinned;
  }

  roomFor(sizes: DictionarySizes): DictionaryRoom {
    return freshRoom(sizes);
  }

  begin(dictionaries: HotDictionaries, origin: ImportOrigin): EngineImport {
    return this.#columns.begin(dictionaries, origin);
  }

  rowsOf(ids: Bytes): Uint32Array {
    const rows = new Uint32Array(ids.length / ID_BYTES);
    for (let i = 0; i < rows.length; i++) {
      const row = this.#columns.rowAt(ids, i * ID_BYTES);
      rows[i] = row < 0 ? NO_ROW : row;
    }
    return rows;
  }

  rowOf(id: FindingId): number {
    const bytes = parseBase64url(id, ID_BYTES);
    return bytes === null ? NO_ROW : (this.rowsOf(bytes)[0] as number);
  }

  idAt(row: number): FindingId {
    return this.#columns.ids.text(row);
  }

  idBytes(rows: Uint32Array): Bytes {
    const bytes = new Uint8Array(rows.length * ID_BYTES);
    rows.forEach((row, i) => {
      this.#columns.ids.write(row, bytes, i * ID_BYTES);
    });
    return bytes;
  }

  setStatus(rows: Uint32Array, status: Pick<TriageStatus, 'state' | 'resolution' | 'owner'>): void {
    const { bytes, codes, dictionaries } = this.#columns;
    const state = TRIAGE_STATES.indexOf(status.state);
    const resolution = status.resolution === null ? 0 : RESOLUTIONS.indexOf(status.resolution) + 1;
    const owner = dictionaries.owner.intern(status.owner ?? '');
    for (const row of rows) {
      bytes.state[row] = state;
      bytes.resolution[row] = resolution;
      codes.owner[row] = owner;
    }
    this.#orders.forgetStates();
    this.#suggestions.forget();
    this.#textHits = null;
  }

  run(query: Query): QueryResult {
    const startMs = this.#clock();
    if (this.#textHits?.text !== query.text) {
      this.#textHits = { text: query.text, rows: matchRows(this.#columns, parseSearch(query.text)) };
    }
    const order = this.#orders.order(query.sort.by, query.sort.descending);
    const { view, facets, accounts } = answerQuery(this.#columns, query, this.#textHits.rows, order);
    const token = ++this.#lastToken;
    this.#pinned.set(token, view);
    this.#pinned.delete(token - PINNED_ANSWERS);
    return { token, total: view.length, accounts, facets, elapsedMs: this.#clock() - startMs };
  }

  window(token: number, offset: number, limit: number): readonly Row[] {
    return Array.from(this.#rowsIn(token).subarray(offset, offset + limit), (row) => this.row(row));
  }

  rowsIn(token: number, from: number, to: number): Uint32Array {
    return this.#rowsIn(token).slice(from, to);
  }

  ids(token: number, from: number, to: number): readonly FindingId[] {
    return Array.from(this.#rowsIn(token).subarray(from, to), (row) => this.idAt(row));
  }

  position(token: number, id: FindingId): number {
    const row = this.rowOf(id);
    return row === NO_ROW ? -1 : this.#rowsIn(token).indexOf(row);
  }

  groups(token: number, by: GroupField, offset: number, limit: number): GroupPage {
    return groupRows(this.#columns, this.#rowsIn(token), by, offset, limit);
  }

  histogram(token: number, field: TimeField, bars: number): Histogram {
    return countBars(this.#columns, this.#rowsIn(token), field, bars);
  }

  suggest(text: string, limit: number): readonly Suggestion[] {
    return this.#suggestions.find(text, limit);
  }

  row(row: number): Row {
    const { bytes, codes, times, dictionaries, ids } = this.#columns;
    const capturedAtMs = times.capturedAtMs[row] as number;
    const resolution = bytes.resolution[row] as number;
    return {
      id: ids.text(row),
      identityKind: IDENTITY_KINDS[bytes.identityKind[row] as number] ?? 'user',
      identity: dictionaries.identity.text(codes.identity[row] as number),
      registrable: dictionaries.registrable.text(codes.registrable[row] as number),
      host: dictionaries.host.text(codes.host[row] as number),
      pathClass: PATH_CLASSES[bytes.pathClass[row] as number] ?? 'other',
      exposure: EXPOSURES[bytes.exposure[row] as number] ?? 'unclassified',
      sourceClass: SOURCE_CLASSES[bytes.sourceClass[row] as number] ?? 'address_only',
      sourceAlias: dictionaries.source.text(codes.source[row] as number),
      capturedAtMs: Number.isNaN(capturedAtMs) ? null : capturedAtMs,
      lastSeenAtMs: times.lastSeenAtMs[row] as number,
      mask: codes.mask[row] === 0 ? null : dictionaries.mask.text(codes.mask[row] as number),
      score: bytes.score[row] as number,
      level: LEVELS[bytes.level[row] as number] ?? 'info',
      confidence: CONFIDENCES[bytes.confidence[row] as number] ?? 'low',
      state: TRIAGE_STATES[bytes.state[row] as number] ?? 'new',
      resolution: resolution === 0 ? null : (RESOLUTIONS[resolution - 1] ?? null),
      owner: codes.owner[row] === 0 ? null : dictionaries.owner.text(codes.owner[row] as number),
    };
  }

  appearances(row: number): readonly Appearance[] {
    return this.#columns.appearances(row);
  }

  receivedAtMs(row: number): number {
    return this.#columns.times.receivedAtMs[row] as number;
  }

  related(self: number, by: 'machine' | 'identity', limit: number): readonly Row[] {
    const codes = this.#columns.codes[by];
    const code = codes[self];
    const found: Row[] = [];
    if (code === 0 || limit <= 0) return found;
    for (const row of this.#orders.order('priority', true)) {
      if (codes[row] === code && row !== self) found.push(this.row(row));
      if (found.length >= limit) break;
    }
    return found;
  }

  wordsOf(rows: Uint32Array): RowWords {
    const { level, state, sourceClass } = this.#columns.bytes;
    const of = (words: Uint8Array) => Uint8Array.from(rows, (row) => words[row] as number);
    return { level: of(level), state: of(state), sourceClass: of(sourceClass) };
  }

  arrivals(): readonly Arrival[] {
    return countArrivals(this.#columns);
  }

  firstSeenBySteps(steps: TimeSteps): Uint32Array {
    return countFirstSeen(this.#columns, steps);
  }

  topHosts(limit: number): readonly HostCount[] {
    return countHosts(this.#columns, limit);
  }

  /** Its arrays are made as they are filled. */
  makeReady(): boolean {
    return false;
  }

  warm(): boolean {
    return this.#orders.warm();
  }

  #rowsIn(token: number): Rows {
    return this.#pinned.get(token) ?? new Uint32Array(0);
  }
}
