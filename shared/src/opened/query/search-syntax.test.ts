import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSearch, typedTerms } from './search-syntax.ts';

const word = (text: string) => ({ field: null, text, isNegated: false });

describe('search box', () => {
  test('words, phrases, exclusions and fields are told apart', () => {
    expect(parseSearch('vpn "two words" -gmail host:Mail login:"a b" -level:low')).toEqual([
      word('vpn'),
      word('two words'),
      { field: null, text: 'gmail', isNegated: true },
      { field: 'host', text: 'mail', isNegated: false },
      { field: 'identity', text: 'a b', isNegated: false },
      { field: 'level', text: 'low', isNegated: true },
    ]);
  });

  test('case and width are folded, Thai is left as it is', () => {
    expect(parseSearch('ＶＰＮ สมหญิง')).toEqual([word('vpn'), word('สมหญิง')]);
  });

  test('fields have Thai names, too', () => {
    expect(parseSearch('เว็บไซต์:mail -ผู้รับผิดชอบ:"คุณ ก" สมหญิง:x')).toEqual([
      { field: 'host', text: 'mail', isNegated: false },
      { field: 'owner', text: 'คุณ ก', isNegated: true },
      word('สมหญิง:x'),
    ]);
  });

  test('an unknown field is part of the word, an open quote ends with the text, a lone dash is a word', () => {
    expect(parseSearch('https://x.example "open end')).toEqual([word('https://x.example'), word('open end')]);
    expect(parseSearch('- constructor:x')).toEqual([word('-'), word('constructor:x')]);
  });

  test('nothing that can be typed is refused or yields an empty term', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (typed) => {
        expect(parseSearch(typed).every(({ text }) => text.length > 0)).toBe(true);
      }),
    );
  });

  test('every term knows where it stands in what was typed', () => {
    const typed = ' vpn -host:"two words" level: "open';
    expect(typedTerms(typed).map(({ start, end, raw }) => [typed.slice(start, end), raw])).toEqual([
      ['vpn', 'vpn'],
      ['-host:"two words"', 'two words'],
      ['level:', ''],
      ['"open', 'open'],
    ]);
  });
});
