/**
 * A small sketch of the pairs that a source holds, kept with its load, so that a later source which repeats it is known for what it is.
 * Keeps the smallest of the pairs' fingerprints (bottom-k, Broder 1997): they are keyed hashes, so the smallest are a fair sample, and
 * two sources sample the same pairs. Holds six bytes a pair, for at most `SKETCH_PAIRS` pairs; no login or secret can be had from it.
 */
import type { Bytes } from '../../base/bytes.ts';

/** 24 KiB a source: a tenth of a source is told within three percent. */
export const SKETCH_PAIRS = 4_096;
const PAIR_BYTES = 6;
/** Fewer sampled pairs than this say nothing about a share. */
const LEAST_SAMPLED = 20;

/** A sketch as it is kept: fingerprints in order, smallest first; all of the source's pairs if there are fewer than `SKETCH_PAIRS`. */
export type Sketch = readonly number[];

/** Collects the pairs of one source; the same pair again changes nothing. Cost: most pairs of a large source are one comparison. */
export class PairSketch {
  readonly #kept = new Set<number>();
  /** Nothing from here on is among the smallest. */
  #limit = Infinity;

  /** `pairFp`: 16 bytes. */
  add(pairFp: Uint8Array): void {
    let value = 0;
    for (let i = 0; i < PAIR_BYTES; i++) value = value * 256 + (pairFp[i] ?? 0);
    if (value >= this.#limit) return;
    this.#kept.add(value);
    if (this.#kept.size >= 2 * SKETCH_PAIRS) this.#cut();
  }

  /** The sketch so far. */
  sketch(): Sketch {
    this.#cut();
    return [...this.#kept].sort((a, b) => a - b);
  }

  #cut(): void {
    if (this.#kept.size <= SKETCH_PAIRS) return;
    const smallest = [...this.#kept].sort((a, b) => a - b).slice(0, SKETCH_PAIRS);
    this.#kept.clear();
    for (const value of smallest) this.#kept.add(value);
    this.#limit = smallest.at(-1) ?? Infinity;
  }
}

/**
 * Share of the pairs of `source` that `known` holds, 0 to 1; `null` where too few pairs can be compared, as with a handful of pairs
 * against millions. Only pairs below both sketches' ends are in a fair sample of both.
 */
export function sharedShare(source: Sketch, known: Sketch): number | null {
  const end = Math.min(endOf(source), endOf(known));
  const inKnown = new Set(known);
  let sampled = 0;
  let shared = 0;
  for (const value of source) {
    if (value > end) break;
    sampled++;
    if (inKnown.has(value)) shared++;
  }
  return sampled < LEAST_SAMPLED ? null : shared / sampled;
}

/** A sketch that is not full holds every pair there is. */
function endOf(sketch: Sketch): number {
  return sketch.length < SKETCH_PAIRS ? Infinity : (sketch.at(-1) ?? Infinity);
}

/** Six bytes a pair, big endian. */
export function sketchToBytes(sketch: Sketch): Bytes {
  const bytes = new Uint8Array(sketch.length * PAIR_BYTES);
  const view = new DataView(bytes.buffer);
  sketch.forEach((value, i) => {
    view.setUint16(i * PAIR_BYTES, Math.floor(value / 2 ** 32));
    view.setUint32(i * PAIR_BYTES + 2, value % 2 ** 32);
  });
  return bytes;
}

/** Reads what `sketchToBytes` wrote; bytes beyond a whole pair are left out. */
export function bytesToSketch(bytes: Uint8Array): Sketch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / PAIR_BYTES) }, (_, i) => {
    return view.getUint16(i * PAIR_BYTES) * 2 ** 32 + view.getUint32(i * PAIR_BYTES + 2);
  });
}
