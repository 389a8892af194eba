/** A small seeded generator for made-up material: the same seed gives the same bytes on every engine. Never for secrets. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32 (Tommy Ettinger, public domain): 32 bits a step. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * below);
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 0x1_0000_0000;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.int(list.length)] ?? list[0];
  }

  /** `count` digits, the first never 0. */
  digits(count: number): string {
    let text = String(1 + this.int(9));
    while (text.length < count) text += String(this.int(10));
    return text;
  }

  hex(count: number): string {
    let text = '';
    while (text.length < count) text += this.int(16).toString(16).toUpperCase();
    return text;
  }
}
