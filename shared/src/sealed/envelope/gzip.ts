import type { Bytes } from '../../base/bytes.ts';
import { concatBytes } from '../../base/bytes.ts';
import { crc32 } from '../../base/crc32.ts';
import { isInflationAllowed } from './claims.ts';

/** Packing of content as one gzip member (RFC 1952) that every reader accepts. */

/**
 * Packs `plain`, or the pieces that it gives one after the other. Where they would shrink over 100:1, which readers refuse as a bomb (a
 * column of zeros does), they are asked for again and stored instead.
 */
export async function packGzip(
  plain: Uint8Array | (() => Iterable<Uint8Array>),
): Promise<{ readonly content: Bytes; readonly inflated: number }> {
  const pieces = plain instanceof Uint8Array ? () => [plain] : plain;
  const { readable, writable } = new CompressionStream('gzip');
  const packed = new Response(readable).arrayBuffer();
  packed.catch(() => undefined); // told by the writer
  const writer = writable.getWriter();
  let inflated = 0;
  for (const piece of pieces()) {
    inflated += piece.length;
    for (let at = 0; at < piece.length; at += FEED_BYTES) {
      await writer.ready;
      await writer.write(piece.subarray(at, at + FEED_BYTES) as Bytes);
    }
  }
  await writer.close();
  const content = new Uint8Array(await packed);
  return { content: isInflationAllowed(content.length, inflated) ? content : storeGzip(pieces()), inflated };
}

const FEED_BYTES = 1024 * 1024;

/** A gzip member of stored blocks only (RFC 1951, 3.2.4). */
function storeGzip(plain: Iterable<Uint8Array>): Bytes {
  const parts: Uint8Array[] = [new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])];
  let crc = 0;
  let size = 0;
  for (const piece of plain) {
    crc = crc32(piece, crc);
    size += piece.length;
    for (let at = 0; at < piece.length; at += MAX_STORED) {
      const block = piece.subarray(at, at + MAX_STORED);
      parts.push(storedHeader(block.length, false), block);
    }
  }
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc, true);
  trailer.setUint32(4, size >>> 0, true);
  return concatBytes(...parts, storedHeader(0, true), new Uint8Array(trailer.buffer));
}

const MAX_STORED = 0xffff;

function storedHeader(length: number, isLast: boolean): Bytes {
  return new Uint8Array([isLast ? 1 : 0, length & 0xff, length >>> 8, ~length & 0xff, (~length >>> 8) & 0xff]);
}
