/**
 * Orders of all rows, one for each sort and direction, built when asked for and kept. Ties always end in ascending id, so that two
 * devices with the same findings show the same order. An unknown time counts as the oldest.
 */
import type { SortField } from '../query.ts';
import { piecesOf } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { TimeColumn } from './time-column.ts';
import type { TimeFormat } from './time-span.ts';
import { AS_CODES, AS_TIMES } from './time-column.ts';
import { greatestDivisor } from './time-span.ts';

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
const BY = { score: 1, state: 2, time: 3, rank: 4, priority: 5 } as const;
const SCORE_BITS = 7;
const LEVEL_BITS = 3;
const STATE_BITS = 4;
/** Bytes of a block in a table of times: address, kind, unit or where the keys by code are, what to add (u32, u32, i64, i64). */
const TIME_BYTES = 24;
const [OF_TICKS, OF_TIMES, OF_CODES] = [0, 1, 2];
/** Buckets for the high bits: streams of that many lines still fit caches. */
const MAX_DIGIT_BITS = 12;
const RECORD_BYTES = 8;
/** Kernels are called step by step: an engine that compiles them better meanwhile goes on with the better ones. */
const STEP_ROWS = 32_768;
const STEP_BUCKETS = 128;

/** An order that is kept as long as somebody uses it. */
export interface RowOrder {
  /** Address of the rows (u32). Builds the order if it was not built yet, which takes memory. */
  readonly at: number;
  readonly rows: number;
  readonly isBuilt: boolean;
  users: number;
}

class Order implements RowOrder {
  readonly rows: number;
  users = 1;
  readonly #build: () => number;
  #at: number | null = null;

  constructor(rows: number, build: () => number) {
    this.rows = rows;
    this.#build = build;
  }

  get isBuilt(): boolean {
    return this.#at !== null;
  }

  get at(): number {
    return (this.#at ??= this.#build());
  }
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
  readonly #orders = new Map<string, Order>();
  /** Kernels know what ids of these rows look like. */
  #areIdsKnown = false;

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Rows came. */
  forget(): void {
    for (const order of this.#orders.values()) this.release(order);
    this.#orders.clear();
    this.#areIdsKnown = false;
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
    const missing = USUAL.find(([by, isDescending]) => this.#orders.get(nameOf(by, isDescending))?.isBuilt !== true);
    if (missing !== undefined) built(this.#get(...missing));
    return missing !== undefined;
  }

  /** The caller gives it back with `release`. `mayWait`: it is built when its address is asked for. */
  use(by: SortField, isDescending: boolean, mayWait: boolean): RowOrder {
    const order = this.#get(by, isDescending);
    if (!mayWait) built(order);
    order.users++;
    return order;
  }

  /** Builds what waits. Before rows come: an order is that of the rows there were when it was asked for. Throws EngineFullError. */
  buildAll(): void {
    for (const order of this.#orders.values()) built(order);
  }

  release(order: RowOrder): void {
    order.users--;
    if (order.users === 0 && order.isBuilt) this.#columns.memory.give(order.at, order.rows * 4);
  }

  #get(by: SortField, isDescending: boolean): Order {
    const name = nameOf(by, isDescending);
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const order = new Order(this.#columns.rows, () => this.#build(by, isDescending));
    this.#orders.set(name, order);
    return order;
  }

  /** Address of all rows in order. */
  #build(by: SortField, isDescending: boolean): number {
    const { memory, rows } = this.#columns;
    // Rows are left where their records were, which take twice the room.
    const at = memory.take(rows * RECORD_BYTES);
    try {
      this.#withKey(by, (key) => {
        this.#sort(key, isDescending, at);
      });
    } catch (error) {
      memory.give(at, rows * RECORD_BYTES);
      throw error;
    }
    memory.shrink(at, rows * RECORD_BYTES, rows * 4);
    return at;
  }

  #sort({ by, a, b, width, timeTable, timeBits, bits }: Key, isDescending: boolean, records: number): void {
    const { memory, kernels, ids, rows } = this.#columns;
    if (!this.#areIdsKnown) kernels.describeIds(ids.table, rows);
    this.#areIdsKnown = true;
    kernels.describeKey(by, a, b, width, timeTable, timeBits, bits, Number(isDescending));
    const rowBits = bitsFor(rows);
    const digitBits = Math.min(bits, MAX_DIGIT_BITS);
    const buckets = 2 ** digitBits;
    const shift = bits - digitBits;
    memory.lend([buckets * 4], (counts) => {
      memory.u32.fill(0, counts >> 2, (counts >> 2) + buckets);
      let largest = 0;
      forSteps(rows, STEP_ROWS, (from, to) => {
        largest = Math.max(largest, kernels.countKeys(from, to, shift, counts));
      });
      kernels.sumCounts(counts, buckets);
      const sizes = [largest * RECORD_BYTES, largest * 8, largest * 8, largest * 4];
      memory.lend(sizes, (spare, keys, spareKeys, spareRows) => {
        forSteps(rows, STEP_ROWS, (from, to) => {
          kernels.scatterRecords(from, to, shift, rowBits, counts, records);
        });
        const areCut = Number(shift > 64 - rowBits);
        const room = [spare, areCut, keys, spareKeys, spareRows] as const;
        forSteps(buckets, STEP_BUCKETS, (from, to) => {
          kernels.sortBuckets(counts, from, to, records, rowBits, ...room);
        });
      });
    });
  }

  #withKey(by: SortField, use: (key: Key) => void): void {
    const { codes, planes, texts, times } = this.#columns;
    const none = { a: 0, b: 0, width: 0, timeTable: 0, timeBits: 0 };
    switch (by) {
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
        const bits = bitsFor(texts[by].count);
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

  /** A table of the column's blocks, and how long keys of it are. */
  #withTimes(column: TimeColumn, use: (table: number, bits: number) => void): void {
    const { memory, rows } = this.#columns;
    const formats = [...piecesOf(0, rows)].map(([block]) => column.formatOf(block));
    const keys = timeKeys(column, formats, rows);
    memory.lend([formats.length * TIME_BYTES, keys.byCode.byteLength], (table, byCode) => {
      const { u32, i64 } = memory;
      i64.set(keys.byCode, byCode >> 3);
      formats.forEach(({ baseMs, unitMs }, block) => {
        const at = table + block * TIME_BYTES;
        const isTicks = unitMs > 0;
        u32[at >> 2] = column.blockAt(block);
        u32[(at >> 2) + 1] = isTicks ? OF_TICKS : unitMs === AS_TIMES ? OF_TIMES : OF_CODES;
        i64[(at >> 3) + 1] = BigInt(isTicks ? unitMs / keys.unitMs : byCode);
        i64[(at >> 3) + 2] = BigInt(isTicks ? (Math.floor(baseMs) - keys.fromMs) / keys.unitMs + 1 : 1 - keys.fromMs);
      });
      use(table, keys.bits);
    });
  }
}

/** Asking for its address builds it. */
function built(order: Order): number {
  return order.at;
}

/** All keys are 0. */
const CONSTANT: Key = { by: 0, a: 0, b: 0, width: 0, timeTable: 0, timeBits: 0, bits: 1 };

/** Keys of times: 1 + units from the earliest one, 0 for unknown; those of a block of codes by code. */
interface TimeKeys {
  readonly fromMs: number;
  readonly unitMs: number;
  readonly bits: number;
  readonly byCode: BigInt64Array;
}

function timeKeys(column: TimeColumn, formats: readonly TimeFormat[], rows: number): TimeKeys {
  const times = column.codedTimes();
  if (formats.every(({ unitMs }) => unitMs === AS_CODES)) {
    // Distinct times are few: their places in order will do.
    const inOrder = times.slice(1).sort();
    const places = new Map(Array.from(inOrder, (ms, place) => [ms, place + 1]));
    const byCode = BigInt64Array.from(times, (ms) => BigInt(places.get(ms) ?? 0));
    return { fromMs: 0, unitMs: 1, bits: bitsFor(places.size + 1), byCode };
  }
  const [lowMs, highMs] = column.bounds(rows);
  const fromMs = lowMs <= highMs ? Math.floor(lowMs) : 0;
  const unitMs = commonUnit(formats, fromMs);
  const byCode = BigInt64Array.from(times, (ms) => BigInt(Number.isNaN(ms) ? 0 : Math.floor(ms) - fromMs + 1));
  const span = lowMs <= highMs ? (Math.floor(highMs) - fromMs) / unitMs : 0;
  return { fromMs, unitMs, bits: bitsFor(span + 2), byCode };
}

/** The largest unit that all blocks count in, from `fromMs` on; a millisecond where one does not hold ticks. */
function commonUnit(formats: readonly TimeFormat[], fromMs: number): number {
  const units = formats.flatMap(({ baseMs, unitMs }) =>
    unitMs > 0 ? [unitMs, Math.abs(Math.floor(baseMs) - fromMs)] : [1],
  );
  return units.reduce(greatestDivisor, 0) || 1;
}

/** Bits of a number below `count`. */
function bitsFor(count: number): number {
  return Math.max(1, Math.ceil(Math.log2(count)));
}

function forSteps(end: number, step: number, work: (from: number, to: number) => void): void {
  for (let from = 0; from < end; from += step) work(from, Math.min(end, from + step));
}

function nameOf(by: SortField, isDescending: boolean): string {
  return `${by} ${isDescending ? 'down' : 'up'}`;
}
