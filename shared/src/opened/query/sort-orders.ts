/**
 * Row orders, one per sort and direction, kept until rows or states change. Ties always end in ascending id, so that two devices
 * with the same findings show the same order. Unknown times count as the oldest; times before 1970 count as 1970.
 */
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { FindingColumns } from './finding-columns.ts';
import type { SortField } from './query.ts';
import { sortByKey } from './radix-sort.ts';

type Rows = Uint32Array<ArrayBuffer>;

const TWO_32 = 2 ** 32;

/** How people first look at each order. */
const USUAL: readonly (readonly [SortField, isDescending: boolean])[] = [
  ['priority', true],
  ['score', true],
  ['captured', true],
  ['lastSeen', true],
  ['identity', false],
  ['host', false],
  ['state', false],
];

export class SortOrders {
  readonly #columns: FindingColumns;
  readonly #orders = new Map<string, Rows>();
  #byId: Rows | null = null;

  constructor(columns: FindingColumns) {
    this.#columns = columns;
  }

  /** Rows came. */
  forgetAll(): void {
    this.#orders.clear();
    this.#byId = null;
  }

  /** States changed. */
  forgetStates(): void {
    this.#orders.delete(nameOf('state', false));
    this.#orders.delete(nameOf('state', true));
  }

  /** Builds a usual order that is not there; `false` if all are. */
  warm(): boolean {
    const missing = USUAL.find(([by, isDescending]) => !this.#orders.has(nameOf(by, isDescending)));
    if (missing !== undefined) this.order(...missing);
    return missing !== undefined;
  }

  get memoryBytes(): number {
    return (this.#orders.size + 1) * (this.#byId?.byteLength ?? 0);
  }

  /** All rows in order. The caller does not write. Cost: first time a radix pass per 16 bits of key, then none. */
  order(by: SortField, descending: boolean): Rows {
    const name = nameOf(by, descending);
    const known = this.#orders.get(name);
    if (known) return known;
    let order = this.#idOrder();
    for (const keys of this.#keysOf(by)) {
      if (descending) for (let i = 0; i < keys.length; i++) keys[i] = ~(keys[i] as number);
      order = sortByKey(order, keys);
    }
    this.#orders.set(name, order);
    return order;
  }

  #idOrder(): Rows {
    if (this.#byId) return this.#byId;
    const { rows, ids } = this.#columns;
    let order: Rows = new Uint32Array(rows).map((_, row) => row);
    for (const word of [3, 2, 1, 0])
      order = sortByKey(
        order,
        this.#keys((row) => ids.word(row, word)),
      );
    this.#byId = order;
    return order;
  }

  /** Keys by row, the least significant first. */
  #keysOf(by: SortField): readonly Rows[] {
    const { bytes, times } = this.#columns;
    switch (by) {
      case 'priority':
        return [
          ...this.#timeKeys(times.capturedAtMs),
          this.#keys((row) => ((bytes.level[row] as number) << 8) | (bytes.score[row] as number)),
        ];
      case 'score':
        return [this.#keys((row) => bytes.score[row] as number)];
      case 'captured':
        return this.#timeKeys(times.capturedAtMs);
      case 'lastSeen':
        return this.#timeKeys(times.lastSeenAtMs);
      case 'identity':
      case 'host': {
        const codes = this.#columns.codes[by];
        const ranks = this.#columns.dictionaries[by].ranks();
        return [this.#keys((row) => ranks[codes[row] as number] as number)];
      }
      case 'state':
        return [this.#keys((row) => Math.min(bytes.state[row] as number, TRIAGE_STATES.length))];
    }
  }

  #timeKeys(times: Float64Array): readonly Rows[] {
    const key = (row: number) => {
      const ms = times[row] as number;
      return Number.isNaN(ms) ? 0 : Math.max(0, Math.floor(ms)) + 1;
    };
    return [this.#keys((row) => key(row) % TWO_32), this.#keys((row) => key(row) / TWO_32)];
  }

  #keys(key: (row: number) => number): Rows {
    const keys = new Uint32Array(this.#columns.rows);
    for (let row = 0; row < keys.length; row++) keys[row] = key(row);
    return keys;
  }
}

function nameOf(by: SortField, isDescending: boolean): string {
  return `${by} ${isDescending ? 'down' : 'up'}`;
}
