/**
 * The journal at rest. New entries go into table `journal`: large ones in a row of their own, small ones into the last row until it is
 * full, so that every commit stays small. Compaction folds full rows into few large ones in `snapshots`, entry by entry as they are:
 * who did what when stays readable, and the next unlock reads little.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import type { EntryTable } from '../triage/entry-table.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import { packJournalBlock, readJournalBlock } from './journal-block.ts';
import { ArrayPacker } from './packed-arrays.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';

/** A row is full at this size: what a commit rewrites at most. */
const ROW_BYTES = 16 * 1024;
/** Full rows that are worth folding, and the size of what they are folded into. */
const FOLD_ROWS = 16;
const SNAPSHOT_BYTES = 4 * 1024 * 1024;
/** Name of the operators' rows in `snapshots` do not begin with this. */
const SNAPSHOT_PREFIX = 'journal/';
/** In the manifest: the last number that a row had, so that numbers are not used again. */
const LAST_NUMBER = 'journal';

type JournalTable = 'journal' | 'snapshots';

/** One row: entries `from`..`to` of the journal. */
interface JournalRow {
  readonly table: JournalTable;
  readonly id: string;
  readonly entries: readonly number[];
  readonly bytes: number;
}

export class JournalRows {
  #rows: readonly JournalRow[] = [];
  #lastNumber: number;
  /** For all blocks: memory that was used before is faster. A transaction copies what it takes. */
  readonly #packer = new ArrayPacker();

  private constructor(lastNumber: number) {
    this.#lastNumber = lastNumber;
  }

  /** Reads all rows; `add` takes each entry and answers its number. */
  static async read(
    store: SealedStore,
    add: (entry: JournalEntry) => number,
  ): Promise<Result<JournalRows, StoreError>> {
    const journal = new JournalRows(Number(store.seen(LAST_NUMBER) ?? 0));
    const rows: JournalRow[] = [];
    for (const table of ['snapshots', 'journal'] as const) {
      const ids = store.ids(table, table === 'snapshots' ? SNAPSHOT_PREFIX : '');
      const values = await store.getMany(table, ids);
      if (!values.ok) return values;
      for (const [i, value] of values.value.entries()) {
        const id = ids[i] as string;
        const entries = value instanceof Uint8Array ? readJournalBlock(value as Bytes) : null;
        if (entries === null) return err({ kind: 'storage-damaged', table, id, how: 'altered' });
        rows.push({ table, id, entries: entries.map(add), bytes: (value as Bytes).length });
      }
    }
    journal.#rows = rows;
    return ok(journal);
  }

  /** Writes `entries` into `tx`. Call the answer with their numbers after the commit held. */
  append(
    tx: StoreTransaction,
    known: EntryTable,
    entries: readonly JournalEntry[],
  ): (numbers: readonly number[]) => void {
    let next = this.#lastNumber;
    const last = this.#rows.at(-1);
    const open = last !== undefined && last.table === 'journal' && last.bytes < ROW_BYTES ? last : null;
    const parts = partsOf(open?.bytes ?? 0, entries).map(({ from, to }, i) => {
      const isOpen = i === 0 && open !== null;
      const kept = isOpen ? open.entries : [];
      const id = isOpen ? open.id : rowId(++next);
      const all = [...kept.map((number) => known.entry(number)), ...entries.slice(from, to)];
      const bytes = packJournalBlock(all, this.#packer);
      tx.put('journal', id, bytes);
      return { id, kept, from, to, bytes: bytes.length };
    });
    tx.setSeen(LAST_NUMBER, next);
    return (numbers) => {
      this.#lastNumber = next;
      const written = parts.map(({ id, kept, from, to, bytes }): JournalRow => {
        return { table: 'journal', id, entries: [...kept, ...numbers.slice(from, to)], bytes };
      });
      this.#rows = [...this.#rows.filter((row) => row !== open), ...written];
    };
  }

  /** Writes a fold of the full rows into `tx`, if it is worth it. Call the answer after the commit held. */
  fold(tx: StoreTransaction, known: EntryTable): (() => void) | null {
    const full = this.#rows.filter(({ table, bytes }) => table === 'journal' && bytes >= ROW_BYTES);
    if (full.length < FOLD_ROWS) return null;
    // A last snapshot that is not half full is folded again, so that there are never many.
    const last = this.#rows.findLast(({ table }) => table === 'snapshots');
    const again = last !== undefined && last.bytes < SNAPSHOT_BYTES / 2 ? [last] : [];
    const folded = [...again, ...full];
    let next = this.#lastNumber;
    const snapshots: JournalRow[] = [];
    for (const row of folded) tx.delete(row.table, row.id);
    for (const rows of togetherUpTo(SNAPSHOT_BYTES, folded)) {
      const numbers = rows.flatMap(({ entries }) => entries);
      const packed = packJournalBlock(numbers.map((number) => known.entry(number)));
      const id = SNAPSHOT_PREFIX + rowId(++next);
      tx.put('snapshots', id, packed);
      snapshots.push({ table: 'snapshots', id, entries: numbers, bytes: packed.length });
    }
    tx.setSeen(LAST_NUMBER, next);
    return () => {
      this.#lastNumber = next;
      const snapshotsBefore = this.#rows.filter((row) => row.table === 'snapshots' && !folded.includes(row));
      const journal = this.#rows.filter((row) => row.table === 'journal' && !folded.includes(row));
      this.#rows = [...snapshotsBefore, ...snapshots, ...journal];
    };
  }
}

/** What an entry takes beside its findings, about. */
const ENTRY_BYTES = 48;

/** Entries for the open row, of which `openBytes` are taken (0: there is none), and for new ones: a row ends when it is full. */
function partsOf(
  openBytes: number,
  entries: readonly JournalEntry[],
): readonly { readonly from: number; readonly to: number }[] {
  const parts: { from: number; to: number }[] = [];
  let bytes = openBytes;
  let from = 0;
  entries.forEach((entry, i) => {
    bytes += entry.ids.length + ENTRY_BYTES;
    if (bytes < ROW_BYTES && i < entries.length - 1) return;
    parts.push({ from, to: i + 1 });
    from = i + 1;
    bytes = 0;
  });
  return parts;
}

/** Rows in order, as many together as have about `bytes`. */
function togetherUpTo(bytes: number, rows: readonly JournalRow[]): readonly (readonly JournalRow[])[] {
  const groups: JournalRow[][] = [];
  let filled = Infinity;
  for (const row of rows) {
    if (filled + row.bytes > bytes) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(row);
    filled += row.bytes;
  }
  return groups;
}

function rowId(number: number): string {
  return String(number).padStart(10, '0');
}
