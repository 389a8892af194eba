/**
 * What the server needs of a database: reading what is committed, and one writer at a time. SQLite (`sqlite.ts`) has it in one
 * process, PostgreSQL (`postgres.ts`) across several. Knows neither.
 */
import type { Reader, Writer } from './schema.ts';

export interface Store {
  /** For everything that does not write. Sees committed rows alone. */
  readonly reader: Reader;
  /** Other processes write, too: what was read once may be old by the next request, and is asked for again. */
  readonly isShared: boolean;
  /**
   * One transaction, durable when this resolves; no other one runs meanwhile, in any process. `work` runs anew where the database
   * asks for it (a serialization failure, a deadlock), so it must leave nothing behind outside `trx`. For the sequencer alone.
   */
  transact<T>(work: (trx: Writer) => Promise<T>): Promise<T>;
  /** Reads everything as it stood at one moment, whoever writes meanwhile. */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * `full` may recover by itself, `broken` must end the process (never retry a failed fsync), `away`: the database was not reached,
 * or went away before it answered, so nobody knows whether a commit counted; `again`: it asks to run the transaction anew.
 */
export type StorageFault = 'full' | 'broken' | 'away' | 'again' | 'other';
