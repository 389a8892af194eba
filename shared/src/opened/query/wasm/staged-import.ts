/** An import on its way in: its rows stand behind those that queries see until it is committed. */
import type { EngineImport, ImportOrigin, LoadedRows } from '../engine.ts';
import type { HotColumns, HotDictionaries, TagSets } from '../hot-columns.ts';
import { bitsBytes } from './bit-sets.ts';
import { BLOCK_ROWS, piecesOf } from './blocks.ts';
import type { Columns, TextName } from './columns.ts';
import { TEXT_NAMES, WORD_NAMES } from './columns.ts';
import { Region } from './memory.ts';
import { mergeRows } from './merge-rows.ts';
import type { Repeats } from './merge-rows.ts';
import { partSteps } from './part-rows.ts';
import type { InternedCodes, Texts } from './texts.ts';

const ID_BYTES = 16;
/** Rows of one call of `prepare`: some milliseconds. */
const STEP_ROWS = BLOCK_ROWS;

const NO_REPEATS: Repeats = { keepers: new Uint32Array(0), later: new Uint32Array(0) };

type MapName = TextName | 'tag' | 'identityDomain';

export class StagedImport implements EngineImport {
  readonly areDistinct: boolean;
  readonly #columns: Columns;
  readonly #origin: ImportOrigin;
  readonly #whenOver: (isCommitted: boolean) => void;
  /** First staged row, and its number among all that ever came. */
  readonly #base: number;
  readonly #firstNumber: number;
  readonly #undo: () => void;
  readonly #maps: Readonly<Record<MapName, InternedCodes>>;
  readonly #work: Generator<void, Repeats>;
  /** What the merge works in. */
  readonly #room: Region;
  /** Sets of the segment that comes, and the address of their numbers here. */
  #sets: { readonly of: TagSets; readonly map: number; readonly bytes: number } | null = null;
  #repeats: Repeats | null = null;
  #isPreparing = false;
  #hasFailed = false;
  #isOver = false;

  /** Takes the dictionaries. Throws EngineFullError, the columns being as before. */
  constructor(
    columns: Columns,
    dictionaries: HotDictionaries,
    origin: ImportOrigin,
    whenOver: (isCommitted: boolean) => void,
  ) {
    this.#columns = columns;
    this.#origin = origin;
    this.#whenOver = whenOver;
    this.#base = columns.rows;
    this.#firstNumber = columns.places.next;
    this.#undo = undoOf(columns);
    const maps: Partial<Record<MapName, InternedCodes>> = {};
    try {
      loadDictionaries(columns, dictionaries, maps);
      this.#maps = maps as Record<MapName, InternedCodes>;
      for (const name of TEXT_NAMES) columns.codes[name].fit(columns.texts[name].count - 1, columns.held);
      columns.codes.score.fit(100, columns.held);
      for (const name of WORD_NAMES) columns.planes[name].fill(columns.held);
    } catch (error) {
      release(columns, maps);
      this.#undo();
      throw error;
    }
    this.areDistinct = Object.values(this.#maps).every((map) => map.areDistinct);
    this.#work = this.#preparing();
    this.#room = new Region(columns.memory);
  }

  add(segment: number, hot: HotColumns, from: number, to: number): void {
    this.#check(!this.#isPreparing);
    const { codes, planes, times, ids, secrets, memory, staging, places } = this.#columns;
    const row = this.#columns.held;
    const rows = to - from;
    const sets = this.#setsOf(hot.tagSets);
    this.#columns.reserve(row + rows);
    for (const name of TEXT_NAMES) codes[name].put(row, hot[name], from, to, this.#maps[name].map, staging);
    codes.tagSet.put(row, hot.tagSet, from, to, sets, staging);
    codes.score.put(row, hot.score, from, to, 0, staging);
    secrets.put(row, hot.secretFp, from, to, staging);
    times.captured.put(row, hot.capturedAtMs, from, to, staging);
    times.firstSeen.put(row, hot.firstSeenAtMs, from, to, staging);
    times.lastSeen.put(row, hot.lastSeenAtMs, from, to, staging);
    // Nothing below takes memory. Bits are added to what is 0, so they come last.
    for (const [block, place, count, done] of piecesOf(row, rows)) {
      const start = (from + done) * ID_BYTES;
      memory.u8.set(hot.id.subarray(start, start + count * ID_BYTES), ids.at(block) + place * ID_BYTES);
    }
    for (const name of WORD_NAMES) {
      memory.u8.set(hot[name].subarray(from, to), staging);
      planes[name].put(row, staging, rows);
    }
    zeroTriage(this.#columns, row, rows);
    places.add(segment, from, rows);
    this.#columns.held += rows;
  }

  prepare(): LoadedRows | null {
    this.#check(!this.#hasFailed);
    this.#isPreparing = true;
    if (this.#repeats === null) {
      const step = this.#step();
      if (step.done !== true) return null;
      this.#repeats = step.value;
    }
    const merged = this.#repeats.keepers.length;
    return { added: this.#columns.held - this.#base - merged, merged };
  }

  commit(): void {
    const repeats = this.#repeats;
    this.#check(repeats !== null);
    const { keepers, later } = repeats as Repeats;
    const columns = this.#columns;
    mergeRows(columns, repeats as Repeats, this.#room.at);
    columns.truncate(columns.held - keepers.length);
    const numbers = later.map((row) => row - this.#base + this.#firstNumber);
    columns.places.commit(this.#origin, this.#base, numbers, keepers);
    columns.rows = columns.held;
    this.#end(true);
  }

  rollback(): void {
    this.#check(true);
    this.#columns.truncate(this.#base);
    this.#columns.places.rollback(this.#firstNumber);
    this.#columns.idTable.rollback(this.#base);
    this.#undo();
    this.#end(false);
  }

  #step(): IteratorResult<void, Repeats> {
    try {
      return this.#work.next();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Finds repeated rows and moves them behind the others, step by step. */
  *#preparing(): Generator<void, Repeats> {
    const { idTable, held } = this.#columns;
    if (this.#origin.areNew === true) return NO_REPEATS;
    idTable.reserve(held);
    while (!idTable.fill(this.#base, STEP_ROWS)) yield;
    const found = yield* this.#findRepeats();
    if (found.keepers.length === 0) return found;
    yield* partSteps(this.#columns, found, this.#room);
    return found;
  }

  *#findRepeats(): Generator<void, Repeats> {
    const { memory, idTable, held } = this.#columns;
    const keepers: Uint32Array[] = [];
    const later: Uint32Array[] = [];
    const bytes = bitsBytes(held);
    const repeated = memory.take(bytes);
    const [keepersAt, laterAt] = [memory.take(STEP_ROWS * 4), memory.take(STEP_ROWS * 4)];
    try {
      memory.u8.fill(0, repeated, repeated + bytes);
      let kept = this.#base;
      for (let row = this.#base; row < held; row += STEP_ROWS) {
        const to = Math.min(held, row + STEP_ROWS);
        const found = idTable.add(row, to, kept, keepersAt, laterAt, repeated);
        kept += to - row - found;
        keepers.push(memory.u32.slice(keepersAt >> 2, (keepersAt >> 2) + found));
        later.push(memory.u32.slice(laterAt >> 2, (laterAt >> 2) + found));
        if (to < held) yield;
      }
    } finally {
      memory.give(repeated, bytes);
      memory.give(keepersAt, STEP_ROWS * 4);
      memory.give(laterAt, STEP_ROWS * 4);
    }
    return { keepers: joined(keepers), later: joined(later) };
  }

  /** Address of what the segment's sets are here. */
  #setsOf(sets: TagSets): number {
    if (this.#sets !== null && areSame(this.#sets.of, sets)) return this.#sets.map;
    const { memory, tagSets, codes, held } = this.#columns;
    const { map, entries } = this.#maps.tag;
    const tagCodes = map === 0 ? Uint32Array.from({ length: entries + 1 }, (_, i) => i) : null;
    const numbers = tagSets.internAll(sets, tagCodes ?? memory.u32.slice(map >> 2, (map >> 2) + entries + 1));
    codes.tagSet.fit(tagSets.sets.length - 1, held);
    this.#forgetSets();
    const bytes = numbers.byteLength;
    const at = memory.take(bytes);
    memory.u32.set(numbers, at >> 2);
    this.#sets = { of: { offsets: sets.offsets.slice(), tags: sets.tags.slice() }, map: at, bytes };
    return at;
  }

  #forgetSets(): void {
    if (this.#sets !== null) this.#columns.memory.give(this.#sets.map, this.#sets.bytes);
    this.#sets = null;
  }

  #end(isCommitted: boolean): void {
    this.#isOver = true;
    this.#forgetSets();
    this.#room.free();
    release(this.#columns, this.#maps);
    // A generator that has not ended gives back what it took.
    this.#work.return(NO_REPEATS);
    this.#whenOver(isCommitted);
  }

  #check(isAllowed: boolean): void {
    if (this.#isOver || !isAllowed) throw new Error('begin, add, prepare, commit or rollback');
  }
}

/** Segments of one batch repeat its sets, each with its own copy in memory that is used again. */
function areSame(a: TagSets, b: TagSets): boolean {
  return areEqual(a.offsets, b.offsets) && areEqual(a.tags, b.tags);
}

function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function loadDictionaries(
  { texts, memory }: Columns,
  dictionaries: HotDictionaries,
  maps: Partial<Record<MapName, InternedCodes>>,
): void {
  const areDistinct = dictionaries.areDistinct ?? false;
  const load = (name: MapName, into: Texts) => {
    if (name === 'identity') {
      const { map, entries } = maps.identityDomain as InternedCodes;
      const domains = map === 0 ? null : memory.u32.slice(map >> 2, (map >> 2) + entries + 1);
      const { local, domain } = dictionaries.identity;
      return into.load(local, { codes: domain, map: domains }, areDistinct);
    }
    return into.load(dictionaries[name], null, areDistinct);
  };
  const names: readonly MapName[] = ['identityDomain', ...TEXT_NAMES, 'tag'];
  for (const name of names) maps[name] = load(name, texts[name]);
}

function release({ texts }: Columns, maps: Partial<Record<MapName, InternedCodes>>): void {
  for (const [name, map] of Object.entries(maps) as [MapName, InternedCodes][]) texts[name].release(map);
}

/** What forgets all that is interned from now on. Owners are none of an import's. */
function undoOf({ texts, tagSets }: Columns): () => void {
  const names: readonly MapName[] = ['identityDomain', ...TEXT_NAMES, 'tag'];
  const marks = names.map((name) => [texts[name], texts[name].mark()] as const);
  const sets = tagSets.sets.length;
  return () => {
    for (const [one, mark] of marks) one.rollback(mark);
    tagSets.truncate(sets);
  };
}

/** Nobody has looked at new rows. */
function zeroTriage({ codes, memory }: Columns, row: number, rows: number): void {
  for (const column of [codes.owner, codes.resolution]) {
    if (column.isEmpty) continue;
    for (const [block, place, count] of piecesOf(row, rows)) {
      const at = column.blockAt(block) + place * column.width;
      memory.u8.fill(0, at, at + count * column.width);
    }
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
