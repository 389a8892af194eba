/**
 * Cold columns as read: sets of a batch, and rows that name them. Forms (packed-arrays.ts):
 *   sets = "SPCS" | version | features | dates | sources | sightings | factors | ledgers | tags
 *   rows = "SPCR" | version | rows | flags | feature, dates, sightings, mailbox key, hash type [, tags], ledger of each row |
 *          factors that vary | captures that are not their row's | [pair fingerprints]
 * A list of sightings begins with a flag: 1 where the captures follow in the rows' stream. A ledger's words are twice a factor, or
 * twice a factor code plus one where the factor follows in the stream.
 */
import type { Bytes } from '../../base/bytes.ts';
import { CONTEXTS, NO_CODE, NO_TEXT } from '../bundle/columns.ts';
import { COOKIE_STATES, LENGTH_BANDS, SOURCE_CLASSES, STRENGTH_BANDS } from '../finding/finding.ts';
import type { Codes, HotTimes } from '../query/hot-columns.ts';
import { ArrayReader, checkRising, decoded, MalformedBlock } from './packed-arrays.ts';
import { readTimes } from './packed-times.ts';

export const COLD_SETS_MAGIC = 0x53435053;
export const COLD_ROWS_MAGIC = 0x52435053;
export const COLD_VERSION = 1;
/** Added to twice a factor code in a ledger's words. */
export const VARIABLE = 1;

/** Dictionaries of the cold file, in the order of their numbers. */
export const COLD_DICTIONARIES = [
  'mailboxKey',
  'machineOs',
  'machineCountry',
  'hashType',
  'sightingAlias',
  'sightingFamily',
  'factorCode',
  'factorNote',
  'tag',
] as const;
export type ColdDictionary = (typeof COLD_DICTIONARIES)[number];

/** Entries by dictionary. */
export type ColdCounts = Readonly<Record<ColdDictionary, number>>;

/** Words of features, dates and factors. */
export const TUPLE_WORDS = 4;
/** Words of a source. */
export const SOURCE_WORDS = 9;

/** Words of a feature: flags, length band, classes and strength band in one; context and cookie state in the next. */
export const FEATURE = { secret: 0, rest: 1, machineOs: 2, machineCountry: 3 } as const;
/** Words of a pair of dates; doubles take two. */
export const DATES = { published: 0, ingested: 2 } as const;
/** Words of a source; its id takes two as its bytes lie. */
export const SOURCE = { id: 0, seen: 2, family: 4, alias: 5, sourceClass: 6, published: 7 } as const;
/** Words of a factor. */
export const FACTOR = { value: 0, code: 2, note: 3 } as const;

const MOST_ROWS = 65_536;

/** Distinct tuples: word `w` of tuple `i` is `words[w][i]`. */
interface Tuples {
  readonly size: number;
  readonly words: readonly Uint32Array[];
}

interface Lists {
  readonly offsets: Uint32Array;
  readonly words: Codes;
}

/** Sets of a batch, checked. */
export interface ColdSets {
  readonly features: Tuples;
  readonly dates: Tuples;
  readonly sources: Tuples;
  readonly factors: Tuples;
  readonly sightings: Lists;
  readonly ledgers: Lists;
  readonly tags: Lists;
}

/** Rows of a block, checked against their sets. */
export interface ColdRows {
  readonly rows: number;
  readonly feature: Codes;
  readonly dates: Codes;
  readonly sightings: Codes;
  readonly ledger: Codes;
  /** 0: none, else 1 + entry. */
  readonly mailboxKey: Codes;
  readonly hashType: Codes;
  readonly tags: Codes | null;
  /** Factors that vary, in the order of rows; those of row `r` begin at `holeStarts[r]`. */
  readonly holes: Codes;
  readonly holeStarts: Uint32Array;
  /** Captures that are not their row's, likewise. */
  readonly captures: HotTimes;
  readonly captureStarts: Uint32Array;
  readonly pairFp: Bytes | null;
}

/** `null` if the bytes are no sets, or something in them is out of bounds. */
export function readColdSets(bytes: Bytes, counts: ColdCounts): ColdSets | null {
  return decoded(() => {
    const reader = new ArrayReader(bytes);
    if (reader.u32() !== COLD_SETS_MAGIC || reader.u32() !== COLD_VERSION) throw new MalformedBlock('version');
    const sets: ColdSets = {
      features: readTuples(reader, TUPLE_WORDS),
      dates: readTuples(reader, TUPLE_WORDS),
      sources: readTuples(reader, SOURCE_WORDS),
      sightings: readLists(reader),
      factors: readTuples(reader, TUPLE_WORDS),
      ledgers: readLists(reader),
      tags: readLists(reader),
    };
    reader.end();
    checkSets(sets, counts);
    return sets;
  });
}

/** `null` as in `readColdSets`. */
export function readColdRows(bytes: Bytes, sets: ColdSets, counts: ColdCounts): ColdRows | null {
  return decoded(() => {
    const reader = new ArrayReader(bytes);
    if (reader.u32() !== COLD_ROWS_MAGIC || reader.u32() !== COLD_VERSION) throw new MalformedBlock('version');
    const rows = reader.count(MOST_ROWS);
    const flags = reader.count(3);
    const codes = (size: number) => reader.codes(rows, Math.max(0, size - 1));
    const feature = codes(sets.features.size);
    const dates = codes(sets.dates.size);
    const sightings = codes(sets.sightings.offsets.length - 1);
    const mailboxKey = reader.codes(rows, counts.mailboxKey);
    const hashType = reader.codes(rows, counts.hashType);
    const tags = flags & 2 ? codes(sets.tags.offsets.length - 1) : null;
    const ledger = codes(sets.ledgers.offsets.length - 1);
    const holes = reader.codes(reader.count(bytes.length), Math.max(0, sets.factors.size - 1));
    const captures = readTimes(reader, reader.count(bytes.length), FRESH);
    const pairFp = flags & 1 ? reader.bytes(rows * 16) : null;
    reader.end();
    const holeStarts = startsOf(ledger, holesByLedger(sets.ledgers));
    const captureStarts = startsOf(sightings, capturesByList(sets.sightings));
    if (holeStarts[rows] !== holes.length) throw new MalformedBlock('ledger');
    if (captureStarts[rows] !== lengthOf(captures)) throw new MalformedBlock('sightings');
    const streams = { holes, holeStarts, captures, captureStarts };
    return { rows, feature, dates, sightings, ledger, mailboxKey, hashType, tags, ...streams, pairFp };
  });
}

/** Words of list `number`. */
export function listOf({ offsets, words }: Lists, number: number): readonly number[] {
  return Array.from(words.subarray(offsets[number], offsets[number + 1]));
}

/** Word `word` of tuple `number`. */
export function wordOf(tuples: Tuples, number: number, word: number): number {
  return tuples.words[word]?.[number] as number;
}

const doubleWords = new Uint32Array(2);
const double = new Float64Array(doubleWords.buffer);

/** The double in two words of a tuple. */
export function doubleOf(tuples: Tuples, number: number, word: number): number {
  doubleWords[0] = wordOf(tuples, number, word);
  doubleWords[1] = wordOf(tuples, number, word + 1);
  return double[0] as number;
}

/** Where each row's part of a stream begins, and its whole length. */
function startsOf(lists: Codes, taken: Uint32Array): Uint32Array {
  const starts = new Uint32Array(lists.length + 1);
  for (let row = 0; row < lists.length; row++) {
    starts[row + 1] = (starts[row] as number) + (taken[lists[row] as number] as number);
  }
  return starts;
}

function holesByLedger({ offsets, words }: Lists): Uint32Array {
  return Uint32Array.from({ length: offsets.length - 1 }, (_, list) => {
    let holes = 0;
    for (let at = offsets[list] as number; at < (offsets[list + 1] as number); at++) {
      holes += (words[at] as number) & VARIABLE;
    }
    return holes;
  });
}

function capturesByList({ offsets, words }: Lists): Uint32Array {
  return Uint32Array.from({ length: offsets.length - 1 }, (_, list) => {
    const start = offsets[list] as number;
    return words[start] === 1 ? (offsets[list + 1] as number) - start - 1 : 0;
  });
}

const FRESH = { bytes: (length: number) => new Uint8Array(length), words: (length: number) => new Uint32Array(length) };

function lengthOf(times: HotTimes): number {
  return times instanceof Float64Array ? times.length : times.ticks.length;
}

function readTuples(reader: ArrayReader, width: number): Tuples {
  const size = reader.count(0xffffff);
  const words = Array.from({ length: width }, () => {
    const codes = reader.codes(size, 0xffffffff);
    // Kept one too high, so that NO_TEXT is 0.
    return Uint32Array.from(codes, (code) => (code - 1) >>> 0);
  });
  return { size, words };
}

function readLists(reader: ArrayReader): Lists {
  const size = reader.count(0xffffff);
  const length = reader.u32();
  const lengths = reader.codes(size, length);
  const words = reader.codes(length, 0xffffffff);
  const offsets = new Uint32Array(size + 1);
  for (let i = 0; i < size; i++) offsets[i + 1] = (offsets[i] as number) + (lengths[i] as number);
  checkRising(offsets, length);
  return { offsets, words };
}

function checkSets(sets: ColdSets, counts: ColdCounts): void {
  const { features, dates, sources, factors } = sets;
  each(features, (i) => {
    const packed = wordOf(features, i, FEATURE.secret);
    need((packed & 0xff) < 8 && isCode((packed >>> 8) & 0xff, LENGTH_BANDS.length));
    need(isCode((packed >>> 16) & 0xff, 32) && isCode(packed >>> 24, STRENGTH_BANDS.length));
    const rest = wordOf(features, i, FEATURE.rest);
    need((rest & 0xff) < CONTEXTS.length && rest >>> 8 < COOKIE_STATES.length);
    need(isText(wordOf(features, i, FEATURE.machineOs), counts.machineOs));
    need(isText(wordOf(features, i, FEATURE.machineCountry), counts.machineCountry));
  });
  each(dates, (i) => {
    need(isTime(doubleOf(dates, i, DATES.published)) && Number.isFinite(doubleOf(dates, i, DATES.ingested)));
  });
  each(sources, (i) => {
    need(wordOf(sources, i, SOURCE.sourceClass) < SOURCE_CLASSES.length);
    need(wordOf(sources, i, SOURCE.alias) < counts.sightingAlias);
    need(isText(wordOf(sources, i, SOURCE.family), counts.sightingFamily));
    need(isTime(doubleOf(sources, i, SOURCE.published)) && Number.isFinite(doubleOf(sources, i, SOURCE.seen)));
  });
  each(factors, (i) => {
    need(wordOf(factors, i, FACTOR.code) < counts.factorCode);
    need(isText(wordOf(factors, i, FACTOR.note), counts.factorNote));
    need(Number.isFinite(doubleOf(factors, i, FACTOR.value)));
  });
  checkLists(sets.sightings, (word, isFirst) => (isFirst ? word <= 1 : word < sources.size), true);
  checkLists(sets.ledgers, (word) => word >>> 1 < (word & VARIABLE ? counts.factorCode : factors.size), false);
  checkLists(sets.tags, (word) => word < counts.tag, false);
}

function each(tuples: Tuples, check: (number: number) => void): void {
  for (let i = 0; i < tuples.size; i++) check(i);
}

function checkLists(
  { offsets, words }: Lists,
  isInside: (word: number, isFirst: boolean) => boolean,
  isMarked: boolean,
): void {
  for (let list = 0; list + 1 < offsets.length; list++) {
    const [start, end] = [offsets[list] as number, offsets[list + 1] as number];
    if (isMarked) need(end > start);
    for (let at = start; at < end; at++) need(isInside(words[at] as number, at === start));
  }
}

function need(holds: boolean): void {
  if (!holds) throw new MalformedBlock('value');
}

function isCode(code: number, size: number): boolean {
  return code < size || code === NO_CODE;
}

function isText(code: number, entries: number): boolean {
  return code < entries || code === NO_TEXT;
}

function isTime(ms: number): boolean {
  return Number.isFinite(ms) || Number.isNaN(ms);
}
