/** The contract of the scanner engines, plain TypeScript and WebAssembly, with equal answers on any input. */

export interface LineScanner {
  /**
   * Appends start and end of each line of `bytes[start..end)` that holds a term to `hits`, in order. The range holds whole
   * lines; a line's end is just past its newline (or `end`). `newline` is 10, or 13 in files that have carriage returns only.
   *
   * @returns how many newlines the range has.
   */
  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): number;
}
