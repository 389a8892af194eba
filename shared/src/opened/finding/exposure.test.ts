import { describe, expect, test } from 'vitest';
import { classifyExposure, compileExposure } from './exposure.ts';
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
  test('host rules overrule the login, the longer one wins', () => {
    const rules = {
      customerHosts: ['student.moe.example'],
      staffHosts: ['hr.moe.example', 'office.student.moe.example'],
    };
    expect(exposureOf('nok@moe.example', 'https://student.moe.example/', rules)).toBe('customer');
    expect(exposureOf('6401234', 'https://hr.moe.example/', rules)).toBe('employee');
    expect(exposureOf('6401234', 'https://office.student.moe.example/', rules)).toBe('employee');
    expect(exposureOf('x@student.moe.example', 'https://shop.example/', rules)).toBe('customer');
  });
});
