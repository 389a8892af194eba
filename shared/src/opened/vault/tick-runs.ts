/** What packing asks of a run of ticks: the loops of packed-times.ts, by a kernel or plain. */
import type { FewTicks } from '../query/hot-columns.ts';
import type { Numbers } from './packed-arrays.ts';

/** Ticks of this many bytes; all ones: unknown. */
export type TickBytes = 1 | 2 | 4;

/** Valid until the next run is taken, as are the arrays that it gives. */
export interface TickRun {
  /** The least and the largest known tick (NO_TICK and 0 with none known), and how many are unknown. */
  bounds(): { readonly least: number; readonly most: number; readonly unknown: number };
  /** Whether all known ticks are a multiple of `grain` after `least`. */
  areOnGrain(least: number, grain: number): boolean;
  /** `null` if there are more than 255 distinct ones. */
  few(): FewTicks | null;
  /** Steps of `grain` after `least`. */
  narrowed(least: number, grain: number, width: TickBytes): Numbers;
}

export type TakeTicks = (ticks: Uint32Array<ArrayBuffer>) => TickRun;
