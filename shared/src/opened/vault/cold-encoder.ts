/** What writes cold columns: one encoder for a bundle, batch by batch. */
import type { BundleColumns } from '../bundle/columns.ts';
import type { ArrayPacker } from './packed-arrays.ts';

export interface ColdEncoder {
  /**
   * Finds what repeats in a batch. Runs in steps of a few milliseconds, so that others may come in between. What it returns is valid
   * until the next call.
   */
  begin(c: BundleColumns): Generator<void, ColdBlocks, undefined>;
}

/** Blocks of a batch, in the forms of cold-format.ts. */
export interface ColdBlocks {
  packSets(packer: ArrayPacker): void;
  /** Rows `from`..`to` of `c`, the batch that was begun; `from` is a multiple of BLOCK_ROWS. */
  packRows(packer: ArrayPacker, c: BundleColumns, from: number, to: number): void;
}
