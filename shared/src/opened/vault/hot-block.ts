/**
 * Hot columns at rest: some thousand rows of what the engine keeps in memory, as narrow as they go, because what is read at every
 * unlock should be little. Form:
 *   "SPHB" u32 | version u32 | rows u32 | has secret fingerprints u32 | ids | small columns | score | codes of dictionaries |
 *   tag sets | codes of sets | times | fingerprints
 */
import type { Bytes } from '../../base/bytes.ts';
import { CONFIDENCES, EXPOSURES, IDENTITY_KINDS, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import type { Codes, HotColumns, HotDictionaries, TagSets } from '../query/hot-columns.ts';
import { ArrayReader, checkRising, decoded, MalformedBlock } from './packed-arrays.ts';
import type { ArrayPacker } from './packed-arrays.ts';
import type { TimePacker } from './packed-times.ts';
import { readTimes } from './packed-times.ts';

/**
 * Rows of a block: some 115 kB. Of larger ones Chromium's allocator does not keep at hand the four buffers that are being sealed at a
 * time, and touching memory anew costs ten times what sealing does. Page faults of the vault worker on a million rows, machine busy:
 * 8,192 rows 61,000 to 65,000, 4,096 rows 39,000 to 54,000, 2,048 rows 35,000 to 46,000.
 */
export const BLOCK_ROWS = 2048;

const MAGIC = 0x42485053;
const VERSION = 1;
/** The most that one block may claim (`HotColumns`). */
const MOST_ROWS = 65_536;

/** Columns of one to three bits, packed together: name and how many words its vocabulary has. */
const SMALL = [
  ['identityKind', IDENTITY_KINDS.length],
  ['pathClass', PATH_CLASSES.length],
  ['exposure', EXPOSURES.length],
  ['sourceClass', SOURCE_CLASSES.length],
  ['level', LEVELS.length],
  ['confidence', CONFIDENCES.length],
] as const;
const CODED = ['identity', 'registrable', 'host', 'application', 'source'] as const;
const MORE_CODED = ['family', 'machine', 'machineName', 'mask'] as const;
const CODED_NAMES = [...CODED, ...MORE_CODED];
export type CodedName = (typeof CODED_NAMES)[number];

/** Entries of each dictionary that codes point into, and of `tag`. */
export type HotCounts = Readonly<Record<CodedName | 'tag', number>>;

/** Counts of the dictionaries of an import. */
export function countsOf(dictionaries: HotDictionaries): HotCounts {
  const entries = (name: Exclude<CodedName, 'identity'> | 'tag') => dictionaries[name].offsets.length - 1;
  return {
    identity: dictionaries.identity.local.offsets.length - 1,
    registrable: entries('registrable'),
    host: entries('host'),
    application: entries('application'),
    source: entries('source'),
    family: entries('family'),
    machine: entries('machine'),
    machineName: entries('machineName'),
    mask: entries('mask'),
    tag: entries('tag'),
  };
}

/** Packs rows `from`..`to`. Cost: about 20 ns a row. */
export function packHotBlock(packer: ArrayPacker, times: TimePacker, c: HotColumns, from: number, to: number): void {
  packer.u32(MAGIC);
  packer.u32(VERSION);
  packer.u32(to - from);
  packer.u32(c.secretFp === null ? 0 : 1);
  packer.array(c.id.subarray(from * 16, to * 16));
  packSmall(packer, c, from, to);
  packer.array(c.score.subarray(from, to));
  for (const name of CODED_NAMES) packer.codes(c[name], from, to);
  const { offsets, tags } = c.tagSets;
  packer.u32(offsets.length - 1);
  packer.u32(tags.length);
  packer.array(offsets);
  packer.array(tags);
  packer.codes(c.tagSet, from, to);
  times.pack(packer, c.capturedAtMs, from, to);
  times.pack(packer, c.firstSeenAtMs, from, to);
  times.pack(packer, c.lastSeenAtMs, from, to, c.firstSeenAtMs);
  if (c.secretFp !== null) packer.array(c.secretFp.subarray(from * 16, to * 16));
}

/** Arrays that unpacking writes into, used for one block after the other. */
export class HotScratch {
  readonly #bytes: Bytes[] = [];
  readonly #words: Uint32Array<ArrayBuffer>[] = [];
  #nextBytes = 0;
  #nextWords = 0;

  /** What was given out is written over. */
  reset(): void {
    this.#nextBytes = 0;
    this.#nextWords = 0;
  }

  readonly bytes = (length: number): Bytes => {
    const at = this.#nextBytes++;
    const known = this.#bytes[at];
    const array = known !== undefined && known.length >= length ? known : new Uint8Array(length);
    this.#bytes[at] = array;
    return array.subarray(0, length);
  };

  readonly words = (length: number): Uint32Array<ArrayBuffer> => {
    const at = this.#nextWords++;
    const known = this.#words[at];
    const array = known !== undefined && known.length >= length ? known : new Uint32Array(length);
    this.#words[at] = array;
    return array.subarray(0, length);
  };
}

/**
 * Columns of a block: views over `bytes` and over `scratch`, valid until the next call with it; `null` if it is none, or if a code,
 * offset or time is out of bounds.
 */
export function readHotBlock(
  bytes: Bytes,
  counts: HotCounts,
  scratch: HotScratch = new HotScratch(),
): HotColumns | null {
  scratch.reset();
  return decoded(() => readColumns(new ArrayReader(bytes), counts, scratch));
}

function readColumns(reader: ArrayReader, counts: HotCounts, scratch: HotScratch): HotColumns {
  if (reader.u32() !== MAGIC || reader.u32() !== VERSION) throw new MalformedBlock('version');
  const rows = reader.count(MOST_ROWS);
  const hasSecretFp = reader.count(1) === 1;
  const id = reader.bytes(rows * 16);
  const small = readSmall(reader, rows, scratch);
  const score = reader.bytes(rows);
  if (!areScores(score)) throw new MalformedBlock('score');
  const coded: Partial<Record<CodedName, Codes>> = {};
  for (const name of CODED_NAMES) coded[name] = reader.codes(rows, counts[name], scratch.bytes);
  const tagSets = readTagSets(reader, counts.tag);
  const tagSet = reader.codes(rows, tagSets.offsets.length - 1, scratch.bytes);
  const capturedAtMs = readTimes(reader, rows, scratch);
  const firstSeenAtMs = readTimes(reader, rows, scratch);
  const lastSeenAtMs = readTimes(reader, rows, scratch, firstSeenAtMs);
  const secretFp = hasSecretFp ? reader.bytes(rows * 16) : null;
  reader.end();
  return {
    rows,
    id,
    ...small,
    score,
    ...(coded as Record<CodedName, Codes>),
    tagSets,
    tagSet,
    capturedAtMs,
    firstSeenAtMs,
    lastSeenAtMs,
    secretFp,
  };
}

function areScores(scores: Bytes): boolean {
  let areThey = true;
  for (let i = 0; i < scores.length; i++) if ((scores[i] as number) > 100) areThey = false;
  return areThey;
}

function readTagSets(reader: ArrayReader, tagEntries: number): TagSets {
  const sets = reader.count(MOST_ROWS);
  const length = reader.u32();
  const offsets = reader.words(sets + 1);
  const tags = reader.words(length);
  checkRising(offsets, length);
  for (let i = 0; i < length; i++) if ((tags[i] as number) >= tagEntries) throw new MalformedBlock('tag');
  return { offsets, tags };
}

/** Bits of each small column are said in the block: a vocabulary that grew since does not change what older blocks mean. */
function packSmall(packer: ArrayPacker, c: HotColumns, from: number, to: number): void {
  const [a, b, d, e, f, g] = SMALL.map(([, size]) => bitsOf(size)) as [number, number, number, number, number, number];
  for (const bits of [a, b, d, e, f, g]) packer.u32(bits);
  const into = a + b + d + e + f + g <= 16 ? packer.shorts(to - from) : packer.words(to - from);
  const rest = [b, d, e, f, g];
  const fields = [c.pathClass, c.exposure, c.sourceClass, c.level, c.confidence];
  into.set(c.identityKind.subarray(from, to));
  rest.forEach((bits, i) => {
    const field = (fields[i] as Bytes).subarray(from, to);
    if (into instanceof Uint16Array) appendField(into, bits, field);
    else appendToWords(into, bits, field);
  });
}

// One field after the other, one loop per width: a loop over all six takes the engine a hundred times as long to compile.

function appendField(into: Uint16Array, bits: number, field: Bytes): void {
  for (let i = 0; i < into.length; i++) into[i] = ((into[i] as number) << bits) | (field[i] as number);
}

function appendToWords(into: Uint32Array, bits: number, field: Bytes): void {
  for (let i = 0; i < into.length; i++) into[i] = ((into[i] as number) << bits) | (field[i] as number);
}

function readSmall(
  reader: ArrayReader,
  rows: number,
  scratch: HotScratch,
): Readonly<Record<(typeof SMALL)[number][0], Bytes>> {
  const bits = SMALL.map(() => reader.count(8));
  const all = bits.reduce((sum, one) => sum + one, 0);
  if (all > 32) throw new MalformedBlock('bits');
  const packed = all <= 16 ? reader.shorts(rows) : reader.words(rows);
  if (!isEmptyAbove(packed, all)) throw new MalformedBlock('value');
  const columns: Partial<Record<(typeof SMALL)[number][0], Bytes>> = {};
  let shift = all;
  for (const [i, [name, size]] of SMALL.entries()) {
    shift -= bits[i] as number;
    const column = scratch.bytes(rows);
    if (!unpackField(packed, shift, bits[i] as number, size, column)) throw new MalformedBlock('value');
    columns[name] = column;
  }
  return columns as Record<(typeof SMALL)[number][0], Bytes>;
}

/** `false` if a value is none of the vocabulary's. One field after the other: a loop over all six takes five times as long. */
function unpackField(
  packed: Uint16Array | Uint32Array,
  shift: number,
  bits: number,
  size: number,
  into: Bytes,
): boolean {
  const mask = 2 ** bits - 1;
  let isInside = true;
  for (let i = 0; i < packed.length; i++) {
    const value = ((packed[i] as number) >>> shift) & mask;
    if (value >= size) isInside = false;
    into[i] = value;
  }
  return isInside;
}

function isEmptyAbove(packed: Uint16Array | Uint32Array, bits: number): boolean {
  if (bits === 8 * packed.BYTES_PER_ELEMENT) return true;
  let above = 0;
  for (let i = 0; i < packed.length; i++) above |= (packed[i] as number) >>> bits;
  return above === 0;
}

function bitsOf(size: number): number {
  return Math.max(1, 32 - Math.clz32(size - 1));
}
