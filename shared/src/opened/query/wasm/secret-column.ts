/** Secret fingerprints as 8 bytes a row: enough to find those that are equal, which is all they are for. Empty: nobody has one. */
import type { Bytes } from '../../../base/bytes.ts';
import { Blocks, piecesOf } from './blocks.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';

const FINGERPRINT_BYTES = 16;
const FOLDED_BYTES = 8;
/** So many at a time through the staging area. */
const STEP = 4096;

export class SecretColumn {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #blocks: Blocks;
  #isEmpty = true;

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#blocks = new Blocks(memory, FOLDED_BYTES);
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  blockAt(block: number): number {
    return this.#blocks.at(block);
  }

  /** Room for `rows`. Throws EngineFullError. */
  reserve(rows: number): void {
    if (!this.#isEmpty) this.#blocks.reserve(rows);
  }

  release(rows: number): void {
    this.#blocks.release(rows);
  }

  /** Rows `row`.. get fingerprints `from`..`to` (16 bytes each, zeros: none), or none; `held` rows are there. Throws EngineFullError. */
  put(row: number, fingerprints: Bytes | null, from: number, to: number, staging: number): void {
    if (fingerprints === null && this.#isEmpty) return;
    if (this.#isEmpty) this.#start(row, row + to - from);
    for (const [block, place, count, done] of piecesOf(row, to - from)) {
      const target = this.#blocks.at(block) + place * FOLDED_BYTES;
      if (fingerprints === null) this.#memory.u8.fill(0, target, target + count * FOLDED_BYTES);
      else this.#fold(fingerprints, from + done, count, target, staging);
    }
  }

  /** Address of what a fingerprint is here: `at` gets 8 bytes. */
  folded(fingerprint: Bytes, at: number): readonly [number, number] {
    return this.#memory.lend([FINGERPRINT_BYTES], (source) => {
      this.#memory.u8.set(fingerprint, source);
      this.#kernels.foldWide(source, 1, at);
      return [this.#memory.u32[at >> 2] as number, this.#memory.u32[(at >> 2) + 1] as number];
    });
  }

  copy(from: number, to: number, count: number): void {
    if (!this.#isEmpty) this.#kernels.copyRows(this.#blocks.table, FOLDED_BYTES, from, to, count);
  }

  part(last: number, first: number, end: number, spare: number): void {
    if (!this.#isEmpty) this.#kernels.partRows(this.#blocks.table, FOLDED_BYTES, last, first, end, spare);
  }

  #start(rows: number, room: number): void {
    this.#blocks.reserve(room);
    for (const [block, , count] of piecesOf(0, rows)) {
      this.#memory.u8.fill(0, this.#blocks.at(block), this.#blocks.at(block) + count * FOLDED_BYTES);
    }
    this.#isEmpty = false;
  }

  #fold(fingerprints: Bytes, from: number, count: number, target: number, staging: number): void {
    for (let done = 0; done < count; done += STEP) {
      const step = Math.min(STEP, count - done);
      const start = (from + done) * FINGERPRINT_BYTES;
      this.#memory.u8.set(fingerprints.subarray(start, start + step * FINGERPRINT_BYTES), staging);
      this.#kernels.foldWide(staging, step, target + done * FOLDED_BYTES);
    }
  }
}
