/** Readers of line parts that work beside the one who asks: a shell's workers, each with a scanner of its own. */
import type { LinePartResult, LinesOfLeaf } from './line-part.ts';

export interface LineReaders {
  /** Parts to have under way at once, so that no reader waits. */
  readonly atOnce: number;
  /** For one leaf. Call `close` when its parts are done. */
  open(lines: LinesOfLeaf): OpenLines;
}

export interface OpenLines {
  /**
   * Has the first `length` bytes of `buffer` read, which begin with a line at `offset` of the leaf. The buffer is given away, and
   * comes back by `reuse` at some time after. Rejects where a reader has failed, which is a bug.
   */
  read(
    offset: number,
    buffer: Uint8Array<ArrayBuffer>,
    length: number,
    reuse: (buffer: Uint8Array<ArrayBuffer>) => void,
  ): Promise<LinePartResult>;
  close(): void;
}
