import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from './fold.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'aA@Σσİ\n .ก็น้ำเแํ'.split(''), '\u200b', '\u00ad', '\u0301', 'Ｆ', 'ﬁ', '𐐔', '１'),
    fc.nat(0xd7ff).map((code) => String.fromCharCode(code)),
  ),
  maxLength: 12,
});

describe('folding', () => {
  test.each([
    ['ＶＰＮ Somchai', 'vpn somchai'],
    // Sara am, and the same word with its parts in two orders.
    ['น้ำ', 'น้ํา'],
    ['นํ้า', 'น้ํา'],
    ['เเม่', 'แม่'],
    ['กลุ่ม\u200bเสี่ยง', 'กลุ่มเสี่ยง'],
    ['two\nlines', 'two lines'],
  ])('%j is found as %j', (typed, folded) => {
    expect(foldText(typed)).toBe(folded);
  });

  test('hidden spaces outside Thai stay: they may be all that an odd name is made of', () => {
    expect(foldText('\u200b')).toBe('\u200b');
    expect(foldText('a\u200bb')).toBe('a\u200bb');
  });

  // One engine folds local part and domain apart, the other together.
  test('both sides of an @ fold by themselves, and no text folds to nothing', () => {
    fc.assert(
      fc.property(text, text, (local, domain) => {
        expect(foldText(`${local}@${domain}`)).toBe(`${foldText(local)}@${foldText(domain)}`);
        if (local !== '') expect(foldText(local)).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });
});
