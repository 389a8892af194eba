/**
 * All findings of a vault as global columns: what filters, facets and sorts read. Rows of an import that is not committed stand
 * behind the rows that queries see, its merges wait aside.
 */
import { Dictionary } from './dictionary.ts';
import { EarlierAppearances } from './earlier-appearances.ts';
import type { Appearance, EngineImport, ImportOrigin } from './engine.ts';
import type { HotDictionaries } from './hot-columns.ts';
import { IdIndex } from './id-index.ts';
import type { TextColumnName } from './row-columns.ts';
import { RowColumns, TEXT_COLUMNS } from './row-columns.ts';
import { StagedRows } from './staged-rows.ts';
import { TagSetTable } from './tag-set-table.ts';

export type DictionaryName = TextColumnName | 'tag' | 'owner';
const IMPORTED = [...TEXT_COLUMNS, 'tag'] as const;
const DICTIONARY_NAMES: readonly DictionaryName[] = [...IMPORTED, 'owner'];

export class FindingColumns extends RowColumns {
  readonly ids = new IdIndex();
  readonly dictionaries = Object.fromEntries(DICTIONARY_NAMES.map((name) => [name, new Dictionary()])) as Readonly<
    Record<DictionaryName, Dictionary>
  >;
  readonly tagSets = new TagSetTable();
  readonly #earlier = new EarlierAppearances();
  readonly #whenChanged: () => void;
  #rows = 0;
  #parts = 0;
  #isImporting = false;

  /** `whenChanged`: an import was committed. */
  constructor(whenChanged: () => void) {
    super();
    this.#whenChanged = whenChanged;
  }

  /** Rows that queries see. */
  get rows(): number {
    return this.#rows;
  }

  override get memoryBytes(): number {
    const dictionaries = Object.values(this.dictionaries).reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return super.memoryBytes + dictionaries + this.ids.memoryBytes;
  }

  /** Row of the id at `bytes[offset..]`, -1 if queries do not see it. */
  rowAt(bytes: Uint8Array, offset: number): number {
    const row = this.ids.find(bytes, offset);
    return row < this.#rows ? row : -1;
  }

  begin(dictionaries: HotDictionaries, origin: ImportOrigin): EngineImport {
    if (this.#isImporting) throw new Error('one import at a time');
    const undo = this.#undo();
    const whenOver = (isCommitted: boolean) => {
      this.#isImporting = false;
      if (!isCommitted) return undo();
      this.#parts++;
      this.#rows = this.ids.rows;
      this.#whenChanged();
    };
    this.#isImporting = true;
    try {
      return new StagedRows(this, dictionaries, this.#parts, origin, whenOver);
    } catch (error) {
      whenOver(false);
      throw error;
    }
  }

  /** Room for `count` calls of `takeLater`. */
  reserveLater(count: number): void {
    this.#earlier.reserve(count);
  }

  /** A row takes a later appearance; the earlier one stays on record. */
  takeLater(row: number, later: RowColumns, other: number): void {
    const { part, segment, segmentRow, earlier } = this.codes;
    const place = [part[row], segment[row], segmentRow[row], earlier[row]] as [number, number, number, number];
    earlier[row] = this.#earlier.add(place);
    this.merge(row, later, other);
  }

  /** In the order of their imports; at least one. */
  appearances(row: number): readonly Appearance[] {
    const { part, segment, segmentRow, earlier } = this.codes;
    const last = { part: part[row] as number, segment: segment[row] as number, row: segmentRow[row] as number };
    return [...this.#earlier.from(earlier[row] as number), last];
  }

  /** What forgets all that is interned and added from now on. Owners are none of an import's. */
  #undo(): () => void {
    const sizes = IMPORTED.map((name) => [this.dictionaries[name], this.dictionaries[name].size] as const);
    const sets = this.tagSets.sets.length;
    return () => {
      for (const [dictionary, size] of sizes) dictionary.truncate(size);
      this.tagSets.truncate(sets);
      this.ids.truncate(this.#rows);
    };
  }
}
