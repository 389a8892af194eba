/** Hits counted by many columns in one pass: those of a block are listed once, and each column is asked for their codes. */
import { listBlock } from './bits';
import { countCodes, markCodes, setCodes } from './codes';

const BLOCK_ROWS: u32 = 65_536;

/** A column is described by four u32: its block table, or table of planes. */
const SOURCE: usize = 0;
/** Bytes of a code; planes there are, and for fewer than that a bitset of none. */
const WIDTH: usize = 4;
/** Address of what is counted into. */
const OUT: usize = 8;
/** How: a count (u32) by code, a mark (byte) by code, a bit by code, a count by the joined code of planes. */
const KIND: usize = 12;
const COLUMN_BYTES: usize = 16;
const MARKS: u32 = 1;
const BITS: u32 = 2;
const PLANES: u32 = 3;

/** Adds the rows in `bits` to what `count` columns (at `columns`) count. `places` holds a block of u16 and 16 bytes more. */
export function countColumns(bits: usize, rows: u32, columns: usize, count: u32, places: usize): void {
  const end = columns + <usize>count * COLUMN_BYTES;
  for (let first: u32 = 0; first < rows; first += BLOCK_ROWS) {
    const hits = listBlock(bits + (first >> 3), min(BLOCK_ROWS, rows - first), places);
    if (hits === 0) continue;
    for (let column = columns; column < end; column += COLUMN_BYTES) {
      const source = load<usize>(column, SOURCE);
      const width = load<u32>(column, WIDTH);
      const out = load<usize>(column, OUT);
      const kind = load<u32>(column, KIND);
      if (kind === PLANES) {
        countPlanes(source, width, first >> 3, places, hits, out);
        continue;
      }
      const codes = load<usize>(source + ((<usize>(first / BLOCK_ROWS)) << 2));
      if (kind === MARKS) markCodes(codes, width, places, hits, out);
      else if (kind === BITS) setCodes(codes, width, places, hits, out);
      else countCodes(codes, width, places, hits, out);
    }
  }
}

/**
 * Counts, at `places` of a block that begins at byte `from` of the planes, the joined codes of up to twelve planes: bit b is that of
 * plane b. The planes' bytes of a place side by side, and one comparison has all its bits.
 */
function countPlanes(planes: usize, count: u32, from: usize, places: usize, hits: u32, out: usize): void {
  const p0 = load<usize>(planes) + from;
  const p1 = load<usize>(planes, 4) + from;
  const p2 = load<usize>(planes, 8) + from;
  const p3 = load<usize>(planes, 12) + from;
  const p4 = load<usize>(planes, 16) + from;
  const p5 = load<usize>(planes, 20) + from;
  const p6 = load<usize>(planes, 24) + from;
  const p7 = load<usize>(planes, 28) + from;
  const p8 = load<usize>(planes, 32) + from;
  const p9 = load<usize>(planes, 36) + from;
  const p10 = load<usize>(planes, 40) + from;
  const p11 = load<usize>(planes, 44) + from;
  const end = places + ((<usize>hits) << 1);
  for (let p = places; p < end; p += 2) {
    const place = <usize>load<u16>(p);
    const byte = place >> 3;
    let bytes = i8x16.splat(0);
    bytes = v128.load_lane<u8>(p0 + byte, bytes, 0);
    bytes = v128.load_lane<u8>(p1 + byte, bytes, 1);
    bytes = v128.load_lane<u8>(p2 + byte, bytes, 2);
    bytes = v128.load_lane<u8>(p3 + byte, bytes, 3);
    bytes = v128.load_lane<u8>(p4 + byte, bytes, 4);
    bytes = v128.load_lane<u8>(p5 + byte, bytes, 5);
    bytes = v128.load_lane<u8>(p6 + byte, bytes, 6);
    bytes = v128.load_lane<u8>(p7 + byte, bytes, 7);
    if (count > 8) {
      bytes = v128.load_lane<u8>(p8 + byte, bytes, 8);
      bytes = v128.load_lane<u8>(p9 + byte, bytes, 9);
      bytes = v128.load_lane<u8>(p10 + byte, bytes, 10);
      bytes = v128.load_lane<u8>(p11 + byte, bytes, 11);
    }
    const bit = i8x16.splat(<i8>((<u32>1) << (<u32>place & 7)));
    const code = i8x16.bitmask(i8x16.eq(v128.and(bytes, bit), bit));
    const at = out + ((<usize>code) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}
