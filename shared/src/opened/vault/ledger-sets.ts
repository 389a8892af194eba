/**
 * Ledgers of a batch: a ledger is nine factors or so, of which most are the same in thousands of rows and one or two (an age, a
 * likelihood) differ from row to row. Those leave a hole in the ledger and are kept beside it; what is left repeats.
 */
import type { BundleColumns } from '../bundle/columns.ts';
import { TUPLE_WORDS, VARIABLE } from './cold-format.ts';
import { DistinctLists, mixWord } from './distinct-lists.ts';
import { wordsOf } from './distinct-sources.ts';
import { DistinctTuples } from './distinct-tuples.ts';
import { BLOCK_ROWS } from './hot-block.ts';
import type { ArrayPacker } from './packed-arrays.ts';

/** Factors that are looked at to tell which codes vary, and how many distinct ones among them mean that one does. */
export const SAMPLE_FACTORS = 32_768;
const MOST_FIXED = 96;
const NOT_NAMED = -1;
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 8 * BLOCK_ROWS;
/**
 * Rows of a batch are gone through a block at a time, in loops of their own that hold little: the engine compiles such functions once
 * and fast. One loop over a batch with all of it inside was compiled four times while an import ran, for 160 ms each.
 */
export class LedgerSets {
  readonly #factors = new DistinctTuples();
  /** Ledgers as they are stored (cold-format.ts). */
  readonly #ledgers = new DistinctLists();
  #ledgerOf = new Uint32Array(0);
  /** By row of the bundle's table of factors: 1 + its number, 0 where no ledger named it yet; and its word in a ledger, or NOT_NAMED. */
  #numbers = new Uint32Array(0);
  #words = new Int32Array(0);
  /** Factors that vary, in the order of rows, and where each block's part begins. */
  #holes = new Uint32Array(4096);
  #holeCount = 0;
  readonly #holeStarts: number[] = [];
  #codes = new Int32Array(0);
  #notes = new Int32Array(0);
  #values = new Int32Array(0);
  /** By factor code. */
  #isVariable: Uint8Array = new Uint8Array(0);

  /** Finds the distinct ledgers of `c`, in steps. */
  *begin(c: BundleColumns): Generator<void, void, undefined> {
    this.#clear(c);
    const { offsets, factor } = c.ledger;
    this.#isVariable = this.#variableCodes(c);
    this.#words.fill(NOT_NAMED);
    yield;
    for (let from = 0; from < c.rows; from += BLOCK_ROWS) {
      const to = Math.min(c.rows, from + BLOCK_ROWS);
      this.#holeStarts.push(this.#holeCount);
      this.#nameFactors(factor, offsets[from] as number, offsets[to] as number);
      this.#keepHoles(factor, offsets[from] as number, offsets[to] as number);
      this.#find(offsets, factor, from, to);
      if (to % STEP_ROWS === 0) yield;
    }
    this.#holeStarts.push(this.#holeCount);
  }

  packSets(packer: ArrayPacker): void {
    packTuples(packer, this.#factors, TUPLE_WORDS);
    packLists(packer, this.#ledgers);
  }

  packRows(packer: ArrayPacker, from: number, to: number): void {
    packer.codes(this.#ledgerOf, from, to);
    const block = from / BLOCK_ROWS;
    const [start = 0, end = 0] = [this.#holeStarts[block], this.#holeStarts[block + 1]];
    packer.u32(end - start);
    packer.codes(this.#holes, start, end);
  }

  #clear(c: BundleColumns): void {
    const { code, value, note } = c.ledger.factors;
    if (this.#ledgerOf.length < c.rows) this.#ledgerOf = new Uint32Array(c.rows);
    if (this.#numbers.length < value.length) {
      this.#numbers = new Uint32Array(value.length);
      this.#words = new Int32Array(value.length);
    } else this.#numbers.fill(0);
    this.#codes = wordsOf(code.codes);
    this.#notes = wordsOf(note.codes);
    this.#values = wordsOf(value);
    this.#factors.clear();
    this.#ledgers.clear();
    this.#holeCount = 0;
    this.#holeStarts.length = 0;
  }

  #find(offsets: Uint32Array, factor: Uint32Array, from: number, to: number): void {
    const words = this.#words;
    const ledgers = this.#ledgers;
    ledgers.reserve((offsets[to] as number) - (offsets[from] as number));
    const { buffer } = ledgers;
    const ledgerOf = this.#ledgerOf;
    for (let row = from; row < to; row++) {
      const [start, stop] = [offsets[row] as number, offsets[row + 1] as number];
      const shift = ledgers.end - start;
      let hash = 0;
      for (let at = start; at < stop; at++) {
        const word = words[factor[at] as number] as number;
        buffer[shift + at] = word;
        hash = mixWord(hash, word);
      }
      ledgerOf[row] = ledgers.intern(stop - start, hash);
    }
  }

  /** Sees to it that every factor named there has its number and word. */
  #nameFactors(factor: Uint32Array, from: number, to: number): void {
    const words = this.#words;
    for (let at = from; at < to; at++) {
      const row = factor[at] as number;
      if (words[row] === NOT_NAMED) words[row] = this.#wordOf(row);
    }
  }

  #wordOf(row: number): number {
    const number = this.#numberOf(row);
    const code = this.#codes[row] as number;
    return this.#isVariable[code] === 0 ? number << 1 : (code << 1) | VARIABLE;
  }

  #keepHoles(factor: Uint32Array, from: number, to: number): void {
    if (this.#holeCount + to - from > this.#holes.length) {
      const grown = new Uint32Array((this.#holes.length + to - from) * 2);
      grown.set(this.#holes);
      this.#holes = grown;
    }
    const [words, numbers, holes] = [this.#words, this.#numbers, this.#holes];
    let count = this.#holeCount;
    for (let at = from; at < to; at++) {
      const row = factor[at] as number;
      if (((words[row] as number) & VARIABLE) !== 0) holes[count++] = (numbers[row] as number) - 1;
    }
    this.#holeCount = count;
  }

  /** Number of the factor in a row of the table. */
  #numberOf(row: number): number {
    const known = this.#numbers[row] as number;
    if (known !== 0) return known - 1;
    const [low, high] = [this.#values[row * 2] as number, this.#values[row * 2 + 1] as number];
    const number = this.#factors.intern(low, high, this.#codes[row] as number, this.#notes[row] as number);
    this.#numbers[row] = number + 1;
    return number;
  }

  /** 1 for each factor code that varies in the sample. */
  #variableCodes({ ledger: { factor, factors } }: BundleColumns): Uint8Array {
    const last = Math.min(SAMPLE_FACTORS, factor.length);
    for (let from = 0; from < last; from += BLOCK_ROWS) {
      this.#numberFactors(factor, from, Math.min(last, from + BLOCK_ROWS));
    }
    const distinct = new Uint32Array(factors.code.dictionary.offsets.length - 1);
    const codes = new Uint32Array(this.#factors.size);
    this.#factors.column(2, codes);
    for (const code of codes) distinct[code - 1] = (distinct[code - 1] as number) + 1;
    return Uint8Array.from(distinct, (count) => (count > MOST_FIXED ? 1 : 0));
  }

  #numberFactors(factor: Uint32Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#numberOf(factor[at] as number);
  }
}

/** Word by word over all tuples, each as narrow as it goes. */
export function packTuples(
  packer: ArrayPacker,
  tuples: { readonly size: number; column(word: number, into: Uint32Array): void },
  width: number,
): void {
  packer.u32(tuples.size);
  const column = new Uint32Array(tuples.size);
  for (let word = 0; word < width; word++) {
    tuples.column(word, column);
    packer.codes(column);
  }
}

/** Lengths of all lists, then their words. */
export function packLists(packer: ArrayPacker, lists: DistinctLists): void {
  const lengths = new Uint32Array(lists.size);
  for (let number = 0; number < lengths.length; number++) lengths[number] = lists.lengthOf(number);
  packer.u32(lists.size);
  packer.u32(lists.end);
  packer.codes(lengths);
  packer.codes(new Uint32Array(lists.buffer.buffer, 0, lists.end));
}
