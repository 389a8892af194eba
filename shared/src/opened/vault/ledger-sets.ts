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
/** A factor's code and note share a word in the search: codes below this, notes below twice that. */
const MOST_CODES = 0x7fff;

export class LedgerSets {
  readonly #factors = new DistinctTuples();
  /** While searching: per factor `code * 2 | note + 1 << 16` and the two words of its value, or `code * 2 + VARIABLE` alone. */
  readonly #ledgers = new DistinctLists();
  #ledgerOf = new Uint32Array(0);
  /** Factors that vary, in the order of rows, and where each block's part begins. */
  #holes = new Uint32Array(4096);
  #holeCount = 0;
  readonly #holeStarts: number[] = [];

  /** Finds the distinct ledgers of `c`, in steps. */
  *begin(c: BundleColumns): Generator<void, void, undefined> {
    if (this.#ledgerOf.length < c.rows) this.#ledgerOf = new Uint32Array(c.rows);
    this.#factors.clear();
    this.#ledgers.clear();
    this.#holeCount = 0;
    this.#holeStarts.length = 0;
    const isVariable = this.#variableCodes(c);
    yield;
    this.#factors.clear();
    for (let from = 0; from < c.rows; from += STEP_ROWS) {
      this.#find(c, isVariable, from, Math.min(c.rows, from + STEP_ROWS));
      yield;
    }
    this.#holeStarts.push(this.#holeCount);
  }

  packSets(packer: ArrayPacker): void {
    const lengths = new Uint32Array(this.#ledgers.size);
    const stored = new Uint32Array(this.#ledgers.end);
    let end = 0;
    for (let number = 0; number < lengths.length; number++) {
      const before = end;
      const list = this.#ledgers.list(number);
      for (let at = 0; at < list.length;) {
        const word = list[at] as number;
        if (word & VARIABLE) {
          stored[end++] = word;
          at++;
        } else {
          stored[end++] = this.#factorOf(word, list[at + 1] as number, list[at + 2] as number) * 2;
          at += 3;
        }
      }
      lengths[number] = end - before;
    }
    packTuples(packer, this.#factors, TUPLE_WORDS);
    packer.u32(lengths.length);
    packer.u32(end);
    packer.codes(lengths);
    packer.codes(stored, 0, end);
  }

  packRows(packer: ArrayPacker, from: number, to: number): void {
    packer.codes(this.#ledgerOf, from, to);
    const block = from / BLOCK_ROWS;
    const [start = 0, end = 0] = [this.#holeStarts[block], this.#holeStarts[block + 1]];
    packer.u32(end - start);
    packer.codes(this.#holes, start, end);
  }

  #find(c: BundleColumns, isVariable: Uint8Array, from: number, to: number): void {
    const { offsets } = c.ledger;
    const codes = wordsOf(c.ledger.code.codes);
    const notes = wordsOf(c.ledger.note.codes);
    const values = wordsOf(c.ledger.value);
    const ledgers = this.#ledgers;
    const ledgerOf = this.#ledgerOf;
    for (let row = from; row < to; row++) {
      if (row % BLOCK_ROWS === 0) this.#holeStarts.push(this.#holeCount);
      const [start, stop] = [offsets[row] as number, offsets[row + 1] as number];
      ledgers.reserve((stop - start) * 3);
      const { buffer, end } = ledgers;
      let place = end;
      let hash = 0;
      for (let at = start; at < stop; at++) {
        const code = codes[at] as number;
        if (isVariable[code] !== 0) {
          const word = (code << 1) | VARIABLE;
          buffer[place++] = word;
          hash = mixWord(hash, word);
          this.#keepHole(values[at * 2] as number, values[at * 2 + 1] as number, code, notes[at] as number);
          continue;
        }
        const word = (code << 1) | (((notes[at] as number) + 1) << 16);
        const low = values[at * 2] as number;
        buffer[place] = word;
        buffer[place + 1] = low;
        buffer[place + 2] = values[at * 2 + 1] as number;
        place += 3;
        hash = mixWord(mixWord(hash, word), low);
      }
      ledgerOf[row] = ledgers.intern(place - end, hash);
    }
  }

  #keepHole(low: number, high: number, code: number, note: number): void {
    if (this.#holeCount === this.#holes.length) {
      const grown = new Uint32Array(this.#holes.length * 2);
      grown.set(this.#holes);
      this.#holes = grown;
    }
    this.#holes[this.#holeCount++] = this.#factors.intern(low, high, code, note);
  }

  /** Number of the factor that a ledger's words stand for. */
  #factorOf(word: number, low: number, high: number): number {
    return this.#factors.intern(low, high, (word & 0xffff) >>> 1, ((word >>> 16) - 1) | 0);
  }

  /** 1 for each factor code that varies in the sample; for all where codes or notes are too many for a word. */
  #variableCodes({ ledger }: BundleColumns): Uint8Array {
    const codeEntries = ledger.code.dictionary.offsets.length - 1;
    const noteEntries = ledger.note.dictionary.offsets.length - 1;
    if (codeEntries > MOST_CODES || noteEntries > 2 * MOST_CODES) return new Uint8Array(codeEntries).fill(1);
    const values = wordsOf(ledger.value);
    const [codes, notes] = [wordsOf(ledger.code.codes), wordsOf(ledger.note.codes)];
    const first = ledger.offsets[0] as number;
    const last = Math.min(first + SAMPLE_FACTORS, codes.length);
    for (let at = first; at < last; at++) {
      this.#factors.intern(
        values[at * 2] as number,
        values[at * 2 + 1] as number,
        codes[at] as number,
        notes[at] as number,
      );
    }
    const distinct = new Uint32Array(codeEntries);
    for (let factor = 0; factor < this.#factors.size; factor++) {
      const code = this.#factors.word(factor, 2);
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
