import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXPOSURES, LEVELS, SOURCE_CLASSES } from '../finding/finding.ts';
import { TRIAGE_STATES } from '../triage/triage.ts';
import { foldText } from './fold.ts';
import { parseSearch, typedTerms } from './search-syntax.ts';
import type { TextField } from './search-syntax.ts';

const word = (text: string, field: TextField | null = null, isNegated = false) => ({
  kind: 'text',
  field,
  text,
  isNegated,
});
const DAY_MS = 86_400_000;

describe('search box', () => {
  test('words, phrases, exclusions and fields are told apart', () => {
    expect(parseSearch('vpn "two words" -gmail host:Mail login:"a b" -level:low -tag:"x y"')).toEqual([
      word('vpn'),
      word('two words'),
      word('gmail', null, true),
      word('mail', 'host'),
      word('a b', 'identity'),
      { kind: 'words', field: 'level', codes: [LEVELS.indexOf('low')], isNegated: true },
      word('x y', 'tag', true),
    ]);
  });

  test('Thai is never split, and what surrounds it is', () => {
    expect(parseSearch('สมหญิงใจดี vpn')).toEqual([word('สมหญิงใจดี'), word('vpn')]);
  });

  test('fields have Thai names, too', () => {
    expect(parseSearch('เว็บไซต์:mail -ผู้รับผิดชอบ:"คุณ ก" สมหญิง:x')).toEqual([
      word('mail', 'host'),
      word('คุณ ก', 'owner', true),
      word('สมหญิง:x'),
    ]);
  });

  test.each([
    ['ระดับ:สูง', 'level', ['high']],
    ['ระดับ:สูงมาก', 'level', ['critical']],
    ['ระดับ:ส', 'level', ['high', 'critical']],
    ['ระดับ:ต่ำ', 'level', ['low']],
    ['level:Crit', 'level', ['critical']],
    ['level:nonsense', 'level', []],
    ['สถานะ:ใหม่', 'state', ['new']],
    ['state:"In progress"', 'state', ['in_progress']],
    ['state:in-progress', 'state', ['in_progress']],
    ['status:กำลังดำเนินการ', 'state', ['in_progress']],
    ['ประเภท:บุคลากร', 'exposure', ['employee']],
    ['class:breach', 'class', ['breach_plain', 'breach_hash']],
    ['class:"Breach, hashed"', 'class', ['breach_hash']],
    ['class:hash', 'class', ['breach_hash']],
    ['ชนิด:แฮช', 'class', ['breach_hash']],
    ['class:"Stealer log"', 'class', ['stealer']],
  ])('%s names words of the vocabulary', (typed, field, words) => {
    const vocabulary = { level: LEVELS, state: TRIAGE_STATES, exposure: EXPOSURES, class: SOURCE_CLASSES }[field] ?? [];
    const codes = words.map((one) => (vocabulary as readonly string[]).indexOf(one));
    expect(parseSearch(typed)).toEqual([{ kind: 'words', field, codes, isNegated: false }]);
  });

  test('a date bounds the captured time: since its beginning, until its end, or within it', () => {
    const march14 = Date.UTC(2026, 2, 14) - 7 * 3_600_000;
    const bounds = (typed: string) =>
      parseSearch(typed).map((term) => (term.kind === 'captured' ? [term.fromMs, term.toMs] : term.kind));
    expect(bounds('since:2026-03-14 until:2569-03-14 captured:14/3/2569 -ตั้งแต่:2026-03-14')).toEqual([
      [march14, Infinity],
      [-Infinity, march14 + DAY_MS],
      [march14, march14 + DAY_MS],
      [march14, Infinity],
    ]);
    expect(bounds('captured:2026-02')).toEqual([[march14 - 41 * DAY_MS, march14 - 13 * DAY_MS]]);
    expect(bounds('captured:2569')).toEqual([[march14 - 72 * DAY_MS, march14 + 293 * DAY_MS]]);
    // Month or day first is not known with a year that Americans write, too.
    expect(bounds('since:3/4/2026 since:yesterday since:2026-02-30')).toEqual(['text', 'text', 'text']);
  });

  test('a date in any of its forms is one day, and never a word while it is being typed', () => {
    const dates = fc.date({ min: new Date('1970-01-02'), max: new Date('2399-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        const [year, month, day] = date.toISOString().slice(0, 10).split('-') as [string, string, string];
        const buddhist = Number(year) + 543;
        const forms = [
          `${year}-${month}-${day}`,
          `${buddhist}-${month}-${day}`,
          `${Number(day)}/${Number(month)}/${buddhist}`,
        ];
        const fromMs = Date.UTC(Number(year), Number(month) - 1, Number(day)) - 7 * 3_600_000;
        for (const form of forms) {
          const isNegated = false;
          expect(parseSearch(`captured:${form}`)).toEqual([
            { kind: 'captured', fromMs, toMs: fromMs + DAY_MS, isNegated },
          ]);
          for (let end = 0; end < form.length; end++) {
            expect(parseSearch(`since:${form.slice(0, end)}`).every(({ kind }) => kind === 'captured')).toBe(true);
          }
        }
      }),
    );
  });

  test('a secret is asked for by its whole fingerprint', () => {
    const fingerprint = new Uint8Array(16).fill(255);
    expect(parseSearch('secret:_____________________w')).toEqual([{ kind: 'secret', fingerprint, isNegated: false }]);
    expect(parseSearch('secret:____')).toEqual([{ kind: 'secret', fingerprint: null, isNegated: false }]);
  });

  test('an unknown field is part of the word, an open quote ends with the text, a lone dash is a word', () => {
    expect(parseSearch('https://x.example "open end')).toEqual([word('https://x.example'), word('open end')]);
    expect(parseSearch('- constructor:x')).toEqual([word('-'), word('constructor:x')]);
    expect(parseSearch('host: level:"" -')).toEqual([word('-')]);
  });

  test('curly and wide quotes quote', () => {
    expect(parseSearch('“two words” host:«a b» ＂c d＂')).toEqual([
      word('two words'),
      word('a b', 'host'),
      word('c d'),
    ]);
  });

  test('case and width are nowhere told apart, in fields and signs neither', () => {
    const piece = fc.constantFrom(
      'HOST:',
      'Level:crit',
      ' ',
      '-',
      '"',
      'Abc',
      ':',
      'since:2026',
      'a@b',
      'secret:',
      '/',
      '1',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (typed) => {
          const wide = [...typed.toUpperCase()].map((one) =>
            one === ' ' ? '\u3000' : String.fromCodePoint((one.codePointAt(0) as number) + 0xfee0),
          );
          expect(parseSearch(wide.join(''))).toEqual(parseSearch(typed));
        },
      ),
      { seed: 2 },
    );
  });

  test('any value without quotes can be looked for behind its field', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => foldText(text).trim() !== '');
    fc.assert(
      fc.property(
        value.filter((text) => !/["“”„«»＂]/u.test(text)),
        (text) => {
          expect(parseSearch(`host:"${text}"`)).toEqual([word(foldText(text).trim(), 'host')]);
        },
      ),
    );
  });

  test('nothing that can be typed is refused or yields an empty term', () => {
    // Any code units, also halves of surrogate pairs, mixed with the signs that mean something.
    const unit = fc.oneof(
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      fc.constantFrom(' ', '"', '-', ':', 'host:', 'level:', 'since:', 'secret:'),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), (units) => {
        const terms = parseSearch(units.join(''));
        expect(terms.every((term) => term.kind !== 'text' || term.text.length > 0)).toBe(true);
      }),
      { numRuns: 500 },
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

  test('terms lie one after the other with nothing but spaces between them', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '"', '-', ':', 'host:', '“', 'ก', '\u3000'), maxLength: 30 }),
        (typed) => {
          let at = 0;
          let between = '';
          for (const { start, end } of typedTerms(typed)) {
            expect(end).toBeGreaterThan(start);
            between += typed.slice(at, start);
            at = end;
          }
          expect((between + typed.slice(at)).trim()).toBe('');
        },
      ),
    );
  });
});
