/** Numbers and words that are the same at every run: the corpus of a bench is a function of its seed. */

/** Syllables of invented names: some Thai by sound, some that web names are made of. */
const SYLLABLES = (
  'ba be bi bo bu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ' +
  'ta te ti to tu wa wi ya yo za zo chai thai korn siri wat nak pong sin tech soft net data bank shop play game mail city ' +
  'med law edu'
).split(' ');

export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). Mulberry32: good enough to pick with, and fast. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [0, below). */
  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.whole(items.length)] as T;
  }

  /** By weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let left = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    return (items[0] as readonly [T, number])[0];
  }

  /** Zipf with exponent 1: rank r comes up about 1/r as often as rank 1. */
  zipf<T>(items: readonly T[]): T {
    return items[Math.min(items.length - 1, Math.floor(items.length ** this.next()) - 1)] as T;
  }

  /** An invented word of `least` to `most` syllables. */
  word(least: number, most: number): string {
    let word = '';
    for (let left = least + this.whole(most - least + 1); left > 0; left--) word += this.pick(SYLLABLES);
    return word;
  }
}
