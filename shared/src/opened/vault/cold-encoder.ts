/**
 * Cold columns at rest: what is read when a finding is opened or exported. Sightings, ledgers and features repeat from row to row, so
 * each batch has one block of distinct ones (sets), and its rows hold their numbers. Runs inside the import at a million rows a second.
 */
import type { BundleColumns, TextDictionary } from '../bundle/columns.ts';
import type { Codes } from '../query/hot-columns.ts';
import { TickWriter } from '../query/hot-times.ts';
import { COLD_ROWS_MAGIC, COLD_SETS_MAGIC, COLD_VERSION, VARIABLE } from './cold-format.ts';
import { DistinctLists, DistinctTuples } from './distinct-tuples.ts';
import { BLOCK_ROWS } from './hot-block.ts';
import type { ArrayPacker } from './packed-arrays.ts';
import { TimePacker } from './packed-times.ts';

/** A factor with more distinct values than this in a batch (an age, a likelihood) is kept beside its ledger, not as part of it. */
const MOST_FIXED = 256;
/** Factors that are numbered in one step: about two milliseconds. */
const STEP_FACTORS = 131_072;

/** Numbers that grow, as many as a batch needs. */
class Stream<T extends Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  values: T;
  length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.values = make(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = this.#make(this.values.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }
}

const words = (length: number) => new Uint32Array(length);

export class ColdEncoder {
  readonly #features = new DistinctTuples(5);
  readonly #dates = new DistinctTuples(4);
  readonly #sources = new DistinctTuples(9);
  readonly #factors = new DistinctTuples(4);
  readonly #sightings = new DistinctLists();
  readonly #ledgers = new DistinctLists();
  readonly #tags = new DistinctLists();
  /** By row of the batch. */
  #featureOf = words(0);
  #datesOf = words(0);
  #sightingsOf = words(0);
  #ledgerOf = words(0);
  #tagsOf = words(0);
  #mailboxOf = words(0);
  #hasTagLists = false;
  /** Captures that are not their row's, and variable factors, in the order of rows. */
  readonly #captures = new Stream((length) => new Float64Array(length));
  readonly #holes = new Stream(words);
  /** Where each block's part of the two begins. */
  readonly #captureStarts: number[] = [];
  readonly #holeStarts: number[] = [];
  /** List of one source by its number: twice, for captures of its own. 0: not known yet. */
  #singles = words(1024);
  #factorOf = words(0);
  readonly #ticks = new TickWriter();
  readonly #times = new TimePacker();

  /**
   * Finds what repeats in a batch; `packSets` and `packRows` write it. Runs in steps of a few milliseconds, so that others may come in
   * between. Cost: about 150 ns a row.
   */
  *begin(c: BundleColumns): Generator<void, void, undefined> {
    this.#reserve(c.rows);
    this.#findFeatures(c);
    yield;
    this.#findSightings(c);
    yield;
    yield* this.#findFactors(c);
    this.#findLedgers(c);
    yield;
    this.#findTags(c);
    const { codes } = c.mailboxKey;
    // NO_TEXT + 1 is 0 in 32 bits.
    for (let row = 0; row < c.rows; row++) this.#mailboxOf[row] = (codes[row] as number) + 1;
  }

  packSets(packer: ArrayPacker): void {
    packer.u32(COLD_SETS_MAGIC);
    packer.u32(COLD_VERSION);
    packTuples(packer, this.#features);
    packTuples(packer, this.#dates);
    packTuples(packer, this.#sources);
    packTuples(packer, this.#factors);
    packLists(packer, this.#sightings);
    packLists(packer, this.#ledgers);
    packLists(packer, this.#tags);
  }

  /** Rows `from`..`to` of the batch; `from` is a multiple of BLOCK_ROWS. */
  packRows(packer: ArrayPacker, c: BundleColumns, from: number, to: number): void {
    const block = from / BLOCK_ROWS;
    packer.u32(COLD_ROWS_MAGIC);
    packer.u32(COLD_VERSION);
    packer.u32(to - from);
    packer.u32((c.pairFp === null ? 0 : 1) | (this.#hasTagLists ? 2 : 0));
    for (const codes of [this.#featureOf, this.#datesOf, this.#sightingsOf, this.#ledgerOf, this.#mailboxOf]) {
      packer.codes(codes, from, to);
    }
    if (this.#hasTagLists) packer.codes(this.#tagsOf, from, to);
    const holes = this.#holes.values.subarray(this.#holeStarts[block], this.#holeStarts[block + 1]);
    packer.u32(holes.length);
    packer.codes(holes);
    const captures = this.#captures.values.subarray(this.#captureStarts[block], this.#captureStarts[block + 1]);
    packer.u32(captures.length);
    this.#times.pack(packer, this.#ticks.write(captures), 0, captures.length);
    if (c.pairFp !== null) packer.array(c.pairFp.subarray(from * 16, to * 16));
  }

  #findFeatures(c: BundleColumns): void {
    this.#features.clear();
    this.#dates.clear();
    const { flags, lengthBand, classes, strengthBand, context, cookieState } = c;
    const [hashType, os, country] = [c.hashType.codes, c.machineOs.codes, c.machineCountry.codes];
    const [published, ingested] = [wordsOf(c.publishedAtMs), wordsOf(c.ingestedAtMs)];
    const feature = this.#features.tuple;
    const dates = this.#dates.tuple;
    for (let row = 0; row < c.rows; row++) {
      feature[0] =
        (flags[row] as number) |
        ((lengthBand[row] as number) << 8) |
        ((classes[row] as number) << 16) |
        ((strengthBand[row] as number) << 24);
      feature[1] = (context[row] as number) | ((cookieState[row] as number) << 8);
      feature[2] = hashType[row] as number;
      feature[3] = os[row] as number;
      feature[4] = country[row] as number;
      this.#featureOf[row] = this.#features.intern();
      dates[0] = published[row * 2] as number;
      dates[1] = published[row * 2 + 1] as number;
      dates[2] = ingested[row * 2] as number;
      dates[3] = ingested[row * 2 + 1] as number;
      this.#datesOf[row] = this.#dates.intern();
    }
  }

  #findSightings(c: BundleColumns): void {
    this.#sources.clear();
    this.#sightings.clear();
    this.#singles.fill(0);
    this.#captures.length = 0;
    this.#captureStarts.length = 0;
    const { offsets, sourceId, sourceClass, capturedAtMs } = c.sightings;
    const ids = new DataView(sourceId.buffer, sourceId.byteOffset, sourceId.length);
    const [alias, family] = [c.sightings.alias.codes, c.sightings.family.codes];
    const [published, seen] = [wordsOf(c.sightings.publishedAtMs), wordsOf(c.sightings.seenAtMs)];
    const rowCaptured = c.capturedAtMs;
    const tuple = this.#sources.tuple;
    for (let row = 0; row < c.rows; row++) {
      if (row % BLOCK_ROWS === 0) this.#captureStarts.push(this.#captures.length);
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      const own = rowCaptured[row] as number;
      let isOwn = true;
      for (let at = start; at < end; at++) {
        const captured = capturedAtMs[at] as number;
        if (captured !== own && (captured === captured || own === own)) isOwn = false;
      }
      const flag = isOwn ? 0 : 1;
      let single = 0;
      for (let at = start; at < end; at++) {
        tuple[0] = ids.getUint32(at * 8);
        tuple[1] = ids.getUint32(at * 8 + 4);
        tuple[2] = sourceClass[at] as number;
        tuple[3] = alias[at] as number;
        tuple[4] = family[at] as number;
        tuple[5] = published[at * 2] as number;
        tuple[6] = published[at * 2 + 1] as number;
        tuple[7] = seen[at * 2] as number;
        tuple[8] = seen[at * 2 + 1] as number;
        single = this.#sources.intern();
        if (end - start > 1) {
          if (at === start) this.#sightings.push(flag);
          this.#sightings.push(single);
        }
        if (!isOwn) this.#captures.push(capturedAtMs[at] as number);
      }
      if (end - start === 1) this.#sightingsOf[row] = this.#singleList(single, flag);
      else {
        if (start === end) this.#sightings.push(0);
        this.#sightingsOf[row] = this.#sightings.intern();
      }
    }
    this.#captureStarts.push(this.#captures.length);
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
    this.#sightings.push(flag);
    this.#sightings.push(source);
    const list = this.#sightings.intern();
    this.#singles[at] = list + 1;
    return list;
  }

  #findLedgers(c: BundleColumns): void {
    const { offsets } = c.ledger;
    const first = offsets[0] as number;
    const isVariable = this.#variableCodes(c);
    const codes = c.ledger.code.codes;
    this.#ledgers.clear();
    this.#holes.length = 0;
    this.#holeStarts.length = 0;
    for (let row = 0; row < c.rows; row++) {
      if (row % BLOCK_ROWS === 0) this.#holeStarts.push(this.#holes.length);
      const end = offsets[row + 1] as number;
      for (let at = offsets[row] as number; at < end; at++) {
        const factor = this.#factorOf[at - first] as number;
        const code = codes[at] as number;
        if (isVariable[code] === 0) this.#ledgers.push(factor * 2);
        else {
          this.#ledgers.push(code * 2 + VARIABLE);
          this.#holes.push(factor);
        }
      }
      this.#ledgerOf[row] = this.#ledgers.intern();
    }
    this.#holeStarts.push(this.#holes.length);
  }

  /** Numbers the factors of the batch. */
  *#findFactors(c: BundleColumns): Generator<void, void, undefined> {
    this.#factors.clear();
    const { offsets, value } = c.ledger;
    const [first, last] = [offsets[0] as number, offsets[c.rows] as number];
    if (this.#factorOf.length < last - first) this.#factorOf = words(last - first);
    const [codes, notes, values] = [c.ledger.code.codes, c.ledger.note.codes, wordsOf(value)];
    const tuple = this.#factors.tuple;
    for (let at = first; at < last; at++) {
      tuple[0] = codes[at] as number;
      tuple[1] = notes[at] as number;
      tuple[2] = values[at * 2] as number;
      tuple[3] = values[at * 2 + 1] as number;
      this.#factorOf[at - first] = this.#factors.intern();
      if ((at - first) % STEP_FACTORS === STEP_FACTORS - 1) yield;
    }
  }

  /** 1 for each factor code that has many values. */
  #variableCodes(c: BundleColumns): Uint8Array {
    const distinct = words(entriesOf(c.ledger.code.dictionary));
    for (let factor = 0; factor < this.#factors.size; factor++) {
      const code = this.#factors.word(factor, 0);
      distinct[code] = (distinct[code] as number) + 1;
    }
    return Uint8Array.from(distinct, (count) => (count > MOST_FIXED ? 1 : 0));
  }

  /** Hot columns have each row's tags as a rising set: only where a list is another one it is kept here, too. */
  #findTags(c: BundleColumns): void {
    const { offsets, tag } = c.tags;
    const { codes } = tag;
    this.#tags.clear();
    this.#hasTagLists = false;
    for (let row = 0; row < c.rows && !this.#hasTagLists; row++) {
      for (let at = (offsets[row] as number) + 1; at < (offsets[row + 1] as number); at++) {
        if ((codes[at] as number) <= (codes[at - 1] as number)) this.#hasTagLists = true;
      }
    }
    if (!this.#hasTagLists) return;
    for (let row = 0; row < c.rows; row++) {
      const end = offsets[row + 1] as number;
      for (let at = offsets[row] as number; at < end; at++) this.#tags.push(codes[at] as number);
      this.#tagsOf[row] = this.#tags.intern();
    }
  }

  #reserve(rows: number): void {
    if (this.#featureOf.length >= rows) return;
    this.#featureOf = words(rows);
    this.#datesOf = words(rows);
    this.#sightingsOf = words(rows);
    this.#ledgerOf = words(rows);
    this.#tagsOf = words(rows);
    this.#mailboxOf = words(rows);
  }
}

/** Word by word over all tuples, each as narrow as it goes; one more than it is, so that NO_TEXT is 0. */
function packTuples(packer: ArrayPacker, tuples: DistinctTuples): void {
  const all = tuples.words();
  const width = tuples.tuple.length;
  packer.u32(tuples.size);
  const column = words(tuples.size);
  for (let word = 0; word < width; word++) {
    for (let i = 0; i < column.length; i++) column[i] = (all[i * width + word] as number) + 1;
    packer.codes(column);
  }
}

function packLists(packer: ArrayPacker, lists: DistinctLists): void {
  const offsets = lists.offsets();
  const lengths = words(lists.size);
  for (let i = 0; i < lengths.length; i++) lengths[i] = (offsets[i + 1] as number) - (offsets[i] as number);
  const content: Codes = lists.words();
  packer.u32(lengths.length);
  packer.u32(content.length);
  packer.codes(lengths);
  packer.codes(content);
}

function wordsOf(values: Float64Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

function entriesOf({ offsets }: TextDictionary): number {
  return offsets.length - 1;
}
