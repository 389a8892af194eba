/**
 * Dictionaries at rest, in pages, so that one text can be read without the million beside it. Form of a block:
 *   "SPDB" u32 | version u32 | sections u32 | per section: dictionary, first entry, entries, heap bytes u32 | lengths | heap |
 *   has codes u32 | codes
 * Codes stand beside identities only: the domain of each. Where which section lies stands in the import's row (`DictionarySection`).
 */
import type { Bytes } from '../../base/bytes.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import type { DictionarySize } from '../query/dictionary-room.ts';
import type { Codes } from '../query/hot-columns.ts';
import { ArrayReader, decoded, MalformedBlock } from './packed-arrays.ts';
import type { ArrayPacker } from './packed-arrays.ts';

const MAGIC = 0x42445053;
const VERSION = 1;
/** Of one section: a single text is read with at most this many others. */
const SECTION_ENTRIES = 16_384;
const SECTION_BYTES = 96 * 1024;
/** A block takes sections until it has this many bytes; as little as `BLOCK_ROWS`, for the same reason. */
const BLOCK_BYTES = 64 * 1024;

/** Entries `first`..`first + entries` of a dictionary lie in block `block` of the file. */
export interface DictionarySection {
  readonly block: number;
  /** Place in the list of the file's dictionaries. */
  readonly dictionary: number;
  readonly first: number;
  readonly entries: number;
  readonly heapBytes: number;
}

/** A dictionary to be written; `codes` beside its entries, if it has any. */
export interface StoredDictionary {
  readonly texts: TextDictionary;
  readonly codes?: Codes;
}

/** One section as read: views over the block. */
export interface ReadSection extends Omit<DictionarySection, 'block'> {
  readonly lengths: Codes;
  readonly heap: Bytes;
  readonly codes: Codes | null;
}

/** Packs the dictionaries of a file block by block, each given to `write`, which has done with the bytes when it settles. */
export class DictionaryPacker {
  readonly #packers: { next(): ArrayPacker };
  readonly #write: (bytes: Bytes) => Promise<void>;
  readonly #sections: DictionarySection[] = [];
  #dictionaries = 0;
  #block = 0;
  #waiting: { readonly stored: StoredDictionary; readonly section: DictionarySection }[] = [];
  #waitingBytes = 0;

  constructor(packers: { next(): ArrayPacker }, write: (bytes: Bytes) => Promise<void>) {
    this.#packers = packers;
    this.#write = write;
  }

  /** The next ones in the file's order. */
  async add(dictionaries: readonly StoredDictionary[]): Promise<void> {
    for (const stored of dictionaries) {
      const dictionary = this.#dictionaries++;
      const { offsets } = stored.texts;
      const total = offsets.length - 1;
      for (let first = 0; first < total;) {
        const end = endOfSection(offsets, first);
        const heapBytes = (offsets[end] as number) - (offsets[first] as number);
        const section = { block: this.#block, dictionary, first, entries: end - first, heapBytes };
        this.#waiting.push({ stored, section });
        this.#sections.push(section);
        this.#waitingBytes += heapBytes + (end - first) * 2;
        if (this.#waitingBytes >= BLOCK_BYTES) await this.#flush();
        first = end;
      }
    }
  }

  /** Writes what is left; where everything lies. */
  async finish(): Promise<readonly DictionarySection[]> {
    if (this.#waiting.length > 0) await this.#flush();
    return this.#sections;
  }

  async #flush(): Promise<void> {
    const packer = this.#packers.next();
    packer.u32(MAGIC);
    packer.u32(VERSION);
    packer.u32(this.#waiting.length);
    for (const { stored, section } of this.#waiting) packSection(packer, stored, section);
    await this.#write(packer.finish());
    this.#block++;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** Sections of a block; `null` if it is none, or lengths do not fit the heap. */
export function readDictionaryBlock(bytes: Bytes): readonly ReadSection[] | null {
  return decoded(() => {
    const reader = new ArrayReader(bytes);
    if (reader.u32() !== MAGIC || reader.u32() !== VERSION) throw new MalformedBlock('version');
    const sections = Array.from({ length: reader.count(bytes.length) }, () => readSection(reader, bytes.length));
    reader.end();
    return sections;
  });
}

/** Entries and bytes of each of `count` dictionaries. */
export function dictionarySizes(count: number, sections: readonly DictionarySection[]): readonly DictionarySize[] {
  const sums = Array.from({ length: count }, () => ({ entries: 0, heapBytes: 0 }));
  for (const { dictionary, entries, heapBytes } of sections) {
    const sum = sums[dictionary];
    if (sum === undefined) continue;
    sum.entries += entries;
    sum.heapBytes += heapBytes;
  }
  return sums;
}

/** A dictionary to be filled; `codes` beside its entries are none above `most`. */
export interface LoadedDictionary {
  readonly texts: TextDictionary;
  readonly codes: { readonly into: Codes; readonly most: number } | null;
}

/** Whole dictionaries of a file, filled section by section as blocks come. */
export class DictionaryLoader {
  readonly #dictionaries: readonly LoadedDictionary[];
  readonly #filled: number[];
  readonly #coded: number[];

  /** As long as sections say. */
  constructor(dictionaries: readonly LoadedDictionary[]) {
    this.#dictionaries = dictionaries;
    this.#filled = dictionaries.map(() => 0);
    this.#coded = dictionaries.map(() => 0);
  }

  /** `false` if the section is not the next of its dictionary, or has an empty entry or a code that is too large. */
  take({ dictionary, first, entries, lengths, heap, codes }: ReadSection): boolean {
    const target = this.#dictionaries[dictionary];
    if (target === undefined || first !== this.#filled[dictionary]) return false;
    const { offsets } = target.texts;
    if (first + entries >= offsets.length) return false;
    const at = offsets[first] as number;
    if (at + heap.length > target.texts.heap.length) return false;
    target.texts.heap.set(heap, at);
    if (!addLengths(lengths, at, offsets, first + 1)) return false;
    if (codes !== null && target.codes !== null) {
      if (largestOf(codes) > target.codes.most) return false;
      target.codes.into.set(codes, first);
      (this.#coded[dictionary] as number) += entries;
    }
    this.#filled[dictionary] = first + entries;
    return true;
  }

  /** Whether all of them are there. */
  get isWhole(): boolean {
    return this.#dictionaries.every(({ texts, codes }, i) => {
      const entries = texts.offsets.length - 1;
      return this.#filled[i] === entries && (codes === null || this.#coded[i] === entries);
    });
  }
}

/** Where texts of these lengths end, the first of them beginning at `at`; `false` if one is empty. */
function addLengths(lengths: Codes, at: number, ends: Uint32Array, first: number): boolean {
  let end = at;
  let areThere = true;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    if (length === 0) areThere = false;
    end += length;
    ends[first + i] = end;
  }
  return areThere;
}

function largestOf(codes: Codes): number {
  let largest = 0;
  for (let i = 0; i < codes.length; i++) if ((codes[i] as number) > largest) largest = codes[i] as number;
  return largest;
}

function packSection(packer: ArrayPacker, { texts, codes }: StoredDictionary, section: DictionarySection): void {
  const { dictionary, first, entries, heapBytes } = section;
  for (const value of [dictionary, first, entries, heapBytes]) packer.u32(value);
  const lengths = new Uint32Array(entries);
  writeLengths(texts.offsets, first, lengths);
  packer.codes(lengths);
  packer.array(texts.heap.subarray(texts.offsets[first], texts.offsets[first + entries]));
  packer.u32(codes === undefined ? 0 : 1);
  if (codes !== undefined) packer.codes(codes, first, first + entries);
}

function writeLengths(offsets: Uint32Array, first: number, lengths: Uint32Array): void {
  for (let i = 0; i < lengths.length; i++) {
    lengths[i] = (offsets[first + i + 1] as number) - (offsets[first + i] as number);
  }
}

function readSection(reader: ArrayReader, mostBytes: number): ReadSection {
  const [dictionary, first] = [reader.u32(), reader.u32()];
  const [entries, heapBytes] = [reader.count(SECTION_ENTRIES), reader.count(mostBytes)];
  const lengths = reader.codes(entries, heapBytes);
  let sum = 0;
  for (let i = 0; i < entries; i++) sum += lengths[i] as number;
  if (sum !== heapBytes) throw new MalformedBlock('heap');
  const heap = reader.bytes(heapBytes);
  const codes = reader.count(1) === 0 ? null : reader.codes(entries, 0xffffffff);
  return { dictionary, first, entries, heapBytes, lengths, heap, codes };
}

/** At least one entry, else as many as a section may have. */
function endOfSection(offsets: Uint32Array, first: number): number {
  const last = Math.min(offsets.length - 1, first + SECTION_ENTRIES);
  const start = offsets[first] as number;
  let end = first + 1;
  while (end < last && (offsets[end + 1] as number) - start <= SECTION_BYTES) end++;
  return end;
}
