/** Random access to an archive's bytes. */
export interface ZipSource {
  readonly sizeBytes: number;
  /** `end` exclusive. */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** An archive's small entries lie one behind the other: so much is read at once. */
const WINDOW_BYTES = 64 * 1024;

/**
 * `source` with small slices cut from what was read before: opening a file for each of ten thousand entries costs more than reading it.
 * Slices are views of memory that is not written to again.
 */
export function readAhead(source: ZipSource): ZipSource {
  const { sizeBytes } = source;
  let from = 0;
  let window: Uint8Array = new Uint8Array();
  return {
    sizeBytes,
    async slice(start, end) {
      if (end - start > WINDOW_BYTES / 2) return source.slice(start, end);
      if (start < from || end > from + window.length) {
        const read = await source.slice(start, Math.min(sizeBytes, start + WINDOW_BYTES));
        from = start;
        window = read;
        return read.subarray(0, end - start);
      }
      return window.subarray(start - from, end - from);
    },
  };
}
