import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadText, tuple, watching } from '../load-for-test.ts';
import type { Separator } from './dialect.ts';
import { SEPARATORS } from './dialect.ts';

const P = 'Pa:ss1';

/** Line, then url, login, password, application. */
const COLON_LINES: readonly (readonly [string, readonly [string, string, string, string | null]])[] = [
  ['nok@moe.example:Pa:ss:1', ['', 'nok@moe.example', 'Pa:ss:1', null]],
  [
    'https://sso.moe.example:8443/adfs/ls/:nok@moe.example:p:w',
    ['https://sso.moe.example:8443/adfs/ls/', 'nok@moe.example', 'p:w', null],
  ],
  ['https://sso.moe.example:nok@moe.example:pw1', ['https://sso.moe.example', 'nok@moe.example', 'pw1', null]],
  ['https://sso.moe.example:8443:nok:pw', ['https://sso.moe.example:8443', 'nok', 'pw', null]],
  ['https://reg.moe.example:6401234567:pw:x', ['https://reg.moe.example', '6401234567', 'pw:x', null]],
  ['http://[2001:db8::1]:8080/a:nok:pw', ['http://[2001:db8::1]:8080/a', 'nok', 'pw', null]],
  ['http://[2001:db8::1]/login:nok:pw', ['http://[2001:db8::1]/login', 'nok', 'pw', null]],
  ['https://u:s@sso.moe.example/login:nok:pw', ['https://u:s@sso.moe.example/login', 'nok', 'pw', null]],
  ['https://a.example/q?x=1:2:nok@moe.example:pw', ['https://a.example/q?x=1:2', 'nok@moe.example', 'pw', null]],
  ['https://a.example/%E0%B8%81:nok%40moe:pw', ['https://a.example/%E0%B8%81', 'nok%40moe', 'pw', null]],
  ['vpn.moe.example/remote/login?lang=en:nok:pw', ['vpn.moe.example/remote/login?lang=en', 'nok', 'pw', null]],
  ['vpn.moe.example:nok:pw', ['vpn.moe.example', 'nok', 'pw', null]],
  ['android://AB_c-D==@com.bank.app/:nok:pw', ['android://AB_c-D==@com.bank.app/', 'nok', 'pw', 'com.bank.app']],
  ['nok@moe.example:pw:1:https://sso.moe.example/', ['https://sso.moe.example/', 'nok@moe.example', 'pw:1', null]],
  ['https://a.example/::pw1', ['https://a.example/', '', 'pw1', null]],
  ['https://a.example/:0812345678:pw1', ['https://a.example/', '0812345678', 'pw1', null]],
  [
    'https://a.example/:nok@moe.example:url: https://b.example login: x',
    ['https://a.example/', 'nok@moe.example', 'url: https://b.example login: x', null],
  ],
  ['nok@moe.example:$HEX[70613a7373]', ['', 'nok@moe.example', 'pa:ss', null]],
];

describe('line dialects', () => {
  test.each(COLON_LINES)('%s', async (line, expected) => {
    const { records, total } = await loadText(`${line}\n`);
    expect(records.map(tuple)).toEqual([expected]);
    expect(total.bytesRecord).toBe(new TextEncoder().encode(line).length + 1);
  });

  test.each(SEPARATORS.filter((separator) => separator !== ':'))('fields apart by %j', async (separator) => {
    const join = (...fields: string[]) => fields.join(separator);
    const lines = [
      join('https://sso.moe.example:8443/login', 'nok@moe.example', P),
      join('https://a.example/', 'somchai', P),
      join('http://[2001:db8::1]:80/', 'nok', P),
      join('android://AB==@com.bank.app/', 'nok', P),
    ];
    const { records, sources } = await loadText(lines.join('\n'));
    expect(records.map((record) => record.login)).toEqual(['nok@moe.example', 'somchai', 'nok', 'nok']);
    expect(records.every((record) => record.password === P)).toBe(true);
    expect(sources[0]?.dialect).toMatch(/^url-login-pass\//);
  });

  test('the dialect is that of the file: `john.smith:pass:word` is a user name in a list of user names', async () => {
    const { records, sources } = await loadText(
      'somchai:abc\nnok.s:hunter2\njohn.smith:pass:word\nkai_1:x:y\nlek:zz\n',
    );
    expect(sources[0]?.dialect).toBe('user-pass/colon');
    expect(records.map(tuple)).toContainEqual(['', 'john.smith', 'pass:word', null]);
  });

  test('a line of another dialect is read at less confidence, not lost', async () => {
    const ulp = Array.from({ length: 20 }, (_, i) => `https://a${i}.example/login:user${i}:pw${i}`);
    const { records } = await loadText([...ulp, 'nok@moe.example:secret'].join('\n'));
    const odd = records.at(-1);
    expect(odd && tuple(odd)).toEqual(['', 'nok@moe.example', 'secret', null]);
    expect(odd?.confidence).toBeLessThan(0.6);
    expect(odd?.sourceClass).toBe('combo');
    expect(records[0]?.sourceClass).toBe('ulp');
  });

  test('end spaces of a password are kept beside the trimmed form', async () => {
    const { records } = await loadText('nok@moe.example: pa ss \n');
    expect(records[0]).toMatchObject({ password: 'pa ss', rawPassword: ' pa ss ' });
  });

  test('junk is ignored by rule, each rule counted', async () => {
    const text = [
      'https://a.example/:nok:pw',
      '==========================',
      '╔══ FREE LOGS ══╗',
      'Telegram: https://t.me/somechannel',
      '@bestcloud LOGS daily',
      'https://a.example/:UNKNOWN:pw',
      'nok@moe.example:N/A',
      'nok@moe.example:********',
      'https://a.example/:nok:',
      '',
      'https://t.me/login:nok@moe.example:pw',
    ].join('\n');
    const { records, total } = await loadText(text);
    expect(records.map((record) => record.url)).toEqual(['https://a.example/', 'https://t.me/login']);
    expect(total.ignored).toEqual({
      separator: 1,
      banner: 3,
      placeholder: 2,
      'masked-secret': 1,
      'empty-secret': 1,
      'empty-line': 1,
    });
  });

  test('what does not parse is quarantined with reason and place', async () => {
    const long = 'x'.repeat(2_000);
    const text = `a@b.example:pw\nnothing\nhttps://a.example/x:y\na@b.example:${long}\n`;
    const { quarantine, records } = await loadText(text);
    expect(records.length).toBe(1);
    expect(quarantine).toEqual([
      { entry: 'leak.txt', offset: 15, length: 8, reason: 'no-separator' },
      { entry: 'leak.txt', offset: 23, length: 22, reason: 'ambiguous-split' },
      { entry: 'leak.txt', offset: 45, length: 2_013, reason: 'field-too-long' },
    ]);
  });

  test.each([':', ' ', ';', '@', '.', '/', '://', 'a.b:', '%40', '=', '*'])(
    'a megabyte of %j repeated takes no more than linear time',
    async (piece) => {
      const line = `https://a.example/${piece.repeat(Math.floor(9_000 / piece.length))}`;
      const bytes = `${line}\n`.repeat(100) + piece.repeat(60_000 / piece.length) + '\n';
      const started = performance.now();
      const { total } = await loadText(bytes);
      expect(total.bytesIn).toBe(bytes.length);
      expect(performance.now() - started).toBeLessThan(10_000);
    },
  );

  const word = fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/).filter((text) => !['null', 'xxx', 'unknown'].includes(text));
  const host = fc.tuple(word, word).map(([a, b]) => `${a}.${b}.example`);
  const login = fc.oneof(
    fc.tuple(word, host).map(([name, domain]) => `${name}@${domain}`),
    word,
  );
  const secret = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9!#$%&()+=?^_]{4,14}$/);

  test.each(['url-first', 'url-last', 'email'] as const)('rendered and parsed again: %s', async (shape) => {
    const record = fc.record({ host, path: fc.constantFrom('/', '/login', '/adfs/ls/'), login, secret, extra: secret });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 3, maxLength: 12 }),
        fc.constantFrom<Separator>(...SEPARATORS),
        async (rows, separator) => {
          const expected = rows.map((row) => {
            const url = shape === 'email' ? '' : `https://${row.host}${row.path}`;
            const name = shape === 'email' && !row.login.includes('@') ? `${row.login}@${row.host}` : row.login;
            const password = separator === ' ' ? row.secret : `${row.secret}${separator}${row.extra}`;
            return [url, name, password, null] as const;
          });
          const lines = expected.map(([url, name, password]) =>
            (shape === 'email'
              ? [name, password]
              : shape === 'url-first'
                ? [url, name, password]
                : [name, password, url]
            ).join(separator),
          );
          const { records } = await loadText(lines.join('\r\n'));
          expect(records.map(tuple)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('lines without a watched term are not candidates, whatever they hold', async () => {
    const text = 'nonsense\nhttps://a.example/:nok:pw\n====\nx@moe.example:pw\nhttps://xmoe.example/:a:b\n';
    const { records, total } = await loadText(text, { watch: watching('moe.example') });
    expect(records.map((record) => record.login)).toEqual(['x@moe.example']);
    expect(total.bytesRecord).toBe(17);
    expect(total.bytesNotCandidate).toBe(total.bytesIn - 17);
    expect(total.ignored).toEqual({});
  });
});
