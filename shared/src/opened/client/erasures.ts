/** Which payloads are missing in a log, and whether the server wrote down that it erased these: what nobody owns up to is withheld. */
import type { AuditRow } from './api/record.ts';

/** Fed with every row of a log in order. Holds a number for each payload that is missing. */
export class Erasures {
  readonly #missing: number[] = [];
  /** Entries between which payloads were erased, both ends included. */
  readonly #runs: { readonly first: number; readonly last: number }[] = [];
  #ownedUpTo = 0;
  #namesNone = 0;
  #ofDevices = 0;

  add({ kind, org, index, details }: AuditRow): void {
    if (kind === 'erased') {
      this.#missing.push(index);
      if (org !== null) this.#ofDevices += 1;
    }
    if (kind !== 'retention_delete' || org !== null) return;
    if (details['cause'] !== undefined && details['cause'] !== 'access') return; // of files, requests, deliveries
    const { first, last } = details;
    const count = Number(details['count'] ?? 0);
    this.#ownedUpTo += count;
    if (typeof first === 'number' && typeof last === 'number') this.#runs.push({ first, last });
    else this.#namesNone += count; // of a version that told the number alone, of files and payloads alike
  }

  /** What does not add up, once all rows were added; `null` if every missing payload is one that the server says it erased. */
  unexplained(): { readonly erased: number; readonly deletions: number } | null {
    const outside = this.#outsideRuns();
    const isOwned = this.#ofDevices === 0 && outside <= this.#namesNone && this.#missing.length <= this.#ownedUpTo;
    return isOwned ? null : { erased: this.#missing.length, deletions: this.#ownedUpTo };
  }

  #outsideRuns(): number {
    const runs = this.#runs.sort((a, b) => a.first - b.first);
    let [outside, next, end] = [0, 0, -1];
    for (const index of this.#missing) {
      for (let run = runs[next]; run !== undefined && run.first <= index; run = runs[++next])
        end = Math.max(end, run.last);
      if (index > end) outside += 1;
    }
    return outside;
  }
}
