/** Codes in the narrowest array that holds them: most dictionaries have under 65,536 entries, many under 256. */
import type { Codes } from './hot-columns.ts';

/** An array for `rows` codes of up to `largest`. */
export function codesFor(largest: number, rows: number): Codes {
  if (largest <= 0xff) return new Uint8Array(rows);
  return largest <= 0xffff ? new Uint16Array(rows) : new Uint32Array(rows);
}

/** `codes`, none above `largest`: itself or a narrower copy. */
export function narrowCodes(codes: Uint32Array<ArrayBuffer>, largest: number): Codes {
  if (largest > 0xffff) return codes;
  const narrow = codesFor(largest, codes.length);
  narrow.set(codes);
  return narrow;
}
