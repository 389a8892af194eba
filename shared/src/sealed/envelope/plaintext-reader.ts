import type { ByteSource } from '../../base/byte-source.ts';

/** Reads a decrypted file in lines and pieces. Knows whether a failure was the file's, so that it is told from a caller's. */
export class PlaintextReader {
  /** Bytes handed out so far. */
  position = 0;
  /** True once the file itself failed: it is damaged, or its source broke off. */
  hasFailed = false;

  readonly #source: ByteSource;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Text up to the next LF, which is consumed; `null` if none comes within `maxLength` bytes, or if a byte is not ASCII. */
  async readLine(maxLength: number): Promise<string | null> {
    let line = '';
    for (;;) {
      const chunk = await this.#next();
      if (chunk === null) return null;
      const end = chunk.indexOf(0x0a);
      const part = end < 0 ? chunk : chunk.subarray(0, end);
      if (line.length + part.length > maxLength) return null;
      for (const byte of part) {
        if (byte > 0x7e) return null;
        line += String.fromCharCode(byte);
      }
      const taken = end < 0 ? chunk.length : end + 1;
      this.position += taken;
      this.#held = chunk.subarray(taken);
      if (end >= 0) return line;
    }
  }

  /** The next 1 to `maxLength` bytes, or `null` at the end. The chunk is only good until the next read. */
  async read(maxLength: number): Promise<Uint8Array | null> {
    const chunk = await this.#next();
    if (chunk === null) return null;
    const part = chunk.subarray(0, maxLength);
    this.#held = chunk.subarray(part.length);
    this.position += part.length;
    return part;
  }

  async #next(): Promise<Uint8Array | null> {
    while (this.#held.length === 0) {
      let next;
      try {
        next = await this.#source.next();
      } catch (error) {
        this.hasFailed = true;
        throw error;
      }
      if (next === null) return null;
      this.#held = next;
    }
    return this.#held;
  }
}
