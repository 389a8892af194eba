/** What a failed statement means for who called, whichever database it was. */
import { postgresFault } from './postgres-fault.ts';
import { sqliteFault } from './sqlite.ts';
import type { StorageFault } from './store.ts';

/** Sorts an error; `other` for all that no database made. */
export function storageFault(error: unknown): StorageFault {
  const fault = sqliteFault(error);
  return fault === 'other' ? postgresFault(error) : fault;
}
