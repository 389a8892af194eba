/**
 * All findings of a vault as global columns: what filters, facets and sorts read. Everything else stays in the segments, which
 * are kept by reference and read row by row (`partsOf`).
 */
import type { BundleColumns, TextColumn, TextDictionary } from '../bundle/columns.ts';
import { NO_TEXT } from '../bundle/columns.ts';
import { Dictionary } from './dictionary.ts';
import type { LoadedSegment, SegmentOrigin } from './engine.ts';
import { withRoom } from './growable.ts';
import { IdIndex } from './id-index.ts';

/** A loaded segment and where it came from. */
export interface Part {
  readonly columns: BundleColumns;
  readonly origin: SegmentOrigin;
}

/** One appearance of a finding: a row of a part. */
export interface Appearance {
  readonly part: Part;
  readonly row: number;
}

const BYTE_COLUMNS = ['exposure', 'sourceClass', 'pathClass', 'score', 'level', 'state', 'resolution'] as const;
const CODE_COLUMNS = ['identity', 'registrable', 'host', 'application', 'source', 'family'] as const;
const MORE_CODE_COLUMNS = ['machine', 'machineName', 'tagSet', 'owner', 'part', 'partRow'] as const;
const TIME_COLUMNS = ['capturedAtMs', 'firstSeenAtMs', 'lastSeenAtMs', 'receivedAtMs'] as const;

type ByteName = (typeof BYTE_COLUMNS)[number];
type CodeName = (typeof CODE_COLUMNS)[number] | (typeof MORE_CODE_COLUMNS)[number];
type TimeName = (typeof TIME_COLUMNS)[number];
export type DictionaryName = (typeof CODE_COLUMNS)[number] | 'machine' | 'machineName' | 'tag' | 'owner';

export class FindingColumns {
  readonly ids = new IdIndex();
  readonly bytes = columnsOf(BYTE_COLUMNS, () => new Uint8Array(0));
  readonly codes = columnsOf([...CODE_COLUMNS, ...MORE_CODE_COLUMNS], () => new Uint32Array(0));
  /** NaN: unknown (captured only). */
  readonly times = columnsOf(TIME_COLUMNS, () => new Float64Array(0));
  readonly dictionaries: Readonly<Record<DictionaryName, Dictionary>> = columnsOf(
    [...CODE_COLUMNS, 'machine', 'machineName', 'tag', 'owner'] as const,
    () => new Dictionary(),
  );
  /** Distinct sets of tags: a row has the number of its set. Set 0 is empty. */
  readonly tagSets: (readonly number[])[] = [[]];
  readonly #tagSetNumbers = new Map<string, number>([['', 0]]);
  readonly #parts: Part[] = [];
  /** Earlier appearances of findings that came more than once. */
  readonly #earlier = new Map<number, Appearance[]>();
  readonly #remaps = new WeakMap<TextDictionary, Map<Dictionary, Uint32Array>>();

  get rows(): number {
    return this.ids.rows;
  }

  /** Appends a checked segment; see `Engine.loadSegment`. */
  load(columns: BundleColumns, origin: SegmentOrigin): LoadedSegment {
    const part = { columns, origin };
    const partNumber = this.#parts.push(part) - 1;
    this.#reserve(this.rows + columns.rows);
    const rows = new Uint32Array(columns.rows);
    const before = this.rows;
    // An id that stands twice within one segment meets itself here, too.
    const repeats: (readonly [row: number, partRow: number])[] = [];
    for (let i = 0; i < columns.rows; i++) {
      const known = this.ids.find(columns.id, i * 16);
      if (known >= 0) repeats.push([known, i]);
      rows[i] = known >= 0 ? NO_TEXT : this.ids.add(columns.id, i * 16);
    }
    this.#fill(columns, rows, partNumber, origin.receivedAtMs);
    for (const [row, partRow] of repeats) this.#merge(row, partNumber, partRow);
    return { added: this.rows - before, merged: repeats.length };
  }

  /** Appearances of a finding in the order of their imports; at least one. */
  appearances(row: number): readonly Appearance[] {
    const part = this.#parts[this.codes.part[row] as number] as Part;
    return [...(this.#earlier.get(row) ?? []), { part, row: this.codes.partRow[row] as number }];
  }

  /** Number of a row's tag set. Rows name their tags in few ways, so the name as it stands is looked up first. */
  #tagSet(columns: BundleColumns, row: number): number {
    const { offsets, tag } = columns.tags;
    const [from, to] = [offsets[row] as number, offsets[row + 1] as number];
    if (from === to) return 0;
    const remap = this.#remap(tag.dictionary, this.dictionaries.tag);
    let name = '';
    for (let i = from; i < to; i++) name += ` ${remap[tag.codes[i] as number]}`;
    const known = this.#tagSetNumbers.get(name);
    if (known !== undefined) return known;
    const codes = [...new Set(name.slice(1).split(' ').map(Number))].sort((a, b) => a - b);
    const sortedName = ` ${codes.join(' ')}`;
    const number = this.#tagSetNumbers.get(sortedName) ?? this.tagSets.push(codes) - 1;
    this.#tagSetNumbers.set(sortedName, number);
    this.#tagSetNumbers.set(name, number);
    return number;
  }

  /** Copies the segment's rows to `rows[i]`, where that is not NO_TEXT. */
  #fill(columns: BundleColumns, rows: Uint32Array, part: number, receivedAtMs: number): void {
    for (const [target, column] of textColumnsOf(columns)) {
      const remap = this.#remap(column.dictionary, this.dictionaries[target]);
      const into = this.codes[target];
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number;
        const code = column.codes[i] as number;
        if (row !== NO_TEXT) into[row] = code === NO_TEXT ? 0 : (remap[code] as number);
      }
    }
    for (const [target, column] of byteColumnsOf(columns)) scatter(column, rows, this.bytes[target]);
    for (const [target, column] of timeColumnsOf(columns)) scatter(column, rows, this.times[target]);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      if (row === NO_TEXT) continue;
      this.codes.tagSet[row] = this.#tagSet(columns, i);
      this.codes.part[row] = part;
      this.codes.partRow[row] = i;
      this.times.receivedAtMs[row] = receivedAtMs;
    }
  }

  /** The columns' side of `mergeFinding` (merge-finding.ts): a test holds the two together. */
  #merge(row: number, part: number, partRow: number): void {
    this.#earlier.set(row, [...this.appearances(row)]);
    const { columns } = this.#parts[part] as Part;
    const { bytes, codes, times } = this;
    const isWorse = (bytes.sourceClass[row] as number) < (columns.sourceClass[partRow] as number);
    const keptSource = [bytes.sourceClass[row] as number, codes.source[row] as number] as const;
    const keptFamily = codes.family[row] as number;
    const keptCapture = times.capturedAtMs[row] as number;
    const firstSeen = Math.min(times.firstSeenAtMs[row] as number, columns.firstSeenAtMs[partRow] as number);
    const lastSeen = Math.max(times.lastSeenAtMs[row] as number, columns.lastSeenAtMs[partRow] as number);
    const received = times.receivedAtMs[row] as number;
    for (const [target, column] of textColumnsOf(columns)) {
      const code = column.codes[partRow] as number;
      const remap = this.#remap(column.dictionary, this.dictionaries[target]);
      codes[target][row] = code === NO_TEXT ? 0 : (remap[code] as number);
    }
    for (const [target, column] of byteColumnsOf(columns)) bytes[target][row] = column[partRow] as number;
    for (const [target, column] of timeColumnsOf(columns)) times[target][row] = column[partRow] as number;
    if (isWorse) [bytes.sourceClass[row], codes.source[row]] = keptSource;
    if (columns.family.codes[partRow] === NO_TEXT) codes.family[row] = keptFamily;
    if (Number.isNaN(times.capturedAtMs[row])) times.capturedAtMs[row] = keptCapture;
    times.firstSeenAtMs[row] = firstSeen;
    times.lastSeenAtMs[row] = lastSeen;
    times.receivedAtMs[row] = received;
    codes.tagSet[row] = this.#tagSet(columns, partRow);
    codes.part[row] = part;
    codes.partRow[row] = partRow;
  }

  #remap(from: TextDictionary, to: Dictionary): Uint32Array {
    const byTarget = this.#remaps.get(from) ?? new Map<Dictionary, Uint32Array>();
    this.#remaps.set(from, byTarget);
    const known = byTarget.get(to) ?? to.internAll(from);
    byTarget.set(to, known);
    return known;
  }

  #reserve(rows: number): void {
    for (const name of BYTE_COLUMNS) this.bytes[name] = withRoom(this.bytes[name], rows);
    for (const name of [...CODE_COLUMNS, ...MORE_CODE_COLUMNS]) this.codes[name] = withRoom(this.codes[name], rows);
    for (const name of TIME_COLUMNS) this.times[name] = withRoom(this.times[name], rows);
  }
}

function textColumnsOf(
  c: BundleColumns,
): readonly (readonly [Exclude<CodeName, 'tagSet' | 'owner' | 'part' | 'partRow'>, TextColumn])[] {
  return [
    ['identity', c.identity],
    ['registrable', c.registrable],
    ['host', c.host],
    ['application', c.application],
    ['source', c.sourceAlias],
    ['family', c.family],
    ['machine', c.machine],
    ['machineName', c.machineName],
  ];
}

function byteColumnsOf(c: BundleColumns): readonly (readonly [ByteName, Uint8Array])[] {
  return [
    ['exposure', c.exposure],
    ['sourceClass', c.sourceClass],
    ['pathClass', c.pathClass],
    ['score', c.score],
    ['level', c.level],
  ];
}

function timeColumnsOf(c: BundleColumns): readonly (readonly [TimeName, Float64Array])[] {
  return [
    ['capturedAtMs', c.capturedAtMs],
    ['firstSeenAtMs', c.firstSeenAtMs],
    ['lastSeenAtMs', c.lastSeenAtMs],
  ];
}

function scatter<T extends Uint8Array | Float64Array>(from: T, rows: Uint32Array, into: T): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (row !== NO_TEXT) into[row] = from[i] as number;
  }
}

function columnsOf<Name extends string, T>(names: readonly Name[], make: () => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, T>;
}
