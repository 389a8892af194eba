/** Byte strings: joining, comparing, and the few fixed-width integers the formats use. All big-endian. */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes, or `null` if they are not valid UTF-8. A BOM is kept as U+FEFF. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** One new array with all `parts` in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Its other end is closed: what is posted to it is thrown away. */
let nowhere: MessagePort | null = null;

/**
 * Gives a buffer's memory back at once; the buffer is empty afterwards. What waits for the collector instead is touched anew, which
 * costs ten times the decryption that filled it. A buffer that WebCrypto made has a second owner in Chromium, so that `transfer(0)`
 * leaves its memory taken; posting it away does not (measured: 48 MB of AES-GCM in blocks of 400 kB in 8 ms instead of 180).
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  nowhere ??= portToNowhere();
  nowhere.postMessage(null, [buffer]);
}

function portToNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/** Equality whose time depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Lexicographic order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** `value` in 2 bytes. */
function u16be(value: number): Bytes {
  return new Uint8Array([value >>> 8, value & 0xff]);
}

/** `value` (a safe integer) in 8 bytes. */
export function u64be(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** FORMATS, Common rules: `lp(x)` = u16 length, then the bytes; an absent value has length 0. At most 65,535 bytes. */
export function lengthPrefixed(value: Uint8Array | null): Bytes {
  if (value === null) return u16be(0);
  if (value.length > 0xffff) throw new RangeError('lengthPrefixed: over 65,535 bytes');
  return concatBytes(u16be(value.length), value);
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  // Joined at once: a text that is added to stays a tree of its pieces, twenty times as large.
  const pairs = new Array<string>(bytes.length);
  for (let at = 0; at < bytes.length; at++) pairs[at] = HEX[bytes[at] as number] as string;
  return pairs.join('');
}

/** Bytes of hexadecimal text in either case; `null` if it is not. */
export function fromHex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
