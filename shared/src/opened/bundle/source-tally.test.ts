import { expect, it } from 'vitest';
import { areSameTotals, SourceTally } from './source-tally.ts';
import { TextColumnBuilder } from './text-column.ts';

function column(...aliases: readonly (string | null)[]) {
  const builder = new TextColumnBuilder(100);
  for (const alias of aliases) builder.push(alias);
  return builder.finish();
}

it('rows are counted by the text of their source, over batches with dictionaries of their own', () => {
  const tally = new SourceTally();
  tally.add(column('SRC-2', 'SRC-1', 'SRC-1', 'SRC-2', 'SRC-2'));
  tally.add(column('SRC-1', null, 'SRC-3'));
  expect(tally.totals()).toEqual({ '': 1, 'SRC-1': 3, 'SRC-2': 3, 'SRC-3': 1 });
  expect(Object.keys(tally.totals())).toEqual(['', 'SRC-1', 'SRC-2', 'SRC-3']);
});

it('totals are the same only if every source has the same number; a source of nothing is none', () => {
  expect(areSameTotals({ a: 1, b: 2 }, { b: 2, a: 1, c: 0 })).toBe(true);
  expect(areSameTotals({ a: 1, b: 2 }, { a: 2, b: 1 })).toBe(false);
  expect(areSameTotals({ a: 3 }, { a: 3, b: 1 })).toBe(false);
  expect(areSameTotals({ a: 3 }, { b: 3 })).toBe(false);
});
