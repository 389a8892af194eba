/** Groups of hits by a code: how many, how bad, and for a few chosen groups the rest. One block at a time, its bits from its first row. */
import { bitAt } from './bit';
import { timeAt } from './times';

/** Bits of the worst level below a group's count. */
const LEVEL_BITS: u32 = 3;
const LEVEL: u32 = 7;
/** A group's place in a filter: the last bits of its code. */
const FILTER: u32 = 8191;

/** Counts of code 0, which many rows have, four times: one count waits for the last. */
const NONE: usize = memory.data(16, 16);

/** Adds the hits to `groups` (u32 by code: count, and below it the worst level). `levels`: a byte a row; 0: all are of level 0. */
export function addGroups(codes: usize, width: u32, bits: usize, rows: u32, levels: usize, groups: usize): void {
  memory.fill(NONE, 0, 16);
  if (width === 1) addOf<u8>(codes, bits, rows, levels, groups);
  else if (width === 2) addOf<u16>(codes, bits, rows, levels, groups);
  else addOf<u32>(codes, bits, rows, levels, groups);
  for (let i: usize = 0; i < 16; i += 4) {
    const none = load<u32>(NONE + i);
    store<u32>(groups, joined(load<u32>(groups), none & ~LEVEL, none & LEVEL));
  }
}

function addOf<T>(codes: usize, bits: usize, rows: u32, levels: usize, groups: usize): void {
  for (let first: u32 = 0; first < rows; first += 64) {
    let left = load<u64>(bits + (first >> 3));
    if (left === u64.MAX_VALUE) {
      for (let row: usize = first; row < <usize>first + 64; row++) addOne<T>(codes, row, levels, groups);
      continue;
    }
    for (; left; left &= left - 1) addOne<T>(codes, <usize>first + <usize>ctz<u64>(left), levels, groups);
  }
}

function addOne<T>(codes: usize, row: usize, levels: usize, groups: usize): void {
  const code = <usize>load<T>(codes + row * sizeof<T>());
  const level = levels ? <u32>load<u8>(levels + row) : 0;
  const at = code ? groups + (code << 2) : NONE + ((row & 3) << 2);
  store<u32>(at, joined(load<u32>(at), 1 << LEVEL_BITS, level));
}

function joined(group: u32, count: u32, level: u32): u32 {
  return ((group & ~LEVEL) + count) | max<u32>(group & LEVEL, level);
}

/** Places (u16, rising) of hits that `filter` (a byte a place in it, 0 or 1) lets through, others among them; their number. `out` holds one more. */
export function listGrouped(codes: usize, width: u32, bits: usize, rows: u32, filter: usize, out: usize): u32 {
  if (width === 1) return listOf<u8>(codes, bits, rows, filter, out);
  return width === 2 ? listOf<u16>(codes, bits, rows, filter, out) : listOf<u32>(codes, bits, rows, filter, out);
}

function listOf<T>(codes: usize, bits: usize, rows: u32, filter: usize, out: usize): u32 {
  let to = out;
  for (let first: u32 = 0; first < rows; first += 64) {
    let left = load<u64>(bits + (first >> 3));
    if (left === u64.MAX_VALUE) {
      for (let row = first; row < first + 64; row++) {
        store<u16>(to, <u16>row);
        to += (<usize>load<u8>(filter + (<usize>load<T>(codes + <usize>row * sizeof<T>()) & FILTER))) << 1;
      }
      continue;
    }
    for (; left; left &= left - 1) {
      const row = first + <u32>ctz<u64>(left);
      store<u16>(to, <u16>row);
      to += (<usize>load<u8>(filter + (<usize>load<T>(codes + <usize>row * sizeof<T>()) & FILTER))) << 1;
    }
  }
  return <u32>((to - out) >> 1);
}

/**
 * For groups that have a slot (u16 by code, 0: none): the latest time to `latest` (f64), hits in the bitset `going` to `open` (u32), both
 * by slot and whether the row is odd (a large group's count waits for the last), and the last code of `names` that is not 0 to `named`
 * (u32 by slot; `names` 0: none wanted). What is told of slot 0 means nothing.
 */
export function detailGroups(
  codes: usize,
  width: u32,
  places: usize,
  count: u32,
  slots: usize,
  times: usize,
  base: f64,
  unit: f64,
  latest: usize,
  going: usize,
  open: usize,
  names: usize,
  nameWidth: u32,
  named: usize,
): void {
  if (width === 1) detailsOf<u8>(codes, places, count, slots, times, base, unit, latest, going, open);
  else if (width === 2) detailsOf<u16>(codes, places, count, slots, times, base, unit, latest, going, open);
  else detailsOf<u32>(codes, places, count, slots, times, base, unit, latest, going, open);
  for (let i: usize = 0; names !== 0 && i < (<usize>count) << 1; i += 2) {
    const row = <usize>load<u16>(places + i);
    const name = codeAt(names, nameWidth, row);
    if (name) store<u32>(named + ((<usize>load<u16>(slots + (codeAt(codes, width, row) << 1))) << 2), <u32>name);
  }
}

function detailsOf<T>(
  codes: usize,
  places: usize,
  count: u32,
  slots: usize,
  times: usize,
  base: f64,
  unit: f64,
  latest: usize,
  going: usize,
  open: usize,
): void {
  const coded: usize = unit < 0 ? <usize>base : 0;
  for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
    const row = <usize>load<u16>(places + i);
    const slot = <usize>load<u16>(slots + ((<usize>load<T>(codes + row * sizeof<T>())) << 1));
    const side = (slot << 1) | (row & 1);
    const time = coded
      ? load<f64>(coded + ((<usize>load<u16>(times + (row << 1))) << 3))
      : timeAt(times, base, unit, <u32>row);
    if (time > load<f64>(latest + (side << 3))) store<f64>(latest + (side << 3), time);
    store<u32>(open + (side << 2), load<u32>(open + (side << 2)) + bitAt(going, <u32>row));
  }
}

function codeAt(codes: usize, width: u32, row: usize): usize {
  if (width === 1) return <usize>load<u8>(codes + row);
  return width === 2 ? <usize>load<u16>(codes + (row << 1)) : <usize>load<u32>(codes + (row << 2));
}

/** Keys of groups: count (largest first), worst level (highest first), rank. Lists codes with hits; their number. */
export function listGroups(groups: usize, ranks: usize, entries: u32, keys: usize, codes: usize): u32 {
  let found: u32 = 0;
  for (let code: u32 = 0; code < entries; code++) {
    const group = load<u32>(groups + ((<usize>code) << 2));
    if (group === 0) continue;
    store<u64>(keys + ((<usize>found) << 3), ((<u64>~group) << 32) | load<u32>(ranks + ((<usize>code) << 2)));
    store<u32>(codes + ((<usize>found) << 2), code);
    found++;
  }
  return found;
}

/** Codes with hits. */
export function countGroups(groups: usize, entries: u32): u32 {
  let none = i32x4.splat(0);
  let code: u32 = 0;
  for (; code + 4 <= entries; code += 4) {
    none = i32x4.sub(none, i32x4.eq(v128.load(groups + ((<usize>code) << 2)), i32x4.splat(0)));
  }
  let found = code;
  found -= i32x4.extract_lane(none, 0) + i32x4.extract_lane(none, 1);
  found -= i32x4.extract_lane(none, 2) + i32x4.extract_lane(none, 3);
  for (; code < entries; code++) found += <u32>(load<u32>(groups + ((<usize>code) << 2)) !== 0);
  return found;
}
