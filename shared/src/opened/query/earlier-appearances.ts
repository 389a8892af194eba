/** Where findings that came more than once stood before. */
import type { Appearance } from './engine.ts';
import { withRoom } from './growable.ts';

/** Appearances before the last one of each row, as chains from newer to older. */
export class EarlierAppearances {
  /** Part, segment, row, 1 + the one before. */
  #places = new Uint32Array(0);
  #length = 0;

  /** Room for `count` more. */
  reserve(count: number): void {
    this.#places = withRoom(this.#places, (this.#length + count) * 4);
  }

  /** 1 + the number of the new entry. */
  add(place: readonly [number, number, number, number]): number {
    this.#places.set(place, this.#length * 4);
    return ++this.#length;
  }

  /** Oldest first. */
  from(newest: number): readonly Appearance[] {
    const found: Appearance[] = [];
    for (let entry = newest; entry !== 0;) {
      const [part, segment, row, before] = this.#places.subarray(entry * 4 - 4, entry * 4) as unknown as number[];
      found.push({ part: part as number, segment: segment as number, row: row as number });
      entry = before as number;
    }
    return found.reverse();
  }
}
