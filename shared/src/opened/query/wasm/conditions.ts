/** What a query asks of rows, condition by condition, each a bitset that is kept for the next query. */
import { parseBase64url } from '../../../base/base64url.ts';
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../../finding/finding.ts';
import { TRIAGE_STATES } from '../../triage/triage.ts';
import type { FacetField, Query, TimeField } from '../query.ts';
import { FACET_FIELDS, TIME_FIELDS } from '../query.ts';
import type { SearchTerm } from '../search-syntax.ts';
import { parseSearch, PLAIN_FIELDS } from '../search-syntax.ts';
import type { WordField } from '../search-words.ts';
import type { BitSets } from './bit-sets.ts';
import type { Columns } from './columns.ts';
import type { RowMarker } from './row-marker.ts';

/** Bitsets that are kept from one query to the next. */
const MAX_KEPT = 16;

/** Vocabularies in the order of their codes. */
export const WORDS_BY_FIELD = {
  level: LEVELS,
  state: TRIAGE_STATES,
  exposure: EXPOSURES,
  sourceClass: SOURCE_CLASSES,
  pathClass: PATH_CLASSES,
} as const satisfies Partial<Record<FacetField, readonly string[]>>;
export type WordFacet = keyof typeof WORDS_BY_FIELD;

/** The column of each field that is filtered by the texts of a dictionary. */
const TEXT_COLUMN = {
  host: 'host',
  domain: 'registrable',
  source: 'source',
  owner: 'owner',
  family: 'family',
  identity: 'identity',
  machine: 'machine',
} as const;
export type TextFilter = keyof typeof TEXT_COLUMN;

/** Rows that one condition lets through. */
export interface Condition {
  /** The facet whose own counts ignore it; `null`: none does. */
  readonly facet: FacetField | null;
  readonly isNegated: boolean;
  /** Address of the bitset. */
  readonly bits: number;
  /** How many rows are in it. */
  readonly count: number;
}

/** What one condition says of rows. */
interface MarkedRows {
  readonly bits: number;
  readonly count: number;
}

export class Conditions {
  readonly #columns: Columns;
  readonly #sets: BitSets;
  readonly #marker: RowMarker;
  /** By what they ask, the last used last. */
  readonly #kept = new Map<string, MarkedRows>();

  constructor(columns: Columns, sets: BitSets, marker: RowMarker) {
    this.#columns = columns;
    this.#sets = sets;
    this.#marker = marker;
  }

  /** Rows came. Before bitsets are resized. */
  forget(): void {
    for (const { bits } of this.#kept.values()) this.#give(bits);
    this.#kept.clear();
  }

  /** Triage changed. */
  forgetTriage(): void {
    for (const [name, { bits }] of this.#kept) {
      if (!/^(state|owner)/.test(name)) continue;
      this.#kept.delete(name);
      this.#give(bits);
    }
  }

  /** All of the query's; their bitsets are good until the next call. */
  of(query: Query): readonly Condition[] {
    this.#forgetOldest();
    const terms = parseSearch(query.text).map((term) => this.#term(term));
    const facets = FACET_FIELDS.flatMap((field) => {
      const values = query.filters[field] ?? [];
      return values.length === 0 ? [] : [this.#facet(field, values)];
    });
    return [...terms, ...facets, ...this.#pivots(query), ...this.#ranges(query)];
  }

  #term(term: SearchTerm): Condition {
    const { isNegated } = term;
    switch (term.kind) {
      case 'text': {
        const { field, text } = term;
        const fields = field === null ? PLAIN_FIELDS : [field];
        const rows = this.#rows(`${field ?? 'any'}~${text}`, (out) => {
          for (const one of fields) this.#marker.orText(one, text, out);
        });
        return { facet: null, isNegated, ...rows };
      }
      case 'words':
        return { facet: null, isNegated, ...this.#words(facetOf(term.field), term.codes) };
      case 'secret': {
        const { fingerprint } = term;
        const rows = this.#rows(`secret~${fingerprint?.join(' ') ?? 'none'}`, (out) => {
          if (fingerprint !== null) this.#marker.orSecret(fingerprint, out);
        });
        return { facet: null, isNegated, ...rows };
      }
      case 'captured':
        return { facet: null, isNegated, ...this.#within('captured', term.fromMs, term.toMs) };
    }
  }

  #facet(facet: FacetField, values: readonly string[]): Condition {
    if (facet in WORDS_BY_FIELD) {
      const words: readonly string[] = WORDS_BY_FIELD[facet as WordFacet];
      const codes = words.flatMap((word, code) => (values.includes(word) ? [code] : []));
      return { facet, isNegated: false, ...this.#words(facet as WordFacet, codes) };
    }
    const rows =
      facet === 'tag'
        ? this.#rows(nameOf('tag', values), (out) => {
            this.#marker.orTags(values, out);
          })
        : this.#texts(facet as TextFilter, values);
    return { facet, isNegated: false, ...rows };
  }

  #pivots({ filters }: Query): readonly Condition[] {
    const pivots = (['identity', 'machine'] as const).flatMap((field) => {
      const values = filters[field] ?? [];
      return values.length === 0 ? [] : [{ facet: null, isNegated: false, ...this.#texts(field, values) }];
    });
    const secrets = filters.secret ?? [];
    if (secrets.length === 0) return pivots;
    const rows = this.#rows(nameOf('secret', secrets), (out) => {
      for (const value of secrets) {
        const fingerprint = value === '' ? null : parseBase64url(value, 16);
        if (value === '') this.#marker.orWithoutSecret(out);
        else if (fingerprint !== null) this.#marker.orSecret(fingerprint, out);
      }
    });
    return [...pivots, { facet: null, isNegated: false, ...rows }];
  }

  #ranges({ ranges }: Query): readonly Condition[] {
    return TIME_FIELDS.flatMap((field) => {
      const range = ranges?.[field];
      return range === undefined ? [] : [{ facet: null, isNegated: false, ...this.#within(field, range[0], range[1]) }];
    });
  }

  #words(field: WordFacet, codes: readonly number[]): MarkedRows {
    return this.#rows(`${field}=${codes.join(' ')}`, (out) => {
      const column = this.#columns.planes[field];
      for (const code of codes) column.or(code, out, this.#sets.words);
    });
  }

  #texts(field: TextFilter, values: readonly string[]): MarkedRows {
    return this.#rows(nameOf(field, values), (out) => {
      this.#marker.orValues(TEXT_COLUMN[field], values, out);
    });
  }

  #within(field: TimeField, fromMs: number, toMs: number): MarkedRows {
    return this.#rows(`${field}=${fromMs} ${toMs}`, (out) => {
      this.#marker.putWithin(field, fromMs, toMs, out);
    });
  }

  #forgetOldest(): void {
    for (const [name, { bits }] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) return;
      this.#kept.delete(name);
      this.#give(bits);
    }
  }

  /** `put` fills an empty bitset; rows behind the last one may be among them. */
  #rows(name: string, put: (out: number) => void): MarkedRows {
    const known = this.#kept.get(name);
    if (known !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, known);
      return known;
    }
    const bits = this.#sets.empty();
    put(bits);
    const count = this.#sets.meet([bits, this.#sets.all], [], bits);
    // Most of what is typed on the way to a word that is nowhere: no memory for each.
    const marked = { bits: count === 0 ? this.#sets.none : bits, count };
    if (count === 0) this.#sets.give(bits);
    this.#kept.set(name, marked);
    return marked;
  }

  #give(bits: number): void {
    if (bits !== this.#sets.none) this.#sets.give(bits);
  }
}

function facetOf(field: WordField): WordFacet {
  if (field === 'class') return 'sourceClass';
  return field === 'path' ? 'pathClass' : field;
}

function nameOf(field: string, values: readonly string[]): string {
  return `${field}=${JSON.stringify(values)}`;
}
