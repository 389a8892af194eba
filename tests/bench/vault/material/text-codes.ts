/** One dictionary-encoded text column of known length, filled by number where the text of a number is always the same. */
import type { TextColumn } from '@sealpost/shared/opened/bundle/columns';
import { NO_TEXT } from '@sealpost/shared/opened/bundle/columns';
import { GrowingBytes, GrowingWords } from '@sealpost/shared/opened/bundle/growing';

const encoder = new TextEncoder();

export class TextCodes {
  readonly #codes = new GrowingWords();
  readonly #offsets = new GrowingWords();
  readonly #heap = new GrowingBytes();
  readonly #codeByText = new Map<string, number>();
  readonly #codeByNumber = new Map<number, number>();

  constructor() {
    this.#offsets.push(0);
  }

  get length(): number {
    return this.#codes.length;
  }

  push(text: string | null): void {
    this.#codes.push(text === null ? NO_TEXT : this.codeOf(text));
  }

  /** `text` is that of `number`: looked at only when the number is new. */
  pushNumbered(number: number, text: string): void {
    let code = this.#codeByNumber.get(number);
    if (code === undefined) {
      code = this.codeOf(text);
      this.#codeByNumber.set(number, code);
    }
    this.#codes.push(code);
  }

  /** Codes that `codeOf` gave, or NO_TEXT. */
  append(codes: Uint32Array<ArrayBuffer>): void {
    this.#codes.append(codes);
  }

  codeOf(text: string): number {
    const known = this.#codeByText.get(text);
    if (known !== undefined) return known;
    const code = this.#codeByText.size;
    this.#codeByText.set(text, code);
    this.#heap.append(encoder.encode(text));
    this.#offsets.push(this.#heap.length);
    return code;
  }

  finish(): TextColumn {
    return {
      codes: this.#codes.finish(),
      dictionary: { offsets: this.#offsets.finish(), heap: this.#heap.finish() },
    };
  }
}
