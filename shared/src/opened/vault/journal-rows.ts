/**
 * The journal at rest: entries in chunks, many operations a row. A commit rewrites the last chunk until it is full, so that
 * 100,000 single operations are some hundred rows and every commit stays small.
 */
import type { Result } from '../../base/result.ts';
import { ok } from '../../base/result.ts';
import type { JournalEntry } from '../triage/journal-entry.ts';
import type { SealedStore, StoreError, StoreTransaction } from './store.ts';

/** A chunk is full at whichever comes first. */
const MAX_CHUNK_ENTRIES = 256;
const MAX_CHUNK_OPERATIONS = 1024;

export class JournalRows {
  #chunk: number;
  #tail: readonly JournalEntry[];

  private constructor(chunk: number, tail: readonly JournalEntry[]) {
    this.#chunk = chunk;
    this.#tail = tail;
  }

  /** Reads all chunks; entries in the order in which they were written. */
  static async read(
    store: SealedStore,
  ): Promise<Result<{ readonly rows: JournalRows; readonly entries: readonly JournalEntry[] }, StoreError>> {
    const ids = store.ids('journal');
    const values = await store.getMany('journal', ids);
    if (!values.ok) return values;
    const chunks = values.value as unknown as readonly (readonly JournalEntry[])[];
    const last = chunks.at(-1) ?? [];
    return ok({ rows: new JournalRows(Math.max(0, ids.length - 1), last), entries: chunks.flat() });
  }

  /** Writes `entries` into `tx`. Call the answer after the commit held: until then the next append would repeat this one's place. */
  append(tx: StoreTransaction, entries: readonly JournalEntry[]): () => void {
    let chunk = this.#chunk;
    let tail = this.#tail;
    const changed = new Map<number, readonly JournalEntry[]>();
    for (const entry of entries) {
      if (isFull(tail)) {
        chunk++;
        tail = [];
      }
      tail = [...tail, entry];
      changed.set(chunk, tail);
    }
    for (const [number, content] of changed) tx.put('journal', chunkId(number), content);
    return () => {
      this.#chunk = chunk;
      this.#tail = tail;
    };
  }
}

function chunkId(chunk: number): string {
  return String(chunk).padStart(8, '0');
}

function isFull(entries: readonly JournalEntry[]): boolean {
  return (
    entries.length >= MAX_CHUNK_ENTRIES || entries.reduce((sum, { ids }) => sum + ids.length, 0) >= MAX_CHUNK_OPERATIONS
  );
}
