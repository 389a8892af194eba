/** Columns of 32-bit words on their way into a block. */
import { Lists } from './lists';

/** Word `word` of all lists, which have `width` each, one more than it is, so that "no text" is 0. */
export function writeColumn(lists: Lists, width: u32, word: u32, into: usize): void {
  const step = (<usize>width) << 2;
  let at = lists.words + ((<usize>word) << 2);
  for (let left = lists.size; left > 0; left--, at += step, into += 4) store<u32>(into, load<u32>(at) + 1);
}

/** Words that each list has. */
export function writeLengths(lists: Lists, into: usize): void {
  let at = lists.starts;
  for (let left = lists.size; left > 0; left--, at += 4, into += 4) {
    store<u32>(into, <u32>((load<usize>(at, 4) - load<usize>(at)) >> 2));
  }
}

/** Makes each of `count` words at `at` one more, so that "no text" is 0. */
export function raise(at: usize, count: u32): void {
  for (; count > 0; count--, at += 4) store<u32>(at, load<u32>(at) + 1);
}

/**
 * Bytes that each of `count` words at `at` needs, 0 where all are the same. Where they are one or two, the words are written to `into`
 * as narrow as that.
 */
export function narrow(at: usize, count: u32, into: usize): u32 {
  const stop = at + ((<usize>count) << 2);
  const first = count > 0 ? load<u32>(at) : 0;
  let all: u32 = 0;
  let differing: u32 = 0;
  for (let word = at; word < stop; word += 4) {
    all |= load<u32>(word);
    differing |= load<u32>(word) ^ first;
  }
  if (differing === 0) return 0;
  if (all > 0xffff) return 4;
  if (all > 0xff) {
    for (; at < stop; at += 4, into += 2) store<u16>(into, <u16>load<u32>(at));
    return 2;
  }
  for (; at < stop; at += 4, into++) store<u8>(into, <u8>load<u32>(at));
  return 1;
}
