/**
 * Memory of one scanner's kernels: where its tables, lists and window lie. All of it is laid out once, for one set of terms; the
 * operating system gives pages only to what is touched, so that lists may be as long as the worst input makes them.
 */
import type { ScanTerms } from './terms.ts';
import { stringAnchor } from './terms.ts';

/** Bytes that are scanned at once: the longest line of ingest fits, and masks and lists of a window stay in the cache. */
export const WINDOW_BYTES = 1 << 17;
/** Passes read a little past their ends: 64 bytes before and behind the window and every list are anybody's. */
const MARGIN = 64;
const PAGE_BYTES = 1 << 16;
/** Below it lie the module's own constants. */
const FIRST_FREE = PAGE_BYTES;

/** What `shared/kernels/scan.ts` exports. Addresses and sizes in bytes. */
export interface ScanKernels {
  readonly newlineCount: { readonly value: number };
  placeMarks(marks: number, touched: number, out: number): void;
  placeNames(masks: number, listA: number, listB: number): void;
  placeTable(
    shortTails: number,
    tails: number,
    tailBits: number,
    wholes: number,
    wholeBits: number,
    table: number,
    tableBits: number,
  ): void;
  placeTerms(
    masks: number,
    list: number,
    ends: number,
    filter: number,
    filterBits: number,
    table: number,
    tableBits: number,
    strideBytes: number,
    gramBytes: number,
  ): void;
  addName(record: number): void;
  addTerm(term: number, length: number, offset: number, gramBytes: number, kind: number): void;
  collectEnds(from: number, to: number, newline: number): number;
  keepEnds(from: number, listBytes: number): number;
  collectSuffixes(from: number, listBytes: number): number;
  keepSuffixes(from: number, listBytes: number): number;
  markNames(from: number, listBytes: number): void;
  collectGrams(from: number, to: number): number;
  collectWords(from: number, to: number): number;
  collectStrings(from: number, to: number): number;
  markTerms(from: number, to: number, listBytes: number): void;
  takeLines(from: number, to: number, newline: number): number;
}

export interface ScanMemory {
  readonly bytes: Uint8Array;
  /** Pairs of start and end, from the window's start. */
  readonly lines: Uint32Array;
  readonly windowAt: number;
}

/** Kinds of terms in `shared/kernels/scan/terms.ts`. */
const KEYWORD = 0;
const WORD = 1;
const STRING = 2;
/** Lengths of the grams by which strings are found, the longest that fits. */
const STRING_GRAMS = [8, 4, 2, 1];

/**
 * Lays out `memory` (of one page) for `terms` and fills the tables. Throws a `RangeError` if it cannot grow to 4 MiB and about 64
 * bytes a name.
 */
export function fillMemory(kernels: ScanKernels, memory: WebAssembly.Memory, terms: ScanTerms): ScanMemory {
  let next = FIRST_FREE;
  const take = (bytes: number): number => {
    const at = next + MARGIN;
    next = (at + bytes + MARGIN + 63) & ~63;
    return at;
  };
  // By the first keyword bytes at every second place; 5 bytes is the shortest keyword, so the gram has 4 at least.
  const stride = 2;
  const shortest = terms.keywords.reduce((least, { length }) => Math.min(least, length), 9);
  const gramBytes = Math.min(8, shortest - stride + 1);
  const grams = terms.keywords.length * stride + terms.words.length + terms.strings.length;
  const nameCount = terms.names.length;

  const tailBits = bitsFor(nameCount * 16, 16, 21);
  const wholeBits = bitsFor(nameCount * 16, 12, 24);
  const tableBits = bitsFor(nameCount * 2, 8, 30);
  const filterBits = bitsFor(grams * 128, 12, 18);
  const termTableBits = bitsFor(grams * 2, 8, 28);

  const masks = take(WINDOW_BYTES / 4 + 32);
  // A string may have one gram of each length at each byte of the window.
  const listA = take(WINDOW_BYTES * 4 * (terms.strings.length > 0 ? STRING_GRAMS.length : 1) + 64);
  const listB = take(WINDOW_BYTES * 4 + 64);
  const marks = take(WINDOW_BYTES / 8);
  const touched = take(WINDOW_BYTES / 512);
  const linesAt = take(WINDOW_BYTES * 4);
  const shortTails = take(1 << 13);
  const tails = take(1 << (tailBits - 3));
  const wholes = take(1 << (wholeBits - 3));
  const table = take(8 << tableBits);
  const filter = take(1 << filterBits);
  const termTable = take(16 << termTableBits);
  const namesAt = take(terms.names.reduce((sum, { bytes }) => sum + bytes.length + 2, 0));
  const termLists = [terms.keywords, terms.words, terms.strings];
  const termsAt = take(termLists.flat().reduce((sum, { length }) => sum + length, 0));
  const windowAt = take(WINDOW_BYTES);
  memory.grow(Math.ceil(next / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES);

  const bytes = new Uint8Array(memory.buffer);
  kernels.placeMarks(marks, touched, linesAt);
  kernels.placeNames(masks, listA, listB);
  kernels.placeTable(shortTails, tails, tailBits, wholes, wholeBits, table, tableBits);
  kernels.placeTerms(masks, listA, listB, filter, filterBits, termTable, termTableBits, stride, gramBytes);

  let at = namesAt;
  for (const { bytes: name, isHit } of terms.names) {
    bytes[at] = name.length;
    bytes[at + 1] = isHit ? 1 : 2;
    for (let i = 0; i < name.length; i++) bytes[at + 2 + i] = (name[i] as number) | 0x20;
    kernels.addName(at);
    at += name.length + 2;
  }
  at = termsAt;
  for (const [kind, list] of termLists.entries()) {
    for (const term of list) {
      bytes.set(term, at);
      if (kind === KEYWORD) {
        for (let offset = 0; offset < stride; offset++) kernels.addTerm(at, term.length, offset, gramBytes, KEYWORD);
      } else if (kind === WORD) {
        kernels.addTerm(at, term.length, 0, term.length, WORD);
      } else {
        const anchor = stringAnchor(term);
        const gram = STRING_GRAMS.find((length) => length <= term.length - anchor) ?? 1;
        kernels.addTerm(at, term.length, anchor, gram, STRING);
      }
      at += term.length;
    }
  }
  return { bytes, lines: new Uint32Array(memory.buffer, linesAt, WINDOW_BYTES), windowAt };
}

function bitsFor(count: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(Math.log2(Math.max(1, count)))));
}
