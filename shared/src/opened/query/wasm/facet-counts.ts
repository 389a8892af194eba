/**
 * Counts of values among rows: vocabularies from their bit planes, dictionaries by counting codes. Where most rows hit, those that do
 * not are counted and taken from the whole; counts of the whole are kept.
 */
import { facetList } from '../facet-list.ts';
import type { FacetCount, FacetField } from '../query.ts';
import { FACET_FIELDS } from '../query.ts';
import { compareTexts } from '../text-order.ts';
import type { BitSets } from './bit-sets.ts';
import { BlockHits } from './block-hits.ts';
import type { CodeName, Columns, DictionaryName } from './columns.ts';
import type { WordFacet } from './conditions.ts';
import { WORDS_BY_FIELD } from './conditions.ts';
import { Region } from './memory.ts';

/** QueryResult: at most this many values a field. */
const MAX_VALUES = 50;
/** Room for the counts of a vocabulary: 16 u32. */
const WORD_COUNT_BYTES = 64;

/** Fields counted by code: their column, and the dictionary of its texts. */
const CODED = {
  host: 'host',
  domain: 'registrable',
  source: 'source',
  owner: 'owner',
  family: 'family',
  tag: 'tagSet',
} as const satisfies Partial<Record<FacetField, CodeName>>;
type CodedFacet = keyof typeof CODED;
const CODED_FACETS = Object.keys(CODED) as CodedFacet[];
/** Columns that are counted over all rows only, for suggestions. */
type CountedName = (typeof CODED)[CodedFacet] | 'identity' | 'machineName' | 'application';

/** The rows that a field's values are counted among. */
export type MaskOf = (field: FacetField) => { readonly bits: number; readonly count: number };

export class FacetCounts {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  /** Counts over all rows, by code. */
  readonly #whole = new Map<CountedName, Region>();
  /** Facets of all rows. */
  readonly #wholeLists = new Map<FacetField, readonly FacetCount[]>();
  #wholeAccounts = -1;
  readonly #hits: BlockHits;

  constructor(columns: Columns, sets: BitSets) {
    this.#columns = columns;
    this.#sets = sets;
    this.#hits = new BlockHits(columns);
  }

  /** Rows came. */
  forget(): void {
    for (const counts of this.#whole.values()) counts.free();
    this.#whole.clear();
    this.#wholeLists.clear();
    this.#wholeAccounts = -1;
  }

  /** Triage changed. */
  forgetTriage(): void {
    this.#whole.get('owner')?.free();
    this.#whole.delete('owner');
    this.#wholeLists.delete('owner');
    this.#wholeLists.delete('state');
  }

  /** Lists of all fields. */
  lists(maskOf: MaskOf): Record<FacetField, readonly FacetCount[]> {
    const lists: Partial<Record<FacetField, readonly FacetCount[]>> = {};
    for (const field of Object.keys(WORDS_BY_FIELD) as WordFacet[]) lists[field] = this.#wordList(field, maskOf(field));
    const byMask = Map.groupBy(CODED_FACETS, (field) => maskOf(field).bits);
    for (const fields of byMask.values()) this.#codedLists(fields, maskOf(fields[0] as CodedFacet), lists);
    // In the order of the vocabulary of fields.
    return Object.fromEntries(FACET_FIELDS.map((field) => [field, lists[field]])) as Record<
      FacetField,
      readonly FacetCount[]
    >;
  }

  /** Distinct identities among rows. */
  accounts(bits: number, count: number): number {
    const { memory, kernels, codes, texts, rows } = this.#columns;
    if (count === rows && this.#wholeAccounts >= 0) return this.#wholeAccounts;
    const column = codes.identity;
    if (column.isEmpty) return Math.min(count, 1);
    const size = texts.identity.count;
    const accounts = memory.lend([size], (marks) => {
      memory.u8.fill(0, marks, marks + size);
      this.#hits.each(bits, rows, (block, places, hits) => {
        kernels.markCodes(column.blockAt(block), column.width, places, hits, marks);
      });
      return kernels.countMarks(marks, size);
    });
    if (count === rows) this.#wholeAccounts = accounts;
    return accounts;
  }

  /** Counts over all rows by code (address of u32). The caller does not write. */
  whole(name: CountedName): number {
    const known = this.#whole.get(name);
    if (known !== undefined) return known.at;
    const region = new Region(this.#columns.memory);
    region.reserve(this.#codesOf(name) * 4, 0);
    this.#zero(name, region.at);
    this.#count([name], this.#sets.all, () => region.at);
    this.#whole.set(name, region);
    return region.at;
  }

  /** How many rows have each tag (by code; 0: none of them), from counts by set. */
  perTag(counts: number): Uint32Array {
    const { memory, texts, tagSets } = this.#columns;
    const perTag = new Uint32Array(texts.tag.count);
    tagSets.sets.forEach((set, number) => {
      const count = memory.u32[(counts >> 2) + number] as number;
      if (number === 0) perTag[0] = count;
      for (const tag of set) perTag[tag] = (perTag[tag] as number) + count;
    });
    return perTag;
  }

  #wordList(field: WordFacet, { bits, count }: ReturnType<MaskOf>): readonly FacetCount[] {
    const isWhole = count === this.#columns.rows;
    const known = isWhole ? this.#wholeLists.get(field) : undefined;
    if (known !== undefined) return known;
    const { memory, planes } = this.#columns;
    const words: readonly string[] = WORDS_BY_FIELD[field];
    const counts = memory.lend([WORD_COUNT_BYTES], (at) => {
      memory.u32.fill(0, at >> 2, (at + WORD_COUNT_BYTES) >> 2);
      planes[field].count(bits, this.#sets.words, this.#sets.none, at);
      return memory.u32.slice(at >> 2, (at >> 2) + words.length);
    });
    const list = facetList(counts, wordTexts(words));
    if (isWhole) this.#wholeLists.set(field, list);
    return list;
  }

  #codedLists(
    fields: readonly CodedFacet[],
    mask: ReturnType<MaskOf>,
    lists: Partial<Record<FacetField, readonly FacetCount[]>>,
  ): void {
    const { memory, kernels, rows } = this.#columns;
    if (mask.count === rows) {
      for (const field of fields) lists[field] = this.#wholeList(field);
      return;
    }
    const names = fields.map((field) => CODED[field]);
    const isInverse = mask.count > rows / 2;
    // The whole is counted first: it may take memory.
    const wholes = isInverse ? names.map((name) => this.whole(name)) : [];
    memory.lend(
      names.map((name) => this.#codesOf(name) * 4),
      (...counts) => {
        names.forEach((name, i) => {
          this.#zero(name, counts[i] as number);
        });
        const countsOf = (name: CountedName) => counts[names.indexOf(name as (typeof names)[number])] as number;
        if (isInverse) {
          const others = this.#sets.take();
          kernels.withoutBits(this.#sets.all, mask.bits, others, this.#sets.words);
          this.#count(names, others, countsOf);
          this.#sets.give(others);
          names.forEach((name, i) => {
            subtractFrom(memory.u32, wholes[i] as number, counts[i] as number, this.#codesOf(name));
          });
        } else {
          this.#count(names, mask.bits, countsOf);
        }
        fields.forEach((field, i) => {
          lists[field] = this.#list(field, counts[i] as number);
        });
      },
    );
  }

  #wholeList(field: CodedFacet): readonly FacetCount[] {
    const known = this.#wholeLists.get(field);
    if (known !== undefined) return known;
    const list = this.#list(field, this.whole(CODED[field]));
    this.#wholeLists.set(field, list);
    return list;
  }

  /** The largest of the counts, as they are shown. */
  #list(field: CodedFacet, counts: number): readonly FacetCount[] {
    const { memory, kernels, texts } = this.#columns;
    if (field === 'tag') {
      const { tag } = texts;
      return facetList(this.perTag(counts), {
        text: (code) => tag.text(code),
        compare: (a, b) => kernels.compareTexts(tag.description, 0, a, b),
      });
    }
    const name = CODED[field] as DictionaryName & CountedName;
    const dictionary = texts[name];
    return memory.lend([MAX_VALUES * 4], (out) => {
      const ranks = dictionary.knownRanks;
      const found = kernels.pickCodes(dictionary.description, ranks, counts, 0, 0, MAX_VALUES, out);
      return Array.from(memory.u32.subarray(out >> 2, (out >> 2) + found), (code) => ({
        value: dictionary.text(code),
        count: memory.u32[(counts >> 2) + code] as number,
      }));
    });
  }

  /** Adds rows by code, all columns in one pass over the bits. */
  #count(names: readonly CountedName[], bits: number, countsOf: (name: CountedName) => number): void {
    const { memory, kernels, codes } = this.#columns;
    const filled = names.filter((name) => !codes[name].isEmpty);
    for (const name of names) {
      if (codes[name].isEmpty) memory.u32[countsOf(name) >> 2] = kernels.countBits(bits, this.#sets.words);
    }
    if (filled.length === 0) return;
    this.#hits.each(bits, this.#columns.rows, (block, places, hits) => {
      for (const name of filled) {
        const column = codes[name];
        kernels.countCodes(column.blockAt(block), column.width, places, hits, countsOf(name));
      }
    });
  }

  #zero(name: CountedName, counts: number): void {
    this.#columns.memory.u32.fill(0, counts >> 2, (counts >> 2) + this.#codesOf(name));
  }

  #codesOf(name: CountedName): number {
    return name === 'tagSet' ? this.#columns.tagSets.sets.length : this.#columns.texts[name].count;
  }
}

/** `counts` become the whole less themselves. */
function subtractFrom(u32: Uint32Array, whole: number, counts: number, length: number): void {
  const [from, at] = [whole >> 2, counts >> 2];
  for (let i = 0; i < length; i++) u32[at + i] = (u32[from + i] as number) - (u32[at + i] as number);
}

function wordTexts(words: readonly string[]) {
  return {
    text: (code: number) => words[code] ?? '',
    compare: (a: number, b: number) => compareTexts(words[a] ?? '', words[b] ?? ''),
  };
}
