/**
 * Reads FlatBuffers tables (the metadata of Arrow IPC messages) with every access checked against the buffer's end: a damaged
 * offset is an error, never a loop over foreign memory. Only what `arrow-read.ts` needs.
 */

/** A position or length that points outside, or a count that cannot be. Caught by `arrow-read.ts` alone. */
export class MalformedBuffer extends Error {}

/** A table or struct at `at` in `view`. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #fields: number;
  readonly #fieldBytes: number;

  /** Root table of `view`. */
  static root(view: DataView): FlatTable {
    return new FlatTable(view, readU32(view, 0));
  }

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    const vtable = at - readI32(view, at);
    this.#fieldBytes = readU16(view, vtable);
    if (this.#fieldBytes < 4) throw new MalformedBuffer('vtable');
    readU16(view, vtable + this.#fieldBytes - 2);
    this.#fields = vtable;
  }

  has(field: number): boolean {
    return this.#place(field) !== null;
  }

  u8(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === null ? otherwise : readU8(this.#view, at);
  }

  i16(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === null ? otherwise : (readU16(this.#view, at) << 16) >> 16;
  }

  i32(field: number, otherwise = 0): number {
    const at = this.#place(field);
    return at === null ? otherwise : readI32(this.#view, at);
  }

  /** A 64-bit integer that must be a size or number: 0 to 2^53. */
  size(field: number): number {
    const at = this.#place(field);
    return at === null ? 0 : readSize(this.#view, at);
  }

  table(field: number): FlatTable | null {
    const at = this.#place(field);
    return at === null ? null : new FlatTable(this.#view, at + readU32(this.#view, at));
  }

  text(field: number): string {
    const at = this.#place(field);
    if (at === null) return '';
    return readText(this.#view, at + readU32(this.#view, at));
  }

  /** Tables of a vector, at most `most`. */
  tables(field: number, most: number): readonly FlatTable[] {
    const { at, length } = this.#vector(field, 4, most);
    return Array.from({ length }, (_, i) => new FlatTable(this.#view, at + i * 4 + readU32(this.#view, at + i * 4)));
  }

  /** A vector of structs of two 64-bit sizes each (FieldNode, Buffer). */
  pairs(field: number, most: number): readonly (readonly [number, number])[] {
    const { at, length } = this.#vector(field, 16, most);
    return Array.from(
      { length },
      (_, i) => [readSize(this.#view, at + i * 16), readSize(this.#view, at + i * 16 + 8)] as const,
    );
  }

  #vector(field: number, width: number, most: number): { readonly at: number; readonly length: number } {
    const place = this.#place(field);
    if (place === null) return { at: 0, length: 0 };
    const at = place + readU32(this.#view, place);
    const length = readU32(this.#view, at);
    if (length > most || at + 4 + length * width > this.#view.byteLength) throw new MalformedBuffer('vector');
    return { at: at + 4, length };
  }

  #place(field: number): number | null {
    const slot = 4 + field * 2;
    if (slot + 2 > this.#fieldBytes) return null;
    const offset = readU16(this.#view, this.#fields + slot);
    return offset === 0 ? null : this.#at + offset;
  }
}

function check(view: DataView, at: number, width: number): void {
  if (at < 0 || at + width > view.byteLength) throw new MalformedBuffer('out of bounds');
}

function readU8(view: DataView, at: number): number {
  check(view, at, 1);
  return view.getUint8(at);
}

function readU16(view: DataView, at: number): number {
  check(view, at, 2);
  return view.getUint16(at, true);
}

function readU32(view: DataView, at: number): number {
  check(view, at, 4);
  return view.getUint32(at, true);
}

function readI32(view: DataView, at: number): number {
  check(view, at, 4);
  return view.getInt32(at, true);
}

function readSize(view: DataView, at: number): number {
  check(view, at, 8);
  const high = view.getUint32(at + 4, true);
  if (high >= 2 ** 21) throw new MalformedBuffer('size');
  return high * 2 ** 32 + view.getUint32(at, true);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readText(view: DataView, at: number): string {
  const length = readU32(view, at);
  check(view, at + 4, length);
  try {
    return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at + 4, length));
  } catch {
    throw new MalformedBuffer('text');
  }
}
