/** The beginning of SQL statements, byte by byte: quotes, comments, and where their rows begin. */
import { fromUtf8 } from '../../../base/bytes.ts';

const BYTES = { newline: 10, double: 34, hash: 35, single: 39, open: 40, star: 42, dash: 45, slash: 47, semicolon: 59 };
const BACKSLASH = 92;
const BACKTICK = 96;
/** The rest of a longer head names no columns that we read. */
const MAX_HEAD_BYTES = 64 * 1024;
const VALUES_END = /(?:^|[\s)])VALUES$/i;
const COPY_FROM_STDIN = /^\s*COPY\s[^;]*\sFROM\s+stdin/i;

/** Follows quoted text; a doubled quote closes and opens again, which comes to the same. */
export class SqlQuotes {
  readonly #hasEscapes: boolean;
  #quote = 0;
  #isEscaped = false;

  constructor(hasEscapes: boolean) {
    this.#hasEscapes = hasEscapes;
  }

  get isInside(): boolean {
    return this.#quote !== 0;
  }

  /** True if `byte` is part of a quoted text, its quotes included. */
  take(byte: number): boolean {
    if (this.#quote === 0) {
      if (byte !== BYTES.single && byte !== BYTES.double && byte !== BACKTICK) return false;
      this.#quote = byte;
    } else if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH && this.#hasEscapes && this.#quote !== BACKTICK) this.#isEscaped = true;
    else if (byte === this.#quote) this.#quote = 0;
    return true;
  }
}

/** Reads heads one after the other and tells each statement once it is whole. */
export class SqlHead {
  readonly #quotes: SqlQuotes;
  readonly #onStatement: (head: string) => void;
  #text = new Uint8Array(1024);
  #length = 0;
  #comment: 'none' | 'line' | 'block' = 'none';
  #before = 0;

  constructor(hasEscapes: boolean, onStatement: (head: string) => void) {
    this.#quotes = new SqlQuotes(hasEscapes);
    this.#onStatement = onStatement;
  }

  /** `tuples`, `copy`: the statement's rows begin; `byte` itself is not taken and belongs to what follows. */
  take(byte: number): 'none' | 'tuples' | 'copy' {
    if (this.#comment !== 'none') {
      this.#followComment(byte);
      return 'none';
    }
    const wasInside = this.#quotes.isInside;
    const isQuoted = this.#quotes.take(byte);
    if (!isQuoted && this.#beginsComment(byte)) return 'none';
    if (!isQuoted && !wasInside && (byte <= 32 || byte === BYTES.open) && VALUES_END.test(this.#tail())) {
      this.#tell();
      return 'tuples';
    }
    if (!isQuoted && byte === BYTES.semicolon) {
      const isCopy = COPY_FROM_STDIN.test(this.#read());
      this.#tell();
      if (isCopy) return 'copy';
      return 'none';
    }
    this.#before = isQuoted ? 0 : byte;
    this.#put(byte);
    return 'none';
  }

  #beginsComment(byte: number): boolean {
    const isLine = byte === BYTES.hash || (byte === BYTES.dash && this.#before === BYTES.dash);
    const isBlock = byte === BYTES.star && this.#before === BYTES.slash;
    if (!isLine && !isBlock) return false;
    // The dash or slash before it was no part of the statement.
    if (byte !== BYTES.hash) this.#length = Math.max(0, this.#length - 1);
    this.#comment = isLine ? 'line' : 'block';
    this.#before = 0;
    return true;
  }

  #followComment(byte: number): void {
    const isOver =
      this.#comment === 'line' ? byte === BYTES.newline : byte === BYTES.slash && this.#before === BYTES.star;
    this.#before = isOver ? 0 : byte;
    if (isOver) this.#comment = 'none';
  }

  #put(byte: number): void {
    if (this.#length === MAX_HEAD_BYTES) return;
    if (this.#length === this.#text.length) {
      const grown = new Uint8Array(this.#text.length * 2);
      grown.set(this.#text);
      this.#text = grown;
    }
    this.#text[this.#length++] = byte;
  }

  #tail(): string {
    return String.fromCharCode(...this.#text.subarray(Math.max(0, this.#length - 8), this.#length));
  }

  #read(): string {
    return fromUtf8(this.#text.subarray(0, this.#length)) ?? '';
  }

  #tell(): void {
    this.#onStatement(this.#read());
    this.#length = 0;
    this.#before = 0;
  }
}
