/** Columns that grow: capacity doubles, so that appending costs one copy on average. */

type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** `array` with room for `length` elements: itself, or a larger copy. */
export function withRoom<T extends Numbers>(array: T, length: number): T {
  if (length <= array.length) return array;
  const capacity = Math.max(length, array.length * 2, 1024);
  const grown = new (array.constructor as new (length: number) => T)(capacity);
  grown.set(array);
  return grown;
}
