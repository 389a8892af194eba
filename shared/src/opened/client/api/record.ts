/** The audit log as a device reads and proves it. */
import type { Ms } from '../../../base/brand.ts';

/** One event as the auditor reads it. */
export interface AuditRow {
  readonly index: number;
  readonly receivedAtMs: Ms;
  readonly device: string;
  readonly deviceLabel: string | null;
  readonly org: string | null;
  readonly seq: number;
  readonly kind: string;
  readonly atMs: Ms | null;
  /** Integers and ids only. */
  readonly details: Readonly<Record<string, string | number>>;
}

export interface AuditDevice {
  readonly device: string;
  readonly label: string | null;
  readonly org: string | null;
  readonly entries: number;
  readonly firstAtMs: Ms;
  readonly lastAtMs: Ms;
  readonly lastSeq: number;
  /** Missing sequence numbers, broken links, forks. */
  readonly gaps: number;
  readonly forks: number;
}

export interface AuditReport {
  readonly devices: readonly AuditDevice[];
  readonly kinds: readonly { readonly kind: string; readonly count: number }[];
  readonly rows: readonly AuditRow[];
  /** Entries that were read and verified: all that the checkpoint covers. */
  readonly total: number;
  readonly provedAtMs: Ms;
}

/** Something that should not be: a check that failed against what somebody signed. `what` and `code` as in `forged`. */
export interface Alarm {
  readonly id: string;
  readonly what: string;
  readonly code: string;
  readonly firstAtMs: Ms;
  readonly lastAtMs: Ms;
  readonly times: number;
  /** A person has read it. */
  readonly seen: boolean;
}

/** How the record stands as far as this device knows. */
export interface RecordState {
  /** When the log last proved that it only grew; null before the first contact. */
  readonly provedAtMs: Ms | null;
  /** Entries that it had then. */
  readonly size: number;
  /** The checkpoint over them, signed by the server's log key. */
  readonly checkpoint: string | null;
  /** Who must have cosigned, by an operator's statement; `quorum` 0: nobody has to. */
  readonly witnesses: {
    readonly names: readonly string[];
    /** In the same order, `name+hash+key`. */
    readonly keys: readonly string[];
    readonly quorum: number;
  };
  /** `name+hash+key` of the log, by which witnesses know it. */
  readonly logKey: string | null;
  /** The newest checkpoint that enough of them did, and when. */
  readonly cosigned: { readonly size: number; readonly atMs: Ms } | null;
  readonly alarms: readonly Alarm[];
}

/** All of a device's own entries, proved to stand in the log. */
export interface OwnProof {
  /** Kept on this device and proved. */
  readonly entries: number;
  /** Proved before, in others' hands for 14 days, and deleted here since. */
  readonly released: number;
  /** Not uploaded yet. */
  readonly waiting: number;
  readonly provedAtMs: Ms;
  /** Entries of the whole log. */
  readonly size: number;
}
