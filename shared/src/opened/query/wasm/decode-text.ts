/** UTF-8 in memory to texts: one, or many that lie one behind the other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to so many bytes are looked at one by one, which for short ASCII is faster than the decoder. */
const SHORT = 24;

/** Texts that lie one behind the other: `count` of them, how long each is in UTF-16 stands in `u32` from `first` on. */
export function decodeTexts(bytes: Uint8Array, u32: Uint32Array, first: number, count: number): string[] {
  const text = decoder.decode(bytes);
  const pieces = new Array<string>(count);
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + (u32[first + i] as number);
    pieces[i] = text.slice(at, end);
    at = end;
  }
  return pieces;
}

/** One text, from `from` to `to`. */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT) return decoder.decode(bytes.subarray(from, to));
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}
