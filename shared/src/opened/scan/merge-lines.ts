/** Lines that several passes found, as one list. */

/** Both lists of lines (start and end of each) in one, in order and each once. */
export function mergeLines(a: readonly number[], b: readonly number[]): number[] {
  const both: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = i < a.length ? (a[i] as number) : Infinity;
    const y = j < b.length ? (b[j] as number) : Infinity;
    if (x <= y) both.push(x, a[i + 1] as number);
    else both.push(y, b[j + 1] as number);
    if (x <= y) i += 2;
    if (y <= x) j += 2;
  }
  return both;
}
