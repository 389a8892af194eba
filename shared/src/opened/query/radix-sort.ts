/** Stable radix sort of row numbers by 32-bit keys (least significant digit first, 16 bits a pass). */

/**
 * A new order: `order` sorted by `key(row)`, equal keys in the order they had. Cost: two passes, one where all keys share a half.
 * `keys` is indexed by row number; `order` holds each row once.
 */
export function sortByKey(order: Uint32Array<ArrayBuffer>, keys: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return sortByDigit(sortByDigit(order, keys, 0), keys, 16);
}

const COUNTS = new Uint32Array(65_536);

function sortByDigit(
  order: Uint32Array<ArrayBuffer>,
  keys: Uint32Array<ArrayBuffer>,
  shift: number,
): Uint32Array<ArrayBuffer> {
  const rows = order.length;
  if (rows === 0) return order;
  COUNTS.fill(0);
  for (let i = 0; i < rows; i++) {
    const digit = ((keys[i] as number) >>> shift) & 0xffff;
    COUNTS[digit] = (COUNTS[digit] as number) + 1;
  }
  if (COUNTS[((keys[0] as number) >>> shift) & 0xffff] === rows) return order;
  let sum = 0;
  for (let digit = 0; digit < 65_536; digit++) {
    const count = COUNTS[digit] as number;
    COUNTS[digit] = sum;
    sum += count;
  }
  const sorted = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = order[i] as number;
    const digit = ((keys[row] as number) >>> shift) & 0xffff;
    const place = COUNTS[digit] as number;
    COUNTS[digit] = place + 1;
    sorted[place] = row;
  }
  return sorted;
}
