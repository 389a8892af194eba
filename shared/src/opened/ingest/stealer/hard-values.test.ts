/** What other parsers lose: blank logins, colons and key words in passwords, spaces at the end, files in UTF-16. Exact tuples. */
import { describe, expect, test } from 'vitest';
import { loadText, tuple } from '../load-for-test.ts';
import { FAMILY_SAMPLES } from './families.fixture.ts';

type Tuple = readonly [url: string, login: string, password: string, application: string | null];

const TUPLES: readonly Tuple[] = [
  ['https://sso.moe.example/', '', 'only a secret', 'Chrome'],
  ['https://a.example:8443/login?x=a:b', 'nok@moe.example', 'a:b::c:', 'Chrome'],
  ['https://b.example/', 'lek', 'url: https://not.example/', 'Chrome'],
  ['https://c.example/', 'ann', 'login: password: z', 'Edge'],
  ['https://d.example/', 'kai', 'two spaces  ', 'Edge'],
  ['https://e.example/', 'สมชาย', 'รหัส ผ่าน ', 'Edge'],
  ['https://f.example/', 'mai', ' before', 'Edge'],
  ['https://g.example/', 'pim', 'https://h.example/:x:y', 'Edge'],
];

/** Keys of each layout: URL, login, secret, software; and what stands between two blocks. */
const LAYOUTS: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  RedLine: ['URL', 'Username', 'Password', 'Application', '===============\n'],
  Vidar: ['Host', 'Login', 'Password', 'Soft', '\n\n'],
  StealC: ['url', 'login', 'password', 'browser', '\n'],
  Lumma: ['URL', 'USER', 'PASS', 'SOFT', '\n'],
};

function textOf([url, login, secret, software, between]: readonly [string, string, string, string, string]): string {
  return TUPLES.map(
    ([host, user, password, application]) =>
      `${software}: ${application}\n${url}: ${host}\n${login}: ${user}\n${secret}: ${password}\n${between}`,
  ).join('');
}

const ENCODINGS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'UTF-8': (text) => new TextEncoder().encode(text),
  'UTF-8 with a mark': (text) => new TextEncoder().encode(`\ufeff${text}`),
  'UTF-16LE': (text) => utf16(text, true),
  'UTF-16LE with a mark': (text) => utf16(`\ufeff${text}`, true),
  'UTF-16BE': (text) => utf16(text, false),
  'UTF-16BE with a mark': (text) => utf16(`\ufeff${text}`, false),
};

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

describe.each(Object.entries(LAYOUTS))('%s', (_, layout) => {
  test.each(Object.entries(ENCODINGS))('in %s, with LF and CRLF', async (__, encode) => {
    for (const newline of ['\n', '\r\n']) {
      const bytes = encode(textOf(layout).replaceAll('\n', newline));
      const { records, total } = await loadText(bytes, { name: 'Passwords.txt' });
      expect(records.map(tuple)).toEqual(TUPLES);
      expect(total.quarantined).toEqual({});
    }
  });
});

describe('lists', () => {
  const pairs = TUPLES.filter(([, login]) => login !== '');
  test.each([':', '\t', '|'])('with %j keep colons, key words and end spaces', async (separator) => {
    const lines = pairs.map(([url, login, password]) => [url, login, password].join(separator));
    const { records } = await loadText(`${lines.join('\n')}\n`);
    expect(records.map(tuple)).toEqual(pairs.map(([url, login, password]) => [url, login, password, null]));
  });
});

test('every family that is named has a sample', () => {
  const names = FAMILY_SAMPLES.map(({ family }) => family);
  expect(names).toEqual(expect.arrayContaining(['Vidar', 'StealC', 'Raccoon', 'RisePro', 'Rhadamanthys', 'META']));
});
