/** Radix sort of u64 records, most significant differing byte first: a record holds key and row, so that a bucket is sorted in cache. */

/** Counts of 256 bytes' values for each of the at most eight levels, and one to spare. */
const COUNTS: usize = memory.data(9 * 1024, 16);
const FEW: u32 = 24;

/** Sorts by the bits from `low` on; the order of those that are equal in them is open. `spare` is as large. */
export function sortRecords(records: usize, count: u32, low: u64, spare: usize): void {
  sortLevel(records, count, low, spare, COUNTS);
}

function sortLevel(records: usize, count: u32, low: u64, spare: usize, counts: usize): void {
  if (count <= FEW) {
    insertRecords(records, count);
    return;
  }
  const first = load<u64>(records);
  let differing: u64 = 0;
  for (let i: usize = 0; i < (<usize>count) << 3; i += 8) differing |= load<u64>(records + i) ^ first;
  differing >>= low;
  if (differing === 0) return;
  const top = low + 63 - clz<u64>(differing);
  const shift = top - low > 7 ? top - 7 : low;
  memory.fill(counts, 0, 1024);
  for (let i: usize = 0; i < (<usize>count) << 3; i += 8) {
    const at = counts + ((<usize>((load<u64>(records + i) >> shift) & 255)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let sum: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) {
    const here = load<u32>(counts + i);
    store<u32>(counts + i, sum);
    sum += here;
  }
  for (let i: usize = 0; i < (<usize>count) << 3; i += 8) {
    const record = load<u64>(records + i);
    const at = counts + ((<usize>((record >> shift) & 255)) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    store<u64>(spare + ((<usize>place) << 3), record);
  }
  memory.copy(records, spare, (<usize>count) << 3);
  if (shift === low) return;
  let start: u32 = 0;
  for (let i: usize = 0; i < 1024; i += 4) {
    const end = load<u32>(counts + i);
    if (end - start > 1) {
      const from = (<usize>start) << 3;
      sortLevel(records + from, end - start, low, spare + from, counts + 1024);
    }
    start = end;
  }
}

function insertRecords(records: usize, count: u32): void {
  for (let i: i32 = 1; i < <i32>count; i++) {
    const record = load<u64>(records + ((<usize>i) << 3));
    let j = i - 1;
    for (; j >= 0 && load<u64>(records + ((<usize>j) << 3)) > record; j--) {
      store<u64>(records + ((<usize>j) << 3), load<u64>(records + ((<usize>j) << 3)), 8);
    }
    store<u64>(records + ((<usize>(j + 1)) << 3), record);
  }
}
