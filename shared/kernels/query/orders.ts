/**
 * Orders of rows by a key of at most 64 bits, equal keys by id: first by the key's high bits into buckets, then each bucket in cache.
 * Keys are read from the columns and never stored for all rows, because memory that was not touched before is slow.
 */
import { sortPairs } from './pairs';
import { codeInPlanes } from './planes';
import { addressOf } from './rows';

const BY_SCORE: u32 = 1;
const BY_STATE: u32 = 2;
const BY_TIME: u32 = 3;
const BY_RANK: u32 = 4;
const BY_PRIORITY: u32 = 5;
const BY_ID: u32 = 6;

/** Bytes of a block in a table of times: address u32, unit 0 for f64 as u32 flag, unit i64, what to add i64. */
const TIME_BYTES: usize = 24;
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
 * What keys are made of, and where ids lie. BY_SCORE: `a` is the score's table. BY_STATE: `a` is the table of the state's four planes. BY_TIME:
 * `timeTable`. BY_RANK: `a` is the codes' table, `b` the rank by code. BY_PRIORITY: `a` is the table of the level's three planes, `b`
 * the score's table, and `timeTable`. BY_ID: the first half of the id, less the lowest of `rows`, shifted up so
 * that its high bits tell ids apart. `bits` is the length of the key.
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
  idTable: usize,
  rows: u32,
): void {
  kind = by;
  first = a;
  second = b;
  width = codeWidth;
  times = timeTable;
  timeBits = bitsOfTime;
  flip = isDescending ? ((<u64>1) << bits) - 1 : 0;
  ids = idTable;
  if (by === BY_ID) boundIds(rows);
}

function boundIds(rows: u32): void {
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
  if (kind === BY_ID) key = (firstHalf(row) - lowest) << raised;
  else if (kind === BY_TIME) key = timeOf(row);
  else if (kind === BY_RANK) key = rankOf(row);
  else if (kind === BY_STATE) key = codeInPlanes(first, 4, row);
  else if (kind === BY_SCORE) key = load<u8>(addressOf(first, row, 1));
  else if (kind === BY_PRIORITY) {
    key = ((<u64>codeInPlanes(first, 3, row)) << 7) | (<u64>load<u8>(addressOf(second, row, 1)));
    key = (key << timeBits) | timeOf(row);
  }
  return key ^ flip;
}

/** 1 + milliseconds from the earliest; 0: unknown. */
function timeOf(row: u32): u64 {
  const block = times + <usize>(row >> 16) * TIME_BYTES;
  const at = load<usize>(block);
  if (load<u32>(block, 4)) {
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

/** Counts rows by their keys without the low `shift` bits. Answers the largest count. */
export function countKeys(rows: u32, shift: u32, counts: usize, buckets: u32): u32 {
  memory.fill(counts, 0, (<usize>buckets) << 2);
  let largest: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
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

/** Rows in the order of `base` (0: of their numbers) to their buckets; `counts` (places, after `sumCounts`) become where the buckets end. */
export function scatterKeys(base: usize, rows: u32, shift: u32, counts: usize, order: usize): void {
  for (let i: u32 = 0; i < rows; i++) {
    const row = base ? load<u32>(base + ((<usize>i) << 2)) : i;
    const at = counts + ((<usize>(keyOf(row) >> shift)) << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    store<u32>(order + ((<usize>place) << 2), row);
  }
}

/**
 * Sorts buckets `from`..`to`; the other arrays hold the largest of them. Equal keys keep their order, or with `breakTies` are put in
 * that of ids.
 */
export function sortKeys(
  ends: usize,
  from: u32,
  to: u32,
  order: usize,
  keys: usize,
  spareKeys: usize,
  spareRows: usize,
  breakTies: u32,
): void {
  let start: u32 = from === 0 ? 0 : load<u32>(ends + ((<usize>(from - 1)) << 2));
  for (let bucket = from; bucket < to; bucket++) {
    const end = load<u32>(ends + ((<usize>bucket) << 2));
    const rows = order + ((<usize>start) << 2);
    if (end - start > 1) {
      for (let i: usize = 0; i < <usize>(end - start); i++) {
        store<u64>(keys + (i << 3), keyOf(load<u32>(rows + (i << 2))));
      }
      sortPairs(keys, rows, end - start, spareKeys, spareRows);
      if (breakTies) sortTies(rows, end - start, keys, spareKeys, spareRows, kind === BY_ID);
    }
    start = end;
  }
}

/** Rows with equal keys by id, where `isHalfDone` says that the keys were the first halves. */
function sortTies(rows: usize, count: u32, keys: usize, spareKeys: usize, spareRows: usize, isHalfDone: bool): void {
  let start: u32 = 0;
  while (start < count) {
    const key = load<u64>(keys + ((<usize>start) << 3));
    let end = start + 1;
    while (end < count && load<u64>(keys + ((<usize>end) << 3)) === key) end++;
    if (end - start > 1) {
      const r = rows + ((<usize>start) << 2);
      const k = keys + ((<usize>start) << 3);
      for (let i: usize = 0; i < <usize>(end - start); i++) {
        const row = load<u32>(r + (i << 2));
        store<u64>(k + (i << 3), isHalfDone ? secondHalf(row) : firstHalf(row));
      }
      sortPairs(k, r, end - start, spareKeys, spareRows);
      if (!isHalfDone) sortTies(r, end - start, k, spareKeys, spareRows, true);
    }
    start = end;
  }
}
