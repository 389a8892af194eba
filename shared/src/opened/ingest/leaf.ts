/** A leaf: a file, or an innermost archive entry, that can be opened as a stream of its own bytes. */
import type { QuarantineReason } from './record.ts';

export interface Leaf {
  /** Shown path, from the outermost container on. */
  readonly path: string;
  /** Path of the tree it stands in (one folder or one archive): machines do not reach beyond it. */
  readonly treePath: string;
  /** May fail with a `LeafError`. */
  open(): ReadableStream<Uint8Array>;
  /** Random access, for an archive that is not itself in one. */
  readonly sizeBytes: number;
  slice?(start: number, end: number): Promise<Uint8Array>;
}

/** Why a leaf could not be read (on). Crosses a stream, hence an exception; caught where leaves are run. */
export class LeafError extends Error {
  readonly reason: QuarantineReason;

  constructor(reason: QuarantineReason) {
    super(reason);
    this.name = 'LeafError';
    this.reason = reason;
  }
}
