/** An import on its way into the plain engine. */
import { Dictionary } from './dictionary.ts';
import { EngineFullError } from './engine-full.ts';
import type { EngineImport, ImportOrigin, LoadedRows } from './engine.ts';
import { withRoom } from './growable.ts';
import type { HotColumns, HotDictionaries } from './hot-columns.ts';
import type { IdIndex } from './id-index.ts';
import type { Remaps, TextColumnName } from './row-columns.ts';
import { NOWHERE, RowColumns, TEXT_COLUMNS } from './row-columns.ts';
import type { TagSetTable } from './tag-set-table.ts';

/** The columns that an import goes into. */
export interface StagingColumns extends RowColumns {
  /** Rows that queries see; those that are staged come behind. */
  readonly rows: number;
  readonly ids: IdIndex;
  readonly dictionaries: Readonly<Record<TextColumnName | 'tag', Dictionary>>;
  readonly tagSets: TagSetTable;
  /** Room for `count` calls of `takeLater`. */
  reserveLater(count: number): void;
  /** A row takes a later appearance; the earlier one stays on record. */
  takeLater(row: number, later: RowColumns, other: number): void;
}

/** An import: new rows behind those that queries see, rows whose id is known aside. */
export class StagedRows implements EngineImport {
  readonly #columns: StagingColumns;
  readonly #part: number;
  readonly #receivedAtMs: number;
  readonly #dictionaries: HotDictionaries;
  readonly #tagCodes: Uint32Array;
  readonly #whenOver: (isCommitted: boolean) => void;
  #remaps: Remaps;
  #segment = -1;
  /** Rows whose id is known, and the row of each. */
  readonly #merges = new RowColumns();
  #mergeInto = new Uint32Array(0);
  #merged = 0;
  #isPrepared = false;
  #isOver = false;

  constructor(
    columns: StagingColumns,
    dictionaries: HotDictionaries,
    part: number,
    { receivedAtMs }: ImportOrigin,
    whenOver: (isCommitted: boolean) => void,
  ) {
    this.#columns = columns;
    this.#dictionaries = dictionaries;
    this.#part = part;
    this.#receivedAtMs = receivedAtMs;
    this.#whenOver = whenOver;
    const known = columns.dictionaries;
    [this.#tagCodes, this.#remaps] = orFull(columns, () => [
      known.tag.internAll(dictionaries.tag),
      {
        identity: known.identity.internIdentities(dictionaries),
        registrable: known.registrable.internAll(dictionaries.registrable),
        host: known.host.internAll(dictionaries.host),
        application: known.application.internAll(dictionaries.application),
        source: known.source.internAll(dictionaries.source),
        family: known.family.internAll(dictionaries.family),
        machine: known.machine.internAll(dictionaries.machine),
        machineName: known.machineName.internAll(dictionaries.machineName),
        mask: known.mask.internAll(dictionaries.mask),
        tagSet: new Uint32Array(1),
      },
    ]);
  }

  get areDistinct(): boolean {
    const domains = new Dictionary().internAll(this.#dictionaries.identityDomain);
    const texts = TEXT_COLUMNS.map((name) => this.#remaps[name]);
    return [...texts, this.#tagCodes, domains].every(areDistinct);
  }

  add(segment: number, hot: HotColumns, from: number, to: number): void {
    this.#check(false);
    orFull(this.#columns, () => {
      this.#add(segment, hot, from, to);
    });
  }

  prepare(): LoadedRows {
    this.#check(this.#isPrepared);
    orFull(this.#columns, () => {
      this.#columns.reserveLater(this.#merged);
      if (this.#merges.secretFp.length > 0) this.#columns.reserveFingerprints(this.#columns.ids.rows);
    });
    this.#isPrepared = true;
    return { added: this.#columns.ids.rows - this.#columns.rows, merged: this.#merged };
  }

  commit(): void {
    this.#check(true);
    for (let i = 0; i < this.#merged; i++) {
      this.#columns.takeLater(this.#mergeInto[i] as number, this.#merges, i);
    }
    this.#isOver = true;
    this.#whenOver(true);
  }

  rollback(): void {
    this.#check(this.#isPrepared);
    this.#isOver = true;
    this.#whenOver(false);
  }

  #add(segment: number, hot: HotColumns, from: number, to: number): void {
    const columns = this.#columns;
    if (segment !== this.#segment) {
      this.#segment = segment;
      this.#remaps = { ...this.#remaps, tagSet: columns.tagSets.internAll(hot.tagSets, this.#tagCodes) };
    }
    const firstMerge = this.#merged;
    const targets = new Uint32Array(to - from).fill(NOWHERE);
    const mergeTargets = new Uint32Array(to - from).fill(NOWHERE);
    this.#mergeInto = withRoom(this.#mergeInto, firstMerge + to - from);
    for (let i = from; i < to; i++) {
      const known = columns.ids.find(hot.id, i * 16);
      if (known < 0) {
        targets[i - from] = columns.ids.add(hot.id, i * 16);
      } else {
        this.#mergeInto[this.#merged] = known;
        mergeTargets[i - from] = this.#merged++;
      }
    }
    this.#write(columns, hot, from, targets, columns.ids.rows);
    if (this.#merged > firstMerge) this.#write(this.#merges, hot, from, mergeTargets, this.#merged);
  }

  #write(into: RowColumns, hot: HotColumns, from: number, targets: Uint32Array, rows: number): void {
    into.reserve(rows);
    into.write(hot, from, targets, this.#remaps);
    for (let i = 0; i < targets.length; i++) {
      const row = targets[i] as number;
      if (row === NOWHERE) continue;
      into.times.receivedAtMs[row] = this.#receivedAtMs;
      into.codes.part[row] = this.#part;
      into.codes.segment[row] = this.#segment;
      into.codes.segmentRow[row] = from + i;
    }
  }

  #check(isPrepared: boolean): void {
    if (this.#isOver || this.#isPrepared !== isPrepared) throw new Error('begin, add, prepare, commit or rollback');
  }
}

/** A failed allocation is a full engine. */
function orFull<T>(columns: StagingColumns, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RangeError ? new EngineFullError(columns.memoryBytes) : error;
  }
}

/** Codes by entry (behind 0), each once. */
function areDistinct(codes: Uint32Array): boolean {
  return new Set(codes).size === codes.length;
}
