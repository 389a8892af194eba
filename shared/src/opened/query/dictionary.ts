/**
 * Distinct texts of one field over all segments. A row holds a code; search runs over the texts, joined to one folded string,
 * and marks codes: rows are never looked at as text. Code 0 is '' (absent).
 */
import type { TextDictionary } from '../bundle/columns.ts';
import { utf8 } from '../../base/bytes.ts';
import { foldText } from './fold.ts';
import { hashBytes, TextIndex } from './text-index.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class Dictionary {
  readonly #texts: string[] = [''];
  readonly #index = new TextIndex();
  #folded: { readonly heap: string; readonly starts: Uint32Array } | null = null;
  #ranks: Uint32Array | null = null;
  readonly #marks = new Map<string, Uint8Array>();

  constructor() {
    this.#index.add(hashBytes(new Uint8Array(0), 0, 0));
  }

  get size(): number {
    return this.#texts.length;
  }

  text(code: number): string {
    return this.#texts[code] ?? '';
  }

  /** `undefined` if the text is not there. */
  codeOf(text: string): number | undefined {
    const bytes = utf8(text);
    const code = this.#find(text, hashBytes(bytes, 0, bytes.length));
    return code < 0 ? undefined : code;
  }

  intern(text: string): number {
    const bytes = utf8(text);
    return this.#intern(text, hashBytes(bytes, 0, bytes.length));
  }

  /** Codes here of all entries of `dictionary`. */
  internAll(dictionary: TextDictionary): Uint32Array {
    const { offsets, heap } = dictionary;
    const texts = textsOf(dictionary);
    const codes = new Uint32Array(texts.length);
    for (let i = 0; i < texts.length; i++) {
      const hash = hashBytes(heap, offsets[i] as number, offsets[i + 1] as number);
      codes[i] = this.#intern(texts[i] as string, hash);
    }
    return codes;
  }

  /** One byte a code: 1 where the folded text contains `needle` (folded, not empty); `null` if nowhere. The caller does not write. */
  marksOf(needle: string): Uint8Array | null {
    const known = this.#marks.get(needle);
    if (known) return known.length === 0 ? null : known;
    const marks = this.#search(needle);
    if (this.#marks.size >= 32) this.#marks.clear();
    this.#marks.set(needle, marks ?? new Uint8Array(0));
    return marks;
  }

  /** Place of each code in the order of folded text, then of the text itself. */
  ranks(): Uint32Array {
    if (this.#ranks) return this.#ranks;
    const folded = this.#texts.map(foldText);
    const order = Uint32Array.from(this.#texts.keys());
    order.sort((a, b) => {
      const [x, y] = [folded[a] as string, folded[b] as string];
      if (x !== y) return x < y ? -1 : 1;
      return this.text(a) < this.text(b) ? -1 : 1;
    });
    const ranks = new Uint32Array(order.length);
    for (let i = 0; i < order.length; i++) ranks[order[i] as number] = i;
    this.#ranks = ranks;
    return ranks;
  }

  #find(text: string, hash: number): number {
    return this.#index.find(hash, (code) => this.#texts[code] === text);
  }

  #intern(text: string, hash: number): number {
    const known = this.#find(text, hash);
    if (known >= 0) return known;
    this.#index.add(hash);
    this.#folded = null;
    this.#ranks = null;
    this.#marks.clear();
    return this.#texts.push(text) - 1;
  }

  #search(needle: string): Uint8Array | null {
    const { heap, starts } = (this.#folded ??= this.#fold());
    let marks: Uint8Array | null = null;
    let code = 0;
    for (let at = heap.indexOf(needle); at >= 0; at = heap.indexOf(needle, starts[code])) {
      while ((starts[code + 1] as number) <= at) code++;
      marks ??= new Uint8Array(this.size);
      marks[code] = 1;
      code++;
      if (code === this.size) break;
    }
    return marks;
  }

  #fold(): { readonly heap: string; readonly starts: Uint32Array } {
    const folded = this.#texts.map(foldText);
    const starts = new Uint32Array(folded.length + 1);
    for (let i = 0; i < folded.length; i++) starts[i + 1] = (starts[i] as number) + (folded[i] as string).length + 1;
    return { heap: folded.join('\n'), starts };
  }
}

/** All texts of a bundle's dictionary. ASCII heaps (nearly all) are decoded once and cut. */
function textsOf({ offsets, heap }: TextDictionary): string[] {
  const whole = decoder.decode(heap);
  const isAscii = whole.length === heap.length;
  return Array.from({ length: offsets.length - 1 }, (_, i) => {
    const [from, to] = [offsets[i] as number, offsets[i + 1] as number];
    return isAscii ? whole.slice(from, to) : decoder.decode(heap.subarray(from, to));
  });
}
