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

export function median(times: Times): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}
