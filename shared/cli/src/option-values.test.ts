import { describe, expect, test } from 'vitest';
import { Failure } from './command.ts';
import { findOrganisation } from './find-organisation.ts';
import { parseColumns, parseContact, parseCount, parseList, parseTime, parseWord } from './option-values.ts';
import { parseOrigin } from './origin.ts';

const rest = { position: '', phone: '', language: 'th' } as const;
const wrongUse = expect.objectContaining({ exitCode: 2 });

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof Failure ? error : null;
  }
  return null;
}

describe('values of options', () => {
  test('a contact is a name with an address, or an address alone', () => {
    expect(parseContact('contact', 'Duty officer <soc@moe.example>', rest)).toEqual({
      name: 'Duty officer',
      email: 'soc@moe.example',
      ...rest,
    });
    expect(parseContact('contact', 'soc@moe.example', rest)).toMatchObject({ name: 'soc@moe.example' });
    expect(parseContact('contact', 'กัญญา สุขใจ <kanya@moe.example>', rest)).toMatchObject({ name: 'กัญญา สุขใจ' });
    for (const text of ['Duty officer', 'a <b@c.example> d', '<>', 'a <b c@d.example>']) {
      expect(
        failure(() => parseContact('contact', text, rest)),
        text,
      ).toEqual(wrongUse);
    }
  });

  test('numbers, words and dates are exact', () => {
    expect(parseCount('n', '100000', 1e6)).toBe(100_000);
    for (const text of ['-1', '1e3', '', '1.5', '1000001', ' 1']) {
      expect(
        failure(() => parseCount('n', text, 1e6)),
        text,
      ).toEqual(wrongUse);
    }
    expect(parseTime('captured', '2026-11-22')).toBe(Date.UTC(2026, 10, 22));
    expect(parseTime('captured', '2026-11-22T10:00:00+07:00')).toBe(Date.UTC(2026, 10, 22, 3));
    expect(parseTime('captured', '2026-11-22T03:00')).toBe(Date.UTC(2026, 10, 22, 3));
    for (const text of ['22.11.2026', '2026-13-01', 'yesterday', '']) {
      expect(
        failure(() => parseTime('captured', text)),
        text,
      ).toEqual(wrongUse);
    }
    expect(parseWord('policy', null, ['a', 'b'], 'a')).toBe('a');
    expect(failure(() => parseWord('policy', 'c', ['a', 'b'], 'a'))).toEqual(wrongUse);
    expect(parseList(' a.example, b.example;c.example ')).toEqual(['a.example', 'b.example', 'c.example']);
  });

  test('columns of an export are named by what they hold', () => {
    expect(parseColumns('columns', 'login=User name, password=Secret,url=Site')).toEqual({
      ...{ login: 'User name', password: 'Secret', url: 'Site' },
    });
    for (const text of ['', 'login', 'login=', 'name=User', 'password=Secret', 'login=a,b']) {
      expect(
        failure(() => parseColumns('columns', text)),
        text,
      ).toEqual(wrongUse);
    }
  });

  test('a server is an origin and nothing more', () => {
    expect(parseOrigin('http://localhost:8787/')).toBe('http://localhost:8787');
    expect(parseOrigin('https://Sealpost.EXAMPLE:443')).toBe('https://sealpost.example');
    for (const text of ['localhost:8787', 'ftp://a.example', 'https://a.example/app', 'https://u@a.example', 'x']) {
      expect(
        failure(() => parseOrigin(text)),
        text,
      ).toEqual(wrongUse);
    }
  });

  test('an organisation is found by id or by either name, and never guessed', () => {
    const all = [
      { listId: 'L1', org: 'O1', nameEn: 'Example Agency', nameTh: 'กรมหนึ่ง' },
      { listId: 'L2', org: null, nameEn: 'Example Travel', nameTh: 'กรมสอง' },
      { listId: 'L3', org: null, nameEn: 'Third', nameTh: 'กรมสอง' },
    ];
    for (const text of ['L1', 'O1', 'example agency', 'กรมหนึ่ง']) expect(findOrganisation(all, text).listId).toBe('L1');
    expect(failure(() => findOrganisation(all, 'กรมสอง'))).toMatchObject({ exitCode: 1 });
    expect(failure(() => findOrganisation(all, 'Example'))).toMatchObject({ exitCode: 1 });
  });
});
