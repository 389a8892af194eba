/** Groups of hits by a code: how many, how bad, and for a few chosen groups the rest. One block at a time. */
import { timeAt } from './times';

function codeAt(codes: usize, width: u32, row: usize): usize {
  if (width === 1) return <usize>load<u8>(codes + row);
  return width === 2 ? <usize>load<u16>(codes + (row << 1)) : <usize>load<u32>(codes + (row << 2));
}

/** Adds the hits of one level to `counts` (u32 by code); `worst` (a byte by code) becomes at least `level`. */
export function addGroups(
  codes: usize,
  width: u32,
  places: usize,
  count: u32,
  level: u32,
  counts: usize,
  worst: usize,
): void {
  for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
    const code = codeAt(codes, width, load<u16>(places + i));
    const at = counts + (code << 2);
    store<u32>(at, load<u32>(at) + 1);
    if (<u32>load<u8>(worst + code) < level) store<u8>(worst + code, <u8>level);
  }
}

/**
 * For groups that have a slot (u16 by code, 0: none): the latest time to `latest` (f64 by slot), and the last code of `names` that is
 * not 0 to `named` (u32 by slot; `names` 0: none wanted).
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
  names: usize,
  nameWidth: u32,
  named: usize,
): void {
  for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
    const row = <usize>load<u16>(places + i);
    const slot = <usize>load<u16>(slots + (codeAt(codes, width, row) << 1));
    if (slot === 0) continue;
    const time = timeAt(times, base, unit, <u32>row);
    if (time > load<f64>(latest + (slot << 3))) store<f64>(latest + (slot << 3), time);
    if (names === 0) continue;
    const name = codeAt(names, nameWidth, row);
    if (name) store<u32>(named + (slot << 2), <u32>name);
  }
}

/** Counts hits by slot into `counts` (u32). */
export function countSlots(codes: usize, width: u32, places: usize, count: u32, slots: usize, counts: usize): void {
  for (let i: usize = 0; i < (<usize>count) << 1; i += 2) {
    const slot = <usize>load<u16>(slots + (codeAt(codes, width, load<u16>(places + i)) << 1));
    store<u32>(counts + (slot << 2), load<u32>(counts + (slot << 2)) + 1);
  }
}

/** Keys of groups: count (largest first), worst level (highest first), rank. Lists codes with hits; their number. */
export function listGroups(counts: usize, worst: usize, ranks: usize, entries: u32, keys: usize, codes: usize): u32 {
  let found: u32 = 0;
  for (let code: u32 = 0; code < entries; code++) {
    const count = load<u32>(counts + ((<usize>code) << 2));
    if (count === 0) continue;
    const high = ((<u64>~count) << 3) | (<u64>(7 - load<u8>(worst + code)));
    store<u64>(keys + ((<usize>found) << 3), (high << 29) ^ load<u32>(ranks + ((<usize>code) << 2)));
    store<u32>(codes + ((<usize>found) << 2), code);
    found++;
  }
  return found;
}

/** Codes with hits. */
export function countGroups(counts: usize, entries: u32): u32 {
  let found: u32 = 0;
  for (let code: u32 = 0; code < entries; code++) found += <u32>(load<u32>(counts + ((<usize>code) << 2)) !== 0);
  return found;
}
