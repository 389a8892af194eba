/** Distinct sets of tags over all imports. Set 0 is empty. */
import type { TagSets } from './hot-columns.ts';

export class TagSetTable {
  /** Rising codes of the dictionary of tags, by number of the set. */
  readonly sets: (readonly number[])[] = [[]];
  readonly #numbers = new Map<string, number>([['', 0]]);

  /** Numbers here by a segment's codes (0 stays 0). `tagCodes`: by 1 + the import's entry. */
  internAll({ offsets, tags }: TagSets, tagCodes: Uint32Array): Uint32Array {
    const numbers = new Uint32Array(offsets.length);
    for (let set = 1; set < offsets.length; set++) {
      const entries = tags.subarray(offsets[set - 1], offsets[set]);
      const codes = new Set(Array.from(entries, (entry) => tagCodes[entry + 1] as number));
      numbers[set] = this.#intern([...codes].sort((a, b) => a - b));
    }
    return numbers;
  }

  /** Forgets what was interned since there were `size` sets. */
  truncate(size: number): void {
    for (const set of this.sets.splice(size)) this.#numbers.delete(set.join(' '));
  }

  #intern(codes: readonly number[]): number {
    const name = codes.join(' ');
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.sets.push(codes) - 1;
    this.#numbers.set(name, number);
    return number;
  }
}
