/**
 * Where the texts of a dictionary lie in WebAssembly memory, described for kernels: heap and offsets by code, originals of those that
 * folding changed, domains of identities. Code 0 is ''.
 */
import type { TextDictionary } from '../../bundle/columns.ts';
import type { Codes } from '../hot-columns.ts';
import { decodeText, decodeTexts } from './decode-text.ts';
import { runsOf } from './folded-splice.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMemory } from './memory.ts';
import { Region } from './memory.ts';

/** Bytes of the description that kernels read; its fields are those of shared/kernels/query/dictionary.ts, in u32. */
export const DESCRIPTION_BYTES = 48;
const [HEAP, OFFSETS, COUNT, TAGS, TAG_WIDTH, DOMAINS, ORIGINALS] = [0, 1, 2, 3, 4, 5, 6];
const [ORIGINAL_CODES, ORIGINAL_OFFSETS, ORIGINAL_HEAP, TABLE, TABLE_BITS] = [7, 8, 9, 10, 11];

/** Kernels read so far beyond the end of a text. */
export const SLACK = 64;
/** Bytes that there is room for per text when many are decoded. */
const USUAL_LENGTH = 40;

/** What is to be held beside what there is. */
interface MoreTexts {
  readonly entries: number;
  readonly bytes: number;
  /** Domains that tags may name; 0: they have none. */
  readonly domains: number;
}

export class TextStore {
  /** Address of the description. */
  readonly description: number;
  readonly #memory: WasmMemory;
  readonly #kernels: Kernels;
  readonly #heap: Region;
  readonly #offsets: Region;
  readonly #tags: Region;
  readonly #originalCodes: Region;
  readonly #originalOffsets: Region;
  readonly #originalHeap: Region;

  /** `domains`: address of the description of the domains' dictionary, 0 where entries have none. */
  constructor(memory: WasmMemory, kernels: Kernels, description: number, domains: number) {
    this.#memory = memory;
    this.#kernels = kernels;
    this.description = description;
    const region = () => new Region(memory);
    [this.#heap, this.#offsets, this.#tags] = [region(), region(), region()];
    [this.#originalCodes, this.#originalOffsets, this.#originalHeap] = [region(), region(), region()];
    this.#heap.reserve(SLACK, 0);
    this.#offsets.reserve(8, 0);
    memory.u32.fill(0, description >> 2, (description + DESCRIPTION_BYTES) >> 2);
    memory.u32.fill(0, this.#offsets.at >> 2, (this.#offsets.at >> 2) + 2);
    this.#set(COUNT, 1);
    this.#set(DOMAINS, domains);
    this.#describe();
  }

  /** Codes there are, '' among them. */
  get count(): number {
    return this.#get(COUNT);
  }

  set count(count: number) {
    this.#set(COUNT, count);
  }

  /** Codes whose texts folding changed. */
  get originals(): number {
    return this.#get(ORIGINALS);
  }

  set originals(count: number) {
    this.#set(ORIGINALS, count);
  }

  /** Address of the heap. */
  get heap(): number {
    return this.#heap.at;
  }

  /** Address of the offsets by code. */
  get offsets(): number {
    return this.#offsets.at;
  }

  get heapLength(): number {
    return this.#memory.u32[(this.#offsets.at >> 2) + this.count] as number;
  }

  /** Bits of the size of the hash table. */
  get tableBits(): number {
    return this.#get(TABLE_BITS);
  }

  describeTable(at: number, bits: number): void {
    this.#set(TABLE, at);
    this.#set(TABLE_BITS, bits);
  }

  /** Room for more. Throws EngineFullError, the texts being as before. */
  reserve({ entries, bytes, domains }: MoreTexts): void {
    const { count, heapLength } = this;
    try {
      this.#offsets.reserve((count + entries + 2) * 4, (count + 1) * 4);
      this.#heap.reserve(heapLength + bytes + SLACK, heapLength);
      if (domains > 0) this.#reserveTags(count + entries + 1, domains);
    } finally {
      this.#describe();
    }
  }

  /** Room for more originals. Throws as `reserve`. */
  reserveOriginals(originals: number, bytes: number): void {
    if (originals === 0) return;
    const had = this.originals;
    try {
      const end = had === 0 ? 0 : (this.#memory.u32[(this.#originalOffsets.at >> 2) + had] as number);
      this.#originalCodes.reserve((had + originals) * 4, had * 4);
      this.#originalOffsets.reserve((had + originals + 1) * 4, (had + 1) * 4);
      this.#originalHeap.reserve(end + bytes + SLACK, end);
      if (had === 0) this.#memory.u32[this.#originalOffsets.at >> 2] = 0;
    } finally {
      this.#describe();
    }
  }

  /** The heap takes `bytes`, of which the first `kept` stay. Throws as `reserve`. */
  growHeap(bytes: number, kept: number): void {
    this.#heap.reserve(bytes + SLACK, kept);
    this.#describe();
  }

  /** The first `heapBytes` and `entries` behind '', where they lie. */
  inPlace(entries: number, heapBytes: number): TextDictionary {
    const { u8, u32 } = this.#memory;
    const first = (this.#offsets.at >> 2) + 1;
    const heap = u8.subarray(this.#heap.at, this.#heap.at + heapBytes);
    return { offsets: u32.subarray(first, first + entries + 1), heap };
  }

  /** The first originals, of these entries (rising); `given` is asked again where memory was taken. Throws as `reserve`. */
  keepOriginals(given: () => TextDictionary, entries: readonly number[]): void {
    const before = given();
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(before.offsets, entry), 0);
    this.reserveOriginals(entries.length, bytes);
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
    this.originals = entries.length;
  }

  /** Codes of domains of `entries` behind '', to be written. */
  tagsInPlace(entries: number): Codes {
    const { u16, u32 } = this.#memory;
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    const first = this.#tags.at / (isNarrow ? 2 : 4) + 1;
    return (isNarrow ? u16 : u32).subarray(first, first + entries);
  }

  /** The first code, that of '', has no domain. */
  tagNone(): void {
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    const into = isNarrow ? this.#memory.u16 : this.#memory.u32;
    into[this.#tags.at / (isNarrow ? 2 : 4)] = 0;
  }

  /** Code of an identity's domain, 0 for none. */
  tag(code: number): number {
    const isNarrow = this.#get(TAG_WIDTH) === 2;
    if (code === 0) return 0;
    const tags = isNarrow ? this.#memory.u16 : this.#memory.u32;
    return tags[this.#tags.at / (isNarrow ? 2 : 4) + code] as number;
  }

  /** As it came, without its domain. */
  text(code: number): string {
    const { u32 } = this.#memory;
    const original = this.#originalOf(code);
    const offsets = original < 0 ? (this.#offsets.at >> 2) + code : (this.#originalOffsets.at >> 2) + original;
    const heap = original < 0 ? this.#heap.at : this.#originalHeap.at;
    return decodeText(this.#memory.u8, heap + (u32[offsets] as number), heap + (u32[offsets + 1] as number));
  }

  /** Of many, with their domains. Cost: some 30 ns each. */
  wholeTexts(codes: Uint32Array): string[] {
    let room = codes.length * USUAL_LENGTH;
    for (;;) {
      const texts = this.#memory.lend([2 * codes.byteLength + room + SLACK], (codesAt) => {
        const [lengthsAt, out] = [codesAt + codes.byteLength, codesAt + 2 * codes.byteLength];
        this.#memory.u32.set(codes, codesAt >> 2);
        const size = this.#kernels.gatherTexts(this.description, codesAt, codes.length, out, room, lengthsAt);
        if (size > room) {
          room = size;
          return null;
        }
        const { u8, u32 } = this.#memory;
        return decodeTexts(u8.subarray(out, out + size), u32, lengthsAt >> 2, codes.length);
      });
      if (texts !== null) return texts;
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

  /** Index among the originals, -1 for none. */
  #originalOf(code: number): number {
    const { u32 } = this.#memory;
    const codes = this.#originalCodes.at >> 2;
    const { originals } = this;
    let [low, high] = [0, originals];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((u32[codes + middle] as number) < code) low = middle + 1;
      else high = middle;
    }
    return low < originals && u32[codes + low] === code ? low : -1;
  }

  #get(field: number): number {
    return this.#memory.u32[(this.description >> 2) + field] as number;
  }

  #set(field: number, value: number): void {
    this.#memory.u32[(this.description >> 2) + field] = value;
  }

  /** Where everything lies now. */
  #describe(): void {
    this.#set(HEAP, this.#heap.at);
    this.#set(OFFSETS, this.#offsets.at);
    this.#set(TAGS, this.#tags.at);
    this.#set(ORIGINAL_CODES, this.#originalCodes.at);
    this.#set(ORIGINAL_OFFSETS, this.#originalOffsets.at);
    this.#set(ORIGINAL_HEAP, this.#originalHeap.at);
  }
}

function sizeOf(offsets: Uint32Array, entry: number): number {
  return (offsets[entry + 1] as number) - (offsets[entry] as number);
}
