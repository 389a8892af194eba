import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

const NEWLINE = 10;

interface Cut {
  readonly lines: readonly string[];
  /** Of lines over the limit: their windows, without what was seen before. */
  readonly long: readonly string[];
}

function cut(text: string, limit: number, sizes: readonly number[]): Cut {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const lines: string[] = [];
  const long: string[] = [];
  let windows = '';
  const splitter = new LineSplitter(
    {
      lines(from, start, end) {
        lines.push(...(decoder.decode(from.subarray(start, end)).match(/[^\n]*\n|[^\n]+$/g) ?? []));
      },
      longPart(window, seenBytes) {
        windows += decoder.decode(window.subarray(seenBytes));
      },
      longEnd() {
        long.push(windows);
        windows = '';
      },
    },
    NEWLINE,
    limit,
  );
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    splitter.push(bytes.slice(at, at + size));
    at += size;
  }
  splitter.end();
  return { lines, long };
}

test('a line of the limit and its newline is handed on whole, a longer one in windows, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 40 }), { maxLength: 60 }),
      fc.boolean(),
      fc.integer({ min: 4, max: 24 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
      (lengths, endsWithNewline, limit, sizes) => {
        const text = lengths.map((length, at) => String(at % 10).repeat(length)).join('\n');
        const all = `${text}${endsWithNewline ? '\n' : ''}`.match(/[^\n]*\n|[^\n]+$/g) ?? [];
        const isLong = (line: string) => line.replace('\n', '').length > limit;
        const expected = { lines: all.filter((line) => !isLong(line)), long: all.filter(isLong) };
        expect(cut(text + (endsWithNewline ? '\n' : ''), limit, sizes)).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
