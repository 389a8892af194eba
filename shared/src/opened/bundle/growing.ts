/** Typed arrays that grow by doubling: columns are collected without an object a row. */

class Growing<T extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>> {
  #values: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(64);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    this.#reserve(1);
    this.#values[this.#length++] = value;
  }

  append(values: T): void {
    this.#reserve(values.length);
    this.#values.set(values, this.#length);
    this.#length += values.length;
  }

  /** The last value, 0 if there is none. */
  last(): number {
    return this.#values[this.#length - 1] ?? 0;
  }

  /** The values in an array of exactly their length. */
  finish(): T {
    return this.#values.slice(0, this.#length) as T;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#values.length) return;
    const grown = this.#make(Math.max(this.#values.length * 2, this.#length + extra));
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** Growing bytes. */
export class GrowingBytes extends Growing<Uint8Array<ArrayBuffer>> {
  constructor() {
    super((length) => new Uint8Array(length));
  }
}

/** Growing 32-bit unsigned integers. */
export class GrowingWords extends Growing<Uint32Array<ArrayBuffer>> {
  constructor() {
    super((length) => new Uint32Array(length));
  }
}

/** Growing doubles. */
export class GrowingDoubles extends Growing<Float64Array<ArrayBuffer>> {
  constructor() {
    super((length) => new Float64Array(length));
  }
}
