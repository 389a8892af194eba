/** Times of a batch as 32-bit ticks from its earliest one, where they fit: half the memory and half the disk of doubles. */
import type { HotTimes } from './hot-columns.ts';
import { NO_TICK } from './hot-columns.ts';

/** Turns one column of times after the other into ticks, in one buffer that is used again. */
export class TickWriter {
  #ticks = new Uint32Array(0);

  /**
   * `times` (NaN: unknown) in milliseconds where their span fits 32 bits, else in seconds from the earliest where all are whole
   * ones, else `times` itself. Valid until the next call. Cost: two passes, about 3 ns a row.
   */
  write(times: Float64Array<ArrayBuffer>): HotTimes {
    if (this.#ticks.length < times.length) this.#ticks = new Uint32Array(times.length);
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < times.length; i++) {
      const ms = times[i] as number;
      if (ms < min) min = ms;
      if (ms > max) max = ms;
    }
    const baseMs = min === Number.POSITIVE_INFINITY ? 0 : min;
    const unitMs = max - baseMs < NO_TICK ? 1 : 1000;
    const fits = (max - baseMs) / unitMs < NO_TICK;
    const ticks = this.#ticks.subarray(0, times.length);
    return fits && writeTicks(times, baseMs, unitMs, ticks) ? { baseMs, unitMs, ticks } : times;
  }
}

/** NaN: unknown. */
export function hotTimeAt(times: HotTimes, row: number): number {
  if (times instanceof Float64Array) return times[row] as number;
  const tick = times.ticks[row] as number;
  return tick === NO_TICK ? Number.NaN : times.baseMs + tick * times.unitMs;
}

/** `false` if a time lies between two ticks. */
function writeTicks(times: Float64Array, baseMs: number, unitMs: number, ticks: Uint32Array): boolean {
  for (let i = 0; i < times.length; i++) {
    const sinceMs = (times[i] as number) - baseMs;
    if (Number.isNaN(sinceMs)) {
      ticks[i] = NO_TICK;
      continue;
    }
    const tick = (sinceMs / unitMs) >>> 0;
    if (tick * unitMs !== sinceMs) return false;
    ticks[i] = tick;
  }
  return true;
}
