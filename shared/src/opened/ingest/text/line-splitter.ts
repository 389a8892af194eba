/**
 * Cuts a byte stream into whole lines, whatever its chunks. Never holds more than one line's limit: a longer line is handed on
 * in windows that depend on the line alone, not on the chunks.
 */

/** Windows of a long line overlap by this much (half the limit at most), so that a term across their border is found in one. */
const OVERLAP_BYTES = 4_096;
/** Most files of a stealer log are smaller than the limit, and come in one piece: a buffer for each would be most of the work. */
const FIRST_HELD_BYTES = 256;
const NOTHING = new Uint8Array(0);

export interface LineSink {
  /** Whole lines in `bytes[start..end)`, each with its newline but perhaps the very last. Valid during the call only. */
  lines(bytes: Uint8Array, start: number, end: number): void;
  /** A piece of a line over the limit: the first `seenBytes` of the window came before already. */
  longPart(window: Uint8Array, seenBytes: number): void;
  /** The long line is over. */
  longEnd(): void;
}

export class LineSplitter {
  readonly #sink: LineSink;
  readonly #newline: number;
  readonly #limit: number;
  readonly #overlap: number;
  /** The line that is not over yet, or the current window of a long one; grows up to the limit and one byte. */
  #held = NOTHING;
  #heldBytes = 0;
  #isLong = false;
  /** Bytes at the start of the window that were in the one before. */
  #seenBytes = 0;

  constructor(sink: LineSink, newline: number, limitBytes: number) {
    this.#sink = sink;
    this.#newline = newline;
    this.#limit = limitBytes;
    this.#overlap = Math.min(OVERLAP_BYTES, limitBytes >> 1);
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    if (this.#heldBytes > 0 || this.#isLong) at = this.#continueLine(chunk);
    if (at >= chunk.length) return;
    let to = chunk.lastIndexOf(this.#newline) + 1;
    if (to > at) this.#wholeLines(chunk, at, to);
    else to = at;
    if (to < chunk.length) this.#hold(chunk, to, chunk.length);
  }

  end(): void {
    if (this.#isLong) this.#endLong();
    else if (this.#heldBytes > 0) this.#sink.lines(this.#held, 0, this.#heldBytes);
    this.#heldBytes = 0;
  }

  #continueLine(chunk: Uint8Array): number {
    const newlineAt = chunk.indexOf(this.#newline);
    const to = newlineAt < 0 ? chunk.length : newlineAt + 1;
    this.#hold(chunk, 0, to);
    if (newlineAt < 0) return to;
    if (this.#isLong) this.#endLong();
    else this.#sink.lines(this.#held, 0, this.#heldBytes);
    this.#heldBytes = 0;
    return to;
  }

  /** Lines straight from the chunk; those over the limit take the other way. Newlines are looked for once in a limit, not line by line. */
  #wholeLines(chunk: Uint8Array, start: number, end: number): void {
    let from = start;
    for (let at = start; end - at > this.#limit + 1;) {
      const next = chunk.lastIndexOf(this.#newline, at + this.#limit) + 1;
      if (next > at) {
        at = next;
        continue;
      }
      if (at > from) this.#sink.lines(chunk, from, at);
      const longTo = chunk.indexOf(this.#newline, at + this.#limit) + 1;
      this.#hold(chunk, at, longTo);
      this.#endLong();
      this.#heldBytes = 0;
      from = longTo;
      at = longTo;
    }
    if (end > from) this.#sink.lines(chunk, from, end);
  }

  #hold(chunk: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const taken = Math.min(this.#limit + 1 - this.#heldBytes, end - at);
      this.#grow(this.#heldBytes + taken);
      this.#held.set(chunk.subarray(at, at + taken), this.#heldBytes);
      this.#heldBytes += taken;
      at += taken;
      // A line of exactly the limit and its newline still fits; one byte more, and it is long.
      if (this.#heldBytes <= this.#limit || this.#held[this.#heldBytes - 1] === this.#newline) continue;
      this.#isLong = true;
      this.#sink.longPart(this.#held.subarray(0, this.#heldBytes), this.#seenBytes);
      this.#held.copyWithin(0, this.#heldBytes - this.#overlap, this.#heldBytes);
      this.#heldBytes = this.#overlap;
      this.#seenBytes = this.#overlap;
    }
  }

  #grow(bytes: number): void {
    if (bytes <= this.#held.length) return;
    const grown = new Uint8Array(Math.min(this.#limit + 1, Math.max(bytes, FIRST_HELD_BYTES, this.#held.length * 2)));
    grown.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = grown;
  }

  #endLong(): void {
    if (this.#heldBytes > this.#seenBytes) {
      this.#sink.longPart(this.#held.subarray(0, this.#heldBytes), this.#seenBytes);
    }
    this.#sink.longEnd();
    this.#isLong = false;
    this.#seenBytes = 0;
  }
}
