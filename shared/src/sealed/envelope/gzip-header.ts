/** The header of a gzip member (RFC 1952, 2.3.1), which other writers may fill with names and comments. */

const MAGIC = [0x1f, 0x8b, 8];
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const RESERVED_FLAGS = 0xe0;
const FIXED_BYTES = 10;
const MAX_HEADER_BYTES = 256 * 1024;

/** Bytes of the header that `bytes` begins with; `more` if it goes on behind them, `bad` if there is none. `crc32` is of RFC 1952. */
export function gzipHeaderSize(bytes: Uint8Array, crc32: (bytes: Uint8Array) => number): number | 'more' | 'bad' {
  if (MAGIC.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return 'bad';
  const cut = bytes.length > MAX_HEADER_BYTES ? 'bad' : 'more';
  if (bytes.length < FIXED_BYTES) return cut;
  const flags = bytes[3] as number;
  if ((flags & RESERVED_FLAGS) !== 0) return 'bad';
  let at = FIXED_BYTES;
  if ((flags & FLAG_EXTRA) !== 0) {
    if (at + 2 > bytes.length) return cut;
    at += 2 + (bytes[at] as number) + 256 * (bytes[at + 1] as number);
  }
  for (const flag of [FLAG_NAME, FLAG_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return cut;
    at = end + 1;
  }
  if ((flags & FLAG_HEADER_CRC) !== 0) {
    if (at + 2 > bytes.length) return cut;
    const crc = crc32(bytes.subarray(0, at)) & 0xffff;
    if (bytes[at] !== (crc & 0xff) || bytes[at + 1] !== crc >>> 8) return 'bad';
    at += 2;
  }
  return at > bytes.length ? cut : at;
}
