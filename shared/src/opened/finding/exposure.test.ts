import { describe, expect, test } from 'vitest';
import { classifyExposure, compileExposure } from './exposure.ts';
import type { ExposureRule } from './exposure-rules.ts';
import { compileRules } from './exposure-rules.ts';
import type { Exposure } from './finding.ts';
import { normaliseIdentity } from './identity.ts';
import { parseService } from './service.ts';

const profile = {
  listId: new Uint8Array(16),
  names: [],
  domains: ['moe.example', 'กระทรวง.ไทย'],
  exclude: ['school.moe.example'],
};
const exposureOf = (login: string, url: string, extra: object = {}) =>
  classifyExposure(normaliseIdentity(login), parseService(url), compileExposure({ ...profile, ...extra })).exposure;

describe('exposure, first rule that hits', () => {
  test.each([
    ['nok@moe.example', 'https://eservice.moe.example/login', 'employee'],
    ['somchai', 'https://vpn.moe.example/remote/login', 'employee'],
    ['nok@gmail.com', 'https://webmail.moe.example/', 'employee'],
    ['nok@gmail.com', 'https://eservice.moe.example/login', 'customer'],
    ['0812345678', 'https://eservice.moe.example/', 'customer'],
    ['1101700230708', 'https://eservice.moe.example/', 'customer'],
    ['somchai', 'https://eservice.moe.example/', 'unclassified'],
    ['nok@dlt.example', 'https://eservice.moe.example/', 'unclassified'],
    ['nok@moe.example', 'https://shop.example/', 'third_party'],
    ['nok@moe.example', 'android://x@com.shop.app/', 'third_party'],
    ['nok@moe.example', '', 'employee'],
    ['nok@กระทรวง.ไทย', 'https://shop.example/', 'third_party'],
    ['somchai', 'https://shop.example/', 'unclassified'],
    ['nok@school.moe.example', 'https://shop.example/', 'unclassified'],
    ['nok', 'https://vpn.school.moe.example/', 'unclassified'],
    ['nok@notmoe.example', '', 'unclassified'],
  ])('%s at %j is %s', (login, url, expected) => {
    expect(exposureOf(login, url)).toBe(expected);
  });
  const rule = (host: string, exposure: Exposure, more: Partial<ExposureRule> = {}): ExposureRule => ({
    host,
    path: '',
    login: 'any',
    exposure,
    ...more,
  });

  test('rules of hosts overrule the login, the longer one wins', () => {
    const exposureRules = [
      rule('student.moe.example', 'customer'),
      rule('hr.moe.example', 'employee'),
      rule('office.student.moe.example', 'employee'),
    ];
    const ofLogin = (login: string, url: string) => exposureOf(login, url, { exposureRules });
    expect(ofLogin('nok@moe.example', 'https://student.moe.example/')).toBe('customer');
    expect(ofLogin('6401234', 'https://hr.moe.example/')).toBe('employee');
    expect(ofLogin('6401234', 'https://office.student.moe.example/')).toBe('employee');
    expect(ofLogin('x@student.moe.example', 'https://shop.example/')).toBe('customer');
    expect(ofLogin('x@student.moe.example', 'https://hr.moe.example/')).toBe('customer');
  });

  test('paths count up to a slash, and logins by form or pattern', () => {
    const exposureRules = [
      rule('app.moe.example', 'customer', { path: '/public/' }),
      rule('app.moe.example', 'employee', { path: '/staff' }),
      rule('', 'customer', { login: { pattern: '6[0-9]{9}' } }),
      rule('', 'employee', { login: { pattern: 'emp[0-9]{5,6}' } }),
      rule('portal.moe.example', 'employee', { login: 'user' }),
    ];
    const ofLogin = (login: string, url: string) => exposureOf(login, url, { exposureRules });
    expect(ofLogin('somchai', 'https://app.moe.example/public/x')).toBe('customer');
    expect(ofLogin('somchai', 'https://app.moe.example/Public')).toBe('customer');
    expect(ofLogin('somchai', 'https://app.moe.example/publication')).toBe('unclassified');
    expect(ofLogin('nok@gmail.com', 'https://app.moe.example/staff/login')).toBe('employee');
    expect(ofLogin('6401234567', 'https://any.moe.example/')).toBe('customer');
    expect(ofLogin('6401234567@moe.example', 'https://any.moe.example/')).toBe('customer');
    expect(ofLogin('6401234567@gmail.com', 'https://sso.moe.example/')).toBe('employee');
    expect(ofLogin('EMP12345', 'https://any.moe.example/')).toBe('employee');
    expect(ofLogin('EMP1234', 'https://any.moe.example/')).toBe('unclassified');
    expect(ofLogin('lek', 'https://portal.moe.example/')).toBe('employee');
    expect(ofLogin('0812345678', 'https://portal.moe.example/')).toBe('customer');
  });

  test('a rule never makes somebody else’s host an own one', () => {
    const exposureRules = [rule('shop.example', 'employee'), rule('', 'employee')];
    expect(exposureOf('somchai', 'https://shop.example/', { exposureRules })).toBe('unclassified');
    expect(exposureOf('nok@moe.example', 'https://shop.example/', { exposureRules })).toBe('third_party');
  });

  test('rules that cannot be one are told by their place, the others hold', () => {
    const { compiled, refused } = compileRules([
      rule('not a host', 'employee'),
      rule('hr.moe.example', 'employee', { path: 'x' }),
      rule('hr.moe.example', 'employee', { login: { pattern: '(a+)+' } }),
      rule('hr.moe.example', 'employee'),
    ]);
    expect(refused).toEqual([
      { at: 0, reason: 'bad-domain' },
      { at: 1, reason: 'bad-path' },
      { at: 2, reason: 'bad-pattern' },
    ]);
    expect(compiled).toHaveLength(1);
  });
});
