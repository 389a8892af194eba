import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { FactorTable, TextColumn } from './columns.ts';
import { NO_TEXT } from './columns.ts';
import { shareFactors } from './distinct-rows.ts';
import { distinctTexts } from './distinct-texts.ts';
import { textAt } from './text-column.ts';

const few = fc.constantFrom('', 'a', 'aa', 'ab', 'ก', 'กข', null);

function column(texts: readonly (string | null)[]): TextColumn {
  const parts = texts.map((text) => utf8(text ?? ''));
  const offsets = new Uint32Array(texts.length + 1);
  parts.forEach(({ length }, i) => (offsets[i + 1] = (offsets[i] as number) + length));
  return distinctTexts(offsets, concatBytes(...parts), (i) => texts[i] === null);
}

test('texts that repeat become one entry each, in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(few, fc.string()), { maxLength: 600 }), (texts) => {
      const made = column(texts);
      expect(texts.map((_, row) => textAt(made, row))).toEqual(texts);
      const first = [...new Set(texts.filter((text) => text !== null))];
      expect(made.dictionary.offsets.length - 1).toBe(first.length);
      texts.forEach((text, row) => expect(made.codes[row]).toBe(text === null ? NO_TEXT : first.indexOf(text)));
    }),
    { numRuns: 60 },
  );
});

test('factors that repeat are kept once, and every row names its own', () => {
  const factor = fc.tuple(fc.constantFrom('age', 'prior'), fc.constantFrom(0, -0, 0.5, 1e300), few);
  fc.assert(
    fc.property(fc.array(factor, { maxLength: 3000 }), (rows) => {
      const flat: FactorTable = {
        code: column(rows.map(([code]) => code)),
        value: Float64Array.from(rows, ([, value]) => value),
        note: column(rows.map(([, , note]) => note)),
      };
      const { factor: codes, factors } = shareFactors(flat);
      const read = Array.from(codes, (code) => [
        textAt(factors.code, code),
        factors.value[code],
        textAt(factors.note, code),
      ]);
      expect(read).toEqual(rows);
      expect(new Set(codes).size).toBe(factors.value.length);
      expect(factors.value.length).toBeLessThanOrEqual(2 * 4 * 7);
    }),
    { numRuns: 40 },
  );
});
