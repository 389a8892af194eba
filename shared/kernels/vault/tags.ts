/** Lists of tags as they came. */
import { BATCH, TAGS } from './batch';
import { endOf, intern, mixWord, NO_WORDS } from './lists';

/** Whether the tags of a row among `from`..`to` are no rising set. */
export function hasOtherTags(from: u32, to: u32): bool {
  for (let row = from; row < to; row++) {
    const stop = load<u32>(BATCH.tagOffsets + ((<usize>row) << 2), 4);
    for (let value = load<u32>(BATCH.tagOffsets + ((<usize>row) << 2)) + 1; value < stop; value++) {
      const at = BATCH.tagCodes + ((<usize>value) << 2);
      if (load<u32>(at) <= load<u32>(at - 4)) return true;
    }
  }
  return false;
}

export function findTags(from: u32, to: u32): void {
  for (let row = from; row < to; row++) {
    const four = (<usize>row) << 2;
    const stop = load<u32>(BATCH.tagOffsets + four, 4);
    let at = endOf(TAGS);
    let hash = NO_WORDS;
    for (let value = load<u32>(BATCH.tagOffsets + four); value < stop; value++) {
      const code = load<u32>(BATCH.tagCodes + ((<usize>value) << 2));
      store<u32>(at, code);
      hash = mixWord(hash, code);
      at += 4;
    }
    store<u32>(BATCH.tagsOf + four, intern(TAGS, at, hash));
  }
}
