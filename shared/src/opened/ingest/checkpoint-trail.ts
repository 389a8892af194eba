/**
 * Keeps track of where a load is, so that a checkpoint can be made between any two chunks, and finds that place again. A tree's
 * machines and loose files are its units, counted in the order in which they are read.
 */
import type { InflateBudget } from './archive/inflate-guard.ts';
import type { IngestCheckpoint, IngestPlace, WithinUnit } from './checkpoint.ts';
import type { LeafLedger, Quarantine } from './ledger.ts';
import type { IngestLimits } from './limits.ts';
import type { LedgerSource, LoadedRecord } from './record.ts';

/** What a source has settled; grows while it is read. */
export interface Settled {
  readonly rows: readonly LedgerSource[];
  readonly hashes: readonly string[];
  readonly quarantine: Quarantine;
}

interface Mark {
  readonly rows: number;
  readonly hashes: number;
  readonly quarantine: number;
  readonly dropped: number;
}

interface Unit extends Mark {
  readonly records: number;
  readonly inflatedBytes: number;
  readonly bytesDone: number;
}

type FromLine = Extract<WithinUnit, { readonly kind: 'lines' }>;

export class CheckpointTrail {
  bytesDone = 0;
  bytesTotal = 0;
  readonly #settled: Settled;
  readonly #budget: InflateBudget;
  readonly #limits: IngestLimits;
  /** Where an earlier run stopped, until it is reached. */
  #ahead: IngestPlace | null;
  #path: readonly number[] = [];
  #unit: Unit;
  #unitRecords = 0;
  /** Records still to come that an earlier run handed on. */
  #repeated = 0;
  #fromLine: FromLine | null = null;
  #isInMachine = false;
  #saved: Mark;
  #bytesSince = 0;
  #recordsSince = 0;

  constructor(settled: Settled, budget: InflateBudget, limits: IngestLimits, resume: IngestPlace | null) {
    this.#settled = settled;
    this.#budget = budget;
    this.#limits = limits;
    this.#ahead = resume;
    this.#saved = this.#mark();
    this.#unit = this.#begin(resume?.records ?? 0);
  }

  /** Records handed on, by earlier runs too. */
  get records(): number {
    return this.#unit.records + this.#unitRecords;
  }

  /** Runs one unit, unless an earlier run came past it. What a machine holds belongs to its unit. */
  async unit(depth: number, index: number, isMachine: boolean, run: () => Promise<void>): Promise<void> {
    if (this.#isInMachine) return run();
    const ahead = this.#ahead;
    if (ahead !== null && index < (ahead.path[depth] ?? 0)) return;
    this.#path = [...this.#path.slice(0, depth), index];
    if (ahead !== null && depth === ahead.path.length - 1) this.#arrive(ahead);
    else if (ahead === null) this.#unit = this.#begin(this.records);
    this.#isInMachine = isMachine;
    await run();
    this.#isInMachine = false;
  }

  /** Where the leaf goes on that an earlier run stopped in, until its lines are read. */
  get fromLine(): FromLine | null {
    return this.#fromLine;
  }

  /** Counts records of the current unit; the ones that an earlier run did not hand on. */
  take(records: readonly LoadedRecord[]): readonly LoadedRecord[] {
    this.#unitRecords += records.length;
    const repeated = Math.min(this.#repeated, records.length);
    this.#repeated -= repeated;
    this.#recordsSince += records.length - repeated;
    return repeated === 0 ? records : records.slice(repeated);
  }

  read(bytes: number): void {
    this.bytesDone += bytes;
    this.#bytesSince += bytes;
  }

  /** A checkpoint of now if one is due or `isForced`; `null` also where the place of an earlier run is not reached again yet. */
  next(ledger: LeafLedger, leafWay: WithinUnit['kind'], isForced: boolean): IngestCheckpoint | null {
    const way = this.#isInMachine ? 'again' : leafWay;
    const { checkpointBytes, checkpointRecords } = this.#limits;
    if (way === 'lines') this.#fromLine = null;
    if (this.#ahead !== null || this.#repeated > 0 || this.#fromLine !== null) return null;
    if (!isForced && this.#bytesSince < checkpointBytes && this.#recordsSince < checkpointRecords) return null;
    this.#bytesSince = 0;
    this.#recordsSince = 0;
    const unit = this.#unit;
    const mark = way === 'lines' ? this.#mark() : unit;
    const saved = this.#saved;
    this.#saved = mark;
    const { rows, hashes, quarantine } = this.#settled;
    return {
      place: {
        path: this.#path,
        within:
          way === 'lines'
            ? { kind: 'lines', offset: ledger.accountedBytes, counts: ledger.counts() }
            : { kind: 'again', records: this.#unitRecords },
        records: way === 'lines' ? this.records : unit.records,
        inflatedBytes: unit.inflatedBytes,
        quarantineDropped: mark.dropped,
        bytesDone: unit.bytesDone,
        bytesTotal: this.bytesTotal,
      },
      rows: rows.slice(saved.rows, mark.rows),
      hashes: hashes.slice(saved.hashes, mark.hashes),
      quarantine: quarantine.lines.slice(saved.quarantine, mark.quarantine),
    };
  }

  #arrive({ within, records, inflatedBytes, bytesDone, bytesTotal }: IngestPlace): void {
    this.#ahead = null;
    this.#budget.inflatedBytes = inflatedBytes;
    this.bytesDone = bytesDone;
    this.bytesTotal = Math.max(this.bytesTotal, bytesTotal);
    this.#bytesSince = 0;
    this.#unit = this.#begin(records);
    if (within.kind === 'lines') this.#fromLine = within;
    else this.#repeated = within.records;
  }

  #begin(records: number): Unit {
    this.#unitRecords = 0;
    return { ...this.#mark(), records, inflatedBytes: this.#budget.inflatedBytes, bytesDone: this.bytesDone };
  }

  #mark(): Mark {
    const { rows, hashes, quarantine } = this.#settled;
    return {
      rows: rows.length,
      hashes: hashes.length,
      quarantine: quarantine.lines.length,
      dropped: quarantine.dropped,
    };
  }
}
