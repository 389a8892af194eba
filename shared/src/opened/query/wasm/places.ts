/**
 * Where rows came from. All rows that were ever added are numbered in the order they came, repeated ones among them; slices tell
 * where a number stood, and a row's own number follows from how many repeated ones came before.
 */
import type { Ms } from '../../../base/brand.ts';
import type { Appearance, ImportOrigin } from '../engine.ts';
import { withRoom } from '../growable.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';

/** Numbers `first`.. are rows `row`.. of a segment. */
interface Slice {
  readonly first: number;
  readonly part: number;
  readonly segment: number;
  readonly row: number;
  count: number;
}

export class Places {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #slices: Slice[] = [];
  /** Numbers given. */
  #numbers = 0;
  /** For each number that is no row, rising: the number less those before it that are none either. */
  #gone = new Uint32Array(0);
  /** The row that took it over. */
  #keepers = new Uint32Array(0);
  #goneCount = 0;
  /** Order of `#gone` by keeper; `null` until asked for. */
  #byKeeper: Uint32Array | null = null;
  /** For each part its first row and when it came. */
  readonly #parts: { readonly firstRow: number; readonly receivedAtMs: Ms }[] = [];

  constructor(memory: WasmMemory, kernels: Kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  get memoryBytes(): number {
    return this.#gone.byteLength + this.#keepers.byteLength + (this.#byKeeper?.byteLength ?? 0);
  }

  /** Number that the next row will have. */
  get next(): number {
    return this.#numbers;
  }

  /** Rows `row`.. of a segment of the coming part are added. */
  add(segment: number, row: number, count: number): void {
    const part = this.#parts.length;
    const last = this.#slices.at(-1);
    const follows = last?.part === part && last.segment === segment && last.row + last.count === row;
    if (last !== undefined && follows) last.count += count;
    else this.#slices.push({ first: this.#numbers, part, segment, row, count });
    this.#numbers += count;
  }

  /** Forgets the coming part, whose rows began at `number`. */
  rollback(number: number): void {
    while ((this.#slices.at(-1)?.first ?? -1) >= number) this.#slices.pop();
    this.#numbers = number;
  }

  /** Room for so many repeated rows more. */
  reserve(count: number): void {
    this.#gone = withRoom(this.#gone, this.#goneCount + count);
    this.#keepers = withRoom(this.#keepers, this.#goneCount + count);
  }

  /** The part is there: its first row, and for each repeated row its number (rising) and the row that has its id. */
  commit({ receivedAtMs }: ImportOrigin, firstRow: number, numbers: Uint32Array, keepers: Uint32Array): void {
    this.#parts.push({ firstRow, receivedAtMs });
    numbers.forEach((number, i) => {
      this.#gone[this.#goneCount + i] = number - (this.#goneCount + i);
    });
    this.#keepers.set(keepers, this.#goneCount);
    this.#goneCount += numbers.length;
    if (numbers.length > 0) this.#byKeeper = null;
  }

  /** In the order of their imports. */
  appearances(row: number): readonly Appearance[] {
    const found = [this.#placeOf(row + firstAbove(this.#gone, this.#goneCount, (gone) => gone > row))];
    const byKeeper = this.#sorted();
    const keeperAt = (i: number) => this.#keepers[byKeeper[i] as number] as number;
    let low = 0;
    let high = byKeeper.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keeperAt(middle) < row) low = middle + 1;
      else high = middle;
    }
    for (; low < byKeeper.length && keeperAt(low) === row; low++) {
      const gone = byKeeper[low] as number;
      found.push(this.#placeOf((this.#gone[gone] as number) + gone));
    }
    return found;
  }

  /** When a row first came. */
  receivedAtMs(row: number): Ms {
    return this.#parts.findLast(({ firstRow }) => firstRow <= row)?.receivedAtMs ?? 0;
  }

  /** Rows 0 to `rows` by when they came: neighbours of one time together. */
  runs(rows: number): readonly { readonly from: number; readonly to: number; readonly receivedAtMs: Ms }[] {
    const runs: { from: number; to: number; receivedAtMs: Ms }[] = [];
    this.#parts.forEach(({ firstRow, receivedAtMs }, part) => {
      const to = Math.min(rows, this.#parts[part + 1]?.firstRow ?? rows);
      if (firstRow >= to) return;
      const last = runs.at(-1);
      if (last?.receivedAtMs === receivedAtMs) last.to = to;
      else runs.push({ from: firstRow, to, receivedAtMs });
    });
    return runs;
  }

  #placeOf(number: number): Appearance {
    const slices = this.#slices;
    let low = 0;
    let high = slices.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((slices[middle] as Slice).first <= number) low = middle;
      else high = middle - 1;
    }
    const { first, part, segment, row } = slices[low] as Slice;
    return { part, segment, row: row + number - first };
  }

  #sorted(): Uint32Array {
    if (this.#byKeeper !== null) return this.#byKeeper;
    const count = this.#goneCount;
    const sizes = [count * 8, count * 4, count * 8, count * 4];
    this.#byKeeper = this.#memory.lend(sizes, (keys, values, spareKeys, spareValues) => {
      const { u32 } = this.#memory;
      for (let i = 0; i < count; i++) {
        u32[(keys >> 2) + 2 * i] = this.#keepers[i] as number;
        u32[(keys >> 2) + 2 * i + 1] = 0;
        u32[(values >> 2) + i] = i;
      }
      this.#kernels.sortPairs(keys, values, count, spareKeys, spareValues);
      return u32.slice(values >> 2, (values >> 2) + count);
    });
    return this.#byKeeper;
  }
}

/** Index of the first of `count` values for which `isAbove` holds; they are rising. */
function firstAbove(values: Uint32Array, count: number, isAbove: (value: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAbove(values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
