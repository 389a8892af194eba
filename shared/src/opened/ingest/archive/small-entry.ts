/**
 * The short way for what stealer archives consist of: thousands of small entries, stored or deflated, not encrypted. Read in one
 * slice, checked by checksum; a tenth of the cost of a general reader's pipeline.
 */
import { LeafError } from '../leaf.ts';
import { crc32 } from '../../../base/crc32.ts';
import type { ZipSource } from './zip-source.ts';

export interface SmallEntry {
  readonly offset: number;
  readonly nameBytes: number;
  readonly compressedSize: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
}

export const SMALL_ENTRY_BYTES = 1 << 20;
/** Chromium unpacks a chunk whole, up to 1,032 times its size, before the reader sees a byte of it: 16 MiB at a time. */
const FEED_BYTES = 16 * 1024;
const LOCAL_MAGIC = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
/** Local extra fields are rarely longer; where they are, a second slice is read. */
const EXTRA_BYTES = 256;

/** Stored bytes of the entry; `null` if no local header stands at its offset (data before the archive): left to the general reader. */
export async function readStored(zip: ZipSource, entry: SmallEntry): Promise<Uint8Array | null> {
  const guess = LOCAL_HEADER_BYTES + entry.nameBytes + EXTRA_BYTES + entry.compressedSize;
  const bytes = await zip.slice(entry.offset, Math.min(entry.offset + guess, zip.sizeBytes));
  if (bytes.length < LOCAL_HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== LOCAL_MAGIC) return null;
  const start = LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  const end = start + entry.compressedSize;
  if (end <= bytes.length) return bytes.subarray(start, end);
  const whole = await zip.slice(entry.offset + start, Math.min(entry.offset + end, zip.sizeBytes));
  return whole.length === entry.compressedSize ? whole : null;
}

/** Inflated chunks of the stored bytes; throws a `LeafError` where they are damaged, after what could be read. */
export async function* inflateStored(
  stored: Uint8Array,
  { method, crc }: SmallEntry,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (method === 0) {
    if (crc32(stored) !== crc) throw new LeafError('archive-corrupt');
    yield stored;
    return;
  }
  const inflater = new DecompressionStream('deflate-raw');
  const writer = inflater.writable.getWriter();
  // Its failure shows at the reading end as well.
  feed(writer, stored).catch(() => undefined);
  const reader = inflater.readable.getReader();
  let sum = 0;
  try {
    for (;;) {
      let step: ReadableStreamReadResult<Uint8Array>;
      try {
        step = await reader.read();
      } catch {
        throw new LeafError('archive-corrupt');
      }
      if (step.done) break;
      sum = crc32(step.value, sum);
      yield step.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (sum !== crc) throw new LeafError('archive-corrupt');
}

async function feed(writer: WritableStreamDefaultWriter<BufferSource>, stored: Uint8Array): Promise<void> {
  for (let at = 0; at < stored.length; at += FEED_BYTES) await writer.write(stored.slice(at, at + FEED_BYTES));
  await writer.close();
}
