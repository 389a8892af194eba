/**
 * Distinct texts of one field over all imports. A row holds a code; search runs over the texts, joined to one folded string,
 * and marks codes: rows are never looked at as text. Code 0 is '' (absent).
 */
import { utf8 } from '../../base/bytes.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import { foldText } from './fold.ts';
import type { HotDictionaries } from './hot-columns.ts';
import { FNV_START, hashBytes, TextIndex } from './text-index.ts';
import { compareCodePoints } from './text-order.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const AT = new Uint8Array([0x40]);
/** Searches remembered. */
const MAX_MARKS = 32;

interface Folded {
  readonly texts: readonly string[];
  /** All texts, a line each. */
  readonly heap: string;
  readonly starts: Uint32Array;
  /** Neither texts nor folded texts hold a surrogate: code units are in the order of code points. */
  readonly isPlain: boolean;
}

export class Dictionary {
  readonly #texts: string[] = [''];
  readonly #index = new TextIndex();
  #characters = 0;
  #folded: Folded | null = null;
  #ranks: Uint32Array<ArrayBuffer> | null = null;
  readonly #marks = new Map<string, Uint8Array>();

  constructor() {
    this.#index.add(FNV_START);
  }

  get size(): number {
    return this.#texts.length;
  }

  /** A guess: texts as most engines hold them, index, what search has made. */
  get memoryBytes(): number {
    return this.#texts.length * 24 + this.#characters * (this.#folded === null ? 1 : 3) + this.#index.memoryBytes;
  }

  text(code: number): string {
    return this.#texts[code] ?? '';
  }

  folded(code: number): string {
    return this.#fold().texts[code] ?? '';
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

  /** Codes here by hot code (0 stays 0, entry i is i + 1). */
  internAll(dictionary: TextDictionary): Uint32Array {
    const { offsets, heap } = dictionary;
    const texts = textsOf(dictionary);
    const codes = new Uint32Array(texts.length + 1);
    for (let i = 0; i < texts.length; i++) {
      codes[i + 1] = this.#intern(texts[i] as string, hashBytes(heap, offsets[i] as number, offsets[i + 1] as number));
    }
    return codes;
  }

  /** As `internAll`, of identities in two parts. */
  internIdentities({ identity, identityDomain }: Pick<HotDictionaries, 'identity' | 'identityDomain'>): Uint32Array {
    const { local, domain } = identity;
    const locals = textsOf(local);
    const domains = textsOf(identityDomain);
    const codes = new Uint32Array(locals.length + 1);
    for (let i = 0; i < locals.length; i++) {
      const hash = hashBytes(local.heap, local.offsets[i] as number, local.offsets[i + 1] as number);
      const at = (domain[i] as number) - 1;
      codes[i + 1] =
        at < 0
          ? this.#intern(locals[i] as string, hash)
          : this.#intern(`${locals[i]}@${domains[at]}`, hashWithDomain(hash, identityDomain, at));
    }
    return codes;
  }

  /** Forgets what was interned since there were `size` texts. */
  truncate(size: number): void {
    if (size === this.size) return;
    this.#texts.length = size;
    this.#index.truncate(size);
    this.#forget();
  }

  /** One byte a code: 1 where the folded text contains `needle` (folded, not empty); `null` if nowhere. The caller does not write. */
  marksOf(needle: string): Uint8Array | null {
    const known = this.#marks.get(needle);
    if (known) return known.length === 0 ? null : known;
    const marks = this.#search(needle);
    if (this.#marks.size >= MAX_MARKS) this.#marks.clear();
    this.#marks.set(needle, marks ?? new Uint8Array(0));
    return marks;
  }

  /** Negative: `a` first, in the order of text. */
  compare(a: number, b: number): number {
    const { texts, isPlain } = this.#fold();
    const [x, y] = [texts[a] as string, texts[b] as string];
    if (!isPlain) return compareCodePoints(x, y) || compareCodePoints(this.text(a), this.text(b));
    if (x !== y) return x < y ? -1 : 1;
    return a === b ? 0 : this.text(a) < this.text(b) ? -1 : 1;
  }

  /** Place of each code in the order of text. */
  ranks(): Uint32Array<ArrayBuffer> {
    if (this.#ranks) return this.#ranks;
    const order = Uint32Array.from(this.#texts.keys()).sort((a, b) => this.compare(a, b));
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
    this.#forget();
    this.#characters += text.length;
    return this.#texts.push(text) - 1;
  }

  #forget(): void {
    this.#folded = null;
    this.#ranks = null;
    this.#marks.clear();
  }

  #search(needle: string): Uint8Array | null {
    const { heap, starts } = this.#fold();
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

  #fold(): Folded {
    if (this.#folded !== null) return this.#folded;
    const texts = this.#texts.map(foldText);
    const starts = new Uint32Array(texts.length + 1);
    for (let i = 0; i < texts.length; i++) starts[i + 1] = (starts[i] as number) + (texts[i] as string).length + 1;
    const isPlain = ![texts, this.#texts].some((all) => all.some((text) => /[\ud800-\udfff]/.test(text)));
    this.#folded = { texts, heap: texts.join('\n'), starts, isPlain };
    return this.#folded;
  }
}

function hashWithDomain(local: number, { offsets, heap }: TextDictionary, at: number): number {
  return hashBytes(heap, offsets[at] as number, offsets[at + 1] as number, hashBytes(AT, 0, 1, local));
}

/** All texts of a dictionary. ASCII heaps (nearly all) are decoded once and cut. */
function textsOf({ offsets, heap }: TextDictionary): string[] {
  const whole = decoder.decode(heap);
  const isAscii = whole.length === heap.length;
  return Array.from({ length: offsets.length - 1 }, (_, i) => {
    const [from, to] = [offsets[i] as number, offsets[i + 1] as number];
    return isAscii ? whole.slice(from, to) : decoder.decode(heap.subarray(from, to));
  });
}
