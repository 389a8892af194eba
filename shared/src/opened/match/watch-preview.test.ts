import { expect, test } from 'vitest';
import { loadText } from '../ingest/load-for-test.ts';
import type { WatchedOrganisation } from './watch.ts';
import { WatchPreview } from './watch-preview.ts';

const organisation = (id: string, terms: Partial<WatchedOrganisation>): WatchedOrganisation => ({
  ...{ id, name: id, domains: [], exclude: [], keywords: [] },
  ...terms,
});

const LINES = [
  'https://sso.moe.example/login:somchai.jaidee@moe.example:Correct-Horse-9',
  'https://sso.moe.example/login:somchai.jaidee@moe.example:Other-Password-1',
  'https://shop.example/:malee@mail.moe.example:short',
  'https://intra.dlt.example/:anna.sukjai@moe.example:Battery-Staple-2',
  'https://portal.example/moeportal:anna:Something-3',
  'https://other.example/:nobody@else.example:Pass-4',
];

test('counts and masked samples of a term that is not watched yet', async () => {
  const { records } = await loadText(LINES.join('\n'));
  const present = { organisations: [organisation('dlt', { domains: ['dlt.example'] })] };
  const preview = new WatchPreview(organisation('new', { domains: ['moe.example'] }), present);
  preview.add(records);
  const counts = preview.counts();
  expect(counts).toMatchObject({
    records: 4,
    accounts: 3,
    added: 4,
    addedAccounts: 3,
    lost: 0,
    byVia: { host: 2, email: 2, keyword: 0 },
    byRule: [{ rule: 'moe.example', records: 4 }],
    places: [
      { place: 'sso.moe.example', records: 2 },
      { place: 'intra.dlt.example', records: 1 },
      { place: 'shop.example', records: 1 },
    ],
    shared: [{ organisationId: 'dlt', records: 1 }],
  });
  expect(counts.samples.map(({ account, place, secret }) => [account, place, secret])).toEqual([
    ['so******ee@moe.example', 'sso.moe.example', 'Co******-9'],
    ['******@mail.moe.example', 'shop.example', '******'],
    ['a******i@moe.example', 'intra.dlt.example', 'Ba******-2'],
  ]);
  expect(JSON.stringify(counts)).not.toMatch(/somchai|Correct-Horse|Battery|malee/);
});

test('changed terms of a listed organisation are counted instead of its present ones', async () => {
  const { records } = await loadText(LINES.join('\n'));
  const present = { organisations: [organisation('moe', { domains: ['moe.example'] })] };
  const preview = new WatchPreview(
    organisation('moe', { domains: ['moe.example'], exclude: ['mail.moe.example'] }),
    present,
  );
  preview.add(records);
  expect(preview.counts()).toMatchObject({ records: 3, accounts: 2, added: 0, lost: 1, shared: [] });
});

test('what is hit anew is counted and shown first', async () => {
  const { records } = await loadText(LINES.join('\n'));
  const present = { organisations: [organisation('moe', { domains: ['moe.example'] })] };
  const preview = new WatchPreview(organisation('moe', { domains: ['moe.example', 'else.example'] }), present);
  preview.add(records);
  const counts = preview.counts();
  expect(counts).toMatchObject({ records: 5, added: 1, addedAccounts: 1, lost: 0 });
  expect(counts.samples[0]).toMatchObject({ account: '******@else.example', rule: 'else.example' });
});
