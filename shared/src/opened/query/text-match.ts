/** Which rows the search box hits. Texts are looked for in the dictionaries; rows only look up marks by code. */
import { EXPOSURES, LEVELS, PATH_CLASSES, SOURCE_CLASSES } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import type { DictionaryName, FindingColumns } from './finding-columns.ts';
import type { SearchField, SearchTerm } from './search-syntax.ts';

/** What a word without a field is looked for in. */
const PLAIN_FIELDS = ['identity', 'host', 'domain', 'application', 'machine', 'source', 'family', 'tag'] as const;

/** One byte a row, 1 where all terms hold; `null` for no terms (all rows). */
export function matchRows(columns: FindingColumns, terms: readonly SearchTerm[]): Uint8Array | null {
  if (terms.length === 0) return null;
  const rows = new Uint8Array(columns.rows).fill(1);
  for (const term of terms) {
    const hits = new Uint8Array(columns.rows);
    for (const field of term.field === null ? PLAIN_FIELDS : [term.field]) markRows(columns, field, term.text, hits);
    const wanted = term.isNegated ? 0 : 1;
    for (let row = 0; row < rows.length; row++) if (hits[row] !== wanted) rows[row] = 0;
  }
  return rows;
}

function markRows(columns: FindingColumns, field: SearchField, needle: string, hits: Uint8Array): void {
  const found = marksOf(columns, field, needle);
  if (found === null) return;
  const { codes, marks } = found;
  for (let row = 0; row < hits.length; row++) {
    if (marks[codes[row] as number] === 1) hits[row] = 1;
  }
}

interface MarkedCodes {
  readonly codes: Uint8Array | Uint32Array;
  readonly marks: Uint8Array;
}

function marksOf(columns: FindingColumns, field: SearchField, needle: string): MarkedCodes | null {
  const { bytes, codes } = columns;
  switch (field) {
    case 'identity':
    case 'host':
    case 'application':
    case 'source':
    case 'family':
    case 'owner':
      return inTexts(columns, field, codes[field], needle);
    case 'domain':
      return inTexts(columns, 'registrable', codes.registrable, needle);
    case 'machine':
      return inTexts(columns, 'machineName', codes.machineName, needle);
    case 'tag': {
      const wanted = columns.dictionaries.tag.marksOf(needle);
      if (wanted === null) return null;
      const marks = Uint8Array.from(columns.tagSets, (set) => (set.some((tag) => wanted[tag] === 1) ? 1 : 0));
      return { codes: codes.tagSet, marks };
    }
    case 'level':
      return inWords(LEVELS, bytes.level, needle);
    case 'state':
      return inWords(TRIAGE_STATES, bytes.state, needle);
    case 'exposure':
      return inWords(EXPOSURES, bytes.exposure, needle);
    case 'class':
      return inWords(SOURCE_CLASSES, bytes.sourceClass, needle);
    case 'path':
      return inWords(PATH_CLASSES, bytes.pathClass, needle);
  }
}

function inTexts(
  columns: FindingColumns,
  name: DictionaryName,
  codes: Uint32Array,
  needle: string,
): MarkedCodes | null {
  const marks = columns.dictionaries[name].marksOf(needle);
  return marks === null ? null : { codes, marks };
}

/** Words of a vocabulary by their beginning: `level:crit`. */
function inWords(words: readonly string[], codes: Uint8Array, needle: string): MarkedCodes {
  return { codes, marks: Uint8Array.from(words, (word) => (word.startsWith(needle) ? 1 : 0)) };
}
