/** How fast an amount grows and when it will be whole, from what was told of it over the last seconds. */

export interface Pace {
  /** `null` before two reports lie far enough apart. */
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}

interface Report {
  readonly atMs: number;
  readonly done: number;
}

const WINDOW_MS = 5_000;
const LEAST_MS = 400;

export class PaceMeter {
  #reports: readonly Report[] = [];

  /** An amount that went down or another whole begins anew: the next bundle. */
  add(done: number, total: number, atMs: number): Pace {
    const last = this.#reports.at(-1);
    const before = last && done < last.done ? [] : this.#reports;
    this.#reports = [...before.filter((report) => atMs - report.atMs <= WINDOW_MS), { atMs, done }];
    const first = this.#reports[0];
    const tookMs = first ? atMs - first.atMs : 0;
    if (!first || tookMs < LEAST_MS) return { perSecond: null, leftMs: null };
    const perSecond = ((done - first.done) / tookMs) * 1000;
    return { perSecond, leftMs: perSecond > 0 ? (Math.max(0, total - done) / perSecond) * 1000 : null };
  }
}
