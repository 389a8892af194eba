/** One bit of a bitset. */

/** 0 or 1. */
export function bitAt(bits: usize, row: u32): u32 {
  return (<u32>load<u8>(bits + (row >> 3)) >> (row & 7)) & 1;
}

export function setBit(bits: usize, row: u32, value: u32): void {
  const at = bits + (row >> 3);
  const others = <u32>load<u8>(at) & ~((<u32>1) << (row & 7));
  store<u8>(at, others | (value << (row & 7)));
}
