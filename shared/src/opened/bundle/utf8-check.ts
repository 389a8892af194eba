/** Whether bytes are UTF-8 (RFC 3629), without making a string of them: dictionaries have tens of megabytes. */

/** True for valid UTF-8: no overlong forms, no surrogates, nothing over U+10FFFF, no character cut off. */
export function isUtf8(bytes: Uint8Array): boolean {
  const { length } = bytes;
  const words = wordsOf(bytes);
  for (let at = 0; at < length;) {
    if (at % 4 === 0) at = asciiEnd(words, at / 4) * 4;
    if (at >= length) return true;
    const lead = bytes[at] as number;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size === 0 || at + size > length) return false;
    const second = bytes[at + 1] as number;
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    if (size > 2 && ((bytes[at + 2] as number) & 0xc0) !== 0x80) return false;
    if (size > 3 && ((bytes[at + 3] as number) & 0xc0) !== 0x80) return false;
    at += size;
  }
  return true;
}

/** Words that `bytes` begin with, none where they lie at no multiple of 4. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : new Uint32Array(0);
}

/** The first word from `from` on that is not all ASCII, or the end. Nearly all texts are ASCII: four bytes at a time. */
function asciiEnd(words: Uint32Array, from: number): number {
  let at = from;
  while (at < words.length && ((words[at] as number) & 0x80808080) === 0) at++;
  return at;
}
