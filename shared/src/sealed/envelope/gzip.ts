import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import { isInflationAllowed } from './claims.ts';

/** Packing of content as one gzip member (RFC 1952) that every reader accepts. */

/**
 * Packs `plain`. Where it would shrink over 100:1, which readers refuse as a bomb (a column of zeros does), it is stored instead.
 */
export async function packGzip(plain: Uint8Array): Promise<{ readonly content: Bytes; readonly inflated: number }> {
  const packed = new Response(plain as Bytes).body?.pipeThrough(new CompressionStream('gzip'));
  const content = new Uint8Array(await new Response(packed ?? null).arrayBuffer());
  return {
    content: isInflationAllowed(content.length, plain.length) ? content : storeGzip(plain),
    inflated: plain.length,
  };
}

/** A gzip member of stored blocks only (RFC 1951, 3.2.4). */
function storeGzip(plain: Uint8Array): Bytes {
  const parts: Uint8Array[] = [new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  for (let at = 0; at < plain.length; at += MAX_STORED) {
    const block = plain.subarray(at, at + MAX_STORED);
    const isLast = at + MAX_STORED >= plain.length ? 1 : 0;
    const length = block.length;
    parts.push(new Uint8Array([isLast, length & 0xff, length >>> 8, ~length & 0xff, (~length >>> 8) & 0xff]), block);
  }
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc32(plain), true);
  trailer.setUint32(4, plain.length >>> 0, true);
  return concatBytes(...parts, new Uint8Array(trailer.buffer));
}

const MAX_STORED = 0xffff;
