/**
 * Rows by their 16-byte ids: a hash table of any size, open addressing. A slot is 1 + the row and six bits of the hash; 0 is free.
 * Ids are keyed hashes, but nothing here depends on it.
 */
import { setBit } from './bit';
import { addressOf } from './rows';

const ROW_BITS: u32 = 26;
const ROW_MASK: u32 = (1 << 26) - 1;
const NO_ROW: u32 = 0xffffffff;

let slots: usize = 0;
let slotCount: u64 = 0;
let ids: usize = 0;

/** The table (`count` slots, more than rows) and the block table of the ids, for all that follows. */
export function useIds(table: usize, count: u32, idTable: usize): void {
  slots = table;
  slotCount = count;
  ids = idTable;
}

/** Where `find` ended, and what a slot there says of the hash. */
let slot: usize = 0;
let tag: u32 = 0;

function find(id: usize): u32 {
  const a = load<u64>(id);
  const b = load<u64>(id, 8);
  let hash = (a ^ ((b << 32) | (b >> 32))) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 29;
  tag = (<u32>hash) << ROW_BITS;
  slot = slots + ((<usize>(((hash >> 32) * slotCount) >> 32)) << 2);
  const end = slots + ((<usize>slotCount) << 2);
  let held = load<u32>(slot);
  while (held) {
    if ((held & ~ROW_MASK) === tag) {
      const known = addressOf(ids, (held & ROW_MASK) - 1, 16);
      if (load<u64>(known) === a && load<u64>(known, 8) === b) return (held & ROW_MASK) - 1;
    }
    slot += 4;
    if (slot === end) slot = slots;
    held = load<u32>(slot);
  }
  return NO_ROW;
}

/** Adds rows `from`..`to`, whose ids are not there. */
export function fillIds(from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    find(addressOf(ids, row, 16));
    store<u32>(slot, tag | (row + 1));
  }
}

/**
 * Takes rows `from`..`to` one after the other: a new id moves up to row `kept`, which goes up by one; for one that is there, the row
 * that has it is written to `keepers`, itself (as it was numbered) to `later`, and its bit in `repeated` is set. Answers how many.
 */
export function addIds(from: u32, to: u32, kept: u32, keepers: usize, later: usize, repeated: usize): u32 {
  let found: u32 = 0;
  for (let row = from; row < to; row++) {
    const id = addressOf(ids, row, 16);
    const known = find(id);
    if (known === NO_ROW) {
      if (kept !== row) v128.store(addressOf(ids, kept, 16), v128.load(id));
      store<u32>(slot, tag | (kept + 1));
      kept++;
    } else {
      store<u32>(keepers + ((<usize>found) << 2), known);
      store<u32>(later + ((<usize>found) << 2), row);
      setBit(repeated, row, 1);
      found++;
    }
  }
  return found;
}

/** Row of each of `count` ids (16 bytes each) to `out`, NO_ROW where none below `rows` has it. */
export function findIds(from: usize, count: u32, rows: u32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = find(from + (i << 4));
    store<u32>(out + (i << 2), row < rows ? row : NO_ROW);
  }
}

/** The 16-byte ids of `count` rows one after the other. */
export function gatherIds(idTable: usize, rows: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    v128.store(out + (i << 4), v128.load(addressOf(idTable, load<u32>(rows + (i << 2)), 16)));
  }
}
