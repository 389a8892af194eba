import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { recogniseExport, recogniseExportLines } from './recognise-export.ts';
import { bytesToSource } from './source-file.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const SAMPLES = new URL('providers/samples/', import.meta.url);

function recognise(name: string, text: string) {
  return recogniseExportLines(text.split('\n'), name, NOW_MS);
}

test('every provider’s sample is recognised from its beginning', async () => {
  const told = new Map<string, string>();
  for (const name of readdirSync(SAMPLES).filter((file) => /\.(json|jsonl|csv)$/.test(file))) {
    const file = bytesToSource(name, new Uint8Array(readFileSync(new URL(name, SAMPLES))));
    const recognised = await recogniseExport(file, NOW_MS);
    told.set(name, recognised.kind === 'export' ? recognised.provider : recognised.kind);
  }
  expect(Object.fromEntries(told)).toEqual({
    'flare-credentials.json': 'flare-credentials',
    'flare-identities.json': 'flare-identities',
    'flare-stealer-logs.json': 'flare-stealer-logs',
    'generic.csv': 'table',
    'hibp-breacheddomain-moe.example.json': 'hibp-breaches',
    'hibp-export.json': 'hibp-breaches',
    'hibp-stealerlogsbyemaildomain-moe.example.json': 'hibp-stealer-logs',
    'hibp-stealerlogsbywebsitedomain-sso.moe.example.json': 'hibp-stealer-logs',
    'hudson-rock.json': 'hudson-rock',
    'intelmq.csv': 'intelmq',
    'intelmq.jsonl': 'intelmq',
    'misp-event.json': 'misp',
    'shadowserver-compromised-account.csv': 'shadowserver-compromised-account',
    'shadowserver-compromised-website.csv': 'shadowserver-compromised-website',
    'spycloud.csv': 'spycloud',
    'spycloud.json': 'spycloud',
  });
});

test('an answer that does not repeat its domain asks for it, unless its name tells', () => {
  const text = '{"nok": ["Adobe", "LinkedIn"], "boy": ["Adobe"]}';
  expect(recognise('answer.json', text)).toMatchObject({ kind: 'export', asksDomain: true });
  expect(recognise('breacheddomain-moe.example.json', text)).toMatchObject({ kind: 'export', asksDomain: false });
});

test('a table tells its columns and what they seem to hold', () => {
  expect(recognise('export.csv', 'Konto;Kennwort;Site\r\nnok@moe.example;pw;https://a.example/\r\n')).toEqual({
    kind: 'table',
    columns: ['Konto', 'Kennwort', 'Site'],
    guess: { url: 'Site' },
  });
  expect(recognise('export.csv', '\ufeffอีเมล,รหัสผ่าน,หมายเหตุ\nnok@moe.example,pw,-\n')).toMatchObject({
    guess: { email: 'อีเมล', password: 'รหัสผ่าน' },
  });
});

test('a row of data is never taken for names', () => {
  for (const first of [
    'nok@moe.example;pw;x',
    'https://a.example;nok;pw',
    'nok;hunter',
    'vpn.moe.example;nok;pw',
    'a;b!;c',
  ]) {
    expect(recognise('list.csv', `${first}\n${first}\n`), first).not.toMatchObject({ kind: 'table' });
  }
  expect(recognise('list.txt', 'nok@moe.example:pw\nboy@moe.example:pw\n')).toEqual({ kind: 'other' });
  expect(recognise('empty.csv', '')).toEqual({ kind: 'other' });
});
