/** Stable radix sort of (u64 key, u32 value), most significant differing byte first. */

/** Counts of 256 bytes' values for each of the at most eight levels, and one to spare. */
const COUNTS: usize = memory.data(9 * 1024, 16);
/** Up to so many are sorted by insertion. */
const FEW: u32 = 24;

/** Sorts by key; equal keys stay in their order. The temporary arrays are as large. */
export function sortPairs(keys: usize, values: usize, count: u32, spareKeys: usize, spareValues: usize): void {
  sortLevel(keys, values, count, spareKeys, spareValues, COUNTS);
}

function sortLevel(keys: usize, values: usize, count: u32, spareKeys: usize, spareValues: usize, counts: usize): void {
  if (count <= FEW) {
    insertPairs(keys, values, count);
    return;
  }
  const first = load<u64>(keys);
  let differing: u64 = 0;
  for (let i: usize = 0; i < (<usize>count) << 3; i += 8) differing |= load<u64>(keys + i) ^ first;
  if (differing === 0) return;
  const top = 63 - clz<u64>(differing);
  const shift: u64 = top > 7 ? top - 7 : 0;
  memory.fill(counts, 0, 1024);
  for (let i: usize = 0; i < (<usize>count) << 3; i += 8) {
    const at = counts + ((<usize>((load<u64>(keys + i) >> shift) & 255)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let sum: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) {
    const here = load<u32>(counts + i);
    store<u32>(counts + i, sum);
    sum += here;
  }
  for (let i: usize = 0; i < <usize>count; i++) {
    const key = load<u64>(keys + (i << 3));
    const at = counts + ((<usize>((key >> shift) & 255)) << 2);
    const place = <usize>load<u32>(at);
    store<u32>(at, <u32>place + 1);
    store<u64>(spareKeys + (place << 3), key);
    store<u32>(spareValues + (place << 2), load<u32>(values + (i << 2)));
  }
  memory.copy(keys, spareKeys, (<usize>count) << 3);
  memory.copy(values, spareValues, (<usize>count) << 2);
  if (shift === 0) return;
  let start: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) {
    const end = load<u32>(counts + i);
    if (end - start > 1) {
      const k = (<usize>start) << 3;
      const v = (<usize>start) << 2;
      sortLevel(keys + k, values + v, end - start, spareKeys + k, spareValues + v, counts + 1024);
    }
    start = end;
  }
}

function insertPairs(keys: usize, values: usize, count: u32): void {
  for (let i: i32 = 1; i < <i32>count; i++) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    const value = load<u32>(values + ((<usize>i) << 2));
    let j = i - 1;
    for (; j >= 0 && load<u64>(keys + ((<usize>j) << 3)) > key; j--) {
      store<u64>(keys + ((<usize>j) << 3), load<u64>(keys + ((<usize>j) << 3)), 8);
      store<u32>(values + ((<usize>j) << 2), load<u32>(values + ((<usize>j) << 2)), 4);
    }
    store<u64>(keys + ((<usize>(j + 1)) << 3), key);
    store<u32>(values + ((<usize>(j + 1)) << 2), value);
  }
}
