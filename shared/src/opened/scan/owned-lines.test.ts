import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { OwnedLines } from './owned-lines.ts';

/** What a worker gets of `text`, read in chunks of `chunkBytes`, and where that begins. */
function owned(text: string, from: number, to: number, chunkBytes: number): { text: string; start: number | null } {
  const bytes = utf8(text);
  const lines = new OwnedLines(from, to, 10);
  let own = '';
  for (let at = lines.readFrom; at < bytes.length && !lines.isDone; at += chunkBytes) {
    own += new TextDecoder().decode(lines.take(bytes.subarray(at, at + chunkBytes)));
  }
  return { text: own, start: lines.start };
}

test('a worker owns the lines that start in its range, to their ends', () => {
  const text = 'abc\nde\n\nfghij\nk';
  expect(owned(text, 0, 1, 3)).toEqual({ text: 'abc\n', start: 0 });
  expect(owned(text, 0, 4, 3)).toEqual({ text: 'abc\n', start: 0 });
  expect(owned(text, 1, 4, 3)).toEqual({ text: '', start: null });
  expect(owned(text, 4, 5, 3)).toEqual({ text: 'de\n', start: 4 });
  expect(owned(text, 3, 8, 3)).toEqual({ text: 'de\n\n', start: 4 });
  expect(owned(text, 9, 15, 3)).toEqual({ text: 'k', start: 14 });
  expect(owned(text, 5, 5, 3)).toEqual({ text: '', start: null });
});

test('ranges that cover a file cover its lines, each once and in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', '\n', 'cccc'), { maxLength: 60 }),
      fc.array(fc.nat(80), { maxLength: 7 }),
      fc.integer({ min: 1, max: 30 }),
      (pieces, cuts, chunkBytes) => {
        const text = pieces.join('');
        const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const parts = borders.slice(1).map((to, i) => owned(text, borders[i] ?? 0, to, chunkBytes));
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const part of parts)
          if (part.text !== '') expect(text.startsWith(part.text, part.start ?? NaN)).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
