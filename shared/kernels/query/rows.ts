/** Rows anywhere in a column, through its block table. `width` is 1, 2, 4, 8 or 16 bytes. */
import { bitAt } from './bit';

const ROW_BITS: u32 = 16;
const ROW_MASK: u32 = 0xffff;

/** Address of a row. */
export function addressOf(table: usize, row: u32, width: usize): usize {
  return load<usize>(table + ((<usize>(row >> ROW_BITS)) << 2)) + <usize>(row & ROW_MASK) * width;
}

/** Row `to[i]` takes the value of row `from[i]`, one after the other. */
export function copyRows(table: usize, width: u32, from: usize, to: usize, count: u32): void {
  if (width === 1) copyOf<u8>(table, from, to, count);
  else if (width === 2) copyOf<u16>(table, from, to, count);
  else if (width === 4) copyOf<u32>(table, from, to, count);
  else copyOf<u64>(table, from, to, count);
}

function copyOf<T>(table: usize, from: usize, to: usize, count: u32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const value = load<T>(addressOf(table, load<u32>(from + i), sizeof<T>()));
    store<T>(addressOf(table, load<u32>(to + i), sizeof<T>()), value);
  }
}

/** The pairs of `from` and `to` whose row `from` has a code that is not 0; their number. */
export function listCoded(
  table: usize,
  width: u32,
  from: usize,
  to: usize,
  count: u32,
  outFrom: usize,
  outTo: usize,
): u32 {
  let found: usize = 0;
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const at = addressOf(table, load<u32>(from + i), width);
    const code = width === 1 ? <u32>load<u8>(at) : width === 2 ? <u32>load<u16>(at) : load<u32>(at);
    if (code === 0) continue;
    store<u32>(outFrom + (found << 2), load<u32>(from + i));
    store<u32>(outTo + (found << 2), load<u32>(to + i));
    found++;
  }
  return <u32>found;
}

/** `count` rows get `value`. */
export function setRows(table: usize, width: u32, rows: usize, count: u32, value: u32): void {
  for (let i: usize = 0; i < (<usize>count) << 2; i += 4) {
    const at = addressOf(table, load<u32>(rows + i), width);
    if (width === 1) store<u8>(at, <u8>value);
    else if (width === 2) store<u16>(at, <u16>value);
    else store<u32>(at, value);
  }
}

/**
 * Rows `first`..`end`: those in `last` move behind the others, each kind in its order. `spare` holds what is moved (8 bytes a row at
 * most).
 */
export function partRows(table: usize, width: u32, last: usize, first: u32, end: u32, spare: usize): void {
  if (width === 1) partOf<u8>(table, last, first, end, spare);
  else if (width === 2) partOf<u16>(table, last, first, end, spare);
  else if (width === 4) partOf<u32>(table, last, first, end, spare);
  else partOf<u64>(table, last, first, end, spare);
}

function partOf<T>(table: usize, last: usize, first: u32, end: u32, spare: usize): void {
  let target = first;
  let held = spare;
  for (let row = first; row < end; row++) {
    const value = load<T>(addressOf(table, row, sizeof<T>()));
    if (bitAt(last, row)) {
      store<T>(held, value);
      held += sizeof<T>();
    } else {
      store<T>(addressOf(table, target++, sizeof<T>()), value);
    }
  }
  for (let at = spare; at < held; at += sizeof<T>()) {
    store<T>(addressOf(table, target++, sizeof<T>()), load<T>(at));
  }
}
