import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { createPlainScanner } from '../scan/plain.ts';
import { scannerFor } from '../scan/scanner-for.ts';
import { withPatterns } from '../scan/patterns.ts';
import { scanTerms } from '../scan/terms.ts';
import { parseLoginPattern } from './login-pattern.ts';
import type { WatchList } from './watch.ts';

const pattern = (text: string) => {
  const parsed = parseLoginPattern(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const fits = (text: string, ...logins: readonly string[]) => logins.filter((login) => pattern(text).matches(login));

describe('a login pattern', () => {
  test('stands for whole logins, capitals or not', () => {
    expect(fits('b6[0-9]{9}', 'b6012345678', 'B6012345678', 'b601234567', 'b60123456789', 'xb6012345678', '')).toEqual([
      'b6012345678',
      'B6012345678',
    ]);
    expect(fits('EMP-[0-9]{5,6}', 'emp-12345', 'EMP-123456', 'EMP-1234', 'EMP-1234567', 'EMP12345')).toEqual([
      'emp-12345',
      'EMP-123456',
    ]);
    expect(fits('[a-cx]{2}t?[0-9]', 'ab1', 'xct9', 'adt1', 'att1')).toEqual(['ab1', 'xct9']);
    expect(fits('a?a?a?a?b', 'b', 'aab', 'aaaab', 'aaaaab')).toEqual(['b', 'aab', 'aaaab']);
    expect(fits('svc[._-]app[0-9]{2}', 'svc_app01', 'svc-app02', 'svcapp01')).toEqual(['svc_app01', 'svc-app02']);
  });

  test.each([
    '',
    '*',
    'a*',
    'a+',
    '(a)',
    'a|b',
    '^a',
    'a$',
    '[',
    '[]',
    '[^a]',
    '[z-a]',
    '[A-z]',
    'a{',
    'a{0}',
    'a{3,2}',
    'a{1,}',
    '\\d',
    'a{99}',
    'ก',
    '?',
    'a??',
    'a@b',
  ])('%j is none', (text) => {
    expect(parseLoginPattern(text).ok).toBe(false);
  });

  test('is a watch term only if it says enough', () => {
    const distinctive = (text: string) => pattern(text).isDistinctive;
    expect(['[0-9]{8}', 'b[0-9]{9}', 'st[0-9]{3}', 'st?[0-9]{8}'].map(distinctive)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(['b6[0-9]{9}', 'st[0-9]{4}', 'a{2}[0-9]{5}'].map(distinctive)).toEqual([true, true, true]);
  });

  test('agrees with an expression of the same meaning on any text', () => {
    const part = fc.constantFrom('a', 'b', '1', '[ab]', '[0-9]', '[a-b1]', '_');
    const count = fc.constantFrom('', '?', '{2}', '{0,3}', '{1,2}');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, count), { minLength: 1, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'B', '1', '2', '_'), maxLength: 10 }),
        (parts, login) => {
          const text = parts.map(([set, times]) => set + times).join('');
          expect(pattern(text).matches(login)).toBe(new RegExp(`^(?:${text})$`, 'i').test(login));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('no login makes it slow', () => {
    const many = pattern('a{0,8}'.repeat(8));
    const startMs = performance.now();
    for (let i = 0; i < 200; i++) expect(many.matches(`${'a'.repeat(63)}b`)).toBe(false);
    // Catastrophic backtracking would take longer than the universe has.
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});

describe('lines with a login of a watched form', () => {
  const watch: WatchList = {
    organisations: [
      {
        id: 'a',
        name: 'A',
        domains: ['moe.example'],
        exclude: [],
        keywords: [],
        patterns: ['b6[0-9]{4,5}', 'emp-[0-9]{4}'],
      },
    ],
  };
  const lines = (text: string) => {
    const bytes = utf8(text);
    const hits: number[] = [];
    const newlines = scannerFor(watch).scan(bytes, 0, bytes.length, 10, hits);
    const byPlain: number[] = [];
    expect(withPatterns(createPlainScanner(scanTerms(watch)), watch).scan(bytes, 0, bytes.length, 10, byPlain)).toBe(
      newlines,
    );
    expect(byPlain).toEqual(hits);
    const found: string[] = [];
    for (let i = 0; i < hits.length; i += 2) found.push(new TextDecoder().decode(bytes.subarray(hits[i], hits[i + 1])));
    return found;
  };

  test('are candidates beside those with a term, in order and once', () => {
    expect(
      lines(
        'b60123:pw\nx:y\nhttps://a.example/;EMP-0001;pw\nnok@moe.example:b60123\nMOE\\b601234|x\nb6012:x\nxb60123:x',
      ),
    ).toEqual(['b60123:pw\n', 'https://a.example/;EMP-0001;pw\n', 'nok@moe.example:b60123\n', 'MOE\\b601234|x\n']);
  });

  test('are never missed, whatever stands around them', () => {
    const border = fc.constantFrom(':', ';', '|', '\t', ',', ' ', '"', '\\', '\n', 'ก', '/');
    const noise = fc.string({ unit: fc.constantFrom('a', 'b', '6', '0', '-', '.', ':', '\n', 'é'), maxLength: 12 });
    fc.assert(
      fc.property(
        noise,
        border,
        fc.constantFrom('b60123', 'B601234', 'emp-0001'),
        border,
        noise,
        (a, x, login, y, b) => {
          expect(lines(`${a}${x}${login}${y}${b}`).some((line) => line.includes(login))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('without patterns the scanner is the one it was', () => {
    const plain = createPlainScanner(scanTerms(watch));
    const organisations = watch.organisations.map((organisation) => ({ ...organisation, patterns: [] }));
    expect(withPatterns(plain, { organisations })).toBe(plain);
  });
});
