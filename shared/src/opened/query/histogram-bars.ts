/** Bars of a histogram: equally many whole days each, in Bangkok. */
import type { Ms } from '../../base/brand.ts';
import { LEVELS } from '../finding/finding.ts';
import type { Level } from '../finding/finding.ts';
import { bangkokDay, bangkokDayStart, DAY_MS } from './bangkok-days.ts';
import type { Histogram } from './query.ts';

export interface BarPlan {
  readonly startMs: Ms;
  readonly barMs: number;
  /** How many bars. */
  readonly bars: number;
}

/** As few days a bar as `bars` allows (at least one bar), from the day of `minMs` to that of `maxMs`. A time's bar is `floor((ms - startMs) / barMs)`. */
export function planBars(minMs: Ms, maxMs: Ms, bars: number): BarPlan {
  const first = bangkokDay(minMs);
  const days = bangkokDay(maxMs) - first + 1;
  const daysPerBar = Math.ceil(days / Math.max(1, Math.floor(bars)));
  return { startMs: bangkokDayStart(first), barMs: daysPerBar * DAY_MS, bars: Math.ceil(days / daysPerBar) };
}

/** `counts[bar * LEVELS.length + level]`; `plan` is `null` where no hit has a time. */
export function makeHistogram(plan: BarPlan | null, counts: Uint32Array, unknown: number): Histogram {
  const bars = Array.from({ length: plan?.bars ?? 0 }, (_, bar) => {
    const { startMs, barMs } = plan as BarPlan;
    const byLevel = Object.fromEntries(
      LEVELS.map((level, code) => [level, counts[bar * LEVELS.length + code] as number]),
    ) as Record<Level, number>;
    return { fromMs: startMs + bar * barMs, toMs: startMs + (bar + 1) * barMs, byLevel };
  });
  return { bars, unknown };
}
