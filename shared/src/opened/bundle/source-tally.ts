/** How many findings of a bundle show each source, counted from the rows themselves: what its sender promised is held against it. */
import type { TextColumn } from './columns.ts';
import { textAt } from './text-column.ts';

/** Findings by source alias. */
export type SourceTotals = Readonly<Record<string, number>>;

export class SourceTally {
  readonly #counts = new Map<string, number>();

  /** Adds the rows of a batch. Cost: one addition a row, one decoded text an alias. */
  add(aliases: TextColumn): void {
    const { codes } = aliases;
    const rows = new Map<number, { count: number; readonly row: number }>();
    let last = -1;
    let tally = { count: 0, row: 0 };
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] as number;
      if (code !== last) {
        tally = rows.get(code) ?? { count: 0, row };
        rows.set(code, tally);
        last = code;
      }
      tally.count++;
    }
    for (const { count, row } of rows.values()) {
      const alias = textAt(aliases, row) ?? '';
      this.#counts.set(alias, (this.#counts.get(alias) ?? 0) + count);
    }
  }

  /** By alias, in order of the alias. */
  totals(): SourceTotals {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** True if both name the same sources with the same numbers. */
export function areSameTotals(a: SourceTotals, b: SourceTotals): boolean {
  const named = (totals: SourceTotals) => Object.entries(totals).filter(([, count]) => count > 0);
  return named(a).length === named(b).length && named(a).every(([alias, count]) => b[alias] === count);
}
