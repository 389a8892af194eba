/** A chosen suggestion must find what it says when the search box reads it back. */
import { expect, test } from 'vitest';
import { foldText } from '@sealpost/shared/opened/query/fold';
import { parseSearch } from '@sealpost/shared/opened/query/search-syntax';
import { canBeTyped, complete, quote, termAt, typablePart, withoutTerm } from './search-completion.ts';

/** `|` is the caret. */
const at = (typed: string) => [typed.replace('|', ''), typed.indexOf('|')] as const;
const completed = (typed: string, name: string, value: string) => {
  const { text, caret } = complete(...at(typed), name, value);
  return `${text.slice(0, caret)}|${text.slice(caret)}`;
};

test('the term at the caret is replaced and the others stay', () => {
  expect(completed('vpn som|', 'account', 'somchai@moe.example')).toBe('vpn account:somchai@moe.example |');
  expect(completed('mo| level:high', 'host', 'mail.moe.example')).toBe('host:mail.moe.example |level:high');
  expect(completed('-host:mo|', 'host', 'mail.moe.example')).toBe('-host:mail.moe.example |');
  expect(completed('vpn |', 'host', 'x')).toBe('vpn host:x |');
});

test('a value with spaces is quoted, in an open quote, too', () => {
  expect(completed('"desk|', 'machine', 'DESKTOP of Malee')).toBe('machine:"DESKTOP of Malee" |');
  expect(completed('"two words"|', 'host', 'x')).toBe('"two words"host:x |');
});

test('a term is taken out whole', () => {
  expect(withoutTerm(...at('vpn crit| mail'))).toEqual({ text: 'vpn mail', caret: 4 });
  expect(termAt(...at('vpn ระดับ:สูง|'))).toMatchObject({ field: 'level', raw: 'สูง' });
});

/** Every text of up to four of these pieces. */
const PIECES = ['a', ' ', '"', '”', '-', ':', 'host:', 'ก่', '１', '\\'];
const VALUES = PIECES.flatMap((a) =>
  ['', ...PIECES].flatMap((b) => ['', ...PIECES].flatMap((c) => ['', ...PIECES].map((d) => a + b + c + d))),
).filter((value) => /[^\s"”]/u.test(value));

test('any value that is written into the box is read back as one term that the value contains', () => {
  const wrong = VALUES.filter((value) => {
    const [term, ...others] = parseSearch(`host:${quote(value)}`);
    const isRead = term?.kind === 'text' && term.field === 'host' && foldText(value).includes(term.text);
    return !isRead || others.length > 0;
  });
  expect(wrong).toEqual([]);
});

test('text that would hide or turn something is not put into the box', () => {
  expect(canBeTyped('abc\u202egro.elpmaxe')).toBe(false);
  expect(canBeTyped('')).toBe(false);
  expect(typablePart('DESK\u200b-MALEE\u202e')).toBe('-MALEE');
  expect(canBeTyped('สมหญิง.ใจดี')).toBe(true);
});
