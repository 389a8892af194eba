/**
 * One part of a list of lines, read on its own: what a worker does. Parts hold whole lines and begin where the one before ended; what
 * they come to, put together in order, is what the whole list comes to, however it was cut.
 */
import type { SourceClass } from '../finding/finding.ts';
import type { LineScanner } from '../scan/scanner.ts';
import { LeafLedger, Quarantine } from './ledger.ts';
import { decideLines } from './line-decision.ts';
import type { LineDecision, LineSample } from './line-decision.ts';
import { LineRoute } from './line-route.ts';
import type { LedgerTotals, LoadedRecord, QuarantinedLine } from './record.ts';

/** What all parts of one leaf have in common. Plain data, fit for `postMessage`. */
export interface LinesOfLeaf extends LineSample {
  /** Shown path of the leaf. */
  readonly path: string;
  readonly sourceClass: SourceClass | null;
  /** As `IngestLimits.quarantineRows`. */
  readonly quarantineRows: number;
}

/** What one part came to. Plain data. */
export interface LinePartResult {
  readonly records: readonly LoadedRecord[];
  readonly totals: LedgerTotals;
  readonly quarantine: readonly QuarantinedLine[];
  readonly quarantineDropped: number;
}

/** Reads bytes of one leaf, from `offset` on, piece by piece; a line begins there. */
export class LinePart {
  readonly #ledger: LeafLedger;
  readonly #quarantine: Quarantine;
  readonly #route: LineRoute;

  constructor(lines: LinesOfLeaf, decision: LineDecision, scanner: LineScanner | null, offset: number) {
    this.#quarantine = new Quarantine(lines.quarantineRows);
    this.#ledger = new LeafLedger(lines.path, this.#quarantine);
    this.#route = new LineRoute({ ...lines, decision, scanner, ledger: this.#ledger, startOffset: offset });
  }

  push(bytes: Uint8Array): void {
    this.#ledger.bytesIn += bytes.length;
    this.#route.push(bytes);
  }

  /** Ends the last line. */
  end(): LinePartResult {
    this.#route.end();
    const totals = this.#ledger.close({ sha256: '', dialect: null, encoding: null });
    const { lines, dropped } = this.#quarantine;
    return { records: this.#route.take(), totals, quarantine: lines, quarantineDropped: dropped };
  }
}

/** Reads parts of one leaf, in any order. */
export class LinePartReader {
  readonly #lines: LinesOfLeaf;
  readonly #decision: LineDecision;
  readonly #scanner: LineScanner | null;

  constructor(lines: LinesOfLeaf, scanner: LineScanner | null) {
    this.#lines = lines;
    this.#decision = decideLines(lines);
    this.#scanner = scanner;
  }

  read(offset: number, bytes: Uint8Array): LinePartResult {
    const part = new LinePart(this.#lines, this.#decision, this.#scanner, offset);
    part.push(bytes);
    return part.end();
  }
}
