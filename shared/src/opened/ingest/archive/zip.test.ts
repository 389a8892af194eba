import { BlobReader, BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { load, loadText, watching } from '../load-for-test.ts';
import { bytesToSource } from '../source-file.ts';
import { INGEST_LIMITS } from '../limits.ts';
import { displayPath } from './display-path.ts';
import { openZip } from './zip.ts';

type Entries = readonly (readonly [name: string, content: string | Uint8Array, options?: object])[];

async function makeZip(entries: Entries, options: object = {}): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, ...options });
  for (const [name, content, own] of entries) {
    await writer.add(name, new Uint8ArrayReader(typeof content === 'string' ? utf8(content) : content), own ?? {});
  }
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

const GOOD = 'nok@moe.example:pw\n';
const logins = (loaded: { records: readonly { login: string }[] }) => loaded.records.map((record) => record.login);

describe('zip archives', () => {
  test('entries are leaves with their own bytes; the container is outside the sum', async () => {
    const zip = await makeZip([
      ['a/list.txt', GOOD],
      ['b.txt', 'lek@moe.example:x\n', { level: 0 }],
    ]);
    const loaded = await loadText(zip, { name: 'pack.zip' });
    expect(logins(loaded)).toEqual(['nok@moe.example', 'lek@moe.example']);
    expect(loaded.total.bytesIn).toBe(GOOD.length + 18);
    expect(loaded.sources.map((row) => [row.path, row.containerBytes])).toEqual([
      ['pack.zip/a/list.txt', undefined],
      ['pack.zip/b.txt', undefined],
      ['pack.zip', zip.length],
    ]);
    expect(loaded.status).toBe('complete');
  });

  test.each([
    ['data descriptors', { dataDescriptor: true }],
    ['zip64', { zip64: true }],
    ['ZipCrypto', { password: 'right', zipCrypto: true }],
    ['AES-256', { password: 'right', encryptionStrength: 3 }],
  ])('%s', async (_, options) => {
    const zip = await makeZip(
      [
        ['list.txt', GOOD],
        ['more.txt', 'lek@moe.example:x\n'],
      ],
      options,
    );
    const loaded = await loadText(zip, { name: 'p.zip', passwords: ['wrong', 'right'] });
    expect(logins(loaded)).toEqual(['nok@moe.example', 'lek@moe.example']);
    expect(loaded.quarantine).toEqual([]);
  });

  test('large entries are read in small pieces: a browser unpacks each whole before the limit is looked at', async () => {
    const noise = new Uint8Array(3 * 2 ** 20);
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
    const zip = await makeZip([['large.bin', noise]]);
    const slices: number[] = [];
    const source = {
      sizeBytes: zip.length,
      slice: (start: number, end: number) => {
        slices.push(end - start);
        return Promise.resolve(zip.slice(start, end));
      },
    };
    const opened = await openZip(source, 'p.zip', [], INGEST_LIMITS, { inflatedBytes: 0 });
    slices.length = 0;
    const content = await new Response(opened.leaves[0]?.open() as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
    expect(content.length).toBe(noise.length);
    expect(Math.max(...slices)).toBeLessThanOrEqual(64 * 1024);
  });

  test('without the right password encrypted entries are named, plain ones read', async () => {
    const zip = await makeZip([
      ['plain.txt', GOOD],
      ['locked.txt', 'secret text', { password: 'right' }],
    ]);
    const loaded = await loadText(zip, { name: 'p.zip', passwords: ['wrong'] });
    expect(logins(loaded)).toEqual(['nok@moe.example']);
    expect(loaded.quarantine).toEqual([
      { entry: 'p.zip/locked.txt', offset: 0, length: 0, reason: 'archive-password' },
    ]);
    expect(loaded.status).toBe('partial');
  });

  test('a bomb stops at its ratio, the others go on', async () => {
    const bomb = new Uint8Array(6_000_000).fill(0x41);
    const zip = await makeZip([
      ['bomb.txt', bomb],
      ['list.txt', GOOD],
    ]);
    const limits = { ratioFromBytes: 1_000_000 };
    const loaded = await loadText(zip, { name: 'p.zip', limits, watch: watching('moe.example') });
    expect(logins(loaded)).toEqual(['nok@moe.example']);
    const row = loaded.sources.find((source) => source.path === 'p.zip/bomb.txt');
    expect(row?.status).toBe('partial');
    expect(row?.quarantined).toMatchObject({ 'limit-ratio': 1 });
    expect(row?.bytesIn).toBeLessThan(2_500_000);
  });

  test('all archives of a source share one limit of inflated bytes', async () => {
    const zip = await makeZip(
      [
        ['a.txt', 'x'.repeat(40_000)],
        ['b.txt', GOOD.repeat(3_000)],
      ],
      { level: 0 },
    );
    const loaded = await loadText(zip, { name: 'p.zip', limits: { totalBytes: 60_000 } });
    expect(loaded.total.quarantined['limit-total']).toBe(1);
    expect(loaded.status).toBe('partial');
  });

  test('entries that overlap are refused, the others read', async () => {
    const zip = await makeZip(
      [
        ['one.txt', GOOD.repeat(20)],
        ['two.txt', 'lek@moe.example:x\n'.repeat(20)],
        ['three.txt', GOOD],
      ],
      {
        level: 0,
      },
    );
    // The central record of two.txt is made to point at one.txt's data.
    const second = findCentral(zip, 'two.txt');
    new DataView(zip.buffer).setUint32(second + 42, 0, true);
    const loaded = await loadText(zip, { name: 'p.zip' });
    expect(loaded.total.quarantined['limit-overlap']).toBe(2);
    expect(logins(loaded)).toEqual(['nok@moe.example']);
  });

  test('a lying size is not believed: bytes are counted as they come', async () => {
    const zip = await makeZip([
      ['list.txt', GOOD],
      ['other.txt', 'lek@moe.example:x\n'],
    ]);
    new DataView(zip.buffer).setUint32(findCentral(zip, 'list.txt') + 24, 4, true);
    const loaded = await loadText(zip, { name: 'p.zip' });
    expect(logins(loaded)).toContain('lek@moe.example');
    expect(loaded.total.bytesIn).toBeLessThanOrEqual(GOOD.length + 18);
  });

  test('names that climb or hide are shown harmless, and still read', async () => {
    const zip = await makeZip([
      ['../../etc/passwd.txt', GOOD],
      ['C:\\windows\\a.txt', GOOD],
      ['x\u202egnp.txt', GOOD],
      ['<img src=x onerror=alert(1)>.txt', GOOD],
    ]);
    const loaded = await loadText(zip, { name: 'p.zip' });
    expect(loaded.records.length).toBe(4);
    expect(loaded.sources.map((row) => row.path)).toEqual([
      'p.zip/_/_/etc/passwd.txt',
      'p.zip/C:/windows/a.txt',
      'p.zip/x\\u{202e}gnp.txt',
      'p.zip/<img src=x onerror=alert(1)>.txt',
      'p.zip',
    ]);
  });

  test('nested three deep is read, four deep is named', async () => {
    const third = await makeZip([
      ['list.txt', GOOD],
      ['fourth.zip', await makeZip([['deep.txt', GOOD]])],
    ]);
    const second = await makeZip([['third.zip', third]]);
    const loaded = await loadText(await makeZip([['second.zip', second]]), { name: 'first.zip' });
    expect(loaded.records.map((record) => record.provenance.entry)).toEqual([
      'first.zip/second.zip/third.zip/list.txt',
    ]);
    expect(loaded.quarantine.map((row) => [row.entry, row.reason])).toEqual([
      ['first.zip/second.zip/third.zip/fourth.zip', 'limit-depth'],
    ]);
  });

  test('a machine in a nested archive of its own keeps its boundary', async () => {
    const machine = (hwid: string) =>
      makeZip([
        ['UserInformation.txt', `Operation System: Windows\nHWID: ${hwid}\n`],
        ['Passwords.txt', 'URL: https://a.example/\nUsername: nok\nPassword: pw\n\n'],
      ]);
    const loaded = await loadText(
      await makeZip([
        ['a.zip', await machine('A1')],
        ['b.zip', await machine('B1')],
      ]),
      { name: 'p.zip' },
    );
    expect(loaded.records.map((record) => record.machine?.key)).toEqual(['A1', 'B1']);
  });

  test('a truncated archive fails with a reason; a corrupt entry leaves the others', async () => {
    const zip = await makeZip([
      ['a.txt', GOOD.repeat(50)],
      ['b.txt', 'lek@moe.example:x\n'],
    ]);
    const cut = await loadText(zip.subarray(0, zip.length - 60), { name: 'p.zip' });
    expect(cut.status).toBe('failed');
    expect(cut.quarantine.map((row) => row.reason)).toEqual(['archive-corrupt']);
    const damaged = zip.slice();
    damaged[45] = (damaged[45] ?? 0) ^ 0xff;
    const loaded = await loadText(damaged, { name: 'p.zip' });
    expect(logins(loaded)).toContain('lek@moe.example');
    expect(loaded.total.quarantined['archive-corrupt']).toBe(1);
  });

  test('entries beyond the limit are not read, and that is told', async () => {
    const entries = Array.from({ length: 120 }, (_, i) => [`${i}.txt`, `user${i}@moe.example:pw\n`] as const);
    const zip = await makeZip(entries, { level: 0 });
    const loaded = await loadText(zip, { name: 'p.zip', limits: { archiveEntries: 100 } });
    expect(loaded.records.length).toBe(100);
    expect(loaded.total.quarantined).toEqual({ 'limit-entries': 1 });
    expect((await loadText(zip, { name: 'p.zip' })).records.length).toBe(120);
  });

  test('an archive without random access is held in memory, up to the limit', async () => {
    const zip = await makeZip([['list.txt', GOOD]]);
    const { name, size, stream } = bytesToSource('p.zip', zip, 7);
    expect(logins(await load({ name, size, stream }))).toEqual(['nok@moe.example']);
    const refused = await load({ name, size, stream }, { limits: { memoryBytes: 50 } });
    expect(refused.quarantine.map((row) => row.reason)).toEqual(['limit-total']);
  });

  test('an archive of a kind that is not opened is quarantined whole', async () => {
    const seven = Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, ...new Uint8Array(100));
    const loaded = await loadText(seven, { name: 'p.7z' });
    expect(loaded.total.quarantined).toEqual({ 'archive-unsupported': 1 });
  });

  test('an archive behind other bytes (self-extracting) is found by its name and read', async () => {
    const zip = await makeZip([
      ['list.txt', GOOD],
      ['more.txt', 'lek@moe.example:x\n', { level: 0 }],
    ]);
    const bytes = new Uint8Array(zip.length + 100);
    bytes.set(Uint8Array.of(0x50, 0x4b, 3, 4));
    bytes.set(zip, 100);
    const loaded = await loadText(bytes, { name: 'p.zip' });
    expect(logins(loaded)).toEqual(['nok@moe.example', 'lek@moe.example']);
  });

  test('a checksum that does not fit is told, stored or deflated', async () => {
    for (const level of [0, 6]) {
      const zip = await makeZip(
        [
          ['list.txt', GOOD.repeat(9)],
          ['more.txt', GOOD],
        ],
        { level },
      );
      const at = findCentral(zip, 'list.txt') + 16;
      zip[at] = (zip[at] ?? 0) ^ 1;
      const loaded = await loadText(zip, { name: 'p.zip' });
      expect(loaded.total.quarantined).toEqual({ 'archive-corrupt': 1 });
      expect(loaded.sources.find((row) => row.path === 'p.zip/more.txt')?.records).toBe(1);
    }
  });

  test('a blob works as random access as well', async () => {
    const blob = new Blob([await makeZip([['list.txt', GOOD]])]);
    expect(new BlobReader(blob).size).toBe(blob.size);
    const loaded = await load({
      name: 'p.zip',
      size: blob.size,
      stream: () => blob.stream(),
      slice: async (start: number, end: number) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
    });
    expect(logins(loaded)).toEqual(['nok@moe.example']);
  });
});

test('shown paths never climb, never hide', () => {
  expect(displayPath('/etc/../x/./y')).toBe('etc/_/x/y');
  expect(displayPath('..')).toBe('_');
  expect(displayPath('a\u0000b\nc')).toBe('a\\u{0}b\\u{a}c');
  expect(displayPath('')).toBe('_');
});

/** Offset of the central directory record with this name. */
function findCentral(zip: Uint8Array, name: string): number {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  for (let at = 0; at < zip.length - 46; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const length = view.getUint16(at + 28, true);
    if (new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length)) === name) return at;
  }
  throw new Error('no such record');
}
