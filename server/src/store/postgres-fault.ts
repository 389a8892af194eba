/** Sorts PostgreSQL's errors by SQLSTATE. Needs no driver, so that a server over SQLite loads none. */
import type { StorageFault } from './store.ts';

/** The database was not reached, or the connection broke before an answer came. */
export class StorageAway extends Error {
  constructor(cause: unknown) {
    super('The database cannot be reached.', { cause });
  }
}

/** What is promised cannot be kept: settings or keys are not what they must be. Ends the process. */
export class StorageRefused extends Error {}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const FAULTS: Readonly<Record<string, StorageFault>> = {
  53100: 'full', // disk_full
  58030: 'broken', // io_error
  XX001: 'broken', // data_corrupted
  XX002: 'broken', // index_corrupted
  40001: 'again', // serialization_failure
  '40P01': 'again', // deadlock_detected
  '55P03': 'again', // lock_not_available: another process has been writing for too long
  57014: 'away', // query_canceled
  '57P01': 'away', // admin_shutdown
  '57P02': 'away', // crash_shutdown
  '57P03': 'away', // cannot_connect_now
  '57P05': 'away', // idle_session_timeout
  '25P03': 'away', // idle_in_transaction_session_timeout
  25006: 'away', // read_only_sql_transaction: a standby that was not promoted yet
  53300: 'away', // too_many_connections
};

/** `other` for what is no error of PostgreSQL. */
export function postgresFault(error: unknown): StorageFault {
  if (error instanceof StorageAway) return 'away';
  if (error instanceof StorageRefused) return 'broken';
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return 'other';
  const code = String(error.code);
  return FAULTS[code] ?? (code.startsWith('08') ? 'away' : 'other'); // 08: connection exceptions
}
