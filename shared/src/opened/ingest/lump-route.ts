/** A leaf quarantined whole, for one reason. */
import type { LeafLedger } from './ledger.ts';
import type { LeafRoute } from './line-route.ts';
import type { LoadedRecord, QuarantineReason } from './record.ts';

export class LumpRoute implements LeafRoute {
  readonly dialect = null;
  readonly dialectConfidence = 0;
  readonly #ledger: LeafLedger;
  readonly #reason: QuarantineReason;

  constructor(ledger: LeafLedger, reason: QuarantineReason) {
    this.#ledger = ledger;
    this.#reason = reason;
  }

  push(): void {
    // Counted by the ledger; not read.
  }

  end(): void {
    this.#ledger.quarantine(this.#reason, 0, this.#ledger.bytesIn);
  }

  take(): LoadedRecord[] {
    return [];
  }
}
