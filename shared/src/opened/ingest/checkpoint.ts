/**
 * Where a load of one source can go on after its process died. Everything is JSON. The source and the options must be those that the
 * checkpoint was made with: reading is deterministic, so that what was read before need not be kept.
 */
import type { LeafCounts } from './ledger.ts';
import type { LedgerSource, QuarantinedLine } from './record.ts';

/** How the unit (a machine, or a file of no machine) goes on that was being read. */
export type WithinUnit =
  /** Read again from its start; its first `records` were handed on before. */
  | { readonly kind: 'again'; readonly records: number }
  /** Lines: all bytes of the leaf before `offset` are accounted for in `counts`, a line begins there. */
  | { readonly kind: 'lines'; readonly offset: number; readonly counts: LeafCounts };

export interface IngestPlace {
  /** Number of the unit in the outermost tree, in the archive that it is, and so on. */
  readonly path: readonly number[];
  readonly within: WithinUnit;
  /** Records handed on before: of the whole source for `lines`, up to the unit's start for `again`. */
  readonly records: number;
  /** What archives had inflated to when the unit began. */
  readonly inflatedBytes: number;
  readonly quarantineDropped: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** A place, and what was settled since the checkpoint before. */
export interface IngestCheckpoint {
  readonly place: IngestPlace;
  readonly rows: readonly LedgerSource[];
  /** Of top-level files, hexadecimal. */
  readonly hashes: readonly string[];
  readonly quarantine: readonly QuarantinedLine[];
}

/** All checkpoints of a source so far as one, for `IngestOptions.resume`. */
export function addCheckpoint(before: IngestCheckpoint | null, next: IngestCheckpoint): IngestCheckpoint {
  if (before === null) return next;
  return {
    place: next.place,
    rows: [...before.rows, ...next.rows],
    hashes: [...before.hashes, ...next.hashes],
    quarantine: [...before.quarantine, ...next.quarantine],
  };
}
