/** Folded texts put in the places of the ones that came, where they lie. */
import type { TextDictionary } from '../../bundle/columns.ts';
import type { FoldedEntries } from './fold-entries.ts';
import type { WasmMemory } from './memory.ts';

/** Folded entries that follow one another: index of the first, how many, and how far the text behind them moves. */
export interface FoldedRun {
  readonly first: number;
  readonly count: number;
  readonly shift: number;
}

/** How folded texts take the places of the others: `room` is the farthest that any text moves. */
export function planSplice(
  { offsets }: TextDictionary,
  fold: FoldedEntries,
): { readonly runs: readonly FoldedRun[]; readonly room: number; readonly growth: number } {
  let [room, growth] = [0, 0];
  const runs = Array.from(runsOf(fold.entries), ([first, count]): FoldedRun => {
    for (let i = first; i < first + count; i++) {
      const entry = fold.entries[i] as number;
      const before = (offsets[entry + 1] as number) - (offsets[entry] as number);
      growth += (fold.offsets[i + 1] as number) - (fold.offsets[i] as number) - before;
      room = Math.max(room, growth);
    }
    return { first, count, shift: growth };
  });
  return { runs, room, growth };
}

/**
 * Texts from `heap` to `target`, with folded ones in their places; the offsets at `offsetsAt` become theirs. They may be `offsets`
 * themselves.
 */
export function splice(
  { u8, u32 }: WasmMemory,
  offsets: Uint32Array,
  fold: FoldedEntries,
  runs: readonly FoldedRun[],
  heap: number,
  target: number,
  offsetsAt: number,
): void {
  const last = offsets.length - 1;
  let moved = 0;
  let to = target;
  /** Entries up to `entry` as they are. */
  const move = (entry: number) => {
    const [from, until] = [offsets[moved] as number, offsets[entry] as number];
    u8.copyWithin(to, heap + from, heap + until);
    to += until - from;
  };
  for (const { first, count } of runs) {
    const entry = fold.entries[first] as number;
    move(entry);
    const folded = fold.heap.subarray(fold.offsets[first], fold.offsets[first + count]);
    u8.set(folded, to);
    to += folded.length;
    moved = entry + count;
  }
  move(last);
  // From the last one on, because what they were before is still asked for.
  const at = offsetsAt >> 2;
  let end = last;
  for (let run = runs.length - 1; run >= 0; run--) {
    const { first, count, shift } = runs[run] as FoldedRun;
    const entry = fold.entries[first] as number;
    for (let one = end; one > entry + count; one--) u32[at + one] = (offsets[one] as number) + shift;
    const start = (offsets[entry] as number) + (runs[run - 1]?.shift ?? 0) - (fold.offsets[first] as number);
    for (let i = count; i > 0; i--) u32[at + entry + i] = start + (fold.offsets[first + i] as number);
    end = entry;
  }
}

/** Runs of numbers that follow one another: index of the first, and how many. */
export function* runsOf(rising: readonly number[]): Generator<readonly [first: number, count: number]> {
  for (let first = 0; first < rising.length;) {
    let count = 1;
    while (rising[first + count] === (rising[first] as number) + count) count++;
    yield [first, count];
    first += count;
  }
}
