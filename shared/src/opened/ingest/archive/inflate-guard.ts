/** What archives may inflate to: counted on the bytes that really come out, never on what headers declare. */
import { LeafError } from '../leaf.ts';
import type { IngestLimits } from '../limits.ts';

/** Shared over all archives of one source. */
export interface InflateBudget {
  inflatedBytes: number;
}

/** Counts what comes out of one entry, and says when it is too much. */
export class InflateGuard {
  #seen = 0;
  readonly #stored: number;
  readonly #limits: IngestLimits;
  readonly #budget: InflateBudget;

  /** `stored`: bytes of the entry as it lies in the archive. */
  constructor(stored: number, limits: IngestLimits, budget: InflateBudget) {
    this.#stored = stored;
    this.#limits = limits;
    this.#budget = budget;
  }

  count(bytes: number): LeafError | null {
    this.#seen += bytes;
    this.#budget.inflatedBytes += bytes;
    if (this.#budget.inflatedBytes > this.#limits.totalBytes) return new LeafError('limit-total');
    const isBomb = this.#seen > this.#limits.ratioFromBytes && this.#seen > this.#limits.ratio * this.#stored;
    return isBomb ? new LeafError('limit-ratio') : null;
  }
}
