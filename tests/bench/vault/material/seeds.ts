/** Seeded chance for the bench's material: streams that do not depend on each other, and skewed draws. Never for secrets. */
import { Random } from '@sealpost/shared/opened/sample/random';

/** Of everything that the vault bench makes. */
export const SEED = 7;

/** A generator for one numbered thing: the same numbers, the same draws, in any order of asking. */
export function streamOf(seed: number, topic: number, index: number): Random {
  return new Random(mix(mix(mix(seed) ^ topic) ^ index));
}

/** Fills `bytes` by `random`. */
export function fillBytes(bytes: Uint8Array, random: Random): void {
  for (let at = 0; at < bytes.length; at += 4) {
    const word = random.int(0x1_0000_0000);
    for (let i = at; i < Math.min(at + 4, bytes.length); i++) bytes[i] = word >>> ((i - at) * 8);
  }
}

/** Draws ranks 0, 1, 2… by Zipf's law: rank r is `(r + 1) ** exponent` times rarer than rank 0. */
export class Zipf {
  readonly #ends: Float64Array;

  constructor(size: number, exponent: number) {
    this.#ends = new Float64Array(size);
    let sum = 0;
    for (let rank = 0; rank < size; rank++) this.#ends[rank] = sum += (rank + 1) ** -exponent;
    for (let rank = 0; rank < size; rank++) this.#ends[rank] = (this.#ends[rank] as number) / sum;
  }

  draw(random: Random): number {
    const at = random.int(0x1_0000_0000) / 0x1_0000_0000;
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Spreads neighbouring numbers over all 32 bits (lowbias32, Chris Wellons, public domain). */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
