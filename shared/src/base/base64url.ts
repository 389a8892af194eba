import type { Bytes } from './bytes.ts';

/** Base64url without padding (RFC 4648, section 5), canonical form only: one text for one byte string. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE_BY_CODE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) VALUE_BY_CODE[ALPHABET.charCodeAt(i)] = i;

/** Encodes `bytes`. */
export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text +=
      ALPHABET.charAt(group >>> 18) +
      ALPHABET.charAt((group >>> 12) & 63) +
      ALPHABET.charAt((group >>> 6) & 63) +
      ALPHABET.charAt(group & 63);
  }
  const rest = bytes.length - i;
  if (rest === 1) {
    const group = (bytes[i] as number) << 16;
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
  } else if (rest === 2) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63) + ALPHABET.charAt((group >>> 6) & 63);
  }
  return text;
}

/**
 * Decodes canonical base64url; `null` for padding, other alphabets, stray bits, or a wrong `length` (bytes) where one is given.
 * jose and Node accept sloppy forms, so signatures' inputs always pass here first.
 */
export function parseBase64url(text: string, length?: number): Bytes | null {
  const rest = text.length & 3;
  if (rest === 1) return null;
  const size = (text.length >>> 2) * 3 + (rest === 0 ? 0 : rest - 1);
  if (length !== undefined && size !== length) return null;
  const bytes = new Uint8Array(size);
  return parseBase64urlInto(text, bytes, 0, size) ? bytes : null;
}

/**
 * As `parseBase64url`, of exactly `length` bytes, into `bytes` from `at` on: makes nothing, for many short texts. What is written
 * means nothing where it answers `false`.
 */
export function parseBase64urlInto(text: string, bytes: Uint8Array, at: number, length: number): boolean {
  if (text.length !== Math.ceil((length * 4) / 3)) return false;
  let to = at;
  let i = 0;
  for (; i + 3 < text.length; i += 4) {
    const group =
      (valueAt(text, i) << 18) | (valueAt(text, i + 1) << 12) | (valueAt(text, i + 2) << 6) | valueAt(text, i + 3);
    if (group < 0) return false;
    bytes[to] = group >>> 16;
    bytes[to + 1] = group >>> 8;
    bytes[to + 2] = group;
    to += 3;
  }
  const rest = text.length - i;
  if (rest === 0) return true;
  // What the last character has beyond the last byte is zero.
  const group = (valueAt(text, i) << 18) | (valueAt(text, i + 1) << 12) | (rest === 3 ? valueAt(text, i + 2) << 6 : 0);
  if (group < 0 || (group & (rest === 3 ? 0xff : 0xffff)) !== 0) return false;
  bytes[to] = group >>> 16;
  if (rest === 3) bytes[to + 1] = group >>> 8;
  return true;
}

/** Six bits; negative for a character that is none of the alphabet, as is every number that it is shifted into. */
function valueAt(text: string, i: number): number {
  const code = text.charCodeAt(i);
  return code < 128 ? (VALUE_BY_CODE[code] as number) : -1;
}
