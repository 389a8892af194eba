/**
 * Cold columns at rest: what is read when a finding is opened or exported. Sightings, ledgers and features repeat from row to row, so
 * each batch has one block of distinct ones (sets), and its rows hold their numbers. The twin of wasm/kernel-cold-encoder.ts.
 */
import type { BundleColumns } from '../bundle/columns.ts';
import { TickWriter } from '../query/hot-times.ts';
import type { ColdBlocks, ColdEncoder } from './cold-encoder.ts';
import { COLD_ROWS_MAGIC, COLD_SETS_MAGIC, COLD_VERSION, SOURCE_WORDS, TUPLE_WORDS } from './cold-format.ts';
import { DistinctLists, mixWord } from './distinct-lists.ts';
import { DistinctSources, wordsOf } from './distinct-sources.ts';
import { DistinctTuples } from './distinct-tuples.ts';
import { BLOCK_ROWS } from './hot-block.ts';
import { LedgerSets, packLists, packTuples } from './ledger-sets.ts';
import type { ArrayPacker } from './packed-arrays.ts';
import { TimePacker } from './packed-times.ts';
import { takePlainTicks } from './take-ticks.ts';

const words = (length: number) => new Uint32Array(length);
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 8 * BLOCK_ROWS;

export class PlainColdEncoder implements ColdEncoder, ColdBlocks {
  readonly #features = new DistinctTuples();
  readonly #dates = new DistinctTuples();
  readonly #sources = new DistinctSources();
  readonly #sightings = new DistinctLists();
  readonly #ledgers = new LedgerSets();
  readonly #tags = new DistinctLists();
  /** By row of the batch. */
  #featureOf = words(0);
  #datesOf = words(0);
  #sightingsOf = words(0);
  #tagsOf = words(0);
  #hasTagLists = false;
  /** Text codes of one column, one higher so that 0 is none. */
  #texts = words(0);
  /** Captures that are not their row's, in the order of rows, and where each block's part begins. */
  #captures = new Float64Array(1024);
  #captured = 0;
  readonly #captureStarts: number[] = [];
  /** By row of the bundle's table of sources: 1 + the list of that source alone, captured with its row; 0: not known yet. */
  #singles = words(0);
  readonly #ticks = new TickWriter();
  readonly #times = new TimePacker(takePlainTicks);

  /** Cost: about 150 ns a row. */
  *begin(c: BundleColumns): Generator<void, ColdBlocks, undefined> {
    if (this.#featureOf.length < c.rows) {
      this.#featureOf = words(c.rows);
      this.#datesOf = words(c.rows);
      this.#sightingsOf = words(c.rows);
      this.#tagsOf = words(c.rows);
    }
    this.#clear(c);
    // Block by block, as in ledger-sets.ts.
    for (let from = 0; from < c.rows; from += BLOCK_ROWS) {
      const to = Math.min(c.rows, from + BLOCK_ROWS);
      this.#findFeatures(c, from, to);
      this.#findDates(c, from, to);
      this.#captureStarts.push(this.#captured);
      this.#findSightings(c, from, to);
      if (to % STEP_ROWS === 0) yield;
    }
    this.#captureStarts.push(this.#captured);
    yield;
    yield* this.#ledgers.begin(c);
    this.#findTags(c);
    return this;
  }

  packSets(packer: ArrayPacker): void {
    packer.u32(COLD_SETS_MAGIC);
    packer.u32(COLD_VERSION);
    packTuples(packer, this.#features, TUPLE_WORDS);
    packTuples(packer, this.#dates, TUPLE_WORDS);
    packTuples(packer, this.#sources, SOURCE_WORDS);
    packLists(packer, this.#sightings);
    this.#ledgers.packSets(packer);
    packLists(packer, this.#tags);
  }

  packRows(packer: ArrayPacker, c: BundleColumns, from: number, to: number): void {
    packer.u32(COLD_ROWS_MAGIC);
    packer.u32(COLD_VERSION);
    packer.u32(to - from);
    packer.u32((c.pairFp === null ? 0 : 1) | (this.#hasTagLists ? 2 : 0));
    packer.codes(this.#featureOf, from, to);
    packer.codes(this.#datesOf, from, to);
    packer.codes(this.#sightingsOf, from, to);
    this.#packText(packer, c.mailboxKey.codes, from, to);
    this.#packText(packer, c.hashType.codes, from, to);
    if (this.#hasTagLists) packer.codes(this.#tagsOf, from, to);
    this.#ledgers.packRows(packer, from, to);
    const block = from / BLOCK_ROWS;
    const captures = this.#captures.subarray(this.#captureStarts[block], this.#captureStarts[block + 1]);
    packer.u32(captures.length);
    this.#times.pack(packer, this.#ticks.write(captures), 0, captures.length);
    if (c.pairFp !== null) packer.array(c.pairFp.subarray(from * 16, to * 16));
  }

  #packText(packer: ArrayPacker, codes: Uint32Array, from: number, to: number): void {
    if (this.#texts.length < to - from) this.#texts = words(to - from);
    const texts = this.#texts;
    // NO_TEXT + 1 is 0 in 32 bits.
    for (let row = from; row < to; row++) texts[row - from] = (codes[row] as number) + 1;
    packer.codes(texts, 0, to - from);
  }

  #clear(c: BundleColumns): void {
    const { sources } = c.sightings;
    this.#features.clear();
    this.#dates.clear();
    this.#sightings.clear();
    this.#sources.begin(sources);
    if (this.#singles.length < sources.seenAtMs.length) this.#singles = words(sources.seenAtMs.length);
    else this.#singles.fill(0);
    this.#captured = 0;
    this.#captureStarts.length = 0;
  }

  #findFeatures(c: BundleColumns, from: number, to: number): void {
    const features = this.#features;
    const { flags, lengthBand, classes, strengthBand, context, cookieState } = c;
    const [os, country] = [wordsOf(c.machineOs.codes), wordsOf(c.machineCountry.codes)];
    const featureOf = this.#featureOf;
    for (let row = from; row < to; row++) {
      const secret =
        (flags[row] as number) |
        ((lengthBand[row] as number) << 8) |
        ((classes[row] as number) << 16) |
        ((strengthBand[row] as number) << 24);
      const rest = (context[row] as number) | ((cookieState[row] as number) << 8);
      featureOf[row] = features.intern(secret, rest, os[row] as number, country[row] as number);
    }
  }

  #findDates(c: BundleColumns, from: number, to: number): void {
    const dates = this.#dates;
    const [published, ingested] = [wordsOf(c.publishedAtMs), wordsOf(c.ingestedAtMs)];
    const datesOf = this.#datesOf;
    for (let row = from; row < to; row++) {
      const [low, high] = [row * 2, row * 2 + 1];
      datesOf[row] = dates.intern(
        published[low] as number,
        published[high] as number,
        ingested[low] as number,
        ingested[high] as number,
      );
    }
  }

  /** Nearly all findings have one sighting, captured when they were: its list is looked up by the source alone. */
  #findSightings(c: BundleColumns, from: number, to: number): void {
    const { offsets, source, capturedAtMs } = c.sightings;
    const rowCaptured = c.capturedAtMs;
    const sightingsOf = this.#sightingsOf;
    const singles = this.#singles;
    for (let row = from; row < to; row++) {
      const start = offsets[row] as number;
      const stop = offsets[row + 1] as number;
      if (stop - start === 1 && isSameTime(capturedAtMs[start] as number, rowCaptured[row] as number)) {
        const known = singles[source[start] as number] as number;
        if (known !== 0) {
          sightingsOf[row] = known - 1;
          continue;
        }
      }
      sightingsOf[row] = this.#listOf(c, start, stop, rowCaptured[row] as number);
    }
  }

  /** Number of the list of sightings `start`..`stop`, of a row that was captured `own`. */
  #listOf({ sightings: { source, capturedAtMs } }: BundleColumns, start: number, stop: number, own: number): number {
    const lists = this.#sightings;
    let flag = 0;
    for (let at = start; at < stop; at++) if (!isSameTime(capturedAtMs[at] as number, own)) flag = 1;
    if (flag === 1) this.#keepCaptures(capturedAtMs, start, stop);
    lists.reserve(stop - start + 1);
    const { buffer, end } = lists;
    buffer[end] = flag;
    let hash = mixWord(0, flag);
    for (let at = start; at < stop; at++) {
      const number = this.#sources.intern(source[at] as number);
      buffer[end + 1 + at - start] = number;
      hash = mixWord(hash, number);
    }
    const list = lists.intern(stop - start + 1, hash);
    if (stop - start === 1 && flag === 0) this.#singles[source[start] as number] = list + 1;
    return list;
  }

  #keepCaptures(captures: Float64Array, from: number, to: number): void {
    while (this.#captured + to - from > this.#captures.length) {
      const grown = new Float64Array(this.#captures.length * 2);
      grown.set(this.#captures);
      this.#captures = grown;
    }
    for (let at = from; at < to; at++) this.#captures[this.#captured++] = captures[at] as number;
  }

  /** Hot columns have each row's tags as a rising set: only where a list is another one it is kept here, too. */
  #findTags(c: BundleColumns): void {
    const { offsets, tag } = c.tags;
    const { codes } = tag;
    this.#tags.clear();
    this.#hasTagLists = false;
    for (let from = 0; from < c.rows && !this.#hasTagLists; from += BLOCK_ROWS) {
      this.#hasTagLists = hasOtherList(offsets, codes, from, Math.min(c.rows, from + BLOCK_ROWS));
    }
    for (let from = 0; from < c.rows && this.#hasTagLists; from += BLOCK_ROWS) {
      this.#findTagLists(c, from, Math.min(c.rows, from + BLOCK_ROWS));
    }
  }

  #findTagLists(c: BundleColumns, from: number, to: number): void {
    const { offsets, tag } = c.tags;
    const { codes } = tag;
    const lists = this.#tags;
    for (let row = from; row < to; row++) {
      const start = offsets[row] as number;
      const length = (offsets[row + 1] as number) - start;
      lists.reserve(length);
      let hash = 0;
      for (let i = 0; i < length; i++) {
        const code = codes[start + i] as number;
        lists.buffer[lists.end + i] = code;
        hash = mixWord(hash, code);
      }
      this.#tagsOf[row] = lists.intern(length, hash);
    }
  }
}

/** Two unknown times (NaN) are the same. */
function isSameTime(a: number, b: number): boolean {
  return a === b || (a !== a && b !== b);
}

/** Whether a row's tags are no rising set. */
function hasOtherList(offsets: Uint32Array, codes: Uint32Array, from: number, to: number): boolean {
  for (let row = from; row < to; row++) {
    for (let at = (offsets[row] as number) + 1; at < (offsets[row + 1] as number); at++) {
      if ((codes[at] as number) <= (codes[at - 1] as number)) return true;
    }
  }
  return false;
}
