/**
 * The line route: one credential a line. Every line ends as not candidate, ignored by a rule, quarantined with a reason, or a
 * record, tested in this order (INGEST, Ledger). Bounded memory: one batch of records and one line.
 */
import type { SourceClass } from '../finding/finding.ts';
import type { LineScanner } from '../scan/scanner.ts';
import { hasSeparator, parseLine } from './dialects/choose.ts';
import { dialectName } from './dialects/dialect.ts';
import { junkFieldsRule, junkLineRule } from './dialects/junk.ts';
import type { LeafLedger } from './ledger.ts';
import { MAX_LINE } from './limits.ts';
import { decideLines } from './line-decision.ts';
import type { LineDecision, LineSample } from './line-decision.ts';
import { fieldsFit } from './record-fields.ts';
import type { LoadedRecord } from './record.ts';
import { secretFields } from './secret-form.ts';
import type { FeedSink } from './text/line-feed.ts';
import { LineFeed } from './text/line-feed.ts';

/** What every route of a leaf does: takes its bytes in chunks of any size, gives records. */
export interface LeafRoute {
  readonly dialect: string | null;
  readonly dialectConfidence: number;
  push(chunk: Uint8Array): void;
  end(): void;
  /** Records since the last call. */
  take(): LoadedRecord[];
  /** Awaited after `push` and `end`, by routes that have others work for them: holds their caller back, or has all answers in. */
  ready?(): Promise<void>;
  /**
   * Goes on at `offset`, where a line begins, before anything was pushed; the next byte pushed is the one there. Only routes have
   * it whose accounted bytes are always the leaf's first ones and which remember nothing of them.
   */
  resumeAt?(offset: number): void;
}

export interface LineRouteOptions extends LineSample {
  /** `null`: every line is a candidate. */
  readonly scanner: LineScanner | null;
  /** `null`: `ulp` for records with a URL, `combo` without. */
  readonly sourceClass: SourceClass | null;
  readonly ledger: LeafLedger;
  /** Where the first line that comes in begins in the leaf, for a worker that owns a part of it (`OwnedLines`); 0 if left out. */
  readonly startOffset?: number;
  /** What `decideLines` says of the sample, where it was asked before. */
  readonly decision?: LineDecision;
}

export class LineRoute implements LeafRoute, FeedSink {
  readonly dialect: string | null;
  readonly dialectConfidence: number;
  readonly #options: LineRouteOptions;
  readonly #decision: LineDecision;
  readonly #feed: LineFeed;
  readonly #hits: number[] = [];
  #records: LoadedRecord[] = [];
  #isLongCandidate = false;

  constructor(options: LineRouteOptions) {
    this.#options = options;
    const startOffset = options.startOffset ?? 0;
    this.#feed = new LineFeed(options.sniff, options.sample, options.lineBytes, this, startOffset);
    this.#decision = options.decision ?? decideLines(options);
    const { frozen } = this.#decision;
    this.dialect = frozen === null ? null : dialectName(frozen);
    this.dialectConfidence = frozen?.confidence ?? 0;
    if (options.sniff.bomBytes > 0 && startOffset === 0) options.ledger.ignore('bom', options.sniff.bomBytes);
  }

  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  resumeAt(offset: number): void {
    this.#feed.resumeAt(offset);
  }

  end(): void {
    const { strayBytes, offset } = this.#feed.end();
    if (strayBytes > 0) this.#options.ledger.quarantine('truncated', offset, strayBytes);
  }

  take(): LoadedRecord[] {
    const taken = this.#records;
    if (taken.length > 0) this.#records = [];
    return taken;
  }

  lines(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { scanner, ledger } = this.#options;
    if (scanner === null) {
      for (let at = start, place = offset; at < end;) {
        const newlineAt = bytes.indexOf(this.#feed.newline, at);
        const next = newlineAt < 0 || newlineAt >= end ? end : newlineAt + 1;
        place += this.#line(bytes, at, next, place);
        at = next;
      }
      return;
    }
    const hits = this.#hits;
    hits.length = 0;
    scanner.scan(bytes, start, end, this.#feed.newline, hits);
    let at = start;
    let place = offset;
    for (let i = 0; i < hits.length; i += 2) {
      const from = hits[i] as number;
      const to = hits[i + 1] as number;
      if (from > at) {
        const skipped = this.#feed.originalLength(bytes, at, from);
        ledger.notCandidate(skipped);
        place += skipped;
      }
      place += this.#line(bytes, from, to, place);
      at = to;
    }
    if (end > at) ledger.notCandidate(this.#feed.originalLength(bytes, at, end));
  }

  longPart(window: Uint8Array): void {
    const { scanner } = this.#options;
    if (scanner === null) this.#isLongCandidate = true;
    if (this.#isLongCandidate || scanner === null) return;
    this.#hits.length = 0;
    scanner.scan(window, 0, window.length, this.#feed.newline, this.#hits);
    this.#isLongCandidate = this.#hits.length > 0;
  }

  longEnd(offset: number, length: number): void {
    if (this.#isLongCandidate) this.#options.ledger.quarantine('line-too-long', offset, length);
    else this.#options.ledger.notCandidate(length);
    this.#isLongCandidate = false;
  }

  /** Accounts for one candidate line; returns its length in the original. */
  #line(bytes: Uint8Array, start: number, end: number, offset: number): number {
    const { ledger, sourceClass } = this.#options;
    const { frozen, secrets } = this.#decision;
    const length = this.#feed.originalLength(bytes, start, end);
    const line = this.#feed.decode(bytes, start, end);
    const lineRule = junkLineRule(line);
    if (lineRule !== null) {
      ledger.ignore(lineRule, length);
      return length;
    }
    if (line.length > MAX_LINE) {
      ledger.quarantine('field-too-long', offset, length);
      return length;
    }
    const fields = parseLine(line, frozen);
    const fieldsRule = junkFieldsRule(line, fields);
    if (fieldsRule !== null) {
      ledger.ignore(fieldsRule, length);
    } else if (fields === null) {
      ledger.quarantine(hasSeparator(line) ? 'ambiguous-split' : 'no-separator', offset, length);
    } else if (!fieldsFit(fields.url, fields.login, fields.password)) {
      ledger.quarantine('field-too-long', offset, length);
    } else {
      ledger.record(length);
      this.#records.push({
        provenance: { entry: ledger.path, offset, length },
        url: fields.url,
        login: fields.login,
        ...secretFields(fields.password, secrets),
        application: fields.application,
        sourceClass: sourceClass ?? (fields.url === '' ? 'combo' : 'ulp'),
        machine: null,
        confidence: fields.confidence,
        cookieState: 'none',
      });
    }
    return length;
  }
}
