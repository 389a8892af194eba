/**
 * Cold columns at rest: what is read when a finding is opened or exported. Sightings, ledgers and features repeat from row to row, so
 * each batch has one block of distinct ones (sets), and its rows hold their numbers. Runs inside the import at a million rows a second.
 */
import type { BundleColumns } from '../bundle/columns.ts';
import { TickWriter } from '../query/hot-times.ts';
import { COLD_ROWS_MAGIC, COLD_SETS_MAGIC, COLD_VERSION, SOURCE_WORDS, TUPLE_WORDS } from './cold-format.ts';
import { DistinctLists, mixWord } from './distinct-lists.ts';
import { DistinctSources, wordsOf } from './distinct-sources.ts';
import { DistinctTuples } from './distinct-tuples.ts';
import { BLOCK_ROWS } from './hot-block.ts';
import { LedgerSets, packTuples } from './ledger-sets.ts';
import type { ArrayPacker } from './packed-arrays.ts';
import { TimePacker } from './packed-times.ts';

const words = (length: number) => new Uint32Array(length);

export class ColdEncoder {
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
  /** List of one source by twice its number, plus one for captures of its own; 0: not known yet. */
  #singles = words(1024);
  readonly #ticks = new TickWriter();
  readonly #times = new TimePacker();

  /**
   * Finds what repeats in a batch; `packSets` and `packRows` write it. Runs in steps of a few milliseconds, so that others may come in
   * between. Cost: about 150 ns a row.
   */
  *begin(c: BundleColumns): Generator<void, void, undefined> {
    if (this.#featureOf.length < c.rows) {
      this.#featureOf = words(c.rows);
      this.#datesOf = words(c.rows);
      this.#sightingsOf = words(c.rows);
      this.#tagsOf = words(c.rows);
    }
    this.#findFeatures(c);
    yield;
    this.#findSightings(c);
    yield;
    yield* this.#ledgers.begin(c);
    this.#findTags(c);
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

  /** Rows `from`..`to` of the batch; `from` is a multiple of BLOCK_ROWS. */
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

  #findFeatures(c: BundleColumns): void {
    const features = this.#features;
    const dates = this.#dates;
    features.clear();
    dates.clear();
    const { flags, lengthBand, classes, strengthBand, context, cookieState } = c;
    const [os, country] = [wordsOf(c.machineOs.codes), wordsOf(c.machineCountry.codes)];
    const [published, ingested] = [wordsOf(c.publishedAtMs), wordsOf(c.ingestedAtMs)];
    const featureOf = this.#featureOf;
    const datesOf = this.#datesOf;
    for (let row = 0; row < c.rows; row++) {
      const secret =
        (flags[row] as number) |
        ((lengthBand[row] as number) << 8) |
        ((classes[row] as number) << 16) |
        ((strengthBand[row] as number) << 24);
      const rest = (context[row] as number) | ((cookieState[row] as number) << 8);
      featureOf[row] = features.intern(secret, rest, os[row] as number, country[row] as number);
      const at = row * 2;
      datesOf[row] = dates.intern(
        published[at] as number,
        published[at + 1] as number,
        ingested[at] as number,
        ingested[at + 1] as number,
      );
    }
  }

  #findSightings(c: BundleColumns): void {
    const lists = this.#sightings;
    const sources = this.#sources;
    lists.clear();
    sources.begin(c.sightings.sources);
    this.#singles.fill(0);
    this.#captured = 0;
    this.#captureStarts.length = 0;
    const { offsets, source: sourceOf, capturedAtMs } = c.sightings;
    const rowCaptured = c.capturedAtMs;
    const sightingsOf = this.#sightingsOf;
    for (let row = 0; row < c.rows; row++) {
      if (row % BLOCK_ROWS === 0) this.#captureStarts.push(this.#captured);
      const start = offsets[row] as number;
      const length = (offsets[row + 1] as number) - start;
      const own = rowCaptured[row] as number;
      let flag = 0;
      for (let i = 0; i < length; i++) {
        const captured = capturedAtMs[start + i] as number;
        // Two unknown captures (NaN) are the same.
        if (captured !== own && (captured === captured || own === own)) flag = 1;
      }
      if (flag === 1) this.#keepCaptures(capturedAtMs, start, start + length);
      if (length === 1) {
        sightingsOf[row] = this.#singleList(sources.intern(sourceOf[start] as number), flag);
        continue;
      }
      lists.reserve(length + 1);
      const { buffer, end } = lists;
      buffer[end] = flag;
      let hash = mixWord(0, flag);
      for (let i = 0; i < length; i++) {
        const source = sources.intern(sourceOf[start + i] as number);
        buffer[end + 1 + i] = source;
        hash = mixWord(hash, source);
      }
      sightingsOf[row] = lists.intern(length + 1, hash);
    }
    this.#captureStarts.push(this.#captured);
  }

  #keepCaptures(captures: Float64Array, from: number, to: number): void {
    while (this.#captured + to - from > this.#captures.length) {
      const grown = new Float64Array(this.#captures.length * 2);
      grown.set(this.#captures);
      this.#captures = grown;
    }
    for (let at = from; at < to; at++) this.#captures[this.#captured++] = captures[at] as number;
  }

  /** Nearly all findings have one sighting: its list is looked up by the source alone. */
  #singleList(source: number, flag: number): number {
    const at = source * 2 + flag;
    if (at >= this.#singles.length) {
      const grown = words(Math.max(at + 1, this.#singles.length * 2));
      grown.set(this.#singles);
      this.#singles = grown;
    }
    const known = this.#singles[at] as number;
    if (known !== 0) return known - 1;
    const lists = this.#sightings;
    lists.reserve(2);
    lists.buffer[lists.end] = flag;
    lists.buffer[lists.end + 1] = source;
    const list = lists.intern(2, mixWord(mixWord(0, flag), source));
    this.#singles[at] = list + 1;
    return list;
  }

  /** Hot columns have each row's tags as a rising set: only where a list is another one it is kept here, too. */
  #findTags(c: BundleColumns): void {
    const { offsets, tag } = c.tags;
    const { codes } = tag;
    const lists = this.#tags;
    lists.clear();
    this.#hasTagLists = false;
    for (let row = 0; row < c.rows && !this.#hasTagLists; row++) {
      for (let at = (offsets[row] as number) + 1; at < (offsets[row + 1] as number); at++) {
        if ((codes[at] as number) <= (codes[at - 1] as number)) this.#hasTagLists = true;
      }
    }
    if (!this.#hasTagLists) return;
    for (let row = 0; row < c.rows; row++) {
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

function packLists(packer: ArrayPacker, lists: DistinctLists): void {
  const lengths = new Uint32Array(lists.size);
  for (let number = 0; number < lengths.length; number++) lengths[number] = lists.lengthOf(number);
  packer.u32(lists.size);
  packer.u32(lists.end);
  packer.codes(lengths);
  packer.codes(new Uint32Array(lists.buffer.buffer, 0, lists.end));
}
