/** The hash table of a dictionary: made when texts are looked for often, of no use any more once texts came or went without it. */
import { utf8 } from '../../../base/bytes.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';
import type { TextStore } from './text-store.ts';
import { SLACK } from './text-store.ts';

const LEAST_TABLE_BITS = 8;

export class TextTable {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #store: TextStore;
  readonly #table: Region;
  /** Codes that stand in the table; -1: there is none. */
  #held = -1;

  constructor(memory: WasmMemory, kernels: Kernels, store: TextStore) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#store = store;
    this.#table = new Region(memory);
  }

  /** All texts stand there, with room for `more`. */
  holds(more: number): boolean {
    return this.#held === this.#store.count && this.#bitsFor(more) <= this.#store.tableBits;
  }

  /** Puts all texts, which are folded, into a table with room for `more`; how many stand there twice. Throws EngineFullError. */
  make(more: number): number {
    const bits = this.#bitsFor(more);
    this.#held = -1;
    this.#table.free();
    this.#table.reserve(4 * 2 ** bits, 0);
    this.#store.describeTable(this.#table.at, bits);
    this.#memory.u32.fill(0, this.#table.at >> 2, (this.#table.at >> 2) + 2 ** bits);
    const repeats = this.#kernels.fillTable(this.#store.description);
    this.#held = this.#store.count;
    return repeats;
  }

  /** Texts came, and were put into it. */
  followed(): void {
    this.#held = this.#store.count;
  }

  drop(): void {
    this.#held = -1;
  }

  /** Code of a text with a domain (0: without one), all being folded; -1 if it is not there. Without a table all are looked at. */
  codeOf(text: string, tag: number): number {
    const bytes = utf8(text);
    const { findText, seekText } = this.#kernels;
    const find = this.#held === this.#store.count ? findText : seekText;
    const code = this.#memory.lend([bytes.length + SLACK], (at) => {
      this.#memory.u8.set(bytes, at);
      return find(this.#store.description, at, bytes.length, tag);
    });
    return code === 0 ? -1 : code;
  }

  #bitsFor(more: number): number {
    return Math.max(LEAST_TABLE_BITS, Math.ceil(Math.log2((this.#store.count + more) * 1.5)));
  }
}
