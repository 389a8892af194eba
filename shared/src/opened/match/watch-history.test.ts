import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WatchTerms, WatchVersion } from './watch-history.ts';
import { addVersion, compareTerms, mergeHistories, MOST_VERSIONS } from './watch-history.ts';

const terms = (domains: readonly string[], keywords: WatchTerms['keywords'] = []): WatchTerms => ({
  ...{ domains, keywords, exclude: [], patterns: [] },
});
const change = (atMs: number, by: string, domains: readonly string[], undoes: number | null = null) => ({
  ...{ atMs, by, undoes, terms: terms(domains) },
});

test('a version counts up, an unchanged list adds none', () => {
  const first = addVersion([], change(1, 'a', ['moe.example']));
  const second = addVersion(first, change(2, 'b', ['moe.example', 'dlt.example']));
  expect(addVersion(second, change(3, 'a', ['dlt.example', 'moe.example']))).toBe(second);
  const undone = addVersion(second, change(4, 'a', ['moe.example'], 1));
  expect(undone.map(({ version, undoes }) => [version, undoes])).toEqual([
    [3, 1],
    [2, null],
    [1, null],
  ]);
});

test('what came and went is told, keywords with their scope', () => {
  const before = terms(['moe.example', 'old.example'], [{ term: 'ministry', scope: 'host' }]);
  const after = terms(['moe.example', 'new.example'], [{ term: 'ministry', scope: 'anywhere' }]);
  expect(compareTerms(before, after)).toEqual([
    { kind: 'domains', term: 'new.example', change: 'added' },
    { kind: 'domains', term: 'old.example', change: 'removed' },
    { kind: 'keywords', term: 'ministry (anywhere)', change: 'added' },
    { kind: 'keywords', term: 'ministry (host)', change: 'removed' },
  ]);
  expect(compareTerms(null, terms(['moe.example']))).toHaveLength(1);
});

test('rules come and go like terms; versions from before there were any say nothing about them', () => {
  const rule = { host: '', path: '/alumni', login: 'any' as const, exposure: 'customer' as const };
  const added = { ...terms(['moe.example']), rules: [rule] };
  expect(compareTerms(terms(['moe.example']), added)).toEqual([
    { kind: 'rules', term: JSON.stringify(rule), change: 'added' },
  ]);
  expect(compareTerms(terms([]), { ...terms([]), rules: [] })).toEqual([]);
  const first = addVersion([], change(1, 'a', ['moe.example']));
  const second = addVersion(first, { atMs: 2, by: 'b', undoes: null, terms: added });
  expect(second.map(({ version }) => version)).toEqual([2, 1]);
});

test('the newest versions are kept', () => {
  let history: readonly WatchVersion[] = [];
  for (let at = 0; at < MOST_VERSIONS + 5; at++) history = addVersion(history, change(at, 'a', [`d${at}.example`]));
  expect(history).toHaveLength(MOST_VERSIONS);
  expect(history[0]?.version).toBe(MOST_VERSIONS + 5);
});

test('devices that exchange histories in any order end with the same', () => {
  const version = fc.record({
    version: fc.integer({ min: 1, max: 4 }),
    atMs: fc.integer({ min: 1, max: 4 }),
    by: fc.constantFrom('a', 'b', 'c'),
  });
  const history = fc
    .array(version, { maxLength: 8 })
    .map((all) => all.map((one) => ({ ...one, undoes: null, terms: terms([`${one.by}${one.atMs}.example`]) })));
  fc.assert(
    fc.property(history, history, history, (a, b, c) => {
      const left = mergeHistories(mergeHistories(a, b), c);
      expect(mergeHistories(c, mergeHistories(b, a))).toEqual(left);
      expect(mergeHistories(left, left)).toEqual(left);
    }),
  );
});
