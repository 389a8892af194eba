/** Finds the rows of JSON text: objects at one depth of a document, or one object a line. Memory: one row. */
import type { SpanSink } from './span-collector.ts';
import { SpanCollector } from './span-collector.ts';
import type { SpanMachine } from './span-machine.ts';

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

/** Rows are objects at one depth. */
export class JsonMachine implements SpanMachine {
  readonly #collector: SpanCollector;
  readonly #rowDepth: number;
  #depth = 0;
  #isInside = false;
  #isEscaped = false;
  #state: 'between' | 'row' | 'behind' = 'between';

  constructor(sink: SpanSink, limitBytes: number, rowDepth: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
    this.#rowDepth = rowDepth;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#isInside) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BYTES.backslash) this.#isEscaped = true;
        else if (byte === BYTES.quote) this.#isInside = false;
        if (byte === BYTES.newline) at = this.#giveUpRow(chunk, from, at);
        if (byte === BYTES.newline) from = at + 1;
        continue;
      }
      if (this.#state === 'behind' && byte > 32 && byte !== BYTES.comma) {
        this.#collector.endRow(chunk, from, at);
        from = at;
        this.#state = 'between';
      }
      if (byte === BYTES.quote) this.#isInside = true;
      else if (byte === BYTES.openObject || byte === BYTES.openArray) {
        if (this.#state === 'between' && byte === BYTES.openObject && this.#depth === this.#rowDepth) {
          this.#collector.other(chunk, from, at);
          from = at;
          this.#state = 'row';
        }
        this.#depth++;
      } else if (byte === BYTES.closeObject || byte === BYTES.closeArray) {
        this.#depth = Math.max(0, this.#depth - 1);
        if (this.#state === 'row' && this.#depth === this.#rowDepth) this.#state = 'behind';
      }
    }
    if (this.#state === 'between') this.#collector.other(chunk, from, chunk.length);
    else this.#collector.hold(chunk, from, chunk.length);
  }

  end(): void {
    if (this.#state !== 'between') this.#collector.endRow(new Uint8Array(0), 0, 0);
  }

  /** No JSON string holds a newline: the row is broken here, and the next one begins behind it. */
  #giveUpRow(chunk: Uint8Array, from: number, at: number): number {
    this.#isInside = false;
    this.#isEscaped = false;
    if (this.#state === 'between') this.#collector.other(chunk, from, at + 1);
    else this.#collector.endRow(chunk, from, at + 1);
    this.#state = 'between';
    this.#depth = this.#rowDepth;
    return at;
  }
}

/** Rows are lines. */
export class LineMachine implements SpanMachine {
  readonly #collector: SpanCollector;

  constructor(sink: SpanSink, limitBytes: number) {
    this.#collector = new SpanCollector(sink, limitBytes);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(BYTES.newline); at >= 0; at = chunk.indexOf(BYTES.newline, from)) {
      this.#collector.endRow(chunk, from, at + 1);
      from = at + 1;
    }
    this.#collector.hold(chunk, from, chunk.length);
  }

  end(): void {
    this.#collector.endRow(new Uint8Array(0), 0, 0);
  }
}
