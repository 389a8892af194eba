/** Texts that may repeat, as a column whose dictionary has each once. Works on bytes and makes nothing per text. */
import type { Bytes } from '../../base/bytes.ts';
import type { TextColumn } from './columns.ts';
import { NO_TEXT } from './columns.ts';

/** Text `i` is `heap[offsets[i]..offsets[i + 1])`, none where `isNull`. Cost: a hash over the heap; the dictionary is a copy. */
export function distinctTexts(offsets: Uint32Array, heap: Bytes, isNull: (text: number) => boolean): TextColumn {
  const length = offsets.length - 1;
  const codes = new Uint32Array(length);
  /** Text that each entry was first, and its hash. */
  const firsts: number[] = [];
  const hashes: number[] = [];
  let slots = new Uint32Array(256);
  let bytes = 0;
  for (let text = 0; text < length; text++) {
    if (isNull(text)) {
      codes[text] = NO_TEXT;
      continue;
    }
    const [from, to] = [offsets[text] as number, offsets[text + 1] as number];
    const hash = hashOf(heap, from, to);
    let slot = hash % slots.length;
    for (let held = slots[slot] as number; held !== 0; held = slots[slot] as number) {
      const first = firsts[held - 1] as number;
      if (hashes[held - 1] === hash && isSame(heap, from, to, offsets[first] as number, offsets[first + 1] as number))
        break;
      slot = (slot + 1) % slots.length;
    }
    if (slots[slot] === 0) {
      slots[slot] = firsts.push(text);
      hashes.push(hash);
      bytes += to - from;
    }
    codes[text] = (slots[slot] as number) - 1;
    if (firsts.length * 2 > slots.length) slots = rehashed(hashes, slots.length * 4);
  }
  return { codes, dictionary: copied(offsets, heap, firsts, bytes) };
}

function copied(offsets: Uint32Array, heap: Bytes, texts: readonly number[], bytes: number): TextColumn['dictionary'] {
  const kept = { offsets: new Uint32Array(texts.length + 1), heap: new Uint8Array(bytes) };
  let end = 0;
  texts.forEach((text, entry) => {
    const part = heap.subarray(offsets[text], offsets[text + 1]);
    kept.heap.set(part, end);
    end += part.length;
    kept.offsets[entry + 1] = end;
  });
  return kept;
}

function hashOf(heap: Bytes, from: number, to: number): number {
  // FNV-1a (IETF draft-eastlake-fnv), 32 bits.
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (heap[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function isSame(heap: Bytes, from: number, to: number, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (let i = 0; from + i < to; i++) if (heap[from + i] !== heap[otherFrom + i]) return false;
  return true;
}

function rehashed(hashes: readonly number[], length: number): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(length);
  hashes.forEach((hash, entry) => {
    let slot = hash % length;
    while (slots[slot] !== 0) slot = (slot + 1) % length;
    slots[slot] = entry + 1;
  });
  return slots;
}
