/** Fields that can be filtered and counted: each as one code a row, with marks for chosen values and labels for codes. */
import type { Exposure, Level } from '../finding/finding.ts';
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { FindingColumns } from './finding-columns.ts';
import type { FacetCount, FacetField } from './query.ts';

/** Query: at most this many values a field. */
const MAX_VALUES = 50;

/** One field over the rows. Built per query: columns move when they grow. */
export interface FacetColumn {
  readonly codes: Uint8Array | Uint32Array;
  readonly size: number;
  readonly label: (code: number) => string;
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
      return ofWords(bytes.level, LEVELS satisfies readonly Level[]);
    case 'state':
      return ofWords(bytes.state, TRIAGE_STATES);
    case 'exposure':
      return ofWords(bytes.exposure, EXPOSURES satisfies readonly Exposure[]);
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

function ofWords(codes: Uint8Array, words: readonly string[]): FacetColumn {
  const label = (code: number) => words[code] ?? '';
  return {
    codes,
    size: words.length,
    label,
    marks: (values) => Uint8Array.from(words, (word) => (values.includes(word) ? 1 : 0)),
    counts: (perCode) => largest(perCode, label),
  };
}

interface Texts {
  readonly size: number;
  text(code: number): string;
  codeOf(text: string): number | undefined;
}

/** '' is the value of findings that have none. */
function ofTexts(codes: Uint32Array, dictionary: Texts): FacetColumn {
  const label = (code: number) => dictionary.text(code);
  return {
    codes,
    size: dictionary.size,
    label,
    marks: (values) => marksOf(dictionary, values),
    counts: (perCode) => largest(perCode, label),
  };
}

/** A finding has a set of tags; the code is the set's number. A finding without tags counts nowhere. */
function ofTags(columns: FindingColumns): FacetColumn {
  const { tagSets } = columns;
  const { tag } = columns.dictionaries;
  return {
    codes: columns.codes.tagSet,
    size: tagSets.length,
    label: (code) => (tagSets[code] ?? []).map((one) => tag.text(one)).join(' '),
    marks: (values) => {
      const wanted = marksOf(tag, values);
      return Uint8Array.from(tagSets, (set) => (set.some((one) => wanted[one] === 1) ? 1 : 0));
    },
    counts: (perSet) => {
      const perTag = new Uint32Array(tag.size);
      tagSets.forEach((set, number) => {
        for (const one of set) perTag[one] = (perTag[one] as number) + (perSet[number] as number);
      });
      return largest(perTag, (code) => tag.text(code));
    },
  };
}

function marksOf(dictionary: Texts, values: readonly string[]): Uint8Array {
  const marks = new Uint8Array(dictionary.size);
  for (const value of values) {
    const code = dictionary.codeOf(value);
    if (code !== undefined) marks[code] = 1;
  }
  return marks;
}

/** The largest counts, equal ones in the order of their labels; none that is zero. */
function largest(perCode: Uint32Array, label: (code: number) => string): readonly FacetCount[] {
  const threshold = countThreshold(perCode);
  const found: FacetCount[] = [];
  for (let code = 0; code < perCode.length; code++) {
    const count = perCode[code] as number;
    if (count >= threshold) found.push({ value: label(code), count });
  }
  found.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return found.slice(0, MAX_VALUES);
}

/** The count that the last shown value has: at least 1. Keeps the sort above off a hundred thousand hosts of one finding each. */
function countThreshold(perCode: Uint32Array): number {
  if (perCode.length <= MAX_VALUES) return 1;
  const top = new Uint32Array(MAX_VALUES);
  for (const count of perCode) {
    if (count <= (top[0] as number)) continue;
    let at = 0;
    while (at + 1 < MAX_VALUES && (top[at + 1] as number) < count) {
      top[at] = top[at + 1] as number;
      at++;
    }
    top[at] = count;
  }
  return Math.max(1, top[0] as number);
}
