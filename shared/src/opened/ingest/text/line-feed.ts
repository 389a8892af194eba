/**
 * Turns a leaf's bytes into lines with their place in the original: skips the BOM, transcodes UTF-16, finds the newline in use,
 * decodes single lines on demand. The one place that knows that offsets are those of the stored bytes.
 */
import { decoderOf, STRICT_UTF8 } from './decoders.ts';
import type { ByteEncoding, Encoding, TextSniff } from './encoding.ts';
import { LineSplitter } from './line-splitter.ts';
import { Utf16Transcoder, utf16Length } from './utf16.ts';

const LF = 10;
const CR = 13;

export interface FeedSink {
  /** Whole lines in `bytes[start..end)`; `offset` is where the first begins in the original. */
  lines(bytes: Uint8Array, start: number, end: number, offset: number): void;
  /** A window of a line over the limit. */
  longPart(window: Uint8Array): void;
  /** The whole long line. */
  longEnd(offset: number, length: number): void;
}

export class LineFeed {
  readonly newline: number;
  readonly #sniff: TextSniff;
  readonly #splitter: LineSplitter;
  readonly #transcoder: Utf16Transcoder | null;
  readonly #isWide: boolean;
  #bomLeft: number;
  #offset: number;
  #longBytes = 0;
  readonly #lossy: TextDecoder;

  /** `sample` are the first bytes of the leaf as stored; what comes in begins at `startOffset`, with a line. */
  constructor(sniff: TextSniff, sample: Uint8Array, limitBytes: number, sink: FeedSink, startOffset = 0) {
    this.#sniff = sniff;
    this.#isWide = sniff.encoding === 'utf-16le' || sniff.encoding === 'utf-16be';
    this.#transcoder = this.#isWide ? new Utf16Transcoder(sniff.encoding === 'utf-16be') : null;
    this.#lossy = decoderOf(wideless(sniff.encoding, sniff.fallback));
    this.#bomLeft = startOffset === 0 ? sniff.bomBytes : 0;
    this.#offset = Math.max(startOffset, sniff.bomBytes);
    const plain = this.#sampleBytes(sample);
    this.newline = plain.includes(LF) || !plain.includes(CR) ? LF : CR;
    this.#splitter = new LineSplitter(
      {
        lines: (bytes, start, end) => {
          const offset = this.#offset;
          this.#offset += this.originalLength(bytes, start, end);
          sink.lines(bytes, start, end, offset);
        },
        longPart: (window, seenBytes) => {
          this.#longBytes += this.originalLength(window, seenBytes, window.length);
          sink.longPart(window);
        },
        longEnd: () => {
          sink.longEnd(this.#offset, this.#longBytes);
          this.#offset += this.#longBytes;
          this.#longBytes = 0;
        },
      },
      this.newline,
      limitBytes,
    );
  }

  /** Goes on at `offset` of the original, where a line begins, instead of at its start. */
  resumeAt(offset: number): void {
    this.#offset = offset;
    this.#bomLeft = 0;
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#bomLeft > 0) {
      const skipped = Math.min(this.#bomLeft, bytes.length);
      this.#bomLeft -= skipped;
      bytes = bytes.subarray(skipped);
    }
    if (bytes.length === 0) return;
    this.#splitter.push(this.#transcoder === null ? bytes : this.#transcoder.push(bytes));
  }

  /** Ends the last line; returns the bytes that are no character (half a UTF-16 unit) and their place. */
  end(): { readonly strayBytes: number; readonly offset: number } {
    const last = this.#transcoder?.end();
    if (last !== undefined && last.bytes.length > 0) this.#splitter.push(last.bytes);
    this.#splitter.end();
    return { strayBytes: last?.strayBytes ?? 0, offset: this.#offset };
  }

  /** Length in the original of bytes that `lines` handed on. */
  originalLength(bytes: Uint8Array, start: number, end: number): number {
    return this.#isWide ? utf16Length(bytes, start, end) : end - start;
  }

  /** Text of one line, without its newline and without NULs at its ends. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    let to = end;
    if (to > start && bytes[to - 1] === this.newline) to--;
    if (to > start && bytes[to - 1] === CR) to--;
    while (to > start && bytes[to - 1] === 0) to--;
    let from = start;
    while (from < to && bytes[from] === 0) from++;
    const line = bytes.subarray(from, to);
    if (this.#isWide) return this.#lossy.decode(line);
    if (this.#sniff.encoding !== 'utf-8') return this.#lossy.decode(line);
    try {
      return STRICT_UTF8.decode(line);
    } catch {
      // Not UTF-8: a line of another encoding in a UTF-8 file is read by the second guess, never lost.
      return this.#lossy.decode(line);
    }
  }

  /** Lines of the sample as text, the last one left out if it may be cut. */
  *sampleLines(sample: Uint8Array, isWhole: boolean): Generator<string, void, undefined> {
    const plain = this.#sampleBytes(sample);
    for (let at = 0; at < plain.length;) {
      const next = plain.indexOf(this.newline, at) + 1;
      if (next === 0) {
        if (isWhole || at === 0) yield this.decode(plain, at, plain.length);
        return;
      }
      yield this.decode(plain, at, next);
      at = next;
    }
  }

  #sampleBytes(sample: Uint8Array): Uint8Array {
    const body = sample.subarray(this.#sniff.bomBytes);
    return this.#isWide ? new Utf16Transcoder(this.#sniff.encoding === 'utf-16be').push(body) : body;
  }
}

/** What decodes lines that are not UTF-8; UTF-16 has become UTF-8 by then. */
function wideless(encoding: Encoding, fallback: ByteEncoding): ByteEncoding {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return 'utf-8';
  return encoding === 'utf-8' ? fallback : encoding;
}
