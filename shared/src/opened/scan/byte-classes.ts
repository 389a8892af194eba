/** Classes of bytes, and comparison without regard to ASCII case, for the plain scanner. */

/** Lower case of a host byte (letters, digits, `.`, `-`, `_`), 0 for all else. */
export const HOST = new Uint8Array(256);
/** ASCII lower case of any byte. */
export const LOWER = new Uint8Array(256);
/** 1 for letters and digits. */
export const WORD = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
  const isWord = (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
  LOWER[byte] = lower;
  WORD[byte] = isWord ? 1 : 0;
  HOST[byte] = isWord || byte === 0x2d || byte === 0x2e || byte === 0x5f ? lower : 0;
}

/** True if `bytes` holds `term`, which is lower case, from `start` on. */
export function standsAt(bytes: Uint8Array, start: number, end: number, term: Uint8Array): boolean {
  if (start + term.length > end) return false;
  for (let i = 0; i < term.length; i++) if (LOWER[bytes[start + i] as number] !== term[i]) return false;
  return true;
}

/** Four bytes from `at` on, bit 5 of each set: one case for letters, and near enough to tell the rest apart in a filter. */
export function foldedWord(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number) |
    0x20202020
  );
}
