/**
 * UTF-16 to UTF-8 as a stream, without loss: unpaired surrogates become three bytes, so that the length in the original is a
 * function of the UTF-8 bytes and offsets never drift.
 */

/** Transcodes chunks cut anywhere. */
export class Utf16Transcoder {
  readonly #isBigEndian: boolean;
  #odd = -1;
  #lead = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  push(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(((chunk.length + 1) >> 1) * 3 + 6);
    let length = 0;
    let at = 0;
    if (this.#odd >= 0 && chunk.length > 0) {
      length = this.#unit(this.#join(this.#odd, chunk[0] as number), out, length);
      this.#odd = -1;
      at = 1;
    }
    for (; at + 1 < chunk.length; at += 2) {
      length = this.#unit(this.#join(chunk[at] as number, chunk[at + 1] as number), out, length);
    }
    if (at < chunk.length) this.#odd = chunk[at] as number;
    return out.subarray(0, length);
  }

  /** What is left at the end; a single last byte is no character: `strayBytes` is then 1. */
  end(): { readonly bytes: Uint8Array; readonly strayBytes: number } {
    const out = new Uint8Array(3);
    const length = this.#lead === 0 ? 0 : writeUnit(this.#lead, out, 0);
    this.#lead = 0;
    return { bytes: out.subarray(0, length), strayBytes: this.#odd >= 0 ? 1 : 0 };
  }

  #join(first: number, second: number): number {
    return this.#isBigEndian ? (first << 8) | second : (second << 8) | first;
  }

  #unit(unit: number, out: Uint8Array, at: number): number {
    let length = at;
    if (this.#lead !== 0) {
      const lead = this.#lead;
      this.#lead = 0;
      if (unit >= 0xdc00 && unit <= 0xdfff) {
        const point = 0x10000 + ((lead - 0xd800) << 10) + (unit - 0xdc00);
        out[length++] = 0xf0 | (point >> 18);
        out[length++] = 0x80 | ((point >> 12) & 63);
        out[length++] = 0x80 | ((point >> 6) & 63);
        out[length++] = 0x80 | (point & 63);
        return length;
      }
      length = writeUnit(lead, out, length);
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      this.#lead = unit;
      return length;
    }
    return writeUnit(unit, out, length);
  }
}

/** Bytes that `bytes[start..end)`, made by the transcoder, had in UTF-16. */
export function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 4 : 2;
  }
  return length;
}

function writeUnit(unit: number, out: Uint8Array, at: number): number {
  if (unit < 0x80) {
    out[at] = unit;
    return at + 1;
  }
  if (unit < 0x800) {
    out[at] = 0xc0 | (unit >> 6);
    out[at + 1] = 0x80 | (unit & 63);
    return at + 2;
  }
  out[at] = 0xe0 | (unit >> 12);
  out[at + 1] = 0x80 | ((unit >> 6) & 63);
  out[at + 2] = 0x80 | (unit & 63);
  return at + 3;
}
