import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../../base/bytes.ts';
import { parseBase64url } from '../../../base/base64url.ts';
import type { IngestOptions } from '../ingest-options.ts';
import type { IngestLimits } from '../limits.ts';
import { load, loadText } from '../load-for-test.ts';
import { bytesToSource } from '../source-file.ts';
import {
  ARCHIVED_RECORDS,
  FOUR_STREAMS_7Z,
  HIDDEN_7Z,
  LOCKED_7Z,
  PPMD_7Z,
  RARE_RECORDS,
  SOLID_7Z,
  SPLIT_7Z,
  storedRar4,
  storedRar5,
} from './archives.fixture.ts';

const GOOD = 'nok@moe.example:pw\n';
const MORE = 'lek@moe.example:x\n';
const ZSTD = 'KLUv/SQTmQAAbm9rQG1vZS5leGFtcGxlOnB3CkuwbVA=';

const wasm = readFile(createRequire(import.meta.url).resolve('libarchive-wasm/dist/libarchive.wasm'));
const libarchive = (): Promise<Uint8Array> => wasm;
const bytesOf = (base64: string) =>
  parseBase64url(base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')) ?? new Uint8Array(0);
const logins = (loaded: { records: readonly { login: string }[] }) => loaded.records.map((record) => record.login);
const read = (name: string, bytes: Uint8Array, options: Partial<IngestOptions> = {}) =>
  loadText(bytes, { name, libarchive, ...options });

/** One entry as tar writes it; `type` '0' is a file. */
function tarEntry(name: string, content: string, { type = '0', sizeBytes = utf8(content).length } = {}): Uint8Array {
  const block = new Uint8Array(512);
  const put = (text: string, at: number) => block.set(utf8(text), at);
  put(name, 0);
  put('0000644\0', 100);
  put(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  put('        ', 148);
  put(type, 156);
  put('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const body = utf8(content);
  return concatBytes(block, body, new Uint8Array((512 - (body.length % 512)) % 512));
}
const indexOf = (bytes: Uint8Array, part: Uint8Array) => Buffer.from(bytes).indexOf(part);
const tar = (...entries: readonly Uint8Array[]) => concatBytes(...entries, new Uint8Array(1024));

describe('7z and rar', () => {
  test('entries are leaves by their own names, those of machines grouped', async () => {
    for (const archive of [SOLID_7Z, SPLIT_7Z]) {
      const { records, total, sources, status } = await read('p.7z', archive);
      expect(records).toHaveLength(ARCHIVED_RECORDS);
      expect(total.quarantined).toEqual({});
      expect(status).toBe('complete');
      expect(sources.map(({ path }) => path)).toContain('p.7z/เครื่อง-2/Passwords.txt');
      expect(new Set(records.map(({ machine }) => machine?.key))).toEqual(new Set([undefined, 'H0', 'H1']));
    }
  });

  test('an encrypted 7z is opened with the first password that fits, names encrypted or not', async () => {
    const plain = await read('p.7z', SOLID_7Z);
    for (const archive of [LOCKED_7Z, HIDDEN_7Z]) {
      const opened = await read('p.7z', archive, { passwords: ['wrong', 'right'] });
      expect(opened.records).toEqual(plain.records);
      expect(opened.status).toBe('complete');
    }
  });

  test('encryption is taken out of any chain of methods', async () => {
    const passwords = ['secret'];
    expect((await read('p.7z', FOUR_STREAMS_7Z, { passwords })).records).toHaveLength(RARE_RECORDS);
    expect((await read('p.7z', PPMD_7Z, { passwords })).records).toHaveLength(2 * RARE_RECORDS);
  });

  test('without its password an encrypted 7z is locked, as a whole where its names are encrypted, too', async () => {
    for (const passwords of [[], ['wrong', 'Right']]) {
      const locked = await read('p.7z', LOCKED_7Z, { passwords });
      expect(locked.total.quarantined).toEqual({ 'archive-password': 5 });
      expect(locked.sources).toHaveLength(6);
      const hidden = await read('p.7z', HIDDEN_7Z, { passwords });
      expect(hidden.total.quarantined).toEqual({ 'archive-password': 1 });
      expect([...locked.records, ...hidden.records]).toEqual([]);
    }
  });

  test('stored rars of both layouts are read; one entry whose bytes are damaged does not stop the others', async () => {
    const files = [
      { name: 'a.txt', content: utf8(GOOD) },
      { name: 'b.txt', content: utf8(MORE) },
      { name: 'c.txt', content: utf8(GOOD.replace('nok', 'third')) },
    ];
    for (const rar of [storedRar4(files), storedRar5(files), storedRar5(files, true)]) {
      expect(logins(await read('p.rar', rar))).toEqual(['nok@moe.example', 'lek@moe.example', 'third@moe.example']);
      const damaged = rar.slice();
      damaged[indexOf(rar, utf8(MORE))] = 0x4c;
      const loaded = await read('p.rar', damaged);
      expect(logins(loaded)).toEqual(expect.arrayContaining(['nok@moe.example', 'third@moe.example']));
      expect(loaded.total.quarantined).toEqual({ 'archive-corrupt': 1 });
    }
  });

  test('a damaged block of a 7z costs what is in it alone', async () => {
    const damaged = SPLIT_7Z.slice();
    // In the second of five blocks, each of which is a file.
    damaged.fill(0x55, 32 + 217 + 8, 32 + 217 + 40);
    const { total, sources } = await read('p.7z', damaged);
    expect(sources.filter(({ status }) => status !== 'complete').map(({ path }) => path)).toEqual([
      'p.7z/PC-1/System.txt',
    ]);
    expect(total.records).toBe(ARCHIVED_RECORDS);
  });

  test('any cut or flipped byte ends as a reason, never as an exception', async () => {
    for (let at = 6; at < SOLID_7Z.length; at += 43) {
      const flipped = SOLID_7Z.slice();
      flipped[at] = (flipped[at] as number) ^ 0x55;
      for (const bytes of [SOLID_7Z.subarray(0, at), flipped]) {
        const { total, records } = await read('p.7z', bytes);
        const told = Object.values(total.quarantined).reduce((sum, count) => sum + count, 0);
        expect(told + records.length).toBeGreaterThan(0);
      }
    }
  });

  test('what would take more memory than allowed is refused by name; without the engine it is told, too', async () => {
    const limits = { memoryBytes: 100 };
    expect((await read('p.7z', SOLID_7Z, { limits })).total.quarantined).toEqual({ 'limit-total': 1 });
    const without = await loadText(SOLID_7Z, { name: 'p.7z' });
    expect(without.total.quarantined).toEqual({ 'archive-unsupported': 1 });
    expect(without.status).toBe('failed');
  });

  test('a load is cancelled while an archive is unpacked to what was asked for', async () => {
    const abort = new AbortController();
    let turns = 0;
    const gate = () => {
      if (++turns === 3) abort.abort();
      return Promise.resolve();
    };
    await expect(read('p.7z', SOLID_7Z, { gate, signal: abort.signal })).rejects.toThrow('cancelled');
    expect(turns).toBe(3);
  });

  test('bytes, depth and number of entries have limits, which end as their own reasons', async () => {
    const reasons = async (limits: Partial<IngestLimits>) =>
      (await read('p.7z', SOLID_7Z, { limits })).total.quarantined;
    expect(await reasons({ ratio: 4, ratioFromBytes: 4_000 })).toEqual({ 'limit-ratio': 1 });
    expect(await reasons({ totalBytes: 4_000 })).toHaveProperty('limit-total');
    expect(await reasons({ archiveDepth: 0 })).toEqual({ 'limit-depth': 1 });
    for (const archiveEntries of [1, 4]) expect(await reasons({ archiveEntries })).toEqual({ 'limit-entries': 1 });
  });
});

describe('tar, gz and zst', () => {
  test('entries of a tar are leaves by their own names; links, devices and folders are none', async () => {
    const pax = '27 path=long/ยาว/pax.txt\n'.replace('27', String(utf8('27 path=long/ยาว/pax.txt\n').length));
    const packed = tar(
      tarEntry('dir/', '', { type: '5' }),
      tarEntry('../list.txt', GOOD),
      tarEntry('link', '', { type: '2' }),
      tarEntry('PaxHeaders', pax, { type: 'x' }),
      tarEntry('short.txt', MORE),
    );
    const loaded = await read('p.tar', packed);
    expect(logins(loaded)).toEqual(['nok@moe.example', 'lek@moe.example']);
    expect(loaded.sources.map(({ path }) => path)).toEqual(['p.tar/_/list.txt', 'p.tar/long/ยาว/pax.txt', 'p.tar']);
  });

  test('tar.gz is two containers deep, zst one', async () => {
    const packed = gzipSync(tar(tarEntry('list.txt', GOOD)));
    expect(logins(await read('p.tar.gz', packed))).toEqual(['nok@moe.example']);
    expect(logins(await read('p.tgz', packed))).toEqual(['nok@moe.example']);
    expect(logins(await read('list.txt.zst', bytesOf(ZSTD)))).toEqual(['nok@moe.example']);
    expect((await read('p.tgz', packed, { limits: { archiveDepth: 1 } })).total.quarantined).toEqual({
      'limit-depth': 1,
    });
  });

  test('a tar of many small entries is read in large pieces, each once for the names and once for the contents', async () => {
    const packed = tar(
      ...Array.from({ length: 4_000 }, (_, i) => tarEntry(`d${i % 50}/f${i}.txt`, `u${i}@moe.example:pw\n`)),
    );
    const source = bytesToSource('many.tar', packed);
    let slices = 0;
    const slice = (start: number, end: number) => {
      slices++;
      return Promise.resolve(packed.subarray(start, end));
    };
    const loaded = await load({ ...source, slice });
    expect(loaded.records).toHaveLength(4_000);
    expect(slices).toBeLessThan(3 * (packed.length / 2 ** 16));
  });

  test('a tar that is cut gives what is there and says so; a size beyond the end is not believed', async () => {
    const packed = tar(tarEntry('a.txt', GOOD), tarEntry('b.txt', MORE, { sizeBytes: 1_000_000_000 }));
    const loaded = await read('p.tar', packed);
    expect(logins(loaded)[0]).toBe('nok@moe.example');
    expect(loaded.total.quarantined['truncated']).toBeGreaterThan(0);
    const cut = await read('p.tar', packed.subarray(0, 600));
    expect(cut.total.quarantined['truncated']).toBeGreaterThan(0);
  });

  test('a gzip bomb ends at the limit, a cut gzip gives what it had', async () => {
    const bomb = gzipSync(new Uint8Array(8 * 2 ** 20));
    const limits = { ratioFromBytes: 2 ** 20, ratio: 50 };
    const loaded = await load(bytesToSource('bomb.gz', bomb), { limits });
    expect(loaded.total.quarantined).toEqual({ 'limit-ratio': 1 });
    expect(loaded.total.bytesIn).toBeLessThan(4 * 2 ** 20);
    const lines = Array.from({ length: 20_000 }, (_, i) => `user${i}@moe.example:secret${i * 7919}`).join('\n');
    const cut = await load(bytesToSource('list.gz', gzipSync(lines).subarray(0, 60_000)));
    expect(cut.records.length).toBeGreaterThan(100);
    expect(cut.total.quarantined['archive-corrupt']).toBe(1);
  });
});
