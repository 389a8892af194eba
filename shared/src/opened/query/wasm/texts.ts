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
import { planSplice, splice } from './folded-splice.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { TextRanks } from './text-ranks.ts';
import { SLACK, TextStore } from './text-store.ts';
import { TextTable } from './text-table.ts';

/** Codes and places stay below this. */
const MAX_HEAP = 2 ** 31;
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
  readonly #store: TextStore;
  readonly #table: TextTable;
  readonly #ranks: TextRanks;
  /** What was lent to be filled; `load` finds it in its place. */
  #lent: TextDictionary | null = null;
  #lentSize: DictionarySize = { entries: 0, heapBytes: 0 };
  /**
   * The first texts lie as they came: they are folded when somebody asks for what depends on it, because a first view does not, and an
   * unlock would take a quarter longer.
   */
  #isUnfolded = false;

  /** `isFolded`: texts can be searched and are in the order of text. `domains`: entries are identities. */
  constructor(memory: WasmMemory, kernels: Kernels, description: number, isFolded: boolean, domains: Texts | null) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.#isFolded = isFolded;
    this.#domains = domains;
    this.#store = new TextStore(memory, kernels, description, domains?.description ?? 0);
    this.#table = new TextTable(memory, kernels, this.#store);
    this.#ranks = new TextRanks(memory, kernels, this.#store);
  }

  /** Address of the description, for kernels: its texts are folded. Throws EngineFullError. */
  get description(): number {
    this.settle();
    return this.#store.description;
  }

  /** Codes there are, '' among them. */
  get count(): number {
    return this.#store.count;
  }

  /** As it came, an identity with its domain. */
  text(code: number): string {
    const local = this.#store.text(code);
    const tag = this.#domains === null ? 0 : this.#store.tag(code);
    return tag === 0 || this.#domains === null ? local : `${local}@${this.#domains.text(tag)}`;
  }

  /** As `text`, of many: they are decoded at once. */
  textsOf(codes: Uint32Array): string[] {
    return this.#store.wholeTexts(codes);
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
    return { count: this.count, originals: this.#store.originals };
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
    this.#store.count = count;
    this.#store.originals = originals;
    this.#table.drop();
    this.#ranks.truncate(count);
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
    if (this.#store.heapLength + bytes + SLACK > MAX_HEAP) throw new EngineFullError(this.#memory.bytes);
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
    this.#reserve(entries, heapBytes + Math.ceil(heapBytes * FOLDING_ROOM), domains + 1);
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
    return this.#store.tagsInPlace(this.#lentSize.entries);
  }

  release({ map, entries }: InternedCodes): void {
    if (map !== 0) this.#memory.give(map, (entries + 1) * 4);
  }

  /** Address of the place of each code in the order of text (u32). Cost: first time a sort of all texts. */
  ranks(): number {
    if (this.knownRanks !== 0) return this.knownRanks;
    this.settle();
    return this.#ranks.make();
  }

  /** As `ranks` where they are there already, else 0. */
  get knownRanks(): number {
    return this.#ranks.known;
  }

  #loadFirst(dictionary: TextDictionary, tags: DomainTags | null, entries: number, bytes: number): void {
    this.#reserve(entries, bytes + Math.ceil(bytes * FOLDING_ROOM));
    const { u8, u32 } = this.#memory;
    u8.set(dictionary.heap.subarray(0, bytes), this.#store.heap);
    // The first offset, a zero, is also where '' ends.
    u32.set(dictionary.offsets, (this.#store.offsets >> 2) + 1);
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
    if (tags !== null) this.#store.tagNone();
    this.#hold(entries);
    return { map: 0, entries, areDistinct: true };
  }

  #hold(entries: number): void {
    this.#store.count = entries + 1;
    this.#table.drop();
    this.#ranks.drop();
  }

  /** Entries as they came, where they lie. */
  #inPlace(): TextDictionary {
    return this.#store.inPlace(this.#lentSize.entries, this.#lentSize.heapBytes);
  }

  #foldInPlace(): void {
    const { entries, heapBytes } = this.#lentSize;
    const store = this.#store;
    const fold = this.#foldOf(() => this.#inPlace(), store.heap, store.offsets + 4, entries);
    if (fold === null) return;
    store.keepOriginals(() => this.#inPlace(), fold.entries);
    const { runs, room } = planSplice(this.#inPlace(), fold);
    store.growHeap(heapBytes + room, heapBytes);
    // From behind to where it belongs, so that nothing is overwritten before it has moved.
    this.#memory.u8.copyWithin(store.heap + room, store.heap, store.heap + heapBytes);
    const { offsets } = this.#inPlace();
    splice(this.#memory, offsets, fold, runs, store.heap + room, store.heap, store.offsets + 4);
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

  #putTags(tags: DomainTags | null, entries: number): void {
    if (tags === null) return;
    const { codes, map } = tags;
    this.#store.tagNone();
    const into = this.#store.tagsInPlace(entries);
    if (map === null) into.set(codes);
    else for (let i = 0; i < entries; i++) into[i] = map[codes[i] as number] as number;
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
        this.#reserve(entries, Math.max(bytes, foldedBytes));
        if (fold !== null) this.#store.reserveOriginals(fold.entries.length, bytes);
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
        this.#table.followed();
        return { map, entries, areDistinct: repeats === 0 };
      });
    } catch (error) {
      memory.give(map, (entries + 1) * 4);
      throw error;
    }
  }

  #reserve(entries: number, bytes: number, domains = 0): void {
    this.#store.reserve({ entries, bytes, domains: Math.max(domains, this.#domains?.count ?? 0) });
  }

  /** Puts all texts into a table with room for `more`; how many stand there twice. */
  #makeTable(more: number): number {
    if (this.#table.holds(more)) return 0;
    this.settle();
    return this.#table.make(more);
  }

  #codeOf(text: string, tag: number): number {
    this.settle();
    return this.#table.codeOf(text, tag);
  }
}

type N = number;
