import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadText, tuple, watching } from '../load-for-test.ts';

const TEXT = [
  'https://sso.moe.example/login:nok@moe.example:p:w1',
  'https://a.example/:สมชาย:รหัสผ่าน1',
  'x😀y@moe.example:pässwörd😀',
  'other@b.example:plain',
].join('\r\n');

function utf16(text: string, isBigEndian: boolean, bom: boolean): Uint8Array {
  const full = bom ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(full.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < full.length; i++) view.setUint16(i * 2, full.charCodeAt(i), !isBigEndian);
  return bytes;
}

function windows874(text: string): Uint8Array {
  return Uint8Array.from([...text].map((c) => (c < '\x80' ? c.charCodeAt(0) : c.charCodeAt(0) - 0x0e01 + 0xa1)));
}

describe('encodings', () => {
  test.each([
    ['utf-16le', false, true],
    ['utf-16le', false, false],
    ['utf-16be', true, true],
    ['utf-16be', true, false],
  ] as const)('%s (big-endian %s, BOM %s) gives the records of UTF-8, at its own offsets', async (name, big, bom) => {
    const plain = await loadText(TEXT);
    const bytes = utf16(TEXT, big, bom);
    const wide = await loadText(bytes);
    expect(wide.sources[0]?.encoding).toBe(name);
    expect(wide.records.map(tuple)).toEqual(plain.records.map(tuple));
    expect(wide.records.length).toBe(4);
    expect(wide.total.bytesIn).toBe(bytes.length);
    expect(wide.total.ignored).toEqual(bom ? { bom: 1 } : {});
    const decoder = new TextDecoder(name);
    for (const { provenance, login } of wide.records) {
      const line = decoder.decode(bytes.subarray(provenance.offset, provenance.offset + provenance.length));
      expect(line).toContain(login);
    }
    const watched = await loadText(bytes, { watch: watching('moe.example') });
    expect(watched.records.length).toBe(2);
  });

  test('an odd last byte of UTF-16 is quarantined as truncated', async () => {
    const loaded = await loadText(utf16('a@b.example:pw\n', false, true).subarray(0, 31));
    expect(loaded.quarantine).toEqual([{ entry: 'leak.txt', offset: 30, length: 1, reason: 'truncated' }]);
  });

  test('Windows-874 is recognised by its Thai letters', async () => {
    const { records, sources } = await loadText(windows874('https://a.example/:สมหญิง ใจดี:กขค123\nx@b.example:น้ำตาล\n'));
    expect(sources[0]?.encoding).toBe('windows-874');
    expect(records[0]?.login).toBe('สมหญิง ใจดี');
    expect(records[1]?.password).toBe('น้ำตาล');
  });

  test('Windows-1251 is recognised by its Cyrillic letters', async () => {
    const cyrillic = (text: string) =>
      Uint8Array.from([...text].map((c) => (c < '\x80' ? c.charCodeAt(0) : c.charCodeAt(0) - 0x410 + 0xc0)));
    const { records, sources } = await loadText(
      cyrillic('https://a.example/:пользователь:пароль\nx@b.example:секретное\n'),
    );
    expect(sources[0]?.encoding).toBe('windows-1251');
    expect(records[0]?.password).toBe('пароль');
  });

  test('one line of another encoding in a UTF-8 file is read by the second guess', async () => {
    const good = new TextEncoder().encode('https://a.example/:สมชาย:ลับมาก\n'.repeat(20));
    const odd = windows874('x@b.example:กุ้ง\n');
    const { records, sources } = await loadText(Uint8Array.from([...good, ...odd]));
    expect(sources[0]?.encoding).toBe('utf-8');
    expect(records.length).toBe(21);
    expect(records[20]?.password.length).toBe(4);
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR alone', '\r'],
  ])('%s, with and without a last newline', async (_, newline) => {
    const lines = ['a@b.example:one', 'c@d.example:two', 'e@f.example:three'];
    for (const text of [lines.join(newline), lines.join(newline) + newline]) {
      const { records, total } = await loadText(text);
      expect(records.map((record) => record.password)).toEqual(['one', 'two', 'three']);
      expect(total.bytesRecord).toBe(text.length);
    }
  });

  test('NULs at the ends of lines do not matter; an empty file is complete and empty', async () => {
    const { records } = await loadText(`${'a@b.example:one\n'.repeat(10)}\0c@d.example:two\0\n`);
    expect(records.at(-1)).toMatchObject({ login: 'c@d.example', password: 'two' });
    const empty = await loadText('');
    expect(empty.status).toBe('complete');
    expect(empty.sources).toHaveLength(1);
    expect(empty.total.bytesIn).toBe(0);
  });

  test('binary is ignored as no text, every byte counted', async () => {
    const bytes = Uint8Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 251);
    const { total, records } = await loadText(bytes);
    expect(records).toEqual([]);
    expect(total.ignored).toEqual({ 'not-text': 1 });
    expect(total.bytesIgnored).toBe(5_000);
  });

  test('any chunk size gives the same records and the same ledger', async () => {
    const long = `z@moe.example:${'L'.repeat(20_000)}`;
    const far = `${'q'.repeat(30_000)}moe.example`;
    const text = `\ufeff${TEXT}\r\n${long}\n${'n'.repeat(25_000)}\n${far}\nlast@moe.example:x`;
    const options = { watch: watching('moe.example'), limits: { lineBytes: 8_192 } };
    const inputs = [new TextEncoder().encode(text), utf16(text, false, false)];
    for (const bytes of inputs) {
      const whole = await loadText(bytes, options);
      expect(whole.total.quarantined).toEqual({ 'line-too-long': 1 });
      for (let chunkBytes = 1; chunkBytes <= 257; chunkBytes += chunkBytes < 20 ? 1 : 23) {
        const cut = await loadText(bytes, { ...options, chunkBytes });
        expect(cut.records).toEqual(whole.records);
        expect(cut.total).toEqual(whole.total);
        expect(cut.quarantine).toEqual(whole.quarantine);
      }
    }
  });

  test('any bytes at all: nothing throws, the ledger adds up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1, max: 64 }),
        async (bytes, chunkBytes) => {
          const { total } = await loadText(bytes, { chunkBytes });
          expect(total.bytesIn).toBe(bytes.length);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('quarantine and ledger hold no text of any line', async () => {
    const canary = 'Canary7Secret';
    const text = `${canary}\nhttps://a.example/${canary}:x\nnok@moe.example:${canary}\n${canary.repeat(9_000)}\n`;
    const { sources, total, quarantine } = await loadText(text);
    expect(quarantine.length).toBe(3);
    expect(JSON.stringify({ sources, total, quarantine })).not.toContain('anary7');
  });
});
