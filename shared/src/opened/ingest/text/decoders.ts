/**
 * Decoders of whole texts, one for each encoding: they keep nothing between two calls, and to make one for each of ten thousand
 * entries costs more than to read these.
 */
import type { ByteEncoding } from './encoding.ts';

/** Throws where the bytes are not UTF-8. */
export const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const byEncoding = new Map<ByteEncoding, TextDecoder>();

/** Puts U+FFFD where bytes are of no character. Not for `stream`. */
export function decoderOf(encoding: ByteEncoding): TextDecoder {
  let decoder = byEncoding.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding, { ignoreBOM: true });
    byEncoding.set(encoding, decoder);
  }
  return decoder;
}
