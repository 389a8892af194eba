/**
 * Distinct lists of 32-bit words, numbered as they come: tuples are lists of one length. Open addressing; a table begins with few
 * slots, which stay in the processor's cache, and takes more of its memory as it fills.
 */

/** The caller writes the addresses. */
@unmanaged
export class Lists {
  /** Number + 1, 0: free. Room for at least twice the most lists, and FIRST_SLOTS times a power of four. */
  slots: usize;
  /** A u32 for each list. */
  hashes: usize;
  /** Address of each list's words, and behind the last one's. */
  starts: usize;
  words: usize;
  size: u32;
  /** Slots in use, less one. */
  mask: u32;
}

const FIRST_SLOTS: u32 = 1024;

/** Hash of a list of no words. */
export const NO_WORDS: u64 = 0xcbf29ce484222325;

/** One more word in a hash. What differs in a word moves up, so that the upper half tells lists apart. */
export function mixWord(hash: u64, word: u32): u64 {
  return (hash ^ word) * 0x9e3779b97f4a7c15;
}

export function clearLists(lists: Lists): void {
  lists.size = 0;
  lists.mask = FIRST_SLOTS - 1;
  store<usize>(lists.starts, lists.words);
  memory.fill(lists.slots, 0, FIRST_SLOTS << 2);
}

/** Where the words of a new list are written. */
export function endOf(lists: Lists): usize {
  return load<usize>(lists.starts + ((<usize>lists.size) << 2));
}

/** Words of all lists. */
export function wordCount(lists: Lists): u32 {
  return <u32>((endOf(lists) - lists.words) >> 2);
}

/** Number of the list that was written at `endOf`, up to `stop`; `hash` of it, by `mixWord` from NO_WORDS. */
export function intern(lists: Lists, stop: usize, hash: u64): u32 {
  const tag = <u32>(hash >> 32);
  const slots = lists.slots;
  const hashes = lists.hashes;
  const starts = lists.starts;
  const mask = lists.mask;
  const start = endOf(lists);
  let slot = slotOf(tag) & mask;
  let held = load<u32>(slots + ((<usize>slot) << 2));
  while (held !== 0) {
    const at = ((<usize>held) << 2) - 4;
    if (load<u32>(hashes + at) === tag) {
      const from = load<usize>(starts + at);
      if (load<usize>(starts + at, 4) - from === stop - start && areSame(from, start, stop)) return held - 1;
    }
    slot = (slot + 1) & mask;
    held = load<u32>(slots + ((<usize>slot) << 2));
  }
  return add(lists, slot, stop, tag);
}

function areSame(known: usize, start: usize, stop: usize): bool {
  for (; start < stop; start += 4, known += 4) if (load<u32>(known) !== load<u32>(start)) return false;
  return true;
}

function slotOf(tag: u32): u32 {
  return tag ^ (tag >>> 15);
}

function add(lists: Lists, slot: u32, stop: usize, tag: u32): u32 {
  const number = lists.size;
  const at = (<usize>number) << 2;
  store<u32>(lists.hashes + at, tag);
  store<usize>(lists.starts + at, stop, 4);
  lists.size = number + 1;
  store<u32>(lists.slots + ((<usize>slot) << 2), number + 1);
  if ((number + 1) * 2 > lists.mask + 1) takeMoreSlots(lists);
  return number;
}

function takeMoreSlots(lists: Lists): void {
  const mask = ((lists.mask + 1) << 2) - 1;
  const slots = lists.slots;
  const hashes = lists.hashes;
  const size = lists.size;
  memory.fill(slots, 0, (<usize>mask + 1) << 2);
  for (let number: u32 = 0; number < size; number++) {
    let slot = slotOf(load<u32>(hashes + ((<usize>number) << 2))) & mask;
    while (load<u32>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(slots + ((<usize>slot) << 2), number + 1);
  }
  lists.mask = mask;
}
