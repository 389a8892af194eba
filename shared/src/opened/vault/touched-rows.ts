/**
 * Rows to which something was done, numbered as they came: a hash table, because ten thousand of a million rows lie on as many pages
 * of any array by row, and memory that was not touched before costs more than the work (10 microseconds for 4 KiB were measured).
 */

/** Place of a row that nothing was done to, among those of many. */
export const NO_PLACE = 0xffffffff;

const LEAST_SLOTS = 1024;
const MOST_KEPT_SLOTS = 65_536;
/** Rows of a bulk action; for more of them memory is made for the moment. */
const KEPT_PLACES = 16_384;

export class TouchedRows {
  /** Row by place. */
  #rows = new Uint32Array(LEAST_SLOTS / 2);
  /** 1 + place; 0 is free. Twice as many as rows, a power of two. */
  #slots = new Uint32Array(LEAST_SLOTS);
  #size = 0;
  /** What was answered last. */
  readonly #places = new Uint32Array(KEPT_PLACES);

  get size(): number {
    return this.#size;
  }

  /** Row of each place; a view, valid until the next `add`. */
  get rows(): Uint32Array<ArrayBuffer> {
    return this.#rows.subarray(0, this.#size);
  }

  /** Forgets all rows. Room for many is given back. */
  clear(): void {
    this.#size = 0;
    if (this.#slots.length <= MOST_KEPT_SLOTS) {
      this.#slots.fill(0);
      return;
    }
    this.#rows = new Uint32Array(LEAST_SLOTS / 2);
    this.#slots = new Uint32Array(LEAST_SLOTS);
  }

  /** Place of a row; -1 if nothing was done to it. */
  find(row: number): number {
    return (this.#slots[this.#slotOf(row)] as number) - 1;
  }

  /** Place of each row, or NO_PLACE; valid until the next `findAll` or `add`. */
  findAll(rows: Uint32Array): Uint32Array<ArrayBuffer> {
    const places = this.#room(rows.length);
    // -1 becomes NO_PLACE.
    for (let i = 0; i < rows.length; i++) places[i] = this.find(rows[i] as number);
    return places;
  }

  /** Place of each row, new ones being added; valid until the next `findAll` or `add`. */
  add(rows: Uint32Array): Uint32Array<ArrayBuffer> {
    this.#reserve(this.#size + rows.length);
    const places = this.#room(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const slot = this.#slotOf(row);
      let held = this.#slots[slot] as number;
      if (held === 0) {
        this.#rows[this.#size++] = row;
        held = this.#slots[slot] = this.#size;
      }
      places[i] = held - 1;
    }
    return places;
  }

  #room(length: number): Uint32Array<ArrayBuffer> {
    return length > KEPT_PLACES ? new Uint32Array(length) : this.#places.subarray(0, length);
  }

  /** The slot that holds the row, else the free one where it belongs. */
  #slotOf(row: number): number {
    const slots = this.#slots;
    const rows = this.#rows;
    const mask = slots.length - 1;
    // Fibonacci hashing (Knuth, TAOCP 3, 6.4): rows of one block do not gather.
    let slot = Math.imul(row, 0x9e3779b1) >>> Math.clz32(mask);
    for (;;) {
      const held = slots[slot] as number;
      if (held === 0 || rows[held - 1] === row) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #reserve(size: number): void {
    if (size <= this.#rows.length) return;
    const slots = 2 ** Math.ceil(Math.log2(size * 2));
    const rows = new Uint32Array(slots / 2);
    rows.set(this.rows);
    this.#rows = rows;
    this.#slots = new Uint32Array(slots);
    for (let place = 0; place < this.#size; place++) this.#slots[this.#slotOf(rows[place] as number)] = place + 1;
  }
}
