/** What the bench prints: JSON lines on stdout, progress on stderr. */
import type { Times } from './bench-calls.ts';

export class Report {
  readonly #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
  }

  /** One figure, to three significant digits below 100; `more` says what it was measured of. */
  print(metric: string, value: number, more: Readonly<Record<string, string | number>> = {}): void {
    const rounded = Math.abs(value) < 100 ? Number(value.toPrecision(3)) : Math.round(value);
    console.log(JSON.stringify({ bench: 'vault', rows: this.#rows, metric, value: rounded, ...more }));
  }

  progress(text: string): void {
    console.error(text);
  }
}

/** Neighbouring runs whose mean counts as one. */
const TOGETHER = 10;

/**
 * Median of the means of ten runs each. The clock of a shared worker tells tenths of a millisecond, and what it makes one run longer
 * it makes another one shorter: means are right to a hundredth, each run still starts with the caches that the question before it left.
 */
export function fineMedian(times: Times): number {
  const means: number[] = [];
  for (let from = 0; from + TOGETHER <= times.length; from += TOGETHER) {
    means.push(times.slice(from, from + TOGETHER).reduce((sum, ms) => sum + ms, 0) / TOGETHER);
  }
  return median(means);
}

export function median(times: Times): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
