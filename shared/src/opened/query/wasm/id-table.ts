/** Rows by id: the hash table that finds known ids and looks ids up. */
import type { Bytes } from '../../../base/bytes.ts';
import type { Blocks } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';

const ID_BYTES = 16;
const SLOT_BYTES = 4;
/** Slots for each row: two in three are full at most. */
const SLOTS_A_ROW = 1.5;
const LEAST_SLOTS = 64;
/** When it grows, it grows for so many times the rows, so that many small imports do not build it anew each time. */
const GROWTH = 1.5;

export class IdTable {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #ids: Blocks;
  readonly #slots: Region;
  #count = 0;
  /** Rows below stand in it. */
  #filled = 0;

  constructor(memory: WasmMemory, kernels: Kernels, ids: Blocks) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#ids = ids;
    this.#slots = new Region(memory);
  }

  /** Room for `rows`; where that needs a new table, rows have to be put in again (`fill`). Throws EngineFullError, unchanged. */
  reserve(rows: number): void {
    const count = Math.max(LEAST_SLOTS, Math.ceil(rows * SLOTS_A_ROW));
    if (count <= this.#count) return;
    const slots = new Region(this.#memory);
    const size = this.#count === 0 ? count : Math.ceil(count * GROWTH);
    slots.reserve(size * SLOT_BYTES, 0);
    this.#slots.become(slots);
    this.#count = size;
    this.#clear();
  }

  /** Puts at most `most` rows in, up to `rows`; whether all are. Cost: about 30 ns each. */
  fill(rows: number, most: number): boolean {
    if (this.#filled >= rows) return true;
    this.#use();
    const to = Math.min(rows, this.#filled + most);
    this.#kernels.fillIds(this.#filled, to);
    this.#filled = to;
    return to === rows;
  }

  /** Puts all `rows` in; whether some were not. Throws EngineFullError. */
  fillAll(rows: number): boolean {
    if (this.#filled >= rows) return false;
    this.reserve(rows);
    return this.fill(rows, rows);
  }

  /** As the kernel `addIds`: rows `from`..`to` (staged) become rows from `kept` on. */
  add(from: number, to: number, kept: number, keepers: number, later: number, repeated: number): number {
    this.#use();
    const found = this.#kernels.addIds(from, to, kept, keepers, later, repeated);
    this.#filled = kept + (to - from) - found;
    return found;
  }

  /** Row of each id among the first `rows`; all ones: none. */
  find(ids: Bytes, rows: number): Uint32Array<ArrayBuffer> {
    const count = Math.floor(ids.length / ID_BYTES);
    const found = new Uint32Array(count);
    if (rows === 0) return found.fill(0xffffffff);
    this.fillAll(rows);
    return this.#memory.lend([count * ID_BYTES, count * 4], (from, out) => {
      this.#memory.u8.set(ids, from);
      this.#use();
      this.#kernels.findIds(from, count, rows, out);
      found.set(this.#memory.u32.subarray(out >> 2, (out >> 2) + count));
      return found;
    });
  }

  /** Rows from `rows` on are no more. What stands in it of them is forgotten when it is next used. */
  rollback(rows: number): void {
    if (this.#filled > rows) this.#clear();
  }

  #clear(): void {
    const at = this.#slots.at / SLOT_BYTES;
    this.#memory.u32.fill(0, at, at + this.#count);
    this.#filled = 0;
  }

  #use(): void {
    this.#kernels.useIds(this.#slots.at, this.#count, this.#ids.table);
  }
}
