/** Files of a machine that hold no credential: every byte counted under one rule, lines shown to a reader where one wants them. */
import type { LeafLedger } from '../ledger.ts';
import type { LeafRoute } from '../line-route.ts';
import type { IgnoreRule, LoadedRecord } from '../record.ts';
import type { TextSniff } from '../text/encoding.ts';
import type { FeedSink } from '../text/line-feed.ts';
import { LineFeed } from '../text/line-feed.ts';

export interface LineReading {
  readonly sniff: TextSniff;
  readonly sample: Uint8Array;
  readonly lineBytes: number;
  onLine(line: string): void;
}

export class SkimRoute implements LeafRoute, FeedSink {
  readonly dialect: string | null;
  readonly dialectConfidence = 0;
  readonly #rule: IgnoreRule;
  readonly #ledger: LeafLedger;
  readonly #reading: LineReading | null;
  readonly #feed: LineFeed | null;

  constructor(rule: IgnoreRule, ledger: LeafLedger, reading: LineReading | null = null, dialect: string | null = null) {
    this.#rule = rule;
    this.#ledger = ledger;
    this.#reading = reading;
    this.dialect = dialect;
    this.#feed = reading === null ? null : new LineFeed(reading.sniff, reading.sample, reading.lineBytes, this);
  }

  push(chunk: Uint8Array): void {
    this.#feed?.push(chunk);
  }

  end(): void {
    this.#feed?.end();
    if (this.#ledger.bytesIn > 0) this.#ledger.ignore(this.#rule, this.#ledger.bytesIn);
  }

  take(): LoadedRecord[] {
    return [];
  }

  lines(bytes: Uint8Array, start: number, end: number): void {
    if (this.#reading === null || this.#feed === null) return;
    for (let at = start; at < end;) {
      const newlineAt = bytes.indexOf(this.#feed.newline, at);
      const next = newlineAt < 0 || newlineAt >= end ? end : newlineAt + 1;
      this.#reading.onLine(this.#feed.decode(bytes, at, next));
      at = next;
    }
  }

  longPart(): void {
    // A line over the limit is in none of these files' grammars.
  }

  longEnd(): void {
    // As above.
  }
}
