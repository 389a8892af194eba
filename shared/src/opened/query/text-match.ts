/** Which rows the search box hits. Texts are looked for in the dictionaries; rows only look up marks by code. */
import type { Bytes } from '../../base/bytes.ts';
import type { FindingColumns } from './finding-columns.ts';
import type { SearchTerm, TextField } from './search-syntax.ts';
import { PLAIN_FIELDS } from './search-syntax.ts';
import type { WordField } from './search-words.ts';

/** One byte a row, 1 where all terms hold; `null` for no terms (all rows). */
export function matchRows(columns: FindingColumns, terms: readonly SearchTerm[]): Uint8Array | null {
  if (terms.length === 0) return null;
  const rows = new Uint8Array(columns.rows).fill(1);
  for (const term of terms) {
    const hits = new Uint8Array(columns.rows);
    markTerm(columns, term, hits);
    const wanted = term.isNegated ? 0 : 1;
    for (let row = 0; row < rows.length; row++) if (hits[row] !== wanted) rows[row] = 0;
  }
  return rows;
}

/** Marks rows whose time is in [fromMs, toMs); an unknown one (NaN) is in none. */
export function markTimes(times: Float64Array, fromMs: number, toMs: number, hits: Uint8Array): void {
  for (let row = 0; row < hits.length; row++) {
    const ms = times[row] as number;
    if (ms >= fromMs && ms < toMs) hits[row] = 1;
  }
}

/** Marks rows that have this secret; for `null`, those that have none. No secret is all zeros: zeros say that there is none. */
export function markSecrets(columns: FindingColumns, fingerprint: Bytes | null, hits: Uint8Array): void {
  if (fingerprint?.every((byte) => byte === 0)) return;
  const { secretFp } = columns;
  const wanted = fingerprint ?? new Uint8Array(16);
  for (let row = 0; row < hits.length; row++) {
    let at = 0;
    while (at < 16 && (secretFp[row * 16 + at] ?? 0) === wanted[at]) at++;
    if (at === 16) hits[row] = 1;
  }
}

function markTerm(columns: FindingColumns, term: SearchTerm, hits: Uint8Array): void {
  switch (term.kind) {
    case 'text':
      for (const field of term.field === null ? PLAIN_FIELDS : [term.field]) markText(columns, field, term.text, hits);
      return;
    case 'words': {
      const codes = wordColumn(columns, term.field);
      for (let row = 0; row < hits.length; row++) if (term.codes.includes(codes[row] as number)) hits[row] = 1;
      return;
    }
    case 'secret':
      if (term.fingerprint !== null) markSecrets(columns, term.fingerprint, hits);
      return;
    case 'captured':
      markTimes(columns.times.capturedAtMs, term.fromMs, term.toMs, hits);
  }
}

function markText(columns: FindingColumns, field: TextField, needle: string, hits: Uint8Array): void {
  const name = field === 'domain' ? 'registrable' : field === 'machine' ? 'machineName' : field;
  const found = columns.dictionaries[name].marksOf(needle);
  if (found === null) return;
  const isTag = name === 'tag';
  const marks = isTag ? Uint8Array.from(columns.tagSets.sets, (set) => +set.some((tag) => found[tag] === 1)) : found;
  const codes = columns.codes[isTag ? 'tagSet' : name];
  for (let row = 0; row < hits.length; row++) {
    if (marks[codes[row] as number] === 1) hits[row] = 1;
  }
}

function wordColumn({ bytes }: FindingColumns, field: WordField): Uint8Array {
  switch (field) {
    case 'level':
    case 'state':
    case 'exposure':
      return bytes[field];
    case 'class':
      return bytes.sourceClass;
    case 'path':
      return bytes.pathClass;
  }
}
