/** A small vocabulary as bit planes: a few bits a row, filtered and counted 64 rows at a time. Empty: all codes are 0, no memory. */
import { bitsBytes } from './bit-sets.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';

export class PlaneColumn {
  /** Bits of a code. */
  readonly bits: number;
  /** Address of the table of the planes' addresses, lowest bit first. */
  readonly table: number;
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #planes: readonly Region[];
  readonly #size: number;
  #isEmpty = true;

  /** `table`: 16 bytes. `size`: words of the vocabulary, at most 16. */
  constructor(memory: WasmMemory, kernels: Kernels, table: number, size: number) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.table = table;
    this.#size = size;
    this.bits = Math.max(1, Math.ceil(Math.log2(size)));
    this.#planes = Array.from({ length: this.bits }, () => new Region(memory));
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Address of a plane; for a column that is not empty. */
  plane(bit: number): number {
    return this.#planes[bit]?.at ?? 0;
  }

  /** Room for `rows`, of which `kept` are there. Throws EngineFullError, unchanged. */
  reserve(rows: number, kept: number): void {
    if (!this.#isEmpty) this.#fit(rows, kept);
  }

  /** From now on it has planes. Throws EngineFullError. */
  fill(rows: number): void {
    if (!this.#isEmpty) return;
    this.#fit(rows, 0);
    this.#isEmpty = false;
  }

  /** Rows `row`.. , whose bits are 0, get codes at `source` (bytes; readable 16 bytes beyond). */
  put(row: number, source: number, count: number): void {
    this.#planes.forEach(({ at }, bit) => {
      this.#kernels.packPlane(source, count, bit, at, row);
    });
  }

  /** Rows from `from` on become 0. */
  clear(from: number, to: number): void {
    if (this.#isEmpty) return;
    for (const { at } of this.#planes) this.#kernels.clearBits(at, from, to);
  }

  at(row: number): number {
    if (this.#isEmpty) return 0;
    const { u8 } = this.#memory;
    let code = 0;
    for (let bit = 0; bit < this.bits; bit++) {
      code |= (((u8[this.plane(bit) + (row >> 3)] as number) >> (row & 7)) & 1) << bit;
    }
    return code;
  }

  /** Codes of `count` rows from `row` (a multiple of 16) on to `out`, a byte each; up to 15 more are written. Not for an empty column. */
  unpack(row: number, count: number, out: number): void {
    this.#kernels.unpackPlanes(this.table, this.bits, row, count, out);
  }

  /** Code of each row, a byte each. */
  codesOf(rows: Uint32Array): Uint8Array {
    if (this.#isEmpty) return new Uint8Array(rows.length);
    return this.#memory.lend([rows.byteLength, rows.length], (at, out) => {
      this.#memory.u32.set(rows, at >> 2);
      this.#kernels.gatherPlanes(this.table, this.bits, at, rows.length, out);
      return this.#memory.u8.slice(out, out + rows.length);
    });
  }

  /** All of `count` rows (u32 at `rows`) get `code`. */
  set(rows: number, count: number, code: number): void {
    this.#planes.forEach(({ at }, bit) => {
      this.#kernels.setBits(at, rows, count, (code >> bit) & 1);
    });
  }

  /** Row `to[i]` takes the code of row `from[i]` (addresses of u32). */
  copy(from: number, to: number, count: number): void {
    if (this.#isEmpty) return;
    for (const { at } of this.#planes) this.#kernels.copyBits(at, from, to, count);
  }

  /** Rows in the bitset `last` move behind the others; see `partPlane`. */
  part(last: number, first: number, end: number, spare: number): void {
    if (this.#isEmpty) return;
    for (const { at } of this.#planes) this.#kernels.partPlane(at, last, first, end, spare);
  }

  /** `out` gets the rows whose code is `code`, beside what it has; rows behind the last one may be among them. */
  or(code: number, out: number, words: number): void {
    if (!this.#isEmpty) this.#kernels.orValue(this.table, this.bits, code, out, words);
    else if (code === 0) this.#memory.u8.fill(0xff, out, out + words * 8);
  }

  /** Adds the rows of `mask`, `total` of them, by code to `counts` (16 u32). Not for an empty column. */
  count(mask: number, total: number, words: number, counts: number): void {
    this.#kernels.countValues(this.table, this.#size, mask, total, words, counts);
  }

  #fit(rows: number, kept: number): void {
    const bytes = bitsBytes(rows);
    const keptBytes = Math.ceil(kept / 8);
    for (const [bit, plane] of this.#planes.entries()) {
      if (plane.bytes < bytes) {
        plane.reserve(bytes, keptBytes);
        this.#memory.u8.fill(0, plane.at + keptBytes, plane.at + plane.bytes);
      }
      this.#memory.u32[(this.table >> 2) + bit] = plane.at;
    }
  }
}
