/** Of what looked like records, how much could not be read: over 5 % a person says that the rest is wanted all the same. */
import type { LedgerTotals } from '@sealpost/shared/opened/ingest/record';

export const MUCH_QUARANTINED = 0.05;

/** By bytes, as the vault counts it when a load is kept (INGEST, Ledger). */
export function quarantinedShare({ bytesRecord, bytesQuarantined }: LedgerTotals): number {
  const told = bytesRecord + bytesQuarantined;
  return told === 0 ? 0 : bytesQuarantined / told;
}
