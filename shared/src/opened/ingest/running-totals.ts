/** The ledger's totals while a source is being read: settled rows are added once, the leaf in hand each time it is asked. */
import type { LeafCounts } from './ledger.ts';
import { addTotals } from './ledger.ts';
import type { LedgerSource, LedgerTotals } from './record.ts';

export class RunningTotals {
  #settled: LedgerTotals = addTotals([]);
  #rows = 0;

  /** Totals of `rows`, which only grows from call to call, and of what is accounted for of the leaf being read. Cost: the new rows. */
  of(rows: readonly LedgerSource[], current: LeafCounts | null): LedgerTotals {
    if (rows.length > this.#rows) {
      this.#settled = addTotals([this.#settled, ...rows.slice(this.#rows)]);
      this.#rows = rows.length;
    }
    if (current === null) return this.#settled;
    const { bytesRecord, bytesIgnored, bytesQuarantined, bytesNotCandidate } = current;
    const bytesIn = bytesRecord + bytesIgnored + bytesQuarantined + bytesNotCandidate;
    return addTotals([this.#settled, { ...current, bytesIn }]);
  }
}
