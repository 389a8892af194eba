/**
 * Orders of all rows, one for each sort and direction, built when asked for and kept. Ties always end in ascending id, so that two
 * devices with the same findings show the same order. An unknown time counts as the oldest.
 */
import type { SortField } from '../query.ts';
import { piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { TimeColumn } from './time-column.ts';

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

/** What kernels call kinds of keys. */
const BY = { score: 1, state: 2, time: 3, rank: 4, priority: 5, id: 6 } as const;
const SCORE_BITS = 7;
const LEVEL_BITS = 3;
const STATE_BITS = 4;
const ID_BITS = 64;
/** Bytes of a block in a table of times: address, whether it is f64, unit, what to add (u32, u32, i64, i64). */
const TIME_BYTES = 24;
/** Buckets for the high bits: streams of that many lines still fit caches. */
const MAX_DIGIT_BITS = 12;
/** Rows for each bucket at least. */
const BUCKET_BITS = 6;
/** Orders with few distinct keys are built from that of ids, which costs less than sorting their ties. */
const TIED: readonly SortField[] = ['score', 'state', 'host'];

/** An order that is kept as long as somebody uses it. */
export interface RowOrder {
  /** Address of the rows (u32). */
  readonly at: number;
  readonly rows: number;
  users: number;
}

interface Key {
  readonly by: number;
  readonly a: number;
  readonly b: number;
  readonly width: number;
  readonly timeTable: number;
  readonly timeBits: number;
  readonly bits: number;
}

export class RowOrders {
  readonly #columns: Columns;
  readonly #orders = new Map<string, RowOrder>();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Rows came. */
  forget(): void {
    for (const order of this.#orders.values()) this.release(order);
    this.#orders.clear();
  }

  /** Triage changed. */
  forgetTriage(): void {
    for (const name of [nameOf('state', false), nameOf('state', true)]) {
      const order = this.#orders.get(name);
      if (order !== undefined) this.release(order);
      this.#orders.delete(name);
    }
  }

  /** Builds a usual order that is not there; `false` if all are. */
  warm(): boolean {
    const missing = USUAL.find(([by, isDescending]) => !this.#orders.has(nameOf(by, isDescending)));
    if (missing !== undefined) this.#get(...missing);
    return missing !== undefined;
  }

  /** The caller gives it back with `release`. */
  use(by: SortField, isDescending: boolean): RowOrder {
    const order = this.#get(by, isDescending);
    order.users++;
    return order;
  }

  release(order: RowOrder): void {
    order.users--;
    if (order.users === 0) this.#columns.memory.give(order.at, order.rows * 4);
  }

  #get(by: SortField | 'id', isDescending: boolean): RowOrder {
    const name = nameOf(by, isDescending);
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const base = by !== 'id' && TIED.includes(by) ? this.#get('id', false) : null;
    const { memory, rows } = this.#columns;
    const order: RowOrder = { at: memory.take(rows * 4), rows, users: 1 };
    try {
      this.#withKey(by, (key) => {
        this.#sort(key, isDescending, base?.at ?? 0, order.at);
      });
    } catch (error) {
      memory.give(order.at, rows * 4);
      throw error;
    }
    this.#orders.set(name, order);
    return order;
  }

  #sort({ by, a, b, width, timeTable, timeBits, bits }: Key, isDescending: boolean, base: number, out: number): void {
    const { memory, kernels, ids, rows } = this.#columns;
    kernels.describeKey(by, a, b, width, timeTable, timeBits, bits, Number(isDescending), ids.table, rows);
    const wanted = Math.max(1, Math.ceil(Math.log2(Math.max(1, rows))) - BUCKET_BITS);
    const digitBits = Math.min(bits, MAX_DIGIT_BITS, by === BY.priority ? MAX_DIGIT_BITS : wanted);
    const buckets = 2 ** digitBits;
    memory.lend([buckets * 4], (counts) => {
      const largest = kernels.countKeys(rows, bits - digitBits, counts, buckets);
      kernels.sumCounts(counts, buckets);
      kernels.scatterKeys(base, rows, bits - digitBits, counts, out);
      // All of the key was in the bucket's number, and rows came in the order of ids.
      if (bits === digitBits && base !== 0) return;
      memory.lend([largest * 8, largest * 8, largest * 4], (keys, spareKeys, spareRows) => {
        kernels.sortKeys(counts, 0, buckets, out, keys, spareKeys, spareRows, Number(base === 0));
      });
    });
  }

  #withKey(by: SortField | 'id', use: (key: Key) => void): void {
    const { codes, planes, texts, times } = this.#columns;
    const none = { a: 0, b: 0, width: 0, timeTable: 0, timeBits: 0 };
    switch (by) {
      case 'id':
        use({ ...none, by: BY.id, bits: ID_BITS });
        return;
      case 'score':
        use({ ...none, by: BY.score, a: codes.score.table, bits: SCORE_BITS });
        return;
      case 'state':
        if (planes.state.isEmpty) use(CONSTANT);
        else use({ ...none, by: BY.state, a: planes.state.table, bits: STATE_BITS });
        return;
      case 'captured':
      case 'lastSeen':
        this.#withTimes(times[by], (timeTable, timeBits) => {
          use({ ...none, by: BY.time, timeTable, timeBits, bits: timeBits });
        });
        return;
      case 'identity':
      case 'host': {
        const column = codes[by];
        if (column.isEmpty) {
          use(CONSTANT);
          return;
        }
        const bits = Math.max(1, Math.ceil(Math.log2(texts[by].count)));
        use({ ...none, by: BY.rank, a: column.table, b: texts[by].ranks(), width: column.width, bits });
        return;
      }
      case 'priority':
        this.#withTimes(times.captured, (timeTable, timeBits) => {
          const bits = LEVEL_BITS + SCORE_BITS + timeBits;
          const { level } = planes;
          use({ by: BY.priority, a: level.table, b: codes.score.table, width: 0, timeTable, timeBits, bits });
        });
    }
  }

  /** A table of the column's blocks, and how long keys of it are: 1 + milliseconds from the earliest, 0 for unknown. */
  #withTimes(column: TimeColumn, use: (table: number, bits: number) => void): void {
    const { memory, rows } = this.#columns;
    const [lowMs, highMs] = column.bounds(rows);
    const isKnown = lowMs <= highMs;
    const from = isKnown ? Math.floor(lowMs) : 0;
    const bits = isKnown ? Math.max(1, Math.ceil(Math.log2(Math.floor(highMs) - from + 2))) : 1;
    const pieces = [...piecesOf(0, rows)];
    memory.lend([pieces.length * TIME_BYTES], (table) => {
      const { u32, i64 } = memory;
      for (const [block] of pieces) {
        const { baseMs, unitMs } = column.formatOf(block);
        const at = table + block * TIME_BYTES;
        u32[at >> 2] = column.blockAt(block);
        u32[(at >> 2) + 1] = Number(unitMs === 0);
        i64[(at >> 3) + 1] = BigInt(unitMs);
        i64[(at >> 3) + 2] = BigInt(unitMs === 0 ? 1 - from : Math.floor(baseMs) - from + 1);
      }
      use(table, bits);
    });
  }
}

/** All keys are 0. */
const CONSTANT: Key = { by: 0, a: 0, b: 0, width: 0, timeTable: 0, timeBits: 0, bits: 1 };

function nameOf(by: SortField | 'id', isDescending: boolean): string {
  return `${by} ${isDescending ? 'down' : 'up'}`;
}
