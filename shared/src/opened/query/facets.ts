/** Fields that can be filtered and counted: each as one code a row, with marks for chosen values and texts for codes. */
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { Dictionary } from './dictionary.ts';
import type { CodedTexts } from './facet-list.ts';
import { facetList } from './facet-list.ts';
import type { FindingColumns } from './finding-columns.ts';
import type { FacetCount, FacetField } from './query.ts';
import { compareTexts } from './text-order.ts';

/** One field over the rows. Built per query: columns move when they grow. */
export interface FacetColumn {
  readonly codes: Uint8Array | Uint32Array;
  readonly size: number;
  /** One byte a code: 1 where it is one of `values`. */
  readonly marks: (values: readonly string[]) => Uint8Array;
  /** Counts per code as they are shown. */
  readonly counts: (perCode: Uint32Array) => readonly FacetCount[];
}

/** The column of a field. */
export function facetColumn(columns: FindingColumns, field: FacetField): FacetColumn {
  const { bytes, codes, dictionaries } = columns;
  switch (field) {
    case 'level':
      return ofWords(bytes.level, LEVELS);
    case 'state':
      return ofWords(bytes.state, TRIAGE_STATES);
    case 'exposure':
      return ofWords(bytes.exposure, EXPOSURES);
    case 'sourceClass':
      return ofWords(bytes.sourceClass, SOURCE_CLASSES);
    case 'pathClass':
      return ofWords(bytes.pathClass, PATH_CLASSES);
    case 'host':
      return ofTexts(codes.host, dictionaries.host);
    case 'domain':
      return ofTexts(codes.registrable, dictionaries.registrable);
    case 'source':
      return ofTexts(codes.source, dictionaries.source);
    case 'owner':
      return ofTexts(codes.owner, dictionaries.owner);
    case 'family':
      return ofTexts(codes.family, dictionaries.family);
    case 'tag':
      return ofTags(columns);
  }
}

/** One byte a code: 1 where its text is one of `values`; '' is code 0, of those that have none. */
export function marksOfValues(dictionary: Dictionary, values: readonly string[]): Uint8Array {
  const marks = new Uint8Array(dictionary.size);
  for (const value of values) {
    const code = dictionary.codeOf(value);
    if (code !== undefined) marks[code] = 1;
  }
  return marks;
}

/** How many rows have each tag; at 0, those without any. */
export function perTag(columns: FindingColumns, perSet: Uint32Array): Uint32Array {
  const counts = new Uint32Array(columns.dictionaries.tag.size);
  counts[0] = perSet[0] as number;
  columns.tagSets.sets.forEach((set, number) => {
    for (const tag of set) counts[tag] = (counts[tag] as number) + (perSet[number] as number);
  });
  return counts;
}

function ofWords(codes: Uint8Array, words: readonly string[]): FacetColumn {
  const texts: CodedTexts = {
    text: (code) => words[code] ?? '',
    compare: (a, b) => compareTexts(words[a] ?? '', words[b] ?? ''),
  };
  return {
    codes,
    size: words.length,
    marks: (values) => Uint8Array.from(words, (word) => (values.includes(word) ? 1 : 0)),
    counts: (perCode) => facetList(perCode, texts),
  };
}

function ofTexts(codes: Uint32Array, dictionary: Dictionary): FacetColumn {
  return {
    codes,
    size: dictionary.size,
    marks: (values) => marksOfValues(dictionary, values),
    counts: (perCode) => facetList(perCode, dictionary),
  };
}

/** A finding has a set of tags; the code is the set's number. */
function ofTags(columns: FindingColumns): FacetColumn {
  const { sets } = columns.tagSets;
  const { tag } = columns.dictionaries;
  return {
    codes: columns.codes.tagSet,
    size: sets.length,
    marks: (values) => {
      const wanted = marksOfValues(tag, values);
      return Uint8Array.from(
        sets,
        (set, number) => (number === 0 ? wanted[0] : +set.some((one) => wanted[one] === 1)) ?? 0,
      );
    },
    counts: (perSet) => facetList(perTag(columns, perSet), tag),
  };
}
