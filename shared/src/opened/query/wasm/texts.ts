/**
 * A dictionary in WebAssembly memory: distinct texts by code, folded for search, with the originals of those that folding changed
 * beside them. Code 0 is ''. Identities have their domains in a dictionary of their own.
 */
import { utf8 } from '../../../base/bytes.ts';
import type { TextDictionary } from '../../bundle/columns.ts';
import type { DictionarySize } from '../dictionary-room.ts';
import { EngineFullError } from '../engine-full.ts';
import type { Codes } from '../hot-columns.ts';
import { foldEntries } from './fold-entries.ts';
import type { FoldedEntries } from './fold-entries.ts';
import { planSplice, runsOf, splice } from './folded-splice.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';

/** Bytes of the description that kernels read; its fields are those of shared/kernels/query/dictionary.ts, in u32. */
export const DESCRIPTION_BYTES = 48;
const [HEAP, OFFSETS, COUNT, TAGS, TAG_WIDTH, DOMAINS, ORIGINALS] = [0, 1, 2, 3, 4, 5, 6];
const [ORIGINAL_CODES, ORIGINAL_OFFSETS, ORIGINAL_HEAP, TABLE, TABLE_BITS] = [7, 8, 9, 10, 11];

/** Kernels read so far beyond the end of a text. */
const SLACK = 64;
/** Codes and places stay below this. */
const MAX_HEAP = 2 ** 31;
const LEAST_TABLE_BITS = 8;
/** Bytes that there is room for per text when many are decoded. */
const USUAL_LENGTH = 40;
/** Folding makes a dictionary longer by less than this share of it, mostly. */
const FOLDING_ROOM = 1 / 16;

/** Codes of an import's entries. */
export interface InternedCodes {
  /** Address of the codes (u32 by 1 + entry; `map[0]` is 0), `entries + 1` of them; 0: code k is k. */
  readonly map: number;
  readonly entries: number;
  readonly areDistinct: boolean;
}

/** What `rollback` needs. */
export interface TextsMark {
  readonly count: number;
  readonly originals: number;
}

/** Tags of an import's entries: domain codes as they came and what they are here. */
export interface DomainTags {
  readonly codes: ArrayLike<number>;
  /** By code as it came; `null`: itself. */
  readonly map: Uint32Array | null;
}

export class Texts {
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #isFolded: boolean;
  readonly #domains: Texts | null;
  readonly #heap: Region;
  readonly #offsets: Region;
  readonly #tags: Region;
  readonly #originalCodes: Region;
  readonly #originalOffsets: Region;
  readonly #originalHeap: Region;
  readonly #table: Region;
  readonly #ranks: Region;
  readonly #description: number;
  /** What was lent to be filled; `load` finds it in its place. */
  #lent: TextDictionary | null = null;
  #lentSize: DictionarySize = { entries: 0, heapBytes: 0 };
  /**
   * The first texts lie as they came: they are folded when somebody asks for what depends on it, because a first view does not, and an
   * unlock would take a quarter longer.
   */
  #isUnfolded = false;
  /** Codes that have a rank. */
  #ranked = 0;
  /** Codes that stand in the table; -1: there is none. */
  #inTable = -1;

  /** `isFolded`: texts can be searched and are in the order of text. `domains`: entries are identities. */
  constructor(memory: WasmMemory, kernels: Kernels, description: number, isFolded: boolean, domains: Texts | null) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#description = description;
    this.#isFolded = isFolded;
    this.#domains = domains;
    const region = () => new Region(memory);
    [this.#heap, this.#offsets, this.#tags, this.#table] = [region(), region(), region(), region()];
    [this.#originalCodes, this.#originalOffsets, this.#originalHeap] = [region(), region(), region()];
    this.#ranks = region();
    this.#heap.reserve(SLACK, 0);
    this.#offsets.reserve(8, 0);
    memory.u32.fill(0, description >> 2, (description + DESCRIPTION_BYTES) >> 2);
    memory.u32.fill(0, this.#offsets.at >> 2, (this.#offsets.at >> 2) + 2);
    this.#set(COUNT, 1);
    this.#set(DOMAINS, domains?.description ?? 0);
    this.#describe();
  }

  /** Address of the description, for kernels: its texts are folded. Throws EngineFullError. */
  get description(): number {
    this.settle();
    return this.#description;
  }

  /** Codes there are, '' among them. */
  get count(): number {
    return this.#get(COUNT);
  }

  /** As it came, an identity with its domain. */
  text(code: number): string {
    const local = this.#decode(code);
    const tag = this.#domains === null ? 0 : this.#tag(code);
    return tag === 0 || this.#domains === null ? local : `${local}@${this.#domains.text(tag)}`;
  }

  /** As `text`, of many: they are decoded at once. Cost: some 30 ns each. */
  textsOf(codes: Uint32Array): string[] {
    let room = codes.length * USUAL_LENGTH;
    for (;;) {
      const texts = this.#memory.lend([2 * codes.byteLength + room + SLACK], (codesAt) => {
        const [lengthsAt, out] = [codesAt + codes.byteLength, codesAt + 2 * codes.byteLength];
        this.#memory.u32.set(codes, codesAt >> 2);
        const size = this.#kernels.gatherTexts(this.#description, codesAt, codes.length, out, room, lengthsAt);
        if (size > room) {
          room = size;
          return null;
        }
        const text = decoder.decode(this.#memory.u8.subarray(out, out + size));
        return cut(text, this.#memory.u32, lengthsAt >> 2, codes.length);
      });
      if (texts !== null) return texts;
    }
  }

  /** -1 if it is not there. */
  codeOf(text: string): number {
    if (text === '') return 0;
    const at = this.#domains === null ? -1 : text.lastIndexOf('@');
    // Where identities are cut: at the last '@' that has something on both sides (HotDictionaries).
    const cut = at === text.length - 1 ? text.lastIndexOf('@', at - 1) : at;
    if (this.#domains === null || cut <= 0) return this.#codeOf(text, 0);
    const domain = this.#domains.codeOf(text.slice(cut + 1));
    return domain <= 0 ? -1 : this.#codeOf(text.slice(0, cut), domain);
  }

  /** Code of one text, new or not. */
  intern(text: string): number {
    const known = this.codeOf(text);
    if (known >= 0) return known;
    const heap = utf8(text);
    const codes = this.load({ offsets: Uint32Array.of(0, heap.length), heap }, null, true);
    const code = codes.map === 0 ? 1 : (this.#memory.u32[(codes.map >> 2) + 1] as number);
    this.release(codes);
    return code;
  }

  mark(): TextsMark {
    this.settle();
    return { count: this.count, originals: this.#get(ORIGINALS) };
  }

  /** Folds what is not folded yet; whether there was something. Throws EngineFullError, all being as before. */
  settle(): boolean {
    const ofDomains = this.#domains?.settle() ?? false;
    if (!this.#isUnfolded) return ofDomains;
    this.#foldInPlace();
    this.#isUnfolded = false;
    return true;
  }

  /** Forgets what came since. */
  rollback({ count, originals }: TextsMark): void {
    if (count === this.count) return;
    // Whoever has a mark has them folded: what is not folded came later.
    this.#isUnfolded = false;
    this.#set(COUNT, count);
    this.#set(ORIGINALS, originals);
    this.#dropTable();
    if (this.#ranked > count) this.#ranked = 0;
  }

  /**
   * Codes of all entries; give them back with `release`. Entries go straight into an empty dictionary, hashed only to see that none is
   * repeated, and not even that where `areDistinct` says so. Throws EngineFullError, the texts being as before.
   */
  load(dictionary: TextDictionary, tags: DomainTags | null, areDistinct: boolean): InternedCodes {
    // While an import's dictionaries come, the domains of its identities stay as they are.
    if (this.count > 1) this.settle();
    const lent = this.#lent;
    this.#lent = null;
    if (dictionary === lent) return this.#loadLent(tags, areDistinct);
    const entries = dictionary.offsets.length - 1;
    if (entries === 0) return { map: 0, entries, areDistinct: true };
    const bytes = dictionary.offsets[entries] as number;
    if (this.#heapLength + bytes + SLACK > MAX_HEAP) throw new EngineFullError(this.#memory.bytes);
    if (this.count === 1) {
      this.#loadFirst(dictionary, tags, entries, bytes);
      if (areDistinct || this.#makeTable(0) === 0) return { map: 0, entries, areDistinct: true };
      this.rollback({ count: 1, originals: 0 });
    }
    return this.#loadMore(dictionary, tags, entries, bytes);
  }

  /** Room in an empty dictionary for entries that are to be lent; `domains`: of identities. Throws EngineFullError. */
  makeRoom({ entries, heapBytes }: DictionarySize, domains: number): void {
    if (heapBytes + SLACK > MAX_HEAP) throw new EngineFullError(this.#memory.bytes);
    this.#reserve(entries, heapBytes + Math.ceil(heapBytes * FOLDING_ROOM), 0, 0, domains + 1);
    this.#lentSize = { entries, heapBytes };
  }

  /** Views over the room that was made, valid until memory is taken; for `load`, which then only folds. */
  lend(): TextDictionary {
    this.#lent = this.#inPlace();
    this.#lent.offsets[0] = 0;
    return this.#lent;
  }

  /** Likewise for the domains of identities. */
  lendTags(): Codes {
    const { u16, u32 } = this.#memory;
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    const first = this.#tags.at / (isNarrow ? 2 : 4) + 1;
    return (isNarrow ? u16 : u32).subarray(first, first + this.#lentSize.entries);
  }

  release({ map, entries }: InternedCodes): void {
    if (map !== 0) this.#memory.give(map, (entries + 1) * 4);
  }

  /** Address of the place of each code in the order of text (u32). Cost: first time a sort of all texts. */
  ranks(): number {
    const { count } = this;
    if (this.#ranked === count) return this.#ranks.at;
    this.settle();
    this.#ranks.reserve(count * 4, 0);
    this.#memory.lend([count * 4, count * 8, count * 8, count * 4], (codes, keys, spareKeys, spareCodes) => {
      const { u32 } = this.#memory;
      for (let code = 0; code < count; code++) u32[(codes >> 2) + code] = code;
      const sorted = [this.description, codes, count, keys, spareKeys, spareCodes] as [N, N, N, N, N, N];
      this.#kernels.sortTexts(...sorted);
      this.#kernels.invertOrder(codes, count, this.#ranks.at);
    });
    this.#ranked = count;
    return this.#ranks.at;
  }

  /** As `ranks` where they are there already, else 0. */
  get knownRanks(): number {
    return this.#ranked === this.count ? this.#ranks.at : 0;
  }

  get #heapLength(): number {
    return this.#memory.u32[(this.#offsets.at >> 2) + this.count] as number;
  }

  #loadFirst(dictionary: TextDictionary, tags: DomainTags | null, entries: number, bytes: number): void {
    this.#reserve(entries, bytes + Math.ceil(bytes * FOLDING_ROOM), 0, 0);
    const { u8, u32 } = this.#memory;
    u8.set(dictionary.heap.subarray(0, bytes), this.#heap.at);
    // The first offset, a zero, is also where '' ends.
    u32.set(dictionary.offsets, (this.#offsets.at >> 2) + 1);
    this.#lentSize = { entries, heapBytes: bytes };
    this.#isUnfolded = this.#isFolded;
    this.#putTags(tags, entries);
    this.#hold(entries);
  }

  #loadLent(tags: DomainTags | null, areDistinct: boolean): InternedCodes {
    const { entries } = this.#lentSize;
    if (!areDistinct || (tags !== null && tags.map !== null)) throw new Error('lent to entries that may be repeated');
    if (entries === 0) return { map: 0, entries, areDistinct: true };
    this.#isUnfolded = this.#isFolded;
    if (tags !== null) this.#tagNone();
    this.#hold(entries);
    return { map: 0, entries, areDistinct: true };
  }

  #hold(entries: number): void {
    this.#set(COUNT, entries + 1);
    this.#dropTable();
    this.#ranked = 0;
  }

  /** Entries as they came, where they lie. */
  #inPlace(): TextDictionary {
    const { entries, heapBytes } = this.#lentSize;
    const { u8, u32 } = this.#memory;
    const first = (this.#offsets.at >> 2) + 1;
    const heap = u8.subarray(this.#heap.at, this.#heap.at + heapBytes);
    return { offsets: u32.subarray(first, first + entries + 1), heap };
  }

  #foldInPlace(): void {
    const { entries, heapBytes } = this.#lentSize;
    const fold = this.#foldOf(() => this.#inPlace(), this.#heap.at, this.#offsets.at + 4, entries);
    if (fold === null) return;
    this.#keepOriginals(() => this.#inPlace(), fold);
    const { runs, room } = planSplice(this.#inPlace(), fold);
    this.#heap.reserve(heapBytes + room + SLACK, heapBytes);
    this.#describe();
    // From behind to where it belongs, so that nothing is overwritten before it has moved.
    this.#memory.u8.copyWithin(this.#heap.at + room, this.#heap.at, this.#heap.at + heapBytes);
    const { offsets } = this.#inPlace();
    splice(this.#memory, offsets, fold, runs, this.#heap.at + room, this.#heap.at, this.#offsets.at + 4);
  }

  /** What folding changes of entries that lie at `heap` and `offsets`; `null`: nothing. */
  #foldOf(given: () => TextDictionary, heap: number, offsets: number, entries: number): FoldedEntries | null {
    if (!this.#isFolded) return null;
    const { listSuspects } = this.#kernels;
    const count = listSuspects(heap, offsets, entries, 0, 0);
    if (count === 0) return null;
    const suspects = this.#memory.lend([count * 4], (out) => {
      listSuspects(heap, offsets, entries, out, count);
      return this.#memory.u32.slice(out >> 2, (out >> 2) + count);
    });
    const fold = foldEntries(given(), suspects);
    return fold.entries.length === 0 ? null : fold;
  }

  /** `given` is asked again where memory was taken. */
  #keepOriginals(given: () => TextDictionary, { entries }: FoldedEntries): void {
    const before = given();
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(before.offsets, entry), 0);
    this.#reserve(0, 0, entries.length, bytes);
    const { offsets, heap } = given();
    const { u8, u32 } = this.#memory;
    let at = 0;
    for (const [first, count] of runsOf(entries)) {
      const [start, end] = [entries[first] as number, (entries[first] as number) + count];
      u8.set(heap.subarray(offsets[start], offsets[end]), this.#originalHeap.at + at);
      for (let i = 0; i < count; i++) {
        u32[(this.#originalCodes.at >> 2) + first + i] = start + i + 1;
        u32[(this.#originalOffsets.at >> 2) + first + i] = at;
        at += sizeOf(offsets, start + i);
      }
    }
    u32[(this.#originalOffsets.at >> 2) + entries.length] = at;
    this.#set(ORIGINALS, entries.length);
  }

  /** The first code, that of '', has no domain. */
  #tagNone(): void {
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    const into = isNarrow ? this.#memory.u16 : this.#memory.u32;
    into[this.#tags.at / (isNarrow ? 2 : 4)] = 0;
  }

  #putTags(tags: DomainTags | null, entries: number): void {
    if (tags === null) return;
    const { codes, map } = tags;
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    const into = isNarrow ? this.#memory.u16 : this.#memory.u32;
    const at = this.#tags.at / (isNarrow ? 2 : 4);
    this.#tagNone();
    if (map === null) into.set(codes, at + 1);
    else for (let i = 0; i < entries; i++) into[at + 1 + i] = map[codes[i] as number] as number;
  }

  #loadMore(dictionary: TextDictionary, tags: DomainTags | null, entries: number, bytes: number): InternedCodes {
    const { offsets, heap } = dictionary;
    const memory = this.#memory;
    const map = memory.take((entries + 1) * 4);
    try {
      const sizes = [bytes + SLACK, (entries + 1) * 4, tags === null ? 0 : entries * 4, this.count];
      return memory.lend(sizes, (heapAt, offsetsAt, tagsAt, seen) => {
        memory.u8.set(heap.subarray(0, bytes), heapAt);
        memory.u32.set(offsets, offsetsAt >> 2);
        memory.u8.fill(0, seen, seen + this.count);
        for (let i = 0; tags !== null && i < entries; i++) {
          const code = tags.codes[i] as number;
          memory.u32[(tagsAt >> 2) + i] = tags.map === null ? code : (tags.map[code] as number);
        }
        const fold = this.#foldOf(() => dictionary, heapAt, offsetsAt, entries);
        const plan = fold === null ? null : planSplice(dictionary, fold);
        const foldedBytes = plan === null ? 0 : bytes + plan.growth;
        const originals = this.#get(ORIGINALS);
        this.#reserve(entries, Math.max(bytes, foldedBytes), fold?.entries.length ?? 0, fold === null ? 0 : bytes);
        if (originals === 0 && fold !== null) memory.u32[this.#originalOffsets.at >> 2] = 0;
        this.#makeTable(entries);
        const repeats = memory.lend([foldedBytes + SLACK, (entries + 1) * 4], (foldedHeap, foldedOffsets) => {
          if (fold !== null && plan !== null) {
            memory.u32.set(offsets, foldedOffsets >> 2);
            splice(memory, offsets, fold, plan.runs, heapAt, foldedHeap, foldedOffsets);
          }
          const folded = fold === null ? [heapAt, offsetsAt] : [foldedHeap, foldedOffsets];
          const given = [heapAt, offsetsAt, ...folded, tags === null ? 0 : tagsAt] as [N, N, N, N, N];
          return this.#kernels.intern(this.description, ...given, entries, map, seen);
        });
        this.#inTable = this.count;
        return { map, entries, areDistinct: repeats === 0 };
      });
    } catch (error) {
      memory.give(map, (entries + 1) * 4);
      throw error;
    }
  }

  /** Room for more entries and bytes, originals among them. Throws, the texts being as before. */
  #reserve(entries: number, bytes: number, originals: number, originalBytes: number, domains = 0): void {
    const { count } = this;
    const length = this.#heapLength;
    try {
      this.#offsets.reserve((count + entries + 2) * 4, (count + 1) * 4);
      this.#heap.reserve(length + bytes + SLACK, length);
      if (this.#domains !== null) this.#reserveTags(count + entries + 1, Math.max(domains, this.#domains.count));
      if (originals > 0) {
        const had = this.#get(ORIGINALS);
        const end = had === 0 ? 0 : (this.#memory.u32[(this.#originalOffsets.at >> 2) + had] as number);
        this.#originalCodes.reserve((had + originals) * 4, had * 4);
        this.#originalOffsets.reserve((had + originals + 1) * 4, (had + 1) * 4);
        this.#originalHeap.reserve(end + originalBytes + SLACK, end);
      }
    } finally {
      this.#describe();
    }
  }

  /** Domain codes take two bytes until there are too many domains. */
  #reserveTags(entries: number, domains: number): void {
    const { count } = this;
    const had = this.#get(TAG_WIDTH);
    const width = had === 4 || domains > 0xffff ? 4 : 2;
    if (had === 2 && width === 4 && this.#tags.at !== 0) {
      const wide = new Region(this.#memory);
      wide.reserve(entries * 4, 0);
      this.#kernels.mapCodes(this.#tags.at, 2, count, 0, wide.at, 4);
      this.#tags.become(wide);
    } else {
      this.#tags.reserve(entries * width, count * width);
    }
    this.#set(TAG_WIDTH, width);
  }

  /** Puts all texts into a table with room for `more`; how many stand there twice. */
  #makeTable(more: number): number {
    const needed = (this.count + more) * 1.5;
    const bits = Math.max(LEAST_TABLE_BITS, Math.ceil(Math.log2(needed)));
    if (this.#inTable === this.count && bits <= this.#get(TABLE_BITS)) return 0;
    this.#inTable = -1;
    this.#table.free();
    this.#table.reserve(4 * 2 ** bits, 0);
    this.#set(TABLE_BITS, bits);
    this.#describe();
    this.#memory.u32.fill(0, this.#table.at >> 2, (this.#table.at >> 2) + 2 ** bits);
    const repeats = this.#kernels.fillTable(this.description);
    this.#inTable = this.count;
    return repeats;
  }

  #dropTable(): void {
    this.#inTable = -1;
  }

  #codeOf(text: string, tag: number): number {
    const bytes = utf8(text);
    const hasTable = this.#inTable === this.count;
    const code = this.#memory.lend([bytes.length + SLACK], (at) => {
      this.#memory.u8.set(bytes, at);
      const find = hasTable ? this.#kernels.findText : this.#kernels.seekText;
      return find(this.description, at, bytes.length, tag);
    });
    return code === 0 ? -1 : code;
  }

  #decode(code: number): string {
    const { u32 } = this.#memory;
    const original = this.#originalOf(code);
    const offsets = original < 0 ? (this.#offsets.at >> 2) + code : (this.#originalOffsets.at >> 2) + original;
    const heap = original < 0 ? this.#heap.at : this.#originalHeap.at;
    return decodeText(this.#memory.u8, heap + (u32[offsets] as number), heap + (u32[offsets + 1] as number));
  }

  /** Index among the originals, -1 for none. */
  #originalOf(code: number): number {
    const { u32 } = this.#memory;
    const codes = this.#originalCodes.at >> 2;
    const originals = this.#get(ORIGINALS);
    let [low, high] = [0, originals];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((u32[codes + middle] as number) < code) low = middle + 1;
      else high = middle;
    }
    return low < originals && u32[codes + low] === code ? low : -1;
  }

  #tag(code: number): number {
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    if (code === 0) return 0;
    const tags = isNarrow ? this.#memory.u16 : this.#memory.u32;
    return tags[this.#tags.at / (isNarrow ? 2 : 4) + code] as number;
  }

  #get(field: number): number {
    return this.#memory.u32[(this.#description >> 2) + field] as number;
  }

  #set(field: number, value: number): void {
    this.#memory.u32[(this.#description >> 2) + field] = value;
  }

  /** Where everything lies now. */
  #describe(): void {
    this.#set(HEAP, this.#heap.at);
    this.#set(OFFSETS, this.#offsets.at);
    this.#set(TAGS, this.#tags.at);
    this.#set(ORIGINAL_CODES, this.#originalCodes.at);
    this.#set(ORIGINAL_OFFSETS, this.#originalOffsets.at);
    this.#set(ORIGINAL_HEAP, this.#originalHeap.at);
    this.#set(TABLE, this.#table.at);
  }
}

type N = number;

function sizeOf(offsets: Uint32Array, entry: number): number {
  return (offsets[entry + 1] as number) - (offsets[entry] as number);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** Up to so many bytes are looked at one by one, which for short ASCII is faster than the decoder. */
const SHORT = 24;

/** `text` in `count` pieces whose lengths stand in `u32` from `first` on. */
function cut(text: string, u32: Uint32Array, first: number, count: number): string[] {
  const pieces = new Array<string>(count);
  for (let i = 0, at = 0; i < count; i++) {
    const end = at + (u32[first + i] as number);
    pieces[i] = text.slice(at, end);
    at = end;
  }
  return pieces;
}

function decodeText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > SHORT) return decoder.decode(bytes.subarray(from, to));
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(from, to));
    text += String.fromCharCode(byte);
  }
  return text;
}
