/** Every row of the table of hashes (INGEST 4) with a made-up value: the modes hashcat would try, likeliest first, and the class. */
import { describe, expect, test } from 'vitest';
import { loadText } from '../ingest/load-for-test.ts';
import type { HashSpeed } from './hash-type.ts';
import { hashSpeed, identifyHash, namesItsHash } from './hash-type.ts';

const hex = (length: number) => '0123456789abcdef'.repeat(9).slice(0, length);
const b64 = (length: number) => './ABCDEFGHabcdefgh0123'.repeat(8).slice(0, length);

interface Row {
  readonly text: string;
  readonly name: string;
  readonly modes: readonly (number | null)[];
  readonly speed: HashSpeed;
}

const row = (text: string, name: string, modes: readonly (number | null)[], speed: HashSpeed): Row => ({
  text,
  name,
  modes,
  speed,
});
const BCRYPT = [3200, 25600, 25800, 30600, 28400];

const MARKED: readonly Row[] = [
  ...['2a', '2b', '2x', '2y'].map((kind) => row(`$${kind}$10$${b64(53)}`, 'bcrypt', BCRYPT, 'slow')),
  ...['argon2id', 'argon2i', 'argon2d'].map((kind) =>
    row(`$${kind}$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaA`, 'argon2', [34000], 'slow'),
  ),
  row(`$6$saltsalt$${b64(86)}`, 'sha512crypt', [1800], 'slow'),
  row(`$6$rounds=5000$saltsalt$${b64(86)}`, 'sha512crypt', [1800], 'slow'),
  row(`$5$saltsalt$${b64(43)}`, 'sha256crypt', [7400], 'slow'),
  row(`$1$saltsalt$${b64(22)}`, 'md5crypt', [500], 'slow'),
  row(`$apr1$saltsalt$${b64(22)}`, 'apr1', [1600], 'slow'),
  row(`$y$j9T$salt$${b64(43)}`, 'yescrypt', [null], 'slow'),
  row(`$P$${b64(31)}`, 'phpass', [400], 'slow'),
  row(`$H$${b64(31)}`, 'phpass', [400], 'slow'),
  row(`$S$${b64(52)}`, 'drupal7', [7900], 'slow'),
  row(`pbkdf2_sha256$20000$salt$${b64(43)}=`, 'django_pbkdf2', [10000], 'slow'),
  row(`sha1$salt$${hex(40)}`, 'django_sha1', [124], 'fast_salted'),
  row('sha256:1000:c2FsdA==:aGFzaGhhc2g=', 'pbkdf2_sha256', [10900], 'slow'),
  row(`{SSHA}${'A'.repeat(38)}==`, 'ssha', [111], 'fast_salted'),
  row(`{SHA}${'A'.repeat(27)}=`, 'sha_base64', [101], 'fast'),
  row(`{SSHA512}${'A'.repeat(96)}`, 'ssha512', [1711], 'fast_salted'),
  row(`*${hex(40).toUpperCase()}`, 'mysql5', [300], 'fast'),
  row(`0x0100${hex(88)}`, 'mssql2000', [131], 'fast_salted'),
  row(`0x0100${hex(48)}`, 'mssql2005', [132], 'fast_salted'),
  row(`0x0200${hex(136)}`, 'mssql2012', [1731], 'fast_salted'),
  row('SCRYPT:1024:1:1:c2FsdA==:aGFzaGhhc2g=', 'scrypt', [8900], 'slow'),
];

const AMBIGUOUS: readonly Row[] = [
  row(hex(16), 'mysql323', [200, 5100, 3000], 'reversible'),
  row(hex(32), 'md5', [0, 1000, 2600, 900, 3500, 3000, 4400, 4300, 8600, 20900, 70, 9900], 'fast'),
  row(`${hex(32)}:a:b`, 'md5_salted', [10, 20, 2611], 'fast_salted'),
  row(hex(40), 'sha1', [100, 300, 4500, 6000, 4700, 170, 18500], 'fast'),
  row(`${hex(40)}:salt`, 'sha1_salted', [110, 120], 'fast_salted'),
  row(hex(56), 'sha224', [1300, 17300, 17700], 'fast'),
  row(hex(64), 'sha256', [1400, 17400, 6900, 20800, 17800, 5720, 21400, 1470, 11700], 'fast'),
  row(`${hex(64)}:salt`, 'sha256_salted', [1410, 1420], 'fast_salted'),
  row(hex(96), 'sha384', [10800, 17500, 17900, 10870], 'fast'),
  row(`${hex(96)}:salt`, 'sha384_salted', [10810, 10820], 'fast_salted'),
  row(hex(128), 'sha512', [1700, 6100, 17600, 18000, 11800, 21000, 1770], 'fast'),
  row(`${hex(128)}:salt`, 'sha512_salted', [1710, 1720], 'fast_salted'),
  // Not in the table, and of no length that is: whatever it is, a list of such is a list of hashes.
  row(`$madeup$16$${b64(40)}`, 'modular', [null], 'fast'),
];

describe('every row of the table', () => {
  test.each([...MARKED, ...AMBIGUOUS])('$text', ({ text, name, modes, speed }) => {
    const found = identifyHash(text);
    expect(found[0]?.name).toBe(name);
    expect(found.map(({ hashcat }) => hashcat)).toEqual(modes);
    expect(found.reduce((sum, { prior }) => sum + prior, 0)).toBeCloseTo(1);
    expect(hashSpeed(name)).toBe(speed);
  });

  test.each(MARKED)('$text names itself, in any file', async ({ text, name }) => {
    expect(namesItsHash(text)).toBe(true);
    const { records } = await loadText(`a@moe.example:hunter2\nnok@moe.example:${text}\nb@moe.example:p:w\n`);
    expect(records.map(({ login, password, hashTypes }) => [login, password, hashTypes[0]])).toEqual([
      ['a@moe.example', 'hunter2', undefined],
      ['nok@moe.example', text, name],
      ['b@moe.example', 'p:w', undefined],
    ]);
  });

  test.each(AMBIGUOUS)('$text is a hash in a list of such', async ({ text, name }) => {
    expect(namesItsHash(text)).toBe(false);
    const lines = Array.from({ length: 8 }, (_, i) => `u${i}@moe.example:${text}`);
    const { records } = await loadText(lines.join('\n'));
    const colon = text.indexOf(':');
    const [hash, salt] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
    expect(records.length).toBe(8);
    for (const record of records) {
      expect([record.password, record.salt, record.hashTypes[0]]).toEqual([hash, salt, name]);
    }
  });
});

describe('context', () => {
  test('a salt in its own column makes it a salted one', () => {
    expect(identifyHash(hex(40), { salted: true })[0]?.name).toBe('sha1_salted');
  });
  test('in a pwdump or a column named for it is NTLM', () => {
    expect(identifyHash(hex(32), { pwdump: true })[0]?.name).toBe('ntlm');
    expect(identifyHash(hex(32), { column: 'NT_Hash' })[0]?.name).toBe('ntlm');
    expect(hashSpeed('ntlm')).toBe('fast');
  });
  test('LM is reversible: seven letters at a time', () => {
    expect(hashSpeed('lm')).toBe('reversible');
  });
});

test.each(['', 'hunter2', 'correct horse battery', hex(33), '$2y$10$short', '$abc$short-one', 'x'.repeat(5000)])(
  '%j is no hash',
  (text) => {
    expect(identifyHash(text)).toEqual([]);
  },
);

test('an unknown hash counts as fast', () => {
  expect(hashSpeed('whatever')).toBe('fast');
});
