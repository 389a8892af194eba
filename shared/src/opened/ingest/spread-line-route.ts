/**
 * The line route of a large leaf where there are readers to spread it over: cuts it into parts at line ends, has them read side by
 * side, and takes their answers in the order of the leaf. The same records in the same order and the same ledger as `LineRoute`
 * gives alone. Not for UTF-16, where a newline is two bytes.
 */
import type { LeafLedger } from './ledger.ts';
import { dialectName } from './dialects/dialect.ts';
import { decideLines } from './line-decision.ts';
import type { LineDecision } from './line-decision.ts';
import { LinePart } from './line-part.ts';
import type { LinePartResult, LinesOfLeaf } from './line-part.ts';
import type { LineReaders, OpenLines } from './line-readers.ts';
import type { LeafRoute } from './line-route.ts';
import type { LineScanner } from '../scan/scanner.ts';
import type { LoadedRecord } from './record.ts';

/** Bytes of a part: long enough that its message costs nothing, short enough for the caches. */
const PART_BYTES = 1 << 20;

export interface SpreadOptions {
  readonly lines: LinesOfLeaf;
  readonly readers: LineReaders;
  /** For lines that are longer than a part, which are read here. */
  readonly scanner: LineScanner | null;
  readonly ledger: LeafLedger;
  /** 1 MiB if left out. */
  readonly partBytes?: number;
}

export class SpreadLineRoute implements LeafRoute {
  readonly dialect: string | null;
  readonly dialectConfidence: number;
  readonly #options: SpreadOptions;
  readonly #decision: LineDecision;
  readonly #partBytes: number;
  readonly #open: OpenLines;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  /** Parts in the leaf's order, those that were not taken yet. */
  readonly #parts: { result: LinePartResult | null }[] = [];
  /** Parts that readers have not answered. */
  #under = 0;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;
  #buffer: Uint8Array<ArrayBuffer>;
  #held = 0;
  /** Where the held bytes begin in the leaf. */
  #offset = 0;
  /** A line that is longer than a part. */
  #long: LinePart | null = null;
  #isEnded = false;

  constructor(options: SpreadOptions) {
    this.#options = options;
    this.#decision = decideLines(options.lines);
    const { frozen } = this.#decision;
    this.dialect = frozen === null ? null : dialectName(frozen);
    this.dialectConfidence = frozen?.confidence ?? 0;
    this.#partBytes = options.partBytes ?? PART_BYTES;
    this.#open = options.readers.open(options.lines);
    this.#buffer = this.#takeBuffer();
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#long !== null) {
        at = this.#continueLong(this.#long, chunk, at);
        continue;
      }
      const taken = Math.min(this.#partBytes - this.#held, chunk.length - at);
      this.#buffer.set(chunk.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      if (this.#held === this.#partBytes) this.#cut();
    }
  }

  resumeAt(offset: number): void {
    this.#offset = offset;
  }

  end(): void {
    this.#isEnded = true;
    if (this.#long !== null) this.#endLong(this.#long);
    else if (this.#held > 0) this.#send(this.#held);
  }

  async ready(): Promise<void> {
    const most = this.#isEnded ? 0 : this.#options.readers.atOnce;
    while (this.#failure === null && this.#under > most) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isEnded || this.#failure !== null) this.#open.close();
    if (this.#failure !== null) throw this.#failure.error;
  }

  take(): LoadedRecord[] {
    const records: LoadedRecord[] = [];
    for (let result = this.#parts[0]?.result; result; result = this.#parts[0]?.result) {
      this.#parts.shift();
      this.#options.ledger.add(result.totals, result.quarantine, result.quarantineDropped);
      for (const record of result.records) records.push(record);
    }
    return records;
  }

  /** Sends whole lines of the full buffer; what is left of it begins the next. */
  #cut(): void {
    const length = this.#buffer.lastIndexOf(this.#decision.newline) + 1;
    if (length > 0) {
      this.#send(length);
      return;
    }
    const { lines, scanner } = this.#options;
    this.#long = new LinePart(lines, this.#decision, scanner, this.#offset);
    this.#long.push(this.#buffer);
    this.#offset += this.#held;
    this.#held = 0;
  }

  #send(length: number): void {
    const full = this.#buffer;
    const next = this.#takeBuffer();
    next.set(full.subarray(length, this.#held));
    this.#buffer = next;
    this.#held -= length;
    const part: { result: LinePartResult | null } = { result: null };
    this.#parts.push(part);
    this.#under++;
    this.#open
      .read(this.#offset, full, length, (buffer) => this.#free.push(buffer))
      .then(
        (result) => {
          part.result = result;
        },
        (error: unknown) => {
          this.#failure = { error };
        },
      )
      .finally(() => {
        this.#under--;
        this.#wake?.();
      });
    this.#offset += length;
  }

  /** Returns where in the chunk the long line is over. */
  #continueLong(long: LinePart, chunk: Uint8Array, at: number): number {
    const newlineAt = chunk.indexOf(this.#decision.newline, at);
    const to = newlineAt < 0 ? chunk.length : newlineAt + 1;
    long.push(chunk.subarray(at, to));
    this.#offset += to - at;
    if (newlineAt >= 0) this.#endLong(long);
    return to;
  }

  #endLong(long: LinePart): void {
    this.#parts.push({ result: long.end() });
    this.#long = null;
  }

  #takeBuffer(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.#partBytes);
  }
}
