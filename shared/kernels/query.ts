/** Kernels of the query engine. */
export function heapBase(): usize {
  return __heap_base;
}
export function pop(a: usize, words: u32): u32 {
  let sum: u64 = 0;
  for (let i: usize = 0; i < (<usize>words) << 3; i += 8) sum += popcnt<u64>(load<u64>(a + i));
  return <u32>sum;
}
