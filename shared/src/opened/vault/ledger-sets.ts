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
const SAMPLE_FACTORS = 32_768;
const MOST_FIXED = 96;
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 32_768;

export class LedgerSets {
  readonly #factors = new DistinctTuples();
  /** Ledgers as they are stored (cold-format.ts). */
  readonly #ledgers = new DistinctLists();
  #ledgerOf = new Uint32Array(0);
  /** By row of the bundle's table of factors: 1 + its number, 0 where no ledger named it yet. */
  #numbers = new Uint32Array(0);
  /** Factors that vary, in the order of rows, and where each block's part begins. */
  #holes = new Uint32Array(4096);
  #holeCount = 0;
  readonly #holeStarts: number[] = [];
  #codes = new Int32Array(0);
  #notes = new Int32Array(0);
  #values = new Int32Array(0);

  /** Finds the distinct ledgers of `c`, in steps. */
  *begin(c: BundleColumns): Generator<void, void, undefined> {
    const { code, value, note } = c.ledger.factors;
    if (this.#ledgerOf.length < c.rows) this.#ledgerOf = new Uint32Array(c.rows);
    if (this.#numbers.length < value.length) this.#numbers = new Uint32Array(value.length);
    else this.#numbers.fill(0);
    this.#codes = wordsOf(code.codes);
    this.#notes = wordsOf(note.codes);
    this.#values = wordsOf(value);
    this.#factors.clear();
    this.#ledgers.clear();
    this.#holeCount = 0;
    this.#holeStarts.length = 0;
    const isVariable = this.#variableCodes(c);
    yield;
    for (let from = 0; from < c.rows; from += STEP_ROWS) {
      this.#find(c, isVariable, from, Math.min(c.rows, from + STEP_ROWS));
      yield;
    }
    this.#holeStarts.push(this.#holeCount);
  }

  packSets(packer: ArrayPacker): void {
    const lengths = new Uint32Array(this.#ledgers.size);
    for (let number = 0; number < lengths.length; number++) lengths[number] = this.#ledgers.lengthOf(number);
    const { buffer, end } = this.#ledgers;
    packTuples(packer, this.#factors, TUPLE_WORDS);
    packer.u32(lengths.length);
    packer.u32(end);
    packer.codes(lengths);
    packer.codes(new Uint32Array(buffer.buffer, 0, end));
  }

  packRows(packer: ArrayPacker, from: number, to: number): void {
    packer.codes(this.#ledgerOf, from, to);
    const block = from / BLOCK_ROWS;
    const [start = 0, end = 0] = [this.#holeStarts[block], this.#holeStarts[block + 1]];
    packer.u32(end - start);
    packer.codes(this.#holes, start, end);
  }

  #find(c: BundleColumns, isVariable: Uint8Array, from: number, to: number): void {
    const { offsets, factor } = c.ledger;
    const codes = this.#codes;
    const ledgers = this.#ledgers;
    const ledgerOf = this.#ledgerOf;
    for (let row = from; row < to; row++) {
      if (row % BLOCK_ROWS === 0) this.#holeStarts.push(this.#holeCount);
      const [start, stop] = [offsets[row] as number, offsets[row + 1] as number];
      ledgers.reserve(stop - start);
      const { buffer, end } = ledgers;
      let place = end;
      let hash = 0;
      for (let at = start; at < stop; at++) {
        const tableRow = factor[at] as number;
        const number = this.#numberOf(tableRow);
        const code = codes[tableRow] as number;
        let word = number << 1;
        if (isVariable[code] !== 0) {
          word = (code << 1) | VARIABLE;
          this.#keepHole(number);
        }
        buffer[place++] = word;
        hash = mixWord(hash, word);
      }
      ledgerOf[row] = ledgers.intern(stop - start, hash);
    }
  }

  #keepHole(number: number): void {
    if (this.#holeCount === this.#holes.length) {
      const grown = new Uint32Array(this.#holes.length * 2);
      grown.set(this.#holes);
      this.#holes = grown;
    }
    this.#holes[this.#holeCount++] = number;
  }

  /** Number of the factor in a row of the table. */
  #numberOf(tableRow: number): number {
    const known = this.#numbers[tableRow] as number;
    if (known !== 0) return known - 1;
    const low = this.#values[tableRow * 2] as number;
    const high = this.#values[tableRow * 2 + 1] as number;
    const number = this.#factors.intern(low, high, this.#codes[tableRow] as number, this.#notes[tableRow] as number);
    this.#numbers[tableRow] = number + 1;
    return number;
  }

  /** 1 for each factor code that varies in the sample. */
  #variableCodes({ ledger: { factor, factors } }: BundleColumns): Uint8Array {
    const last = Math.min(SAMPLE_FACTORS, factor.length);
    for (let at = 0; at < last; at++) this.#numberOf(factor[at] as number);
    const distinct = new Uint32Array(factors.code.dictionary.offsets.length - 1);
    for (let number = 0; number < this.#factors.size; number++) {
      const code = this.#factors.word(number, 2);
      distinct[code] = (distinct[code] as number) + 1;
    }
    return Uint8Array.from(distinct, (count) => (count > MOST_FIXED ? 1 : 0));
  }
}

/** Word by word over all tuples, each as narrow as it goes; one more than it is, so that NO_TEXT is 0. */
export function packTuples(
  packer: ArrayPacker,
  tuples: { readonly size: number; word(number: number, word: number): number },
  width: number,
): void {
  packer.u32(tuples.size);
  const column = new Uint32Array(tuples.size);
  for (let word = 0; word < width; word++) {
    for (let i = 0; i < column.length; i++) column[i] = tuples.word(i, word) + 1;
    packer.codes(column);
  }
}
