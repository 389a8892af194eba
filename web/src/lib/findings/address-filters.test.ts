/** A link may carry words of closed vocabularies, and nothing that a browser's history should not keep. */
import { expect, test } from 'vitest';
import { filtersFromAddress } from './address-filters.ts';

const read = (search: string) => filtersFromAddress(new URLSearchParams(search));

test('an address without filters changes nothing', () => {
  expect(read('')).toBeNull();
  expect(read('other=1')).toBeNull();
});

test('levels, states and the open group are read', () => {
  expect(read('level=critical,high&state=open&owner=nobody')).toEqual({
    level: ['critical', 'high'],
    state: ['new', 'triaged', 'assigned', 'in_progress', 'pending', 'reopened'],
    owner: [''],
  });
});

test('unknown words, hosts, accounts and searches in an address are ignored', () => {
  expect(read('level=terrible&host=vpn.moe.example&q=somchai&owner=somchai')).toBeNull();
  expect(read('level=high,<script>')).toEqual({ level: ['high'] });
});
