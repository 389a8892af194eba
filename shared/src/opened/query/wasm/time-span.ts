/** What times have in common, and which ticks can say them. */
import type { Ms } from '../../../base/brand.ts';
import { NO_TICK } from '../hot-columns.ts';

/** How a block holds times: `baseMs + tick * unitMs`; `unitMs` AS_TIMES: f64; AS_CODES: codes, and `baseMs` is where their times lie. */
export interface TimeFormat {
  readonly baseMs: Ms;
  readonly unitMs: number;
}

/** Known times lie in [lowMs, highMs] at whole units from lowMs; `lowMs` above `highMs`: none is known. NaN: no unit is known. */
export interface Span {
  readonly lowMs: Ms;
  readonly highMs: Ms;
  readonly unitMs: number;
}

export const NOTHING: Span = { lowMs: Number.POSITIVE_INFINITY, highMs: Number.NEGATIVE_INFINITY, unitMs: 0 };

/** A span that holds both. */
export function joined(a: Span, b: Span): Span {
  if (a.lowMs > a.highMs) return b;
  if (b.lowMs > b.highMs) return a;
  const distance = Math.abs(a.lowMs - b.lowMs);
  return {
    lowMs: Math.min(a.lowMs, b.lowMs),
    highMs: Math.max(a.highMs, b.highMs),
    unitMs: greatestDivisor(greatestDivisor(a.unitMs, b.unitMs), distance),
  };
}

/** Of two numbers that are not negative; 0 says nothing. NaN where one is no whole number. */
export function greatestDivisor(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return Number.NaN;
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Ticks for a span that has a known time; a single time has no unit of its own. */
export function formatFor({ lowMs, unitMs }: Span): TimeFormat {
  return { baseMs: lowMs, unitMs: unitMs === 0 ? 1 : unitMs };
}

/** Whether ticks of this format can say all times of the span; not where its unit is no whole number. */
export function holds({ baseMs, unitMs }: TimeFormat, span: Span): boolean {
  return (
    span.unitMs % unitMs === 0 &&
    (span.lowMs - baseMs) % unitMs === 0 &&
    span.lowMs >= baseMs &&
    (span.highMs - baseMs) / unitMs < NO_TICK
  );
}
