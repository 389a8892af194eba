import { describe, expect, it } from 'vitest';
import type { DomainName } from './domain-name.ts';
import {
  domainSuffixes,
  domainToUnicode,
  isPublicSuffix,
  isWithinDomain,
  parseDomainName,
  registrableDomain,
} from './domain-name.ts';

function name(text: string): DomainName {
  const parsed = parseDomainName(text);
  if (parsed === null) throw new Error(`not a name: ${text}`);
  return parsed;
}

describe('domain names', () => {
  it.each([
    ['MOE.Example', 'moe.example'],
    [' mail.moe.example. ', 'mail.moe.example'],
    ['กระทรวง.ไทย', 'xn--12cm1c6bby4d.xn--o3cw4h'],
    ['XN--O3CW4H', 'xn--o3cw4h'],
    ['straße.example', 'xn--strae-oqa.example'],
    ['ｗｗｗ。moe．example', 'www.moe.example'],
    ['_dmarc.moe.example', '_dmarc.moe.example'],
  ])('%s has the normal form %s', (text, normal) => {
    expect(parseDomainName(text)).toBe(normal);
  });

  it.each([
    '',
    ' ',
    '.',
    'a..example',
    '.example',
    '192.0.2.1',
    '0x7f.1',
    'a.7',
    '[::1]',
    '2001:db8::1',
    'moe.example/login',
    'user@moe.example',
    'moe.example:443',
    'a b.example',
    'a%41.example',
    '-a.example',
    'a-.example',
    'xn--a.example',
    'xn--zzzzzzz99999.example',
    'xn--abc-.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
    'javascript:alert(1)',
  ])('%j is refused', (text) => {
    expect(parseDomainName(text)).toBeNull();
  });

  it('reads back the Unicode form of Thai names', () => {
    for (const text of ['กระทรวง.ไทย', 'ศึกษา.องค์กร.ไทย', 'straße.example', 'xn.example'])
      expect(domainToUnicode(name(text))).toBe(text);
  });

  it.each([
    ['mail.moe.go.th', 'moe.go.th'],
    ['moe.example', 'moe.example'],
    ['a.b.moe.example', 'moe.example'],
    ['a.shop.github.io', 'github.io'],
    ['เมล.ศึกษา.รัฐบาล.ไทย', 'xn--12c1fe0br.xn--h3cuzk1di.xn--o3cw4h'],
  ])('%s is registered as %s', (text, registrable) => {
    expect(registrableDomain(name(text))).toBe(registrable);
  });

  it('knows public suffixes, which can be no watch term', () => {
    for (const text of ['th', 'go.th', 'co.th', 'ไทย', 'example', 'localhost', 'github.io', 'รัฐบาล.ไทย'])
      expect(isPublicSuffix(name(text)), text).toBe(true);
    for (const text of ['moe.go.th', 'moe.example', 'shop.github.io', 'ศึกษา.รัฐบาล.ไทย'])
      expect(isPublicSuffix(name(text)), text).toBe(false);
  });

  it('matches suffixes at label borders only', () => {
    const domain = name('moe.example');
    expect(isWithinDomain(name('moe.example'), domain)).toBe(true);
    expect(isWithinDomain(name('a.moe.example'), domain)).toBe(true);
    expect(isWithinDomain(name('xmoe.example'), domain)).toBe(false);
    expect(isWithinDomain(name('example'), domain)).toBe(false);
    expect(isWithinDomain(name('moe.example.evil.example'), domain)).toBe(false);
    expect(domainSuffixes(name('a.moe.example'))).toEqual(['a.moe.example', 'moe.example', 'example']);
  });
});
