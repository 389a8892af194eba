/** A leaf: a file, or an innermost archive entry, that can be opened as a stream of its own bytes. */
import type { QuarantineReason } from './record.ts';
import { readChunks } from './source-file.ts';

export interface Leaf {
  /** Shown path, from the outermost container on. */
  readonly path: string;
  /** Path of the tree it stands in (one folder or one archive): machines do not reach beyond it. */
  readonly treePath: string;
  /** May fail with a `LeafError`. */
  open(): ReadableStream<Uint8Array>;
  /**
   * The same bytes without a stream, which costs more than reading what most entries of a stealer log hold; their memory is not
   * written to again. May fail with a `LeafError`.
   */
  chunks?(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Random access, for an archive that is not itself in one. */
  readonly sizeBytes: number;
  slice?(start: number, end: number): Promise<Uint8Array>;
}

/** Chunks of a leaf by its shortest way, each valid until the next one is asked for; `isStable`: they all stay as they are. */
export function readLeaf(leaf: Leaf): {
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
  readonly isStable: boolean;
} {
  const direct = leaf.chunks?.();
  return direct === undefined
    ? { chunks: readChunks(leaf.open(), leaf.sizeBytes), isStable: false }
    : { chunks: direct, isStable: true };
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
