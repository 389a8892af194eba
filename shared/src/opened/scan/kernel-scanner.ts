/**
 * The scanner on WebAssembly (`shared/kernels/scan.ts`): copies whole lines into its window and lets the kernels' passes run over it.
 * The window lies in the cache, so that the copy costs a few per cent.
 */
import { parseBase64url } from '../../base/base64url.ts';
import type { ScanKernels } from './kernel-memory.ts';
import { fillMemory, WINDOW_BYTES } from './kernel-memory.ts';
import { createPlainScanner } from './plain.ts';
import type { LineScanner } from './scanner.ts';
import type { ScanTerms } from './terms.ts';
import { SCAN_KERNELS } from './wasm/scan-kernels.ts';

/** Pieces of a line longer than the window overlap by this much, so that every term lies whole in one of them. */
const OVERLAP_BYTES = 4_096;

let compiled: WebAssembly.Module | null = null;

/** Compiles `terms` once for a whole load; `null` where WebAssembly, its SIMD or so much memory is not to be had. */
export function createKernelScanner(terms: ScanTerms): LineScanner | null {
  try {
    compiled ??= new WebAssembly.Module(parseBase64url(SCAN_KERNELS) ?? new Uint8Array());
    return new KernelScanner(terms, compiled);
  } catch {
    // A policy without 'wasm-unsafe-eval', an engine without SIMD, no memory: the plain scanner has the same answers.
    return null;
  }
}

class KernelScanner implements LineScanner {
  readonly #terms: ScanTerms;
  readonly #kernels: ScanKernels;
  readonly #bytes: Uint8Array;
  readonly #lines: Uint32Array;
  readonly #windowAt: number;
  #plain: LineScanner | null = null;

  constructor(terms: ScanTerms, module: WebAssembly.Module) {
    this.#terms = terms;
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    this.#kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ScanKernels;
    const { bytes, lines, windowAt } = fillMemory(this.#kernels, memory, terms);
    this.#bytes = bytes;
    this.#lines = lines;
    this.#windowAt = windowAt;
  }

  scan(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): number {
    let newlines = 0;
    for (let at = start; at < end;) {
      let to = Math.min(end, at + WINDOW_BYTES);
      if (to < end) to = bytes.lastIndexOf(newline, to - 1) + 1;
      if (to > at) newlines += this.#window(bytes, at, to, newline, hits);
      else {
        const newlineAt = bytes.indexOf(newline, at + WINDOW_BYTES);
        to = newlineAt < 0 || newlineAt >= end ? end : newlineAt + 1;
        newlines += this.#longLine(bytes, at, to, newline, hits);
      }
      at = to;
    }
    return newlines;
  }

  /** Whole lines that fit the window. */
  #window(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): number {
    const { names, keywords, words, strings } = this.#terms;
    const kernels = this.#kernels;
    const from = this.#windowAt;
    const to = from + end - start;
    this.#bytes.set(bytes.subarray(start, end), from);
    const runs = kernels.collectEnds(from, to, newline);
    if (names.length > 0) {
      const suffixes = kernels.collectSuffixes(from, kernels.keepEnds(from, runs));
      kernels.markNames(from, kernels.keepSuffixes(from, suffixes));
    }
    if (keywords.length > 0) kernels.markTerms(from, to, kernels.collectGrams(from, to));
    if (words.length > 0) kernels.markTerms(from, to, kernels.collectWords(from, to));
    if (strings.length > 0) kernels.markTerms(from, to, kernels.collectStrings(from, to));
    const places = kernels.takeLines(from, to, newline) * 2;
    for (let i = 0; i < places; i++) hits.push(start + (this.#lines[i] as number));
    return kernels.newlineCount.value;
  }

  /** A line longer than the window: what a cut may have made of a term is looked at again in plain. */
  #longLine(bytes: Uint8Array, start: number, end: number, newline: number, hits: number[]): number {
    const found: number[] = [];
    for (let at = start; found.length === 0; at += WINDOW_BYTES - OVERLAP_BYTES) {
      const to = Math.min(end, at + WINDOW_BYTES);
      this.#window(bytes, at, to, newline, found);
      if (to === end) break;
    }
    if (found.length > 0) {
      this.#plain ??= createPlainScanner(this.#terms);
      this.#plain.scan(bytes, start, end, newline, hits);
    }
    return bytes[end - 1] === newline ? 1 : 0;
  }
}
