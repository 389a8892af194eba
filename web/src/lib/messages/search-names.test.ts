/** The search box must understand what the interface says that it does, in both languages. */
import { describe, expect, test } from 'vitest';
import { parseSearch, SEARCH_FIELDS, typedTerms } from '@sealpost/shared/opened/query/search-syntax';
import { en } from './en.ts';
import { th } from './th.ts';

describe.each([
  ['English', en],
  ['Thai', th],
])('%s', (_language, words) => {
  test.each(SEARCH_FIELDS)('the name shown for the field %s is read as this field', (field) => {
    expect(typedTerms(`${words.search.field[field]}:x`)).toMatchObject([{ field, raw: 'x' }]);
  });

  test.each(words.search.help.rows.map(([typed]) => typed))('the example %s says something', (typed) => {
    const terms = parseSearch(typed);
    expect(terms.length).toBeGreaterThan(0);
    expect(terms.length).toBe(typedTerms(typed).length);
    const vocabulary = terms.filter((term) => term.kind === 'words');
    expect(vocabulary.every(({ codes }) => codes.length > 0)).toBe(true);
    if (typed.includes('256') || typed.includes('202')) expect(terms[0]?.kind).toBe('captured');
  });
});
