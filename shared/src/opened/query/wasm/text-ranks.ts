/** Places of all texts of a dictionary in the order of text, by code. */
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';
import type { TextStore } from './text-store.ts';

export class TextRanks {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #store: TextStore;
  readonly #ranks: Region;
  /** Codes that have a rank. */
  #ranked = 0;

  constructor(memory: WasmMemory, kernels: Kernels, store: TextStore) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#store = store;
    this.#ranks = new Region(memory);
  }

  /** Address (u32 by code) where all codes have one, else 0. */
  get known(): number {
    return this.#ranked === this.#store.count ? this.#ranks.at : 0;
  }

  /** The same, of texts that are folded. Cost: a sort of all texts. Throws EngineFullError. */
  make(): number {
    const { count, description } = this.#store;
    this.#ranks.reserve(count * 4, 0);
    this.#memory.lend([count * 4, count * 8, count * 8, count * 4], (codes, keys, spareKeys, spareCodes) => {
      const { u32 } = this.#memory;
      for (let code = 0; code < count; code++) u32[(codes >> 2) + code] = code;
      this.#kernels.sortTexts(description, codes, count, keys, spareKeys, spareCodes);
      this.#kernels.invertOrder(codes, count, this.#ranks.at);
    });
    this.#ranked = count;
    return this.#ranks.at;
  }

  drop(): void {
    this.#ranked = 0;
  }

  /** Codes from `count` on are no more. */
  truncate(count: number): void {
    if (this.#ranked > count) this.#ranked = 0;
  }
}
