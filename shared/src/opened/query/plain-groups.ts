/** Counts of the plain engine over the rows of an answer: groups, histogram, suggestions. */
import { LEVELS } from '../finding/finding.ts';
import type { Dictionary } from './dictionary.ts';
import { perTag } from './facets.ts';
import type { FindingColumns } from './finding-columns.ts';
import { groupPage, IS_OPEN_STATE } from './group-pages.ts';
import { makeHistogram, planBars } from './histogram-bars.ts';
import { pickLargest } from './pick-largest.ts';
import type { GroupField, GroupPage, Histogram, Suggestion, TimeField } from './query.ts';
import type { Candidate } from './suggestions.ts';
import { rankSuggestions, suggestionRequest } from './suggestions.ts';

type Rows = Uint32Array;

/** Groups of `rows`, counted anew. Cost: one pass over the rows, one over the codes. */
export function groupRows(
  columns: FindingColumns,
  rows: Rows,
  by: GroupField,
  offset: number,
  limit: number,
): GroupPage {
  const { bytes, times, dictionaries } = columns;
  const dictionary = dictionaries[by];
  const codes = columns.codes[by];
  const names = columns.codes.machineName;
  const count = new Uint32Array(dictionary.size);
  const open = new Uint32Array(dictionary.size);
  const worst = new Uint8Array(dictionary.size);
  const lastSeenAtMs = new Float64Array(dictionary.size);
  /** 1 + the highest row that has a machine's name. */
  const named = new Uint32Array(by === 'machine' ? dictionary.size : 0);
  for (const row of rows) {
    const code = codes[row] as number;
    count[code] = (count[code] as number) + 1;
    open[code] = (open[code] as number) + (IS_OPEN_STATE[bytes.state[row] as number] as number);
    worst[code] = Math.max(worst[code] as number, bytes.level[row] as number);
    lastSeenAtMs[code] = Math.max(lastSeenAtMs[code] as number, times.lastSeenAtMs[row] as number);
    if (code < named.length && names[row] !== 0) named[code] = Math.max(named[code] as number, row + 1);
  }
  const label = (code: number) => {
    const row = (named[code] ?? 0) - 1;
    return row < 0 || code === 0 ? dictionary.text(code) : dictionaries.machineName.text(names[row] as number);
  };
  const texts = {
    text: (code: number) => dictionary.text(code),
    label,
    compare: (a: number, b: number) => dictionary.compare(a, b),
    ranks: () => dictionary.ranks(),
  };
  return groupPage({ count, open, worst, lastSeenAtMs }, texts, offset, limit);
}

/** At most `bars` bars over `rows`. Cost: two passes. */
export function countBars(columns: FindingColumns, rows: Rows, field: TimeField, bars: number): Histogram {
  const times = columns.times[`${field}AtMs`];
  const levels = columns.bytes.level;
  let [min, max, unknown] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const row of rows) {
    const ms = times[row] as number;
    if (Number.isNaN(ms)) unknown++;
    if (ms < min) min = ms;
    if (ms > max) max = ms;
  }
  const plan = min <= max ? planBars(min, max, bars) : null;
  const counts = new Uint32Array((plan?.bars ?? 0) * LEVELS.length);
  if (plan === null) return makeHistogram(plan, counts, unknown);
  for (const row of rows) {
    const ms = times[row] as number;
    if (Number.isNaN(ms)) continue;
    const at = Math.floor((ms - plan.startMs) / plan.barMs) * LEVELS.length + (levels[row] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return makeHistogram(plan, counts, unknown);
}

/** Sets a value that begins with the needle above any that only contains it: counts stay below. */
const PREFIX = 0x80000000;

export class Suggestions {
  readonly #columns: FindingColumns;
  readonly #counts = new Map<Suggestion['field'], Uint32Array>();

  constructor(columns: FindingColumns) {
    this.#columns = columns;
  }

  /** Rows came, or owners changed. */
  forget(): void {
    this.#counts.clear();
  }

  find(typed: string, limit: number): readonly Suggestion[] {
    const request = suggestionRequest(typed);
    if (request === null) return [];
    const { fields, needle } = request;
    return rankSuggestions(
      fields.flatMap((field) => this.#candidates(field, needle, limit)),
      limit,
    );
  }

  #candidates(field: Suggestion['field'], needle: string, limit: number): readonly Candidate[] {
    const dictionary = this.#dictionary(field);
    const counts = this.#countsOf(field);
    const marks = needle === '' ? null : dictionary.marksOf(needle);
    if (needle !== '' && marks === null) return [];
    const keys = new Uint32Array(counts.length);
    // Code 0 is no value.
    for (let code = 1; code < keys.length; code++) {
      const count = counts[code] as number;
      if (count === 0 || (marks !== null && marks[code] === 0)) continue;
      keys[code] = dictionary.folded(code).startsWith(needle) ? PREFIX + count : count;
    }
    return pickLargest(keys, limit, (a, b) => dictionary.compare(a, b)).map((code) => ({
      field,
      value: dictionary.text(code),
      count: counts[code] as number,
      isPrefix: (keys[code] as number) >= PREFIX,
    }));
  }

  #countsOf(field: Suggestion['field']): Uint32Array {
    const known = this.#counts.get(field);
    if (known !== undefined) return known;
    const { codes, rows } = this.#columns;
    const column = codes[field === 'tag' ? 'tagSet' : nameOf(field)];
    const size = field === 'tag' ? this.#columns.tagSets.sets.length : this.#dictionary(field).size;
    const perCode = new Uint32Array(size);
    for (let row = 0; row < rows; row++) {
      const code = column[row] as number;
      perCode[code] = (perCode[code] as number) + 1;
    }
    const counts = field === 'tag' ? perTag(this.#columns, perCode) : perCode;
    this.#counts.set(field, counts);
    return counts;
  }

  #dictionary(field: Suggestion['field']): Dictionary {
    const { dictionaries } = this.#columns;
    return field === 'tag' ? dictionaries.tag : dictionaries[nameOf(field)];
  }
}

function nameOf(field: Exclude<Suggestion['field'], 'tag'>) {
  return field === 'domain' ? 'registrable' : field === 'machine' ? 'machineName' : field;
}
