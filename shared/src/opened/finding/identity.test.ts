import { describe, expect, test } from 'vitest';
import { isNationalId, normaliseIdentity } from './identity.ts';

const canonical = (login: string) => {
  const { kind, canonical: text } = normaliseIdentity(login);
  return `${kind} ${text}`;
};

describe('an e-mail address', () => {
  test('is lower-cased, trimmed and keeps dots and tags', () => {
    expect(canonical('  Nok.S+x@MOE.Example. ')).toBe('email nok.s+x@moe.example');
  });
  test('at a Thai domain is the same in Unicode and punycode', () => {
    const unicode = normaliseIdentity('nok@กระทรวง.ไทย');
    expect(unicode.canonical).toMatch(/^nok@xn--/);
    expect(normaliseIdentity(unicode.canonical)).toEqual(unicode);
  });
  test.each([
    '.a@b.example',
    'a.@b.example',
    'a..b@b.example',
    `${'a'.repeat(65)}@b.example`,
    "o'b@b.example",
    'a@local',
  ])('out of HIBP’s rules is a UPN: %s', (login) => {
    expect(normaliseIdentity(login).kind).toBe('upn');
  });
  test('under an unlisted top level is kept with a flag', () => {
    expect(normaliseIdentity('a@b.example').unlistedTld).toBe(true);
    expect(normaliseIdentity('a@b.go.th').unlistedTld).toBe(false);
  });
  test('at gmail groups by mailbox without changing the identity', () => {
    expect(normaliseIdentity('n.o.k+shop@gmail.com')).toMatchObject({
      canonical: 'n.o.k+shop@gmail.com',
      mailboxKey: 'nok@gmail.com',
    });
    expect(normaliseIdentity('n.o.k+shop@moe.example').mailboxKey).toBeNull();
  });
});

describe('other logins', () => {
  test.each([
    ['MOE\\Somchai', 'user somchai'],
    ['MOE\\nok@moe.example', 'email nok@moe.example'],
    ['a\\b\\c', 'user a\\b\\c'],
    ['081-234-5678', 'phone +66812345678'],
    ['+66 81 234 5678', 'phone +66812345678'],
    ['0066812345678', 'phone +66812345678'],
    ['๐๘๑๒๓๔๕๖๗๘', 'phone +66812345678'],
    ['1-1037-02071-81-5', 'user 1-1037-02071-81-5'],
    ['+4915112345678', 'phone +4915112345678'],
    ['6401234567', 'user 6401234567'],
    ['', 'user '],
    ['สมชาย', 'user สมชาย'],
  ])('%j is %j', (login, expected) => {
    expect(canonical(login)).toBe(expected);
  });
  test('13 digits are a national id only with their check digit', () => {
    expect(isNationalId('1101700230708')).toBe(true);
    expect(isNationalId('1101700230709')).toBe(false);
    expect(canonical('1-1017-00230-70-8')).toBe('national_id 1101700230708');
    expect(canonical('1101700230709')).toBe('user 1101700230709');
  });
  test('decomposed letters are the same account as composed ones', () => {
    expect(canonical('café')).toBe(canonical('cafe\u0301'));
  });
});

test('a script, bidi and control characters in a login stay the text they are', () => {
  expect(canonical('<script>alert(1)</script>')).toBe('user <script>alert(1)</script>');
  expect(canonical('\u202enok\u0000\u0007x')).toBe('user \u202enok\u0000\u0007x');
});

test('any text at all has a normal form that is its own normal form', () => {
  for (const login of [
    '@',
    '@@',
    'a@',
    '@b.example',
    '\\',
    'a\\',
    '\ud800',
    '='.repeat(5000),
    'a@b@c.example',
    '@b c',
  ]) {
    const { canonical: text } = normaliseIdentity(login);
    expect(text.isWellFormed()).toBe(true);
    expect(normaliseIdentity(text).canonical).toBe(text);
  }
});
