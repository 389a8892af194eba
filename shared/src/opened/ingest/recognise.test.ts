import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { StoreZip } from '../sample/store-zip.ts';
import { load, loadText, TEST_NOW_MS, tuple, watching } from './load-for-test.ts';
import type { IngestProgress } from './ingest-options.ts';
import { recogniseForm } from './recognise.ts';
import { bytesToSource } from './source-file.ts';

const recognise = (name: string, text: string | Uint8Array) =>
  recogniseForm(bytesToSource(name, typeof text === 'string' ? utf8(text) : text, 1_000), TEST_NOW_MS);

test('the form of a file is told from its first lines, with its confidence', async () => {
  const lines = Array.from({ length: 99 }, (_, n) => `https://sso.moe.example/login:anna${n}:Pass-${n}`);
  expect(await recognise('a.txt', [...lines, 'nothing here'].join('\n'))).toEqual({
    ...{ kind: 'form', dialect: 'url-login-pass/colon', confidence: 0.99, encoding: 'utf-8' },
  });
  expect(await recognise('a.csv', 'email,password\nanna@moe.example,Pass-1\nben@moe.example,Pass-2\n')).toMatchObject({
    ...{ kind: 'form', dialect: 'csv/comma' },
  });
  expect(await recognise('a.txt', 'once upon a time\n\nthere was a list\n')).toEqual({ kind: 'unknown' });
  const zip = new StoreZip();
  const bytes = concatBytes(zip.entry('x.txt', utf8('x')), zip.end());
  expect(await recognise('a.zip', bytes)).toEqual({ kind: 'archive', form: 'zip' });
});

test('a form that a person names is taken, with the separator that fits it', async () => {
  const text = 'https://a.example;anna;Pass:1\nben@moe.example;Pass;2\n';
  const asPairs = await loadText(text, { dialect: 'email-pass' });
  expect(asPairs.sources[0]?.dialect).toBe('email-pass/semicolon');
  expect(asPairs.records.map(tuple)).toContainEqual(['', 'ben@moe.example', 'Pass;2', null]);
  const none = await loadText('what:ever\n', { dialect: 'pwdump' });
  expect(none.sources[0]?.dialect).toBe('pwdump/colon');
});

test('totals while reading add up, grow, and end as the ledger', async () => {
  const lines = Array.from(
    { length: 5_000 },
    (_, n) => `https://sso.${n % 2 ? 'moe' : 'dlt'}.example/:anna${n}:Pass-${n}`,
  );
  const seen: ReturnType<IngestProgress['totals']>[] = [];
  const files = [0, 1, 2].map((n) => bytesToSource(`logs/${n}.txt`, utf8(lines.join('\n')), 20_000));
  const loaded = await load(files, {
    watch: watching('moe.example'),
    onProgress: (progress) => void seen.push(progress.totals()),
  });
  expect(seen.length).toBeGreaterThan(30);
  let last = 0;
  for (const { bytesIn, bytesRecord, bytesIgnored, bytesQuarantined, bytesNotCandidate } of seen) {
    expect(bytesRecord + bytesIgnored + bytesQuarantined + bytesNotCandidate).toBe(bytesIn);
    expect(bytesIn).toBeGreaterThanOrEqual(last);
    last = bytesIn;
  }
  expect(last).toBeGreaterThan(loaded.total.bytesIn * 0.9);
});
