/**
 * Identities cut into local part and domain (split-identities.ts). A domain is a list: its length in bytes, then its bytes, the last word
 * filled up with zeros.
 */
import { clearLists, endOf, intern, Lists, mixWord, NO_WORDS } from './lists';

const AT: u8 = 0x40;

export function clearDomains(domains: Lists): void {
  clearLists(domains);
}

/**
 * Cuts `count` texts at the last '@' that has something on both sides. `offsets`: one more u32 than texts; text i begins at `heap` plus
 * its offset. Local parts go to `locals` (8 bytes longer than the texts), where each ends to `ends` (a u32 each, the first one begins at
 * `before`), 1 + the domain, or 0, to `domainOf`. Texts are read up to 3 bytes beyond their end. Answers the bytes of the local parts.
 */
export function cutTexts(
  domains: Lists,
  heap: usize,
  offsets: usize,
  count: u32,
  locals: usize,
  before: u32,
  ends: usize,
  domainOf: usize,
): u32 {
  let to = locals;
  for (; count > 0; count--, offsets += 4, ends += 4, domainOf += 4) {
    const from = heap + load<u32>(offsets);
    const stop = heap + load<u32>(offsets, 4);
    const at = lastAt(from, stop);
    const end = at > from ? at : stop;
    store<u32>(domainOf, end === stop ? 0 : domainNumber(domains, end + 1, stop) + 1);
    // Eight bytes a step: what is written too much the next one writes over.
    for (let byte: usize = 0; byte < end - from; byte += 8) store<u64>(to + byte, load<u64>(from + byte));
    to += end - from;
    store<u32>(ends, before + <u32>(to - locals));
  }
  return <u32>(to - locals);
}

/** `from` or less: there is none. The last byte cannot be the cut, the first neither. */
function lastAt(from: usize, stop: usize): usize {
  let at = stop - 1;
  if (at > from) at--;
  while (at > from && load<u8>(at) !== AT) at--;
  return at;
}

function domainNumber(domains: Lists, from: usize, stop: usize): u32 {
  const length = <u32>(stop - from);
  let at = endOf(domains);
  store<u32>(at, length);
  at += 4;
  let hash = mixWord(NO_WORDS, length);
  for (; from < stop; from += 4, at += 4) {
    const left = <u32>(stop - from);
    const word = left < 4 ? load<u32>(from) & ((1 << (left << 3)) - 1) : load<u32>(from);
    store<u32>(at, word);
    hash = mixWord(hash, word);
  }
  return intern(domains, at, hash);
}
