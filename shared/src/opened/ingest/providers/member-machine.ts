/** Finds the members of a flat JSON document: `"name": value` of an object, or the values of an array. Memory: one member. */
import { SpanCollector } from '../dump/span-collector.ts';
import type { SpanSink } from '../dump/span-collector.ts';
import type { SpanMachine } from '../dump/span-machine.ts';

const BYTES = {
  newline: 10,
  quote: 34,
  comma: 44,
  backslash: 92,
  openArray: 91,
  closeArray: 93,
  openObject: 123,
  closeObject: 125,
};

export class MemberMachine implements SpanMachine {
  readonly #collector: SpanCollector;
  #depth = 0;
  #isInside = false;
  #isEscaped = false;
  #isMember = false;

  constructor(sink: SpanSink, limitBytes: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#isInside) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BYTES.backslash) this.#isEscaped = true;
        // No JSON string holds a newline: the member is broken here, and the next one begins behind it.
        else if (byte === BYTES.quote || byte === BYTES.newline) this.#isInside = false;
        if (byte !== BYTES.newline) continue;
        this.#isEscaped = false;
        from = this.#endMember(chunk, from, at + 1);
        this.#depth = 1;
        continue;
      }
      if (byte === BYTES.quote) {
        this.#isInside = true;
        if (this.#depth === 1 && !this.#isMember) {
          this.#collector.other(chunk, from, at);
          from = at;
          this.#isMember = true;
        }
      } else if (byte === BYTES.openArray || byte === BYTES.openObject) this.#depth++;
      else if (byte === BYTES.closeArray || byte === BYTES.closeObject) {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#depth === 0) from = this.#endMember(chunk, from, at);
      } else if (byte === BYTES.comma && this.#depth === 1) from = this.#endMember(chunk, from, at + 1);
    }
    if (this.#isMember) this.#collector.hold(chunk, from, chunk.length);
    else this.#collector.other(chunk, from, chunk.length);
  }

  end(): void {
    if (this.#isMember) this.#collector.endRow(new Uint8Array(0), 0, 0);
  }

  /** Ends the member that is open, if one is, just before `at`; returns where what follows begins. */
  #endMember(chunk: Uint8Array, from: number, at: number): number {
    if (!this.#isMember) return from;
    this.#collector.endRow(chunk, from, at);
    this.#isMember = false;
    return at;
  }
}
