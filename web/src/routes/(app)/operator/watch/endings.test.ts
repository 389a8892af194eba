import { expect, test } from 'vitest';
import { endingsOf, hasEnding } from './endings.ts';

test('Thai second levels count for themselves and for th', () => {
  const domains = ['a.go.th', 'b.go.th', 'c.ac.th', 'd.th', 'e.com'];
  expect(endingsOf(domains)).toEqual([
    { name: 'th', count: 4 },
    { name: 'go.th', count: 2 },
    { name: 'ac.th', count: 1 },
    { name: 'com', count: 1 },
  ]);
  expect(domains.filter((domain) => hasEnding(domain, 'th'))).toHaveLength(4);
});
