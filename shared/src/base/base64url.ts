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

/** Texts of many values of `length` bytes each, one behind the other. Cost: some 50 ns for an id of 16 bytes, a third of one call each. */
export function toBase64urlAll(bytes: Uint8Array, length: number): string[] {
  const size = Math.ceil((length * 4) / 3);
  const texts: string[] = [];
  const codes = new Uint8Array(Math.min(bytes.length / length, AT_ONCE) * size);
  for (let from = 0; from < bytes.length; from += AT_ONCE * length) {
    const some = bytes.subarray(from, from + AT_ONCE * length);
    const count = some.length / length;
    encodeSome(some, length, codes, size);
    const text = decoder.decode(codes.subarray(0, count * size));
    for (let i = 0; i < count; i++) texts.push(text.slice(i * size, (i + 1) * size));
  }
  return texts;
}

/** ASCII codes of each value of `length` bytes. */
function encodeSome(bytes: Uint8Array, length: number, codes: Uint8Array, size: number): void {
  for (let at = 0, to = 0; at < bytes.length; at += length, to += size) encodeOne(bytes, at, at + length, codes, to);
}

function encodeOne(bytes: Uint8Array, from: number, end: number, codes: Uint8Array, to: number): void {
  let at = to;
  let i = from;
  for (; i + 2 < end; i += 3, at += 4) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    codes[at] = CODES[group >>> 18] as number;
    codes[at + 1] = CODES[(group >>> 12) & 63] as number;
    codes[at + 2] = CODES[(group >>> 6) & 63] as number;
    codes[at + 3] = CODES[group & 63] as number;
  }
  if (i === end) return;
  const group = ((bytes[i] as number) << 16) | (i + 1 < end ? (bytes[i + 1] as number) << 8 : 0);
  codes[at] = CODES[group >>> 18] as number;
  codes[at + 1] = CODES[(group >>> 12) & 63] as number;
  if (i + 1 < end) codes[at + 2] = CODES[(group >>> 6) & 63] as number;
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
 * Bytes of many texts of `length` bytes each, one behind the other; `null` if one of them is not canonical or of another length. They
 * stand in `into` where that is large enough. Cost: some 50 ns for an id of 16 bytes, a third of one call each.
 */
export function parseBase64urlAll(texts: readonly string[], length: number, into?: Bytes): Bytes | null {
  const size = Math.ceil((length * 4) / 3);
  const total = texts.length * length;
  const bytes = into !== undefined && into.length >= total ? into.subarray(0, total) : new Uint8Array(total);
  const codes = new Uint8Array(Math.min(texts.length, AT_ONCE) * size);
  for (let from = 0; from < texts.length; from += AT_ONCE) {
    if (!decodeSome(texts.slice(from, from + AT_ONCE), codes, size, bytes, from * length, length)) return null;
  }
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CODES = Uint8Array.from(ALPHABET, (one) => one.charCodeAt(0));
/** Texts that are decoded in a buffer small enough to stay in the cache. */
const AT_ONCE = 512;

// One loop a function: engines compile that once, and a loop around another one again each time it is left.

/** Decodes few texts, by way of their `codes`. */
function decodeSome(
  texts: readonly string[],
  codes: Uint8Array<ArrayBuffer>,
  size: number,
  bytes: Uint8Array,
  at: number,
  length: number,
): boolean {
  const { read, written } = encoder.encodeInto(texts.join(''), codes);
  // A character that is not ASCII takes more than one byte.
  if (read !== texts.length * size || written !== read) return false;
  for (let i = 0; i < texts.length; i++) {
    if (texts[i]?.length !== size || !decodeOne(codes, i * size, size, bytes, at + i * length)) return false;
  }
  return true;
}

/** Decodes the `size` ASCII codes from `i` on. */
function decodeOne(codes: Uint8Array, i: number, size: number, bytes: Uint8Array, to: number): boolean {
  const rest = size & 3;
  const end = i + size - rest;
  // Negative once a character was none of the alphabet.
  let seen = 0;
  for (; i < end; i += 4) {
    const group =
      (codeValue(codes, i) << 18) |
      (codeValue(codes, i + 1) << 12) |
      (codeValue(codes, i + 2) << 6) |
      codeValue(codes, i + 3);
    seen |= group;
    bytes[to] = group >>> 16;
    bytes[to + 1] = group >>> 8;
    bytes[to + 2] = group;
    to += 3;
  }
  if (rest === 0) return seen >= 0;
  const group =
    (codeValue(codes, i) << 18) | (codeValue(codes, i + 1) << 12) | (rest === 3 ? codeValue(codes, i + 2) << 6 : 0);
  bytes[to] = group >>> 16;
  if (rest === 3) bytes[to + 1] = group >>> 8;
  // What the last character has beyond the last byte is zero.
  return (seen | group) >= 0 && (group & (rest === 3 ? 0xff : 0xffff)) === 0;
}

function codeValue(codes: Uint8Array, i: number): number {
  return VALUE_BY_CODE[codes[i] as number] as number;
}

/**
 * As `parseBase64url`, of exactly `length` bytes, into `bytes` from `at` on: makes nothing, for many short texts. What is written
 * means nothing where it answers `false`.
 */
function parseBase64urlInto(text: string, bytes: Uint8Array, at: number, length: number): boolean {
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
