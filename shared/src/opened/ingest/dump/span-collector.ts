/**
 * Holds the bytes of one span (a row, or what lies between rows) while a machine reads on, whatever the chunks. A span over the
 * limit is handed on in windows that depend on the span alone, and never held whole.
 */

/** Windows of a long span overlap by this much, so that a term across their border is found in one. */
const OVERLAP_BYTES = 4_096;

export interface SpanSink {
  /** A whole row in `bytes[start..end)`, valid during the call only. */
  row(bytes: Uint8Array, start: number, end: number): void;
  /** Bytes that belong to no row. */
  other(bytes: Uint8Array, start: number, end: number): void;
  /** A piece of a row over the limit: the first `seenBytes` of the window came before already. */
  longPart(window: Uint8Array, seenBytes: number): void;
  longEnd(): void;
}

export class SpanCollector {
  readonly #sink: SpanSink;
  readonly #limit: number;
  readonly #overlap: number;
  #held = new Uint8Array(256);
  #heldBytes = 0;
  #seenBytes = 0;
  #isLong = false;

  constructor(sink: SpanSink, limitBytes: number) {
    this.#sink = sink;
    this.#limit = limitBytes;
    this.#overlap = Math.min(OVERLAP_BYTES, limitBytes >> 1);
  }

  /** More bytes of the current span, which goes on behind them. */
  hold(chunk: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      const taken = Math.min(this.#limit + 1 - this.#heldBytes, end - at);
      this.#grow(this.#heldBytes + taken);
      this.#held.set(chunk.subarray(at, at + taken), this.#heldBytes);
      this.#heldBytes += taken;
      at += taken;
      if (this.#heldBytes <= this.#limit) continue;
      this.#isLong = true;
      this.#sink.longPart(this.#held.subarray(0, this.#heldBytes), this.#seenBytes);
      this.#held.copyWithin(0, this.#heldBytes - this.#overlap, this.#heldBytes);
      this.#heldBytes = this.#overlap;
      this.#seenBytes = this.#overlap;
    }
  }

  /** `chunk[start..end)` ends the current span, a row. */
  endRow(chunk: Uint8Array, start: number, end: number): void {
    if (this.#heldBytes === 0 && !this.#isLong && end - start <= this.#limit) {
      if (end > start) this.#sink.row(chunk, start, end);
      return;
    }
    this.hold(chunk, start, end);
    if (this.#isLong) {
      if (this.#heldBytes > this.#seenBytes) {
        this.#sink.longPart(this.#held.subarray(0, this.#heldBytes), this.#seenBytes);
      }
      this.#sink.longEnd();
    } else if (this.#heldBytes > 0) this.#sink.row(this.#held, 0, this.#heldBytes);
    this.#heldBytes = 0;
    this.#seenBytes = 0;
    this.#isLong = false;
  }

  /** `chunk[start..end)` ends the current span, which turns out to be no row. Must be within the limit. */
  endOther(chunk: Uint8Array, start: number, end: number): void {
    if (this.#heldBytes > 0) {
      this.hold(chunk, start, end);
      this.#sink.other(this.#held, 0, this.#heldBytes);
      this.#heldBytes = 0;
    } else this.other(chunk, start, end);
  }

  /** Bytes of no row; nothing may be held when a machine says so. */
  other(chunk: Uint8Array, start: number, end: number): void {
    if (this.#heldBytes > 0 || this.#isLong) throw new Error('span collector: a row is open');
    if (end > start) this.#sink.other(chunk, start, end);
  }

  #grow(bytes: number): void {
    if (bytes <= this.#held.length) return;
    const grown = new Uint8Array(Math.min(this.#limit + 1, Math.max(bytes, this.#held.length * 2)));
    grown.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = grown;
  }
}
