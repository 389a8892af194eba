/** Answers that are pinned: which rows, and the order they are walked in. Rows are found when they are asked for. */
import type { BitSets } from './bit-sets.ts';
import type { Columns } from './columns.ts';
import { firstByPriority } from './first-rows.ts';
import type { RowOrder, RowOrders } from './row-orders.ts';

/** Query: an answer stays pinned until the next `run` but one. */
const PINNED_ANSWERS = 2;
/** So many rows are found without an order. */
const FIRST_ROWS = 256;
/** Places of the order for each of which the hits before it are counted; kernels know the number. */
const STRIDE = 4096;

export interface Answer {
  /** Bitset of `rows` rows. */
  readonly bits: number;
  readonly rows: number;
  readonly total: number;
  readonly order: RowOrder;
  /** Hits before each stride of the order, once somebody has asked for a far window. */
  hitsBefore: Uint32Array | null;
}

export class Answers {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  readonly #orders: RowOrders;
  readonly #pinned = new Map<number, Answer>();
  #lastToken: number;

  constructor(columns: Columns, sets: BitSets, orders: RowOrders, firstToken: number) {
    this.#columns = columns;
    this.#sets = sets;
    this.#orders = orders;
    this.#lastToken = firstToken - 1;
  }

  /** Bytes outside the WebAssembly memory. */
  get memoryBytes(): number {
    return [...this.#pinned.values()].reduce((sum, { hitsBefore }) => sum + (hitsBefore?.byteLength ?? 0), 0);
  }

  /** Takes over bitset and order; the token under which they can be asked for. */
  pin(bits: number, total: number, order: RowOrder): number {
    const token = ++this.#lastToken;
    this.#pinned.set(token, { bits, rows: this.#columns.rows, total, order, hitsBefore: null });
    const oldest = this.#pinned.get(token - PINNED_ANSWERS);
    if (oldest !== undefined) {
      this.#pinned.delete(token - PINNED_ANSWERS);
      this.#sets.drop(oldest.bits, oldest.rows);
      this.#orders.release(oldest.order);
    }
    return token;
  }

  get(token: number): Answer | undefined {
    return this.#pinned.get(token);
  }

  /** Row numbers of hits `from`..`to`; none for a token that is not pinned. */
  rows(token: number, from: number, to: number): Uint32Array<ArrayBuffer> {
    const answer = this.#pinned.get(token);
    const start = Math.max(0, from);
    const count = answer === undefined ? 0 : Math.min(to, answer.total) - start;
    if (answer === undefined || count <= 0) return new Uint32Array(0);
    const { memory } = this.#columns;
    const { order, rows } = answer;
    if (answer.total === rows) {
      const first = order.isBuilt || start + count > FIRST_ROWS ? null : firstByPriority(this.#columns, start + count);
      if (first !== null) return first.slice(start);
      const at = order.at >> 2;
      return memory.u32.slice(at + start, at + start + count);
    }
    const [place, skip] = this.#placeBefore(answer, start);
    // The kernel writes one row more before it knows that it is none.
    return memory.lend([(count + 1) * 4], (out) => {
      this.#columns.kernels.takeHits(order.at, rows, answer.bits, place, skip, count, out);
      return memory.u32.slice(out >> 2, (out >> 2) + count);
    });
  }

  /** Which hit a row is, -1 for none. */
  position(token: number, row: number): number {
    const answer = this.#pinned.get(token);
    if (answer === undefined || row >= answer.rows) return -1;
    const { memory, kernels } = this.#columns;
    const byte = memory.u8[answer.bits + (row >> 3)] as number;
    if (((byte >> (row & 7)) & 1) === 0) return -1;
    return kernels.placeOfHit(answer.order.at, answer.rows, answer.bits, row);
  }

  /** A place of the order at or before hit `index`, and how many hits lie between. */
  #placeBefore(answer: Answer, index: number): readonly [place: number, skip: number] {
    if (index < STRIDE && answer.hitsBefore === null) return [0, index];
    const before = (answer.hitsBefore ??= this.#countHits(answer));
    let [low, high] = [0, before.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((before[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    return [low * STRIDE, index - (before[low] as number)];
  }

  #countHits({ order, rows, bits }: Answer): Uint32Array {
    const { memory, kernels } = this.#columns;
    const strides = Math.ceil(rows / STRIDE);
    return memory.lend([strides * 4], (out) => {
      kernels.countHits(order.at, rows, bits, out);
      return memory.u32.slice(out >> 2, (out >> 2) + strides);
    });
  }
}
