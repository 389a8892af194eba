/** Numbers and dates as people of each language read them. */
import { expect, test } from 'vitest';
import { Formats } from './formats.ts';

const AT = Date.UTC(2026, 2, 11, 18, 30);
const HOUR = 3_600_000;

test('Thai dates are in the Buddhist era and in Bangkok time', () => {
  expect(new Formats('th').date(AT)).toBe('12 มี.ค. 2569');
  expect(new Formats('en').date(AT)).toBe('12 Mar 2026');
});

test('numbers have separators and Arabic digits in both languages', () => {
  expect(new Formats('th').number(1234567)).toBe('1,234,567');
  expect(new Formats('en').number(1234567)).toBe('1,234,567');
});

test('distances are said in their largest fitting unit', () => {
  const en = new Formats('en');
  expect(en.relative(AT - 3 * HOUR, AT)).toBe('3 hours ago');
  expect(en.relative(AT - 12 * 24 * HOUR, AT)).toBe('12 days ago');
  expect(en.relative(AT - 800 * 24 * HOUR, AT)).toBe('2 years ago');
  expect(new Formats('th').relative(AT - 3 * HOUR, AT)).toBe('3 ชั่วโมงที่ผ่านมา');
});

test('a moment in the future does not become a negative age', () => {
  expect(new Formats('en').age(AT + HOUR, AT)).toBe('0 mins');
});
