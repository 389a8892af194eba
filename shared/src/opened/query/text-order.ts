/** The one order of text: folded first, so that case and width do not tear values apart; then the text itself. By code points. */
import { foldText } from './fold.ts';

/** Negative, zero or positive: `a` before `b` by folded text, then by text. Zero only for equal texts. */
export function compareTexts(a: string, b: string): number {
  return compareCodePoints(foldText(a), foldText(b)) || compareCodePoints(a, b);
}

/** By code points, which is the order of UTF-8 bytes. Code units would put U+10000 and above before U+E000 to U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates after all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
