import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../../base/bytes.ts';
import { parseBase64url } from '../../../base/base64url.ts';
import type { IngestOptions } from '../ingest-options.ts';
import { load, loadText } from '../load-for-test.ts';
import { bytesToSource } from '../source-file.ts';
import { crc32 } from '../../../base/crc32.ts';

const GOOD = 'nok@moe.example:pw\n';
const MORE = 'lek@moe.example:x\n';
/** Made by 7-Zip from the two lists above; the password is `right`, in HIDDEN for the names, too. */
const PLAIN_7Z =
  'N3q8ryccAARF9TWQlwAAAAAAAAAhAAAAAAAAAEJeXsfgACQAHl0ANhlJtRrznVXRdbo7Dob3GYnSJa4FcZw41ygcNj5gAAAAgTMHrg/QaX28nz9HQQWHhqNA5c6YsbheNs8hUbbK5zAeQwjhAT1LZifbTvPrLM+2M4FT4x/1P1r43520LR2e0ZAdEUOoIdK+mwQ52oDX0KKhj6mP788L7wVwUanRf9AKnMrfkKJdiAL0crQAAAAAFwYmAQlxAAcLAQABIwMBAQVdABAAAAyAigoBpRWQKQAA';
const LOCKED_7Z =
  'N3q8ryccAAQgV3GTvgAAAAAAAAAiAAAAAAAAAFJuLjLNl793dvw8eGj0m4znQmGalwLIlg3go9wmqc6dN0JyW/SKPNSndHjVBXdr7uJIR6IAAIEzB64P0QDUPKCKabDjxAD69FhUvZSijA13TuFVVrM5Mvilg+jucanSdzyKkEv3QAH/jWPLYcw6N4qoZFwSm1aXwCW/0l7FNPTieKt+D1ca+2kyxNaF9iJbbUqnr2i8wN3pf6RU8/79bx83Gcy1I87/MMLnI4lqw+of9qUi0Wx1baykoijEWgQAAAAAFwYwAQmAjgAHCwEAASMDAQEFXQAQAAAMgKoKAUpqGs8AAA==';
const HIDDEN_7Z =
  'N3q8ryccAATaPNl+wAAAAAAAAAA+AAAAAAAAAMyBblfSGDSpbq4l2PmpAdCViPYPJVQdgbCZdeLTYaKF6FdzJFF5OaiQHiUMEDwL3btZt71Wj9p5rgPjVNz/QGGfb2BeH1zqGy8g1acFHt7baGN3QhBhj75Curxx2vOK4femDJI7rcqREcApaEzhFTc85YDQTqFnSujmf8ryLMb46F6xgCTrT5kX+o6W9W5EB1ztRG3DUXuD9i/lZvZFGF+lBqSTMIoB7udNcJJk9CLn5AQZnwdn9AldbqmkZFoYxifxcccXBjABCYCQAAcLAQACJAbxBwESUw+L/5Si6DnJq1ID4ugi27HCIwMBAQVdABAAAAEADICOgKoKAeFV9YYAAA==';
const ZSTD = 'KLUv/SQTmQAAbm9rQG1vZS5leGFtcGxlOnB3CkuwbVA=';

const wasmPath = createRequire(import.meta.url).resolve('libarchive.js/dist/libarchive.wasm');
const libarchive = async () => new Uint8Array(await readFile(wasmPath));
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
const tar = (...entries: readonly Uint8Array[]) => concatBytes(...entries, new Uint8Array(1024));

/** A RAR 4 archive of one stored file (technote.txt of RAR 4.20). */
function storedRar(name: string, content: string): Uint8Array {
  const body = utf8(content);
  const withCrc = (header: Uint8Array) => {
    const sum = crc32(header.subarray(2)) & 0xffff;
    header.set([sum & 255, sum >> 8]);
    return header;
  };
  const archive = withCrc(new Uint8Array([0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0]));
  const file = new Uint8Array(32 + name.length);
  const view = new DataView(file.buffer);
  file[2] = 0x74;
  view.setUint16(3, 0x8000, true);
  view.setUint16(5, file.length, true);
  view.setUint32(7, body.length, true);
  view.setUint32(11, body.length, true);
  file[15] = 3;
  view.setUint32(16, crc32(body), true);
  view.setUint32(20, 0x58210000, true);
  file[24] = 20;
  file[25] = 0x30;
  view.setUint16(26, name.length, true);
  view.setUint32(28, 0o100644, true);
  file.set(utf8(name), 32);
  const end = withCrc(new Uint8Array([0, 0, 0x7b, 0, 0x40, 7, 0]));
  return concatBytes(utf8('Rar!\u001a\u0007\0'), archive, withCrc(file), body, end);
}

describe('7z and rar', () => {
  test('entries are leaves', async () => {
    expect(logins(await read('p.7z', bytesOf(PLAIN_7Z))).sort()).toEqual(['lek@moe.example', 'nok@moe.example']);
  });

  test('an encrypted 7z, which the engine does not open, is told as that, with the right password, too', async () => {
    for (const archive of [LOCKED_7Z, HIDDEN_7Z]) {
      const refused = await read('p.7z', bytesOf(archive), { passwords: ['right'] });
      expect(refused.records).toEqual([]);
      expect(refused.total.quarantined['archive-unsupported']).toBe(1);
    }
  });

  test('a stored rar is read', async () => {
    expect(logins(await read('p.rar', storedRar('list.txt', GOOD)))).toEqual(['nok@moe.example']);
  });

  test('any cut or flipped byte ends as a reason, never as an exception', async () => {
    const whole = bytesOf(PLAIN_7Z);
    for (let at = 6; at < whole.length; at += 13) {
      const flipped = whole.slice();
      flipped[at] = (flipped[at] as number) ^ 0x55;
      for (const bytes of [whole.subarray(0, at), flipped]) {
        const { total, records } = await read('p.7z', bytes);
        const told = Object.values(total.quarantined).reduce((sum, count) => sum + count, 0);
        expect(told + records.length).toBeGreaterThan(0);
      }
    }
  });

  test('what would take more memory than allowed is refused by name; without the engine it is told, too', async () => {
    const limits = { memoryBytes: 100 };
    expect((await read('p.7z', bytesOf(PLAIN_7Z), { limits })).total.quarantined).toEqual({ 'limit-total': 1 });
    const without = await loadText(bytesOf(PLAIN_7Z), { name: 'p.7z' });
    expect(without.total.quarantined).toEqual({ 'archive-unsupported': 1 });
    expect(without.status).toBe('failed');
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
