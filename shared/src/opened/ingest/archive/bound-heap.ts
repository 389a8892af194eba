/** A WebAssembly module with less memory than its compiler allowed it. */

const MEMORY_SECTION = 5;
const PAGE_BYTES = 64 * 1024;
const HEADER_BYTES = 8;

/**
 * `binary` with the most that its memory may grow to set to `mostBytes`; growing beyond fails inside, as it does on a small machine.
 * Throws if it has no memory of its own with a maximum, written in as many bytes as the new one takes.
 *
 * Source: WebAssembly core specification, Binary format, Modules, Memory section.
 */
export function boundHeap(binary: Uint8Array, mostBytes: number): Uint8Array<ArrayBuffer> {
  const bounded = binary.slice() as Uint8Array<ArrayBuffer>;
  let at = HEADER_BYTES;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bounded[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bounded.length) {
    const id = bounded[at++];
    const end = number() + at;
    if (id === MEMORY_SECTION) {
      const memories = number();
      const hasMost = ((bounded[at++] ?? 0) & 1) === 1;
      number();
      const from = at;
      number();
      if (memories !== 1 || !hasMost || !write(bounded.subarray(from, at), Math.floor(mostBytes / PAGE_BYTES))) break;
      return bounded;
    }
    at = end;
  }
  throw new Error('boundHeap: a module with one bounded memory is wanted');
}

/** `value` in LEB128 over all of `field`; `false` if it does not fit. */
function write(field: Uint8Array, value: number): boolean {
  if (value >= 2 ** (7 * field.length)) return false;
  field.forEach((_, i) => {
    field[i] = (Math.floor(value / 2 ** (7 * i)) & 0x7f) | (i < field.length - 1 ? 0x80 : 0);
  });
  return true;
}
