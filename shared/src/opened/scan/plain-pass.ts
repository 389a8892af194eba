/** What the passes of the plain scanner have in common: each looks for one kind of term, and reports whole lines. */

/** One pass over whole lines. Compiled from its terms. */
export interface ScanPass {
  /** Appends start and end of each line of `bytes[start..end)` with a term to `hits`, as `LineScanner.scan` does. */
  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): void;
}

/** Appends the line that `at` lies in; returns its end. A line's end is just past its newline, or `end`. */
export function pushLine(
  bytes: Uint8Array,
  at: number,
  start: number,
  end: number,
  newline: number,
  hits: number[],
): number {
  const from = at === start ? start : Math.max(start, bytes.lastIndexOf(newline, at - 1) + 1);
  const newlineAt = bytes.indexOf(newline, at);
  const to = newlineAt < 0 || newlineAt >= end ? end : newlineAt + 1;
  hits.push(from, to);
  return to;
}
