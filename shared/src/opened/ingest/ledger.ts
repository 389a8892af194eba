/**
 * Byte accounting (INGEST, Ledger): a leaf's bytes end as record, ignored, quarantined or not candidate, each once. Holds
 * offsets and counts only, never text of a line.
 */
import type { IgnoreRule, LedgerSource, LedgerTotals, QuarantinedLine, QuarantineReason } from './record.ts';

type Counts<K extends string> = Partial<Record<K, number>>;

/** Where leaves put their quarantined lines; one for a whole source, so that memory is bounded. */
export class Quarantine {
  readonly lines: QuarantinedLine[];
  /** Lines beyond the limit: counted in the ledger, not listed. */
  dropped: number;
  readonly #limit: number;

  /** `lines` and `dropped` of a load that goes on. */
  constructor(limit: number, lines: readonly QuarantinedLine[] = [], dropped = 0) {
    this.#limit = limit;
    this.lines = [...lines];
    this.dropped = dropped;
  }

  add(line: QuarantinedLine): void {
    if (this.lines.length < this.#limit) this.lines.push(line);
    else this.dropped++;
  }
}

/** What is accounted for of a leaf so far. */
export interface LeafCounts {
  readonly bytesRecord: number;
  readonly bytesIgnored: number;
  readonly bytesQuarantined: number;
  readonly bytesNotCandidate: number;
  readonly records: number;
  readonly ignored: Readonly<Counts<IgnoreRule>>;
  readonly quarantined: Readonly<Counts<QuarantineReason>>;
}

/** What a leaf is said to be, beside its counts. */
export interface LeafDescription {
  readonly sha256: string;
  readonly dialect: string | null;
  readonly encoding: string | null;
  readonly containerBytes?: number;
  /** Instead of what follows from the counts. */
  readonly status?: LedgerSource['status'];
}

/** Accounts for one leaf (a file or an innermost archive entry) or, with nothing but quarantine, for a container. */
export class LeafLedger {
  bytesIn = 0;
  readonly path: string;
  readonly #quarantine: Quarantine;
  #bytesRecord = 0;
  #bytesIgnored = 0;
  #bytesQuarantined = 0;
  #bytesNotCandidate = 0;
  #records = 0;
  #ignored: Counts<IgnoreRule> = {};
  #quarantined: Counts<QuarantineReason> = {};
  #isCut = false;
  #hasFailed = false;

  constructor(path: string, quarantine: Quarantine) {
    this.path = path;
    this.#quarantine = quarantine;
  }

  /** Bytes that have their place already; the rest of `bytesIn` is still in some route's hands. */
  get accountedBytes(): number {
    return this.#bytesRecord + this.#bytesIgnored + this.#bytesQuarantined + this.#bytesNotCandidate;
  }

  /** For a checkpoint; lines in quarantine are the whole source's. */
  counts(): LeafCounts {
    return {
      bytesRecord: this.#bytesRecord,
      bytesIgnored: this.#bytesIgnored,
      bytesQuarantined: this.#bytesQuarantined,
      bytesNotCandidate: this.#bytesNotCandidate,
      records: this.#records,
      ignored: { ...this.#ignored },
      quarantined: { ...this.#quarantined },
    };
  }

  /** Goes on from `counts`, in place of what was counted here. */
  restore(counts: LeafCounts): void {
    this.#bytesRecord = counts.bytesRecord;
    this.#bytesIgnored = counts.bytesIgnored;
    this.#bytesQuarantined = counts.bytesQuarantined;
    this.#bytesNotCandidate = counts.bytesNotCandidate;
    this.#records = counts.records;
    this.#ignored = { ...counts.ignored };
    this.#quarantined = { ...counts.quarantined };
  }

  record(bytes: number): void {
    this.#records++;
    this.#bytesRecord += bytes;
  }

  /** Bytes that belong to a record already counted (a continued password, a line between its keys). */
  moreOfRecord(bytes: number): void {
    this.#bytesRecord += bytes;
  }

  ignore(rule: IgnoreRule, bytes: number): void {
    this.#bytesIgnored += bytes;
    this.#ignored[rule] = (this.#ignored[rule] ?? 0) + 1;
  }

  notCandidate(bytes: number): void {
    this.#bytesNotCandidate += bytes;
  }

  quarantine(reason: QuarantineReason, offset: number, bytes: number): void {
    this.#bytesQuarantined += bytes;
    this.#quarantined[reason] = (this.#quarantined[reason] ?? 0) + 1;
    this.#quarantine.add({ entry: this.path, offset, length: bytes, reason });
  }

  /** Takes over what a ledger of a part of this leaf has come to; `bytesIn` is counted where the leaf is read. */
  add(part: LedgerTotals, lines: readonly QuarantinedLine[], dropped: number): void {
    this.#bytesRecord += part.bytesRecord;
    this.#bytesIgnored += part.bytesIgnored;
    this.#bytesQuarantined += part.bytesQuarantined;
    this.#bytesNotCandidate += part.bytesNotCandidate;
    this.#records += part.records;
    addCounts(this.#ignored, part.ignored);
    addCounts(this.#quarantined, part.quarantined);
    for (const line of lines) this.#quarantine.add(line);
    this.#quarantine.dropped += dropped;
  }

  /** The leaf could not be read to its end, for `reason`; what was read stays counted. */
  cutShort(reason: QuarantineReason): void {
    this.quarantine(reason, this.bytesIn, 0);
    this.#isCut = true;
    if (this.bytesIn === 0) this.#hasFailed = true;
  }

  /** The leaf's row; throws if a byte is not accounted for, which is a bug. */
  close(description: LeafDescription): LedgerSource {
    const sum = this.accountedBytes;
    if (sum !== this.bytesIn) throw new Error(`ledger: ${sum} of ${this.bytesIn} bytes accounted for`);
    return {
      path: this.path,
      bytesIn: this.bytesIn,
      bytesRecord: this.#bytesRecord,
      bytesIgnored: this.#bytesIgnored,
      bytesQuarantined: this.#bytesQuarantined,
      bytesNotCandidate: this.#bytesNotCandidate,
      records: this.#records,
      ignored: { ...this.#ignored },
      quarantined: { ...this.#quarantined },
      status: this.#hasFailed ? 'failed' : this.#isCut ? 'partial' : 'complete',
      ...description,
    };
  }
}

/** Sums rows of leaves and containers, or of whole ledgers. */
export function addTotals(parts: readonly LedgerTotals[]): LedgerTotals {
  const total = {
    bytesIn: 0,
    bytesRecord: 0,
    bytesIgnored: 0,
    bytesQuarantined: 0,
    bytesNotCandidate: 0,
    records: 0,
  };
  const ignored: Counts<IgnoreRule> = {};
  const quarantined: Counts<QuarantineReason> = {};
  for (const part of parts) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += part[key];
    addCounts(ignored, part.ignored);
    addCounts(quarantined, part.quarantined);
  }
  return { ...total, ignored, quarantined };
}

/** Above it a load needs a person's explicit yes (INGEST, Ledger). */
export const MUCH_QUARANTINED = 0.05;

/** Share of quarantined bytes among record and quarantined. */
export function quarantinedShare(totals: LedgerTotals): number {
  const told = totals.bytesRecord + totals.bytesQuarantined;
  return told === 0 ? 0 : totals.bytesQuarantined / told;
}

function addCounts<K extends string>(into: Counts<K>, from: Readonly<Counts<K>>): void {
  for (const key of Object.keys(from) as K[]) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}
