/** Builds one dictionary-encoded text column, and reads one back. */
import type { TextColumn } from './columns.ts';
import { NO_TEXT } from './columns.ts';
import { GrowingBytes, GrowingWords } from './growing.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Collects texts; equal ones share one entry. */
export class TextColumnBuilder {
  readonly #codeByText = new Map<string, number>();
  readonly #codes = new GrowingWords();
  readonly #offsets = new GrowingWords();
  readonly #heap = new GrowingBytes();
  readonly #maxBytes: number;
  readonly #none: number;

  /** Texts are cut to `maxBytes` of UTF-8; null becomes `none`. */
  constructor(maxBytes: number, none: number = NO_TEXT) {
    this.#maxBytes = maxBytes;
    this.#none = none;
    this.#offsets.push(0);
  }

  /** How many rows there are. */
  get length(): number {
    return this.#codes.length;
  }

  push(text: string | null): void {
    if (text === null) return this.#codes.push(this.#none);
    const known = this.#codeByText.get(text);
    if (known !== undefined) return this.#codes.push(known);
    const code = this.#codeByText.size;
    this.#codeByText.set(text, code);
    const bytes = encoder.encode(text);
    this.#heap.append(
      bytes.length > this.#maxBytes ? encoder.encode(decoder.decode(bytes.subarray(0, this.#maxBytes - 3))) : bytes,
    );
    this.#offsets.push(this.#heap.length);
    this.#codes.push(code);
  }

  finish(): TextColumn {
    return { codes: this.#codes.finish(), dictionary: { offsets: this.#offsets.finish(), heap: this.#heap.finish() } };
  }
}

/** Text of row `row`, `null` where it has none. */
export function textAt({ codes, dictionary }: TextColumn, row: number): string | null {
  const code = codes[row] ?? NO_TEXT;
  if (code === NO_TEXT) return null;
  return decoder.decode(dictionary.heap.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]));
}
