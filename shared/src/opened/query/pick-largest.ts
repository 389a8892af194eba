/** The first few of many codes: largest key first, equal keys in an order that costs more to ask for. */

/**
 * Codes of the `limit` largest keys, in order; none whose key is 0. Equal keys by `compare` (negative: `a` first), which is asked
 * only for codes that may still be among the first. Cost: one pass, for a `limit` far below the number of codes.
 */
export function pickLargest(
  keys: Uint32Array,
  limit: number,
  compare: (a: number, b: number) => number,
): readonly number[] {
  if (limit <= 0) return [];
  const inOrder = (a: number, b: number) => (keys[b] as number) - (keys[a] as number) || compare(a, b);
  // A heap whose root is the last of those kept.
  const kept: number[] = [];
  for (let code = 0; code < keys.length; code++) {
    const key = keys[code] as number;
    if (key === 0) continue;
    if (kept.length < limit) {
      kept.push(code);
      riseLast(kept, inOrder);
    } else if (key >= (keys[kept[0] as number] as number) && inOrder(code, kept[0] as number) < 0) {
      kept[0] = code;
      sinkRoot(kept, inOrder);
    }
  }
  return kept.sort(inOrder);
}

function riseLast(heap: number[], inOrder: (a: number, b: number) => number): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (inOrder(heap[parent] as number, heap[at] as number) >= 0) return;
    swap(heap, parent, at);
    at = parent;
  }
}

function sinkRoot(heap: number[], inOrder: (a: number, b: number) => number): void {
  for (let at = 0; ;) {
    let last = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && inOrder(heap[last] as number, heap[child] as number) < 0) last = child;
    }
    if (last === at) return;
    swap(heap, last, at);
    at = last;
  }
}

function swap(heap: number[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as number, heap[a] as number];
}
