/**
 * Counts of values among rows: vocabularies from their bit planes, dictionaries by counting codes. Where most rows hit, those that do
 * not are counted and taken from the whole; counts of the whole are kept.
 */
import { facetList } from '../facet-list.ts';
import type { FacetCount, FacetField, QueryResult } from '../query.ts';
import { FACET_FIELDS } from '../query.ts';
import { compareTexts } from '../text-order.ts';
import type { BitSets } from './bit-sets.ts';
import { bitsBytes, wordsOf } from './bit-sets.ts';
import { CodeColumn } from './code-column.ts';
import type { CodeName, Columns } from './columns.ts';
import type { WordFacet } from './conditions.ts';
import { WORDS_BY_FIELD } from './conditions.ts';
import type { Counted, Marked } from './hit-counts.ts';
import { HitCounts } from './hit-counts.ts';
import { Region } from './memory.ts';
import type { PlaneColumn } from './plane-column.ts';

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
type Lists = Record<FacetField, readonly FacetCount[]>;
/** Columns that are counted over all rows only, for suggestions. */
type CountedName = (typeof CODED)[CodedFacet] | 'identity' | 'machineName' | 'application';

/** Up to this share of all rows, planes are asked row by row, else 64 rows at a time. */
const FEW_SHARE = 1 / 64;
/** From this share of all rows on, accounts are marked by bytes, else by bits. */
const MANY_SHARE = 1 / 16;

/** Rows that values are counted among. */
export interface CountedRows {
  readonly bits: number;
  readonly count: number;
}

/** What is counted of an answer. */
interface AnswerCounts {
  readonly facets: QueryResult['facets'];
  /** Distinct identities. */
  readonly accounts: number;
}

export class FacetCounts {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  /** Counts over all rows, by code. */
  readonly #whole = new Map<CountedName, { readonly counts: Region; bytes: number }>();
  /** Facets of all rows. */
  readonly #wholeLists = new Map<FacetField, readonly FacetCount[]>();
  #wholeAccounts = -1;
  readonly #hits: HitCounts;

  constructor(columns: Columns, sets: BitSets) {
    this.#columns = columns;
    this.#sets = sets;
    this.#hits = new HitCounts(columns, sets);
  }

  /** Rows came. */
  forget(): void {
    for (const { counts } of this.#whole.values()) counts.free();
    this.#whole.clear();
    this.#wholeLists.clear();
    this.#wholeAccounts = -1;
  }

  /** Triage changed. */
  forgetTriage(): void {
    this.#whole.get('owner')?.counts.free();
    this.#whole.delete('owner');
    this.#wholeLists.delete('owner');
    this.#wholeLists.delete('state');
  }

  /** Lists of all fields, each among the rows that `rowsOf` tells, and the accounts among the hits. */
  of(hits: CountedRows, rowsOf: (field: FacetField) => CountedRows): AnswerCounts {
    const lists = {} as Record<FacetField, readonly FacetCount[]>;
    // In the order of the vocabulary of fields.
    for (const field of FACET_FIELDS) lists[field] = [];
    const fieldsByBits = Map.groupBy(FACET_FIELDS, (field) => rowsOf(field).bits);
    const own = fieldsByBits.get(hits.bits) ?? [];
    fieldsByBits.delete(hits.bits);
    for (const fields of fieldsByBits.values()) this.#count(fields, rowsOf(fields[0] as FacetField), null, lists);
    return { facets: lists, accounts: this.#withAccounts(own, hits, lists) };
  }

  /** Counts over all rows by code (address of u32). The caller does not write. */
  whole(name: CountedName): number {
    const { memory, codes, rows } = this.#columns;
    const bytes = this.#codesOf(name) * 4;
    const known = this.#whole.get(name);
    if (known !== undefined) {
      // Texts of an import that is under way: no row that queries see has them.
      if (known.bytes < bytes) {
        known.counts.reserve(bytes, known.bytes);
        this.#zero(known.counts.at + known.bytes, bytes - known.bytes);
        known.bytes = bytes;
      }
      return known.counts.at;
    }
    const counts = new Region(memory);
    counts.reserve(bytes, 0);
    this.#zero(counts.at, bytes);
    const column = codes[name];
    if (column.isEmpty) memory.u32[counts.at >> 2] = rows;
    else this.#hits.add(this.#sets.all, [{ column, out: counts.at }]);
    this.#whole.set(name, { counts, bytes });
    return counts.at;
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

  /** As `#count`; the distinct identities among these rows. */
  #withAccounts(fields: readonly FacetField[], among: CountedRows, lists: Lists): number {
    const { memory, kernels, codes, texts, rows } = this.#columns;
    const isWhole = among.count === rows;
    const column = codes.identity;
    if (column.isEmpty || (isWhole && this.#wholeAccounts >= 0)) {
      this.#count(fields, among, null, lists);
      return column.isEmpty ? Math.min(among.count, 1) : this.#wholeAccounts;
    }
    // Many set a bit that was just set, and wait for it; few would have more bytes to clear and count than to mark.
    const size = texts.identity.count;
    const areBits = among.count < rows * MANY_SHARE;
    const bytes = areBits ? bitsBytes(size) : size;
    const accounts = memory.lend([bytes], (marks) => {
      this.#zero(marks, bytes);
      this.#count(fields, among, { column, out: marks, areBits }, lists);
      return areBits ? kernels.countBits(marks, wordsOf(size)) : kernels.countMarks(marks, size);
    });
    if (isWhole) this.#wholeAccounts = accounts;
    return accounts;
  }

  /** Lists of fields among the same rows; `marked`: a column whose codes are marked on the way. */
  #count(fields: readonly FacetField[], among: CountedRows, marked: Marked | null, lists: Lists): void {
    const { memory, rows } = this.#columns;
    if (among.count === rows) {
      if (marked !== null) this.#hits.add(among.bits, [], marked);
      for (const field of fields) lists[field] = this.#wholeList(field);
      return;
    }
    // Codes of most rows: of all less those of the others. The whole is counted first: it may take memory.
    const isInverse = among.count > rows / 2;
    const isFew = among.count <= rows * FEW_SHARE;
    if (isInverse) for (const field of fields) if (isCoded(field)) this.whole(CODED[field]);
    const sizes = fields.map((field) => this.#countBytes(field));
    memory.lend(sizes, (...counts) => {
      const ofHits: Counted<CodeColumn>[] = [];
      const ofOthers: Counted<CodeColumn>[] = [];
      const ofPlanes: Counted<PlaneColumn>[] = [];
      fields.forEach((field, i) => {
        const at = counts[i] as number;
        this.#zero(at, sizes[i] as number);
        const column = isCoded(field) ? this.#columns.codes[CODED[field]] : this.#columns.planes[field];
        const isOther = isInverse && isCoded(field);
        if (column.isEmpty) memory.u32[at >> 2] = isOther ? rows - among.count : among.count;
        else if (column instanceof CodeColumn) (isOther ? ofOthers : ofHits).push({ column, out: at });
        else if (isFew) ofPlanes.push({ column, out: at });
        else column.count(among.bits, among.count, this.#sets.words, at);
      });
      this.#hits.add(among.bits, ofHits, marked, ofPlanes);
      this.#addOthers(among.bits, ofOthers);
      fields.forEach((field, i) => {
        const at = counts[i] as number;
        if (isInverse && isCoded(field)) {
          subtractFrom(memory.u32, this.whole(CODED[field]), at, this.#codesOf(CODED[field]));
        }
        lists[field] = this.#list(field, at);
      });
    });
  }

  #addOthers(bits: number, columns: readonly Counted<CodeColumn>[]): void {
    if (columns.length === 0) return;
    const others = this.#sets.take();
    this.#sets.meet([this.#sets.all], [bits], others);
    this.#hits.add(others, columns);
    this.#sets.give(others);
  }

  #wholeList(field: FacetField): readonly FacetCount[] {
    const known = this.#wholeLists.get(field);
    if (known !== undefined) return known;
    const list = isCoded(field) ? this.#list(field, this.whole(CODED[field])) : this.#wholeWords(field);
    this.#wholeLists.set(field, list);
    return list;
  }

  #wholeWords(field: WordFacet): readonly FacetCount[] {
    const { memory, planes, rows } = this.#columns;
    return memory.lend([WORD_COUNT_BYTES], (at) => {
      this.#zero(at, WORD_COUNT_BYTES);
      if (planes[field].isEmpty) memory.u32[at >> 2] = rows;
      else planes[field].count(this.#sets.all, rows, this.#sets.words, at);
      return this.#list(field, at);
    });
  }

  /** The largest of the counts, as they are shown. */
  #list(field: FacetField, counts: number): readonly FacetCount[] {
    const { memory, kernels, texts } = this.#columns;
    if (!isCoded(field)) {
      const words: readonly string[] = WORDS_BY_FIELD[field];
      return facetList(memory.u32.slice(counts >> 2, (counts >> 2) + words.length), wordTexts(words));
    }
    if (field === 'tag') {
      const { tag } = texts;
      return facetList(this.perTag(counts), {
        text: (code) => tag.text(code),
        compare: (a, b) => kernels.compareTexts(tag.description, 0, a, b),
      });
    }
    const dictionary = texts[CODED[field]];
    return memory.lend([MAX_VALUES * 4], (out) => {
      const ranks = dictionary.knownRanks;
      const found = kernels.pickCodes(dictionary.description, ranks, counts, 0, 0, MAX_VALUES, out);
      const codes = memory.u32.slice(out >> 2, (out >> 2) + found);
      const values = dictionary.textsOf(codes);
      return values.map((value, i) => ({ value, count: memory.u32[(counts >> 2) + (codes[i] as number)] as number }));
    });
  }

  #zero(at: number, bytes: number): void {
    this.#columns.memory.u8.fill(0, at, at + bytes);
  }

  #countBytes(field: FacetField): number {
    return isCoded(field) ? this.#codesOf(CODED[field]) * 4 : WORD_COUNT_BYTES;
  }

  #codesOf(name: CountedName): number {
    return name === 'tagSet' ? this.#columns.tagSets.sets.length : this.#columns.texts[name].count;
  }
}

function isCoded(field: FacetField): field is CodedFacet {
  return field in CODED;
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
