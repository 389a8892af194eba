/**
 * Orders of rows by a key of at most 63 bits, equal keys by id: by the key's high bits into buckets, as records of what is left of the
 * key, the beginning of the id, and the row; then each bucket in cache. Columns are read from front to back: rows here and there cost
 * more than all the rest.
 */
import { sortPairs } from './pairs';
import { codeInPlanes } from './planes';
import { sortRecords } from './records';
import { addressOf } from './rows';

const BY_SCORE: u32 = 1;
const BY_STATE: u32 = 2;
const BY_TIME: u32 = 3;
const BY_RANK: u32 = 4;
const BY_PRIORITY: u32 = 5;

/** Bytes of a block in a table of times: address u32, kind u32, unit i64 (or the address of the keys by code), what to add i64. */
const TIME_BYTES: usize = 24;
const OF_TIMES: u32 = 1;
const OF_CODES: u32 = 2;
const NO_TICK: u32 = 0xffffffff;

let kind: u32 = 0;
let first: usize = 0;
let second: usize = 0;
let width: u32 = 0;
let times: usize = 0;
let timeBits: u64 = 0;
/** All ones of the key where the order is descending. */
let flip: u64 = 0;
/** The ids' block table; the lowest first half of an id, and how far its distance from that is shifted up. */
let ids: usize = 0;
let lowest: u64 = 0;
let raised: u64 = 0;

/**
 * What keys are made of. BY_SCORE: `a` is the score's table. BY_STATE: `a` is the table of the state's four planes. BY_TIME:
 * `timeTable`. BY_RANK: `a` is the codes' table, `b` the rank by code. BY_PRIORITY: `a` is the table of the level's three planes, `b`
 * the score's table, and `timeTable`. `bits` is the length of the key.
 */
export function describeKey(
  by: u32,
  a: usize,
  b: usize,
  codeWidth: u32,
  timeTable: usize,
  bitsOfTime: u32,
  bits: u32,
  isDescending: u32,
): void {
  kind = by;
  first = a;
  second = b;
  width = codeWidth;
  times = timeTable;
  timeBits = bitsOfTime;
  flip = isDescending ? ((<u64>1) << bits) - 1 : 0;
}

/** Where ids lie, and what the first halves of `rows` ids have in common. Must come first. */
export function describeIds(idTable: usize, rows: u32): void {
  ids = idTable;
  let high: u64 = 0;
  lowest = u64.MAX_VALUE;
  for (let row: u32 = 0; row < rows; row++) {
    const half = firstHalf(row);
    lowest = min(lowest, half);
    high = max(high, half);
  }
  raised = min<u64>(63, clz<u64>(high - lowest));
}

function firstHalf(row: u32): u64 {
  return bswap<u64>(load<u64>(addressOf(ids, row, 16)));
}

function secondHalf(row: u32): u64 {
  return bswap<u64>(load<u64>(addressOf(ids, row, 16), 8));
}

function keyOf(row: u32): u64 {
  let key: u64 = 0;
  if (kind === BY_TIME) key = timeOf(row);
  else if (kind === BY_RANK) key = rankOf(row);
  else if (kind === BY_STATE) key = codeInPlanes(first, 4, row);
  else if (kind === BY_SCORE) key = load<u8>(addressOf(first, row, 1));
  else if (kind === BY_PRIORITY) {
    key = ((<u64>codeInPlanes(first, 3, row)) << 7) | <u64>load<u8>(addressOf(second, row, 1));
    key = (key << timeBits) | timeOf(row);
  }
  return key ^ flip;
}

/** 1 + units from the earliest, or its place among the distinct ones; 0: unknown. */
function timeOf(row: u32): u64 {
  const block = times + <usize>(row >> 16) * TIME_BYTES;
  const at = load<usize>(block);
  const held = load<u32>(block, 4);
  if (held === OF_CODES) {
    const code = <usize>load<u16>(at + ((<usize>(row & 0xffff)) << 1));
    return load<u64>(load<usize>(block, 8) + (code << 3));
  }
  if (held === OF_TIMES) {
    const time = load<f64>(at + ((<usize>(row & 0xffff)) << 3));
    return time !== time ? 0 : <u64>(<i64>Math.floor(time) + load<i64>(block, 16));
  }
  const tick = load<u32>(at + ((<usize>(row & 0xffff)) << 2));
  return tick === NO_TICK ? 0 : <u64>(<i64>tick * load<i64>(block, 8) + load<i64>(block, 16));
}

function rankOf(row: u32): u64 {
  let code: u32 = 0;
  const at = addressOf(first, row, width);
  if (width === 1) code = load<u8>(at);
  else if (width === 2) code = load<u16>(at);
  else code = load<u32>(at);
  return load<u32>(second + ((<usize>code) << 2));
}

/** Counts rows `from`..`to` by their keys without the low `shift` bits, beside what was counted. Answers the largest count. */
export function countKeys(from: u32, to: u32, shift: u32, counts: usize): u32 {
  let largest: u32 = 0;
  for (let row = from; row < to; row++) {
    const at = counts + ((<usize>(keyOf(row) >> shift)) << 2);
    const count = load<u32>(at) + 1;
    store<u32>(at, count);
    largest = max(largest, count);
  }
  return largest;
}

/** Counts to places: each count becomes where its rows begin. */
export function sumCounts(counts: usize, buckets: u32): void {
  let sum: u32 = 0;
  for (let i: usize = 0; i < (<usize>buckets) << 2; i += 4) {
    const here = load<u32>(counts + i);
    store<u32>(counts + i, sum);
    sum += here;
  }
}

/**
 * Rows `from`..`to` to their buckets, as records: the key below `shift`, as much of the id as fits, and the row in the low `rowBits`.
 * `places` (of `sumCounts`) become where the buckets end.
 */
export function scatterRecords(from: u32, to: u32, shift: u32, rowBits: u32, places: usize, records: usize): void {
  const mask = ((<u64>1) << shift) - 1;
  const room: u32 = 64 - rowBits;
  for (let row = from; row < to; row++) {
    const key = keyOf(row);
    const at = places + ((<usize>(key >> shift)) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    const rest = key & mask;
    const piece =
      shift >= room
        ? rest >> (shift - room)
        : (rest << (room - shift)) | (((firstHalf(row) - lowest) << raised) >> (64 - (room - shift)));
    store<u64>(records + ((<usize>place) << 3), (piece << rowBits) | <u64>row);
  }
}

/**
 * Sorts buckets `from`..`to` of records, one after the other, and leaves the rows in order where the records were, in half the room.
 * `spare` holds the largest bucket, and so do `keys`, `spareKeys` and `spareRows`, in which rows are settled whose records are equal.
 * `areCut`: records do not hold all of the key.
 */
export function sortBuckets(
  ends: usize,
  from: u32,
  to: u32,
  records: usize,
  rowBits: u32,
  spare: usize,
  areCut: u32,
  keys: usize,
  spareKeys: usize,
  spareRows: usize,
): void {
  const mask = ((<u32>1) << rowBits) - 1;
  let start: u32 = from === 0 ? 0 : load<u32>(ends + ((<usize>(from - 1)) << 2));
  for (let bucket = from; bucket < to; bucket++) {
    const end = load<u32>(ends + ((<usize>bucket) << 2));
    const at = records + ((<usize>start) << 3);
    const rows = records + ((<usize>start) << 2);
    const count = end - start;
    sortRecords(at, count, rowBits, spare);
    for (let i: u32 = 0; i < count;) {
      const piece = load<u64>(at + ((<usize>i) << 3)) >> rowBits;
      let next = i;
      for (; next < count; next++) {
        const record = load<u64>(at + ((<usize>next) << 3));
        if (record >> rowBits !== piece) break;
        store<u32>(rows + ((<usize>next) << 2), <u32>record & mask);
      }
      if (next - i > 1) settle(rows + ((<usize>i) << 2), next - i, areCut, keys, spareKeys, spareRows);
      i = next;
    }
    start = end;
  }
}

/** Rows whose records are equal: by whole key, then by id. */
function settle(rows: usize, count: u32, areCut: u32, keys: usize, spareKeys: usize, spareRows: usize): void {
  if (areCut) {
    for (let i: usize = 0; i < <usize>count; i++) store<u64>(keys + (i << 3), keyOf(load<u32>(rows + (i << 2))));
    sortPairs(keys, rows, count, spareKeys, spareRows);
    settleRuns(rows, count, FIRST_HALF, keys, spareKeys, spareRows);
  } else {
    settleById(rows, count, keys, spareKeys, spareRows);
  }
}

const FIRST_HALF: u32 = 1;
const SECOND_HALF: u32 = 2;

function settleById(rows: usize, count: u32, keys: usize, spareKeys: usize, spareRows: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<u64>(keys + (i << 3), firstHalf(load<u32>(rows + (i << 2))));
  sortPairs(keys, rows, count, spareKeys, spareRows);
  settleRuns(rows, count, SECOND_HALF, keys, spareKeys, spareRows);
}

/** Runs of equal keys by the next part of the id. */
function settleRuns(rows: usize, count: u32, next: u32, keys: usize, spareKeys: usize, spareRows: usize): void {
  for (let i: u32 = 0; i < count;) {
    const key = load<u64>(keys + ((<usize>i) << 3));
    let end = i + 1;
    while (end < count && load<u64>(keys + ((<usize>end) << 3)) === key) end++;
    const r = rows + ((<usize>i) << 2);
    const k = keys + ((<usize>i) << 3);
    if (end - i > 1 && next === FIRST_HALF) settleById(r, end - i, k, spareKeys, spareRows);
    else if (end - i > 1) {
      for (let j: usize = 0; j < <usize>(end - i); j++) {
        store<u64>(k + (j << 3), secondHalf(load<u32>(r + (j << 2))));
      }
      sortPairs(k, r, end - i, spareKeys, spareRows);
    }
    i = end;
  }
}
