import type { Bytes } from '../../base/bytes.ts';

/** Bech32 decoding (BIP 173, without its length limit, as age uses it): enough to import an age secret as a CryptoKey. */

const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** Prefix in lower case and bytes of `text`; `null` for mixed case, a wrong checksum or stray bits. */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Bytes } | null {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return null;
  const border = lower.lastIndexOf('1');
  if (border < 1 || lower.length - border < 7) return null;
  const prefix = lower.slice(0, border);
  const words = [...lower.slice(border + 1)].map((letter) => CHARSET.indexOf(letter));
  if (words.includes(-1) || !/^[\x21-\x7e]+$/.test(prefix)) return null;
  const prefixCodes = [...prefix].map((letter) => letter.charCodeAt(0));
  const checked = [...prefixCodes.map((code) => code >> 5), 0, ...prefixCodes.map((code) => code & 31), ...words];
  if (polymod(checked) !== 1) return null;
  const bytes = wordsToBytes(words.slice(0, -6));
  return bytes === null ? null : { prefix, bytes };
}

function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((generator, bit) => {
      if ((top >>> bit) & 1) checksum ^= generator;
    });
  }
  return checksum;
}

function wordsToBytes(words: readonly number[]): Bytes | null {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const word of words) {
    held = (held << 5) | word;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >>> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  return bits < 5 && held === 0 ? new Uint8Array(bytes) : null;
}
