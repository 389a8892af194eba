/**
 * Which lines of a file belong to a worker that was given the bytes `from..to` of it: those that start there. Ranges that cover a
 * file cover its lines, each once, whatever the cuts. Not for UTF-16, where a newline is two bytes.
 */

export class OwnedLines {
  /** Where to read from: the byte before the range tells whether a line starts with it. */
  readonly readFrom: number;
  readonly #to: number;
  readonly #newline: number;
  /** Offset of the next byte that comes in. */
  #at: number;
  #start: number | null;
  #isDone: boolean;

  constructor(from: number, to: number, newline: number) {
    this.readFrom = Math.max(0, from - 1);
    this.#to = to;
    this.#newline = newline;
    this.#at = this.readFrom;
    this.#start = from === 0 ? 0 : null;
    this.#isDone = from >= to;
  }

  /** Offset of the first line that belongs here; `null` as long as none came. */
  get start(): number | null {
    return this.#start;
  }

  /** The last line that belongs here is over: nothing more needs to be read. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** The part of the file's next bytes that belongs here, a view. Reads on past the range to the end of its last line. */
  take(chunk: Uint8Array): Uint8Array {
    const at = this.#at;
    this.#at += chunk.length;
    if (this.#isDone) return chunk.subarray(0, 0);
    let first = 0;
    if (this.#start === null) {
      first = chunk.indexOf(this.#newline) + 1;
      if (first === 0) return chunk.subarray(0, 0);
      if (at + first >= this.#to) {
        this.#isDone = true;
        return chunk.subarray(0, 0);
      }
      this.#start = at + first;
    }
    const last = chunk.indexOf(this.#newline, Math.max(first, this.#to - 1 - at));
    if (last < 0) return chunk.subarray(first);
    this.#isDone = true;
    return chunk.subarray(first, last + 1);
  }
}
