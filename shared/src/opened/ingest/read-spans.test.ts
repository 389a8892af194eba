import { expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { StoreZip } from '../sample/store-zip.ts';
import { load, watching } from './load-for-test.ts';
import { readSpans } from './read-spans.ts';
import { bytesToSource } from './source-file.ts';
import type { SourceFile } from './source-file.ts';

const LIST = [
  'https://a.moe.example/:anna:Pass-1',
  'moe.example only words',
  'x@other.example:1',
  'moe.example \u202eagain',
];
const MOST = { mostBytes: 200 };

/** Without random access, as an entry of an archive is. */
const streamOnly = ({ name, size, stream }: SourceFile): SourceFile => ({ name, size, stream });

function zipOf(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const zip = new StoreZip();
  const parts = Object.entries(entries).map(([path, bytes]) => zip.entry(path, bytes));
  return concatBytes(...parts, zip.end());
}

async function textsOf(files: readonly SourceFile[], spans: Parameters<typeof readSpans>[1]): Promise<unknown> {
  return (await readSpans(files, spans, MOST)).map((bytes) => (bytes === null ? null : fromUtf8(bytes)));
}

test('quarantined lines of a load are found again in the same file, at any chunk size', async () => {
  const text = utf8(`${LIST.join('\n')}\n`);
  const loaded = await load(bytesToSource('leak.txt', text), { watch: watching('moe.example') });
  expect(loaded.quarantine.length).toBe(2);
  const expected = [`${LIST[1]}\n`, `${LIST[3]}\n`];
  expect(await textsOf([bytesToSource('leak.txt', text)], loaded.quarantine)).toEqual(expected);
  for (const chunkBytes of [1, 2, 7, 30]) {
    const source = streamOnly(bytesToSource('leak.txt', text, chunkBytes));
    expect(await textsOf([source], [...loaded.quarantine].reverse())).toEqual([...expected].reverse());
  }
});

test('a line in a zip in a zip is found by its path', async () => {
  const inner = zipOf({ 'logs/list.txt': utf8(LIST.join('\n')) });
  const outer = zipOf({ 'other.txt': utf8('nothing'), 'inner.zip': inner });
  const source = bytesToSource('all.zip', outer);
  const loaded = await load(source, { watch: watching('moe.example') });
  expect(loaded.quarantine.map(({ entry }) => entry)).toEqual(Array(2).fill('all.zip/inner.zip/logs/list.txt'));
  expect(await textsOf([source], loaded.quarantine)).toEqual([`${LIST[1]}\n`, LIST[3]]);
});

test('what is not there is null, and long spans are cut', async () => {
  const source = bytesToSource('leak.txt', utf8('a'.repeat(500)));
  const spans = [
    { entry: 'leak.txt', offset: 100, length: 400 },
    { entry: 'leak.txt', offset: 900, length: 5 },
    { entry: 'gone.txt', offset: 0, length: 5 },
    { entry: 'leak.txt/inside.txt', offset: 0, length: 5 },
  ];
  for (const file of [source, streamOnly(source)]) {
    expect(await textsOf([file], spans)).toEqual(['a'.repeat(200), null, null, null]);
  }
});
