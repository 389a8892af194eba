import { expect, test } from 'vitest';
import { suggestDomains } from './domain-suggestions.ts';

const counts = (domains: Readonly<Record<string, number>>, isEstimate = false) => ({
  domains: Object.entries(domains).map(([domain, seen]) => ({ domain, seen })),
  isEstimate,
});
const WATCH = {
  organisations: [
    { id: 'a', name: 'A', domains: ['moe.example', 'sso.dlt.example'], exclude: ['shop.example'], keywords: [] },
  ],
};

test('domains nobody watches, most seen first, over all loads', () => {
  const { suggestions, isEstimate, loads } = suggestDomains(
    [
      counts({ 'moe.example': 90, 'dlt.example': 5, 'tax.example': 4, 'shop.example': 3 }),
      counts({ 'tax.example': 9, 'freemail.example': 100, 'noise.example': 50 }, true),
    ],
    WATCH,
    ['noise.example'],
  );
  expect(suggestions).toEqual([
    { domain: 'tax.example', seen: 13, loads: 2, partly: [] },
    { domain: 'dlt.example', seen: 5, loads: 1, partly: ['sso.dlt.example'] },
  ]);
  expect([isEstimate, loads]).toEqual([true, 2]);
});
