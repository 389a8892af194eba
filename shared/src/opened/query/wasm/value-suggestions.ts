/** Values that complete what is being typed, with how many findings of the whole vault have them. */
import type { Suggestion } from '../query.ts';
import type { Candidate } from '../suggestions.ts';
import { rankSuggestions, suggestionRequest } from '../suggestions.ts';
import { utf8 } from '../../../base/bytes.ts';
import type { Columns } from './columns.ts';
import type { FacetCounts } from './facet-counts.ts';
import type { TextSearch } from './text-search.ts';

const NAME = {
  identity: 'identity',
  host: 'host',
  domain: 'registrable',
  source: 'source',
  family: 'family',
  tag: 'tag',
  machine: 'machineName',
  application: 'application',
  owner: 'owner',
} as const satisfies Record<Suggestion['field'], unknown>;

/** What marks say of a text. */
const CONTAINS = 1;
const BEGINS = 2;

export class ValueSuggestions {
  readonly #columns: Columns;
  readonly #search: TextSearch;
  readonly #facets: FacetCounts;

  constructor(columns: Columns, search: TextSearch, facets: FacetCounts) {
    this.#columns = columns;
    this.#search = search;
    this.#facets = facets;
  }

  find(typed: string, limit: number): readonly Suggestion[] {
    const request = suggestionRequest(typed);
    if (request === null || limit <= 0) return [];
    const candidates = request.fields.flatMap((field) => this.#candidates(field, request.needle, limit));
    return rankSuggestions(candidates, limit);
  }

  #candidates(field: Suggestion['field'], needle: string, limit: number): readonly Candidate[] {
    const { memory, kernels, texts } = this.#columns;
    const { description, count } = texts[NAME[field]];
    return this.#withCounts(field, (counts) => {
      // All values begin with nothing; '' itself is none, and comes first or not at all.
      if (needle === '')
        return this.#pick(field, counts, 0, 0, limit + 1)
          .filter(({ value }) => value !== '')
          .slice(0, limit);
      let found: readonly Candidate[] = [];
      this.#search.find(NAME[field], needle, ({ marks }) => {
        const bytes = utf8(needle);
        memory.lend([bytes.length], (needleAt) => {
          memory.u8.set(bytes, needleAt);
          kernels.markBeginnings(description, needleAt, bytes.length, marks);
        });
        const begins = this.#pick(field, counts, marks, BEGINS, limit);
        const contains = begins.length < limit ? this.#pick(field, counts, marks, CONTAINS, limit - begins.length) : [];
        found = [...begins, ...contains];
      });
      return count === 1 ? [] : found;
    });
  }

  #pick(
    field: Suggestion['field'],
    counts: number,
    marks: number,
    wanted: number,
    limit: number,
  ): readonly Candidate[] {
    const { memory, kernels, texts } = this.#columns;
    const dictionary = texts[NAME[field]];
    return memory.lend([limit * 4], (out) => {
      const ranks = dictionary.knownRanks;
      const found = kernels.pickCodes(dictionary.description, ranks, counts, marks, wanted, limit, out);
      return Array.from(memory.u32.slice(out >> 2, (out >> 2) + found), (code) => ({
        field,
        value: dictionary.text(code),
        count: memory.u32[(counts >> 2) + code] as number,
        isPrefix: wanted !== CONTAINS,
      }));
    });
  }

  #withCounts<T>(field: Suggestion['field'], use: (counts: number) => T): T {
    const name = NAME[field];
    if (name !== 'tag') return use(this.#facets.whole(name));
    const { memory } = this.#columns;
    const perTag = this.#facets.perTag(this.#facets.whole('tagSet'));
    return memory.lend([perTag.byteLength], (counts) => {
      memory.u32.set(perTag, counts >> 2);
      return use(counts);
    });
  }
}
