import type { Bytes } from './bytes.ts';
import { parseBase64url, toBase64url } from './base64url.ts';

/** Base64 with padding (RFC 4648, section 4), canonical form only: what signed notes and log proofs are written in. */

/** Encodes `bytes`. */
export function toBase64(bytes: Uint8Array): string {
  const text = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Decodes; `null` for anything but the one canonical text of some bytes, or a wrong `length` (bytes) where one is given. */
export function parseBase64(text: string, length?: number): Bytes | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return parseBase64url(text.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'), length);
}
