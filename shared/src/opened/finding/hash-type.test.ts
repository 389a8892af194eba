import { describe, expect, test } from 'vitest';
import { hashSpeed, identifyHash } from './hash-type.ts';

const hex = (length: number) => '0123456789abcdef'.repeat(8).slice(0, length);
const b64 = (length: number) => './ABCDEFGHabcdefgh0123'.repeat(8).slice(0, length);

describe('hashes that name themselves', () => {
  test.each([
    [`$2y$10$${b64(53)}`, 'bcrypt', 'slow'],
    ['$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$aGFzaA', 'argon2', 'slow'],
    [`$6$saltsalt$${b64(86)}`, 'sha512crypt', 'slow'],
    [`$5$saltsalt$${b64(43)}`, 'sha256crypt', 'slow'],
    [`$1$saltsalt$${b64(22)}`, 'md5crypt', 'slow'],
    [`$apr1$saltsalt$${b64(22)}`, 'apr1', 'slow'],
    [`$y$j9T$salt$${b64(43)}`, 'yescrypt', 'slow'],
    [`$P$${b64(31)}`, 'phpass', 'slow'],
    [`$H$${b64(31)}`, 'phpass', 'slow'],
    [`$S$${b64(52)}`, 'drupal7', 'slow'],
    [`pbkdf2_sha256$20000$salt$${b64(44)}`, 'django_pbkdf2', 'slow'],
    [`sha1$salt$${hex(40)}`, 'django_sha1', 'fast_salted'],
    ['sha256:1000:c2FsdA==:aGFzaA==', 'pbkdf2_sha256', 'slow'],
    [`{SSHA}${'A'.repeat(38)}==`, 'ssha', 'fast_salted'],
    [`{SHA}${'A'.repeat(27)}=`, 'sha_base64', 'fast'],
    [`{SSHA512}${'A'.repeat(96)}`, 'ssha512', 'fast_salted'],
    [`*${hex(40).toUpperCase()}`, 'mysql5', 'fast'],
    [`0x0200${hex(136 - 128)}${hex(128)}`, 'mssql2012', 'fast_salted'],
    [`0x0100${hex(88)}`, 'mssql2000', 'fast_salted'],
    ['SCRYPT:1024:1:1:c2FsdA==:aGFzaA==', 'scrypt', 'slow'],
  ])('%s', (text, name, speed) => {
    expect(identifyHash(text)[0]?.name).toBe(name);
    expect(hashSpeed(name)).toBe(speed);
  });
});

describe('bare hexadecimal', () => {
  test.each([
    [16, 'mysql323'],
    [32, 'md5'],
    [40, 'sha1'],
    [64, 'sha256'],
    [96, 'sha384'],
    [128, 'sha512'],
  ])('of %i digits is a set whose likeliest is %s', (length, name) => {
    const found = identifyHash(hex(length));
    expect(found.length).toBeGreaterThan(1);
    expect(found[0]?.name).toBe(name);
    expect(found.reduce((sum, { prior }) => sum + prior, 0)).toBeCloseTo(1);
  });
  test('with a salt is a salted one, even if the salt holds colons', () => {
    expect(identifyHash(`${hex(32)}:a:b`)[0]?.name).toBe('md5_salted');
    expect(identifyHash(hex(40), { salted: true })[0]?.name).toBe('sha1_salted');
  });
  test('in a pwdump or a column named for it is NTLM', () => {
    expect(identifyHash(hex(32), { pwdump: true })[0]?.name).toBe('ntlm');
    expect(identifyHash(hex(32), { column: 'NT_Hash' })[0]?.name).toBe('ntlm');
  });
});

test.each(['', 'hunter2', 'correct horse battery', hex(33), '$2y$10$short', 'x'.repeat(5000)])(
  '%j is no hash',
  (text) => {
    expect(identifyHash(text)).toEqual([]);
  },
);

test('an unknown hash counts as fast', () => {
  expect(hashSpeed('whatever')).toBe('fast');
});
