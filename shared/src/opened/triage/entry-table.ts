/**
 * Journal entries as flat arrays: a hundred thousand single operations are a few megabytes, not a heap of objects. Finding ids lie in
 * slabs, large entries in one of their own.
 */
import type { Bytes } from '../../base/bytes.ts';
import type { JournalEntry } from './journal-entry.ts';
import { ID_BYTES, operationId, PREFIX_BYTES } from './journal-entry.ts';
import type { TriageChange } from './triage.ts';

const SLAB_BYTES = 64 * 1024;

/** Words of an entry: first and stride, numbers of its device and list of changes, its slab, its place there, bytes of its ids. */
const [FIRST, STRIDE, DEVICE, LIST, SLAB, PLACE, BYTES] = [0, 1, 2, 3, 4, 5, 6];
const WORDS = 7;

export class EntryTable {
  #size = 0;
  #ms = new Float64Array(64);
  #counter = new Float64Array(64);
  #words = new Uint32Array(64 * WORDS);
  #isOwn = new Uint8Array(64);
  #prefixes: Bytes = new Uint8Array(64 * PREFIX_BYTES);
  readonly #slabs: Bytes[] = [];
  #slabEnd = SLAB_BYTES;
  readonly #devices: string[] = [];
  readonly #lists: (readonly TriageChange[])[] = [];
  readonly #listByName = new Map<string, number>();
  #openSlab = 0;

  get size(): number {
    return this.#size;
  }

  /** Number of the new entry. */
  add(entry: JournalEntry): number {
    const number = this.#size++;
    if (this.#size > this.#isOwn.length) this.#grow();
    this.#ms[number] = entry.hlc[0];
    this.#counter[number] = entry.hlc[1];
    this.#isOwn[number] = entry.isOwn ? 1 : 0;
    this.#prefixes.set(entry.prefix, number * PREFIX_BYTES);
    const device = this.#deviceNumber(entry.device);
    const [slab, place] = this.#keepIds(entry.ids);
    this.#words.set(
      [entry.first, entry.stride, device, this.#listNumber(entry.changes), slab, place, entry.ids.length],
      number * WORDS,
    );
    return number;
  }

  entry(number: number): JournalEntry {
    return {
      isOwn: this.isOwn(number),
      device: this.#device(number),
      hlc: [this.#ms[number] as number, this.#counter[number] as number],
      prefix: this.prefix(number),
      first: this.#word(number, FIRST),
      stride: this.stride(number),
      changes: this.changes(number),
      ids: this.ids(number),
    };
  }

  isOwn(number: number): boolean {
    return this.#isOwn[number] === 1;
  }

  prefix(number: number): Bytes {
    return this.#prefixes.subarray(number * PREFIX_BYTES, (number + 1) * PREFIX_BYTES);
  }

  stride(number: number): number {
    return this.#word(number, STRIDE);
  }

  /** Milliseconds of the logical time. */
  ms(number: number): number {
    return this.#ms[number] as number;
  }

  changes(number: number): readonly TriageChange[] {
    return this.#lists[this.#word(number, LIST)] as readonly TriageChange[];
  }

  ids(number: number): Bytes {
    const place = this.#word(number, PLACE);
    return (this.#slabs[this.#word(number, SLAB)] as Bytes).subarray(place, place + this.#word(number, BYTES));
  }

  /** Place among the entry's findings of the id at `id`, from `from` on; -1 if it is not there. */
  indexOf(number: number, id: Bytes, from: number): number {
    const slab = this.#slabs[this.#word(number, SLAB)] as Bytes;
    const start = this.#word(number, PLACE);
    const end = start + this.#word(number, BYTES);
    // Ids are keyed hashes: one byte tells most of them apart.
    const last = id[ID_BYTES - 1];
    for (let at = start + from * ID_BYTES; at < end; at += ID_BYTES) {
      if (slab[at + ID_BYTES - 1] !== last) continue;
      let same = 0;
      while (same < ID_BYTES - 1 && slab[at + same] === id[same]) same++;
      if (same === ID_BYTES - 1) return (at - start) / ID_BYTES;
    }
    return -1;
  }

  /** True if operation `aNumber` of entry `a` counts after `bNumber` of `b`: the order of `compareOperations`. */
  isLater(a: number, aNumber: number, b: number, bNumber: number): boolean {
    const aMs = this.#ms[a] as number;
    const bMs = this.#ms[b] as number;
    if (aMs !== bMs) return aMs > bMs;
    const ahead = (this.#counter[a] as number) + aNumber - ((this.#counter[b] as number) + bNumber);
    if (ahead !== 0) return ahead > 0;
    const aDevice = this.#device(a);
    const bDevice = this.#device(b);
    if (aDevice !== bDevice) return aDevice > bDevice;
    // Only a device that gave one time twice gets here.
    return this.#operationId(a, aNumber) > this.#operationId(b, bNumber);
  }

  #operationId(number: number, operation: number): string {
    return operationId(this.prefix(number), this.#word(number, FIRST) + operation);
  }

  #device(number: number): string {
    return this.#devices[this.#word(number, DEVICE)] as string;
  }

  #word(number: number, word: number): number {
    return this.#words[number * WORDS + word] as number;
  }

  /** There are few devices. */
  #deviceNumber(device: string): number {
    const known = this.#devices.indexOf(device);
    return known >= 0 ? known : this.#devices.push(device) - 1;
  }

  /** Equal lists are one; comments are hardly ever equal. */
  #listNumber(changes: readonly TriageChange[]): number {
    if (changes.some(({ field }) => field === 'comment')) return this.#lists.push(changes) - 1;
    const name = JSON.stringify(changes);
    const known = this.#listByName.get(name) ?? this.#lists.push(changes) - 1;
    this.#listByName.set(name, known);
    return known;
  }

  #keepIds(ids: Bytes): readonly [slab: number, place: number] {
    if (ids.length > SLAB_BYTES / 4) return [this.#slabs.push(ids) - 1, 0];
    if (this.#slabEnd + ids.length > SLAB_BYTES) {
      this.#openSlab = this.#slabs.push(new Uint8Array(SLAB_BYTES)) - 1;
      this.#slabEnd = 0;
    }
    const place = this.#slabEnd;
    (this.#slabs[this.#openSlab] as Bytes).set(ids, place);
    this.#slabEnd += ids.length;
    return [this.#openSlab, place];
  }

  #grow(): void {
    const length = this.#isOwn.length * 2;
    this.#ms = copied(this.#ms, new Float64Array(length));
    this.#counter = copied(this.#counter, new Float64Array(length));
    this.#words = copied(this.#words, new Uint32Array(length * WORDS));
    this.#isOwn = copied(this.#isOwn, new Uint8Array(length));
    this.#prefixes = copied(this.#prefixes, new Uint8Array(length * PREFIX_BYTES));
  }
}

function copied<T extends Uint8Array | Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
