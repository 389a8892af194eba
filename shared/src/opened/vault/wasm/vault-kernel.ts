/** An instance of shared/kernels/vault.ts with its own memory. Addresses are numbers below 2^32. */
import { parseBase64url } from '../../../base/base64url.ts';
import type { Bytes } from '../../../base/bytes.ts';
import type { Numbers } from '../packed-arrays.ts';
import { VAULT_KERNELS } from './vault-kernels.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  begin(): void;
  findRows(from: number, to: number): number;
  sampleFactors(count: number): void;
  findLedgers(from: number, to: number): number;
  hasOtherTags(from: number, to: number): number;
  findTags(from: number, to: number): void;
  raise(at: number, count: number): void;
  narrow(at: number, count: number, into: number): number;
  writeColumn(lists: number, width: number, word: number, into: number): void;
  writeLengths(lists: number, into: number): void;
  wordCount(lists: number): number;
  clearDomains(domains: number): void;
  cutTexts(
    domains: number,
    heap: number,
    offsets: number,
    count: number,
    locals: number,
    before: number,
    ends: number,
    domainOf: number,
  ): number;
  boundTicks(at: number, count: number, out: number): void;
  areOnGrain(at: number, count: number, least: number, grain: number): number;
  listFew(at: number, count: number, slots: number, values: number, codes: number): number;
  narrowTicks(at: number, count: number, least: number, grain: number, width: number, into: number): void;
}

/** Words of a record of lists (shared/kernels/vault/lists.ts), of which the caller writes the first four. */
export const LIST_WORDS = 6;
const LIST = { starts: 2, words: 3, size: 4 } as const;

const PAGE_BYTES = 65_536;

/** Compiled once for all imports of a thread. */
let compiled: WebAssembly.Module | null = null;

/** `null` where there is no WebAssembly, or no room for one more memory. */
export function createVaultKernel(): VaultKernel | null {
  try {
    compiled ??= new WebAssembly.Module(parseBase64url(VAULT_KERNELS) as Bytes);
    return new VaultKernel(new WebAssembly.Instance(compiled).exports as unknown as Exports);
  } catch {
    return null;
  }
}

/** The kernel, and views of its memory that stay right when it grows. */
export class VaultKernel {
  readonly run: Exports;
  bytes: Bytes;
  words: Uint32Array<ArrayBuffer>;

  constructor(run: Exports) {
    this.run = run;
    const buffer = run.memory.buffer as ArrayBuffer;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
  }

  /** Makes sure that there are `size` bytes; views of before are lost then. `false` if there is no room. */
  reserve(size: number): boolean {
    const { memory } = this.run;
    if (size <= this.bytes.length) return true;
    try {
      memory.grow(Math.ceil((size - this.bytes.length) / PAGE_BYTES));
    } catch {
      return false;
    }
    const buffer = memory.buffer as ArrayBuffer;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    return true;
  }

  /** What the record at `lists` says: how many they are, addresses of where each begins, and of their words. */
  listsAt(lists: number): { readonly size: number; readonly starts: number; readonly words: number } {
    const word = (at: number) => this.words[lists / 4 + at] as number;
    return { size: word(LIST.size), starts: word(LIST.starts), words: word(LIST.words) };
  }

  put(at: number, values: Numbers): void {
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  }

  shorts(at: number, length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.bytes.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.bytes.buffer, at, length);
  }
}
