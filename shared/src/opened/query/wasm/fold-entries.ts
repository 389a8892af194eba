/** Dictionaries folded for search, entry by entry, where folding changes anything. */
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import type { TextDictionary } from '../../bundle/columns.ts';
import { foldText } from '../fold.ts';

const LINE_FEED = 10;
const SPACE = 32;
const CASE_BIT = 0x20;

/** The folded entries, and which of them folding changed (rising). */
export interface FoldedEntries {
  readonly folded: TextDictionary;
  readonly changed: readonly number[];
}

/** `null` where folding changes no entry. Cost: a pass over the bytes; an entry that is not ASCII costs about a microsecond. */
export function foldEntries({ offsets, heap }: TextDictionary): FoldedEntries | null {
  const entries = offsets.length - 1;
  const changed: number[] = [];
  const foldedOffsets = new Uint32Array(offsets.length);
  let folded = new Uint8Array(heap.length);
  let length = 0;
  for (let entry = 0; entry < entries; entry++) {
    const from = offsets[entry] as number;
    const to = offsets[entry + 1] as number;
    const bytes = isAscii(heap, from, to) ? null : foldedBytes(heap.subarray(from, to));
    const size = bytes?.length ?? to - from;
    if (length + size > folded.length) folded = grown(folded, length + size);
    if (bytes === null ? lower(heap, from, to, folded, length) : putIfChanged(heap, from, bytes, folded, length)) {
      changed.push(entry);
    }
    length += size;
    foldedOffsets[entry + 1] = length;
  }
  return changed.length === 0
    ? null
    : { folded: { offsets: foldedOffsets, heap: folded.subarray(0, length) }, changed };
}

function isAscii(heap: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((heap[at] as number) >= 0x80) return false;
  return true;
}

function foldedBytes(bytes: Uint8Array): Uint8Array {
  const text = fromUtf8(bytes);
  return text === null ? bytes : utf8(foldText(text));
}

/** ASCII in lower case, line feeds as spaces; whether anything changed. */
function lower(heap: Uint8Array, from: number, to: number, into: Uint8Array, at: number): boolean {
  let isChanged = false;
  for (let i = from; i < to; i++) {
    const byte = heap[i] as number;
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    if (isUpper || byte === LINE_FEED) isChanged = true;
    into[at++] = isUpper ? byte | CASE_BIT : byte === LINE_FEED ? SPACE : byte;
  }
  return isChanged;
}

function putIfChanged(heap: Uint8Array, from: number, bytes: Uint8Array, into: Uint8Array, at: number): boolean {
  into.set(bytes, at);
  return bytes.some((byte, i) => byte !== heap[from + i]);
}

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
