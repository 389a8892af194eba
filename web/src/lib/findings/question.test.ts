/** Questions are put together in many ways; what they mean must not depend on it. */
import { expect, test } from 'vitest';
import {
  countFilters,
  EVERYTHING,
  isNarrowed,
  isSameQuestion,
  queryOf,
  questionOf,
  sortedBy,
  withRange,
  withToggled,
  withValues,
} from './question.ts';

const range = [0, 86_400_000] as const;

test('a value is turned on, joined by another, and the filter goes with its last value', () => {
  const one = withToggled({}, 'machine', 'a');
  const two = withToggled(one, 'machine', 'b');
  expect(two).toEqual({ machine: ['a', 'b'] });
  expect(withToggled(withToggled(two, 'machine', 'a'), 'machine', 'b')).toEqual({});
  expect(withValues({ level: ['high'] }, 'level', [])).toEqual({});
});

test('ranges count as filters and are taken away one by one', () => {
  const ranges = withRange(withRange({}, 'captured', range), 'lastSeen', range);
  const question = { ...EVERYTHING, ranges, filters: { host: ['a', 'b'] } };
  expect(countFilters(question)).toBe(3);
  expect(withRange(ranges, 'captured', null)).toEqual({ lastSeen: range });
  expect(isNarrowed({ ...EVERYTHING, ranges: {} })).toBe(false);
  expect(isNarrowed({ ...EVERYTHING, text: '  ' })).toBe(false);
  expect(isNarrowed(question)).toBe(true);
});

test('two questions are the same whatever order they were put together in', () => {
  const a = { ...EVERYTHING, filters: { level: ['high', 'low'], host: ['x'] } };
  const b = { ...EVERYTHING, text: ' ', filters: { host: ['x'], level: ['low', 'high'], state: [] } };
  expect(isSameQuestion(a, b)).toBe(true);
  expect(isSameQuestion(a, { ...a, groupBy: 'host' })).toBe(false);
  expect(isSameQuestion(a, { ...a, ranges: { captured: range } })).toBe(false);
});

test('what is saved as a query comes back as the question it was', () => {
  const question = { ...EVERYTHING, text: 'vpn', ranges: { firstSeen: range }, groupBy: 'machine' as const };
  expect(questionOf(queryOf(question), question.groupBy)).toEqual(question);
});

test('asking for the same order again turns it round', () => {
  const once = sortedBy(EVERYTHING.sort, 'host');
  expect(once).toEqual({ by: 'host', descending: false });
  expect(sortedBy(once, 'host')).toEqual({ by: 'host', descending: true });
});
