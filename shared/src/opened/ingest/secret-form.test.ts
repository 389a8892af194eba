import { describe, expect, test } from 'vitest';
import { loadText } from './load-for-test.ts';
import { CLEAR_SECRETS, secretContext, secretFields } from './secret-form.ts';

const MD5 = '5f4dcc3b5aa765d61d8327deb882cf99';

describe('the form of a secret', () => {
  test('hashes that name themselves are hashes in any file', () => {
    expect(secretFields(`*${'A1'.repeat(20)}`, CLEAR_SECRETS).hashTypes).toEqual(['mysql5']);
    expect(secretFields('sha256:1000:c2FsdA==:aGFzaA==', CLEAR_SECRETS).hashTypes).toEqual(['pbkdf2_sha256']);
  });

  test('long bare hexadecimal is a hash, with its salt behind the first colon; short one only in a list of hashes', () => {
    expect(secretFields(`${MD5}:ab:c`, CLEAR_SECRETS)).toEqual({
      password: MD5,
      salt: 'ab:c',
      hashTypes: ['md5_salted', 'md5_salt_first', 'vbulletin'],
    });
    const short = '0123456789abcdef';
    expect(secretFields(short, CLEAR_SECRETS)).toEqual({ password: short, hashTypes: [] });
    const context = secretContext([short, 'fedcba9876543210']);
    expect(context.isHashList).toBe(true);
    expect(secretFields(short, context).hashTypes[0]).toBe('mysql323');
    expect(secretFields('a plain one', context).hashTypes).toEqual([]);
  });

  test('mixed case is no hash that a tool wrote', () => {
    expect(secretFields('5F4dcc3b5aa765d61d8327deb882cf99', CLEAR_SECRETS).hashTypes).toEqual([]);
  });

  test('$HEX[…] is the password it stands for', () => {
    expect(secretFields('$HEX[70613a7373]', CLEAR_SECRETS)).toEqual({ password: 'pa:ss', hashTypes: [] });
    expect(secretFields('$HEX[e9]', CLEAR_SECRETS).password).toBe('é');
    expect(secretFields('$HEX[7]', CLEAR_SECRETS).password).toBe('$HEX[7]');
    expect(secretFields('$HEX[2078]', CLEAR_SECRETS)).toEqual({ password: 'x', rawPassword: ' x', hashTypes: [] });
  });

  test('a list of addresses and hashes is read as hashes, a clear line among them as clear', async () => {
    const lines = Array.from({ length: 9 }, (_, i) => `u${i}@moe.example:${MD5.slice(0, 31)}${i}:salt${i}`);
    const { records } = await loadText([...lines, 'x@moe.example:hunter22'].join('\n'));
    expect(records[0]).toMatchObject({ salt: 'salt0', hashTypes: ['md5_salted', 'md5_salt_first', 'vbulletin'] });
    expect(records.at(-1)).toMatchObject({ password: 'hunter22', hashTypes: [] });
  });

  test('an account dump of Windows gives NT hashes', async () => {
    const nt = '8846f7eaee8fb117ad06bdd830b7586c';
    const lines = [
      `MOE\\nok:1001:aad3b435b51404eeaad3b435b51404ee:${nt}:::`,
      `ann:1002:NO PASSWORD*********************:${nt}:::`,
    ];
    const { records, sources } = await loadText(lines.join('\n'));
    expect(records.map(({ login, password }) => [login, password])).toEqual([
      ['MOE\\nok', nt],
      ['ann', nt],
    ]);
    expect(records.map(({ hashTypes }) => hashTypes[0])).toEqual(['ntlm', 'ntlm']);
    expect(sources[0]?.dialect).toBe('pwdump/colon');
  });

  test('a paste gives the address and what is marked as its password, at low confidence; prose gives nothing', async () => {
    const text = [
      'hi all, new ones today',
      'login nok@moe.example pass: hunter22 enjoy',
      'write to ann@moe.example for more',
      '<b@moe.example> => s3cret',
    ].join('\n');
    const { records } = await loadText(text);
    expect(records.map(({ login, password }) => [login, password])).toEqual([
      ['nok@moe.example', 'hunter22'],
      ['b@moe.example', 's3cret'],
    ]);
    expect(records.every(({ confidence }) => confidence < 0.3)).toBe(true);
  });
});
