/**
 * The cases that the Public Suffix List publishes for its own readers (github.com/publicsuffix/list, tests/test_psl.txt, public
 * domain), those of `uk.com` in the second test; and every suffix under `.th` and `.ไทย` in both spellings.
 */
import { describe, expect, test } from 'vitest';
import { domainToUnicode, isPublicSuffix, isWithinDomain, parseDomainName, registrableDomain } from './domain-name.ts';

/** Name and what was registered of it, in the spelling of the name; `null` for suffixes and for what is no name. */
const PUBLISHED: readonly (readonly [string, string | null])[] = [
  ['COM', null],
  ['example.COM', 'example.com'],
  ['WwW.example.COM', 'example.com'],
  ['.com', null],
  ['.example', null],
  ['.example.com', null],
  ['.example.example', null],
  ['example', null],
  ['example.example', 'example.example'],
  ['b.example.example', 'example.example'],
  ['a.b.example.example', 'example.example'],
  ['biz', null],
  ['domain.biz', 'domain.biz'],
  ['b.domain.biz', 'domain.biz'],
  ['a.b.domain.biz', 'domain.biz'],
  ['com', null],
  ['example.com', 'example.com'],
  ['b.example.com', 'example.com'],
  ['a.b.example.com', 'example.com'],
  ['test.ac', 'test.ac'],
  ['mm', null],
  ['c.mm', null],
  ['b.c.mm', 'b.c.mm'],
  ['a.b.c.mm', 'b.c.mm'],
  ['jp', null],
  ['test.jp', 'test.jp'],
  ['www.test.jp', 'test.jp'],
  ['ac.jp', null],
  ['test.ac.jp', 'test.ac.jp'],
  ['www.test.ac.jp', 'test.ac.jp'],
  ['kyoto.jp', null],
  ['test.kyoto.jp', 'test.kyoto.jp'],
  ['ide.kyoto.jp', null],
  ['b.ide.kyoto.jp', 'b.ide.kyoto.jp'],
  ['a.b.ide.kyoto.jp', 'b.ide.kyoto.jp'],
  ['c.kobe.jp', null],
  ['b.c.kobe.jp', 'b.c.kobe.jp'],
  ['a.b.c.kobe.jp', 'b.c.kobe.jp'],
  ['city.kobe.jp', 'city.kobe.jp'],
  ['www.city.kobe.jp', 'city.kobe.jp'],
  ['ck', null],
  ['test.ck', null],
  ['b.test.ck', 'b.test.ck'],
  ['a.b.test.ck', 'b.test.ck'],
  ['www.ck', 'www.ck'],
  ['www.www.ck', 'www.ck'],
  ['us', null],
  ['test.us', 'test.us'],
  ['www.test.us', 'test.us'],
  ['ak.us', null],
  ['test.ak.us', 'test.ak.us'],
  ['www.test.ak.us', 'test.ak.us'],
  ['k12.ak.us', null],
  ['test.k12.ak.us', 'test.k12.ak.us'],
  ['www.test.k12.ak.us', 'test.k12.ak.us'],
  ['食狮.com.cn', '食狮.com.cn'],
  ['食狮.公司.cn', '食狮.公司.cn'],
  ['www.食狮.公司.cn', '食狮.公司.cn'],
  ['shishi.公司.cn', 'shishi.公司.cn'],
  ['公司.cn', null],
  ['食狮.中国', '食狮.中国'],
  ['www.食狮.中国', '食狮.中国'],
  ['shishi.中国', 'shishi.中国'],
  ['中国', null],
  ['xn--85x722f.com.cn', 'xn--85x722f.com.cn'],
  ['xn--85x722f.xn--55qx5d.cn', 'xn--85x722f.xn--55qx5d.cn'],
  ['www.xn--85x722f.xn--55qx5d.cn', 'xn--85x722f.xn--55qx5d.cn'],
  ['shishi.xn--55qx5d.cn', 'shishi.xn--55qx5d.cn'],
  ['xn--55qx5d.cn', null],
  ['xn--85x722f.xn--fiqs8s', 'xn--85x722f.xn--fiqs8s'],
  ['www.xn--85x722f.xn--fiqs8s', 'xn--85x722f.xn--fiqs8s'],
  ['shishi.xn--fiqs8s', 'shishi.xn--fiqs8s'],
  ['xn--fiqs8s', null],
];

const THAI_SUFFIXES = [
  ...['th', 'ac.th', 'co.th', 'go.th', 'in.th', 'mi.th', 'net.th', 'or.th'],
  ...['ไทย', 'ทหาร.ไทย', 'ธุรกิจ.ไทย', 'เน็ต.ไทย', 'รัฐบาล.ไทย', 'ศึกษา.ไทย', 'องค์กร.ไทย'],
];
/** A registered name in each script. */
const LABELS = ['moe', 'ทดสอบ', 'กระทรวงศึกษาธิการ'];

/** The other spelling of a name: what the platform's URL parser makes of it, or back. */
function punycode(text: string): string {
  return new URL(`http://${text}/`).hostname;
}

function registered(text: string): string | null {
  const name = parseDomainName(text);
  return name === null ? null : registrableDomain(name);
}

describe('the published cases of the Public Suffix List', () => {
  test.each(PUBLISHED)('%s is registered as %s', (text, expected) => {
    expect(registered(text)).toBe(expected === null ? null : punycode(expected));
  });

  test('suffixes that companies give away are refused as watch terms, and count as registered by the company', () => {
    for (const suffix of ['uk.com', 'online.th', 'shop.th', 'github.io']) {
      const name = parseDomainName(suffix);
      if (name === null) throw new Error(suffix);
      expect(isPublicSuffix(name)).toBe(true);
      expect(registered(`b.example.${suffix}`)).toBe(suffix);
    }
  });
});

describe.each(THAI_SUFFIXES)('under .%s', (suffix) => {
  test('the suffix itself is registered by nobody, in either spelling', () => {
    for (const text of [suffix, punycode(suffix), suffix.toUpperCase(), `${suffix}.`]) {
      const name = parseDomainName(text);
      if (name === null) throw new Error(text);
      expect(registrableDomain(name)).toBeNull();
      expect(isPublicSuffix(name)).toBe(true);
      expect(domainToUnicode(name)).toBe(suffix);
    }
  });

  test.each(LABELS)('%s is registered, and the same in Unicode, punycode and a mixture', (label) => {
    const unicode = `${label}.${suffix}`;
    const ascii = punycode(unicode);
    for (const text of [
      unicode,
      ascii,
      `${punycode(label)}.${suffix}`,
      `${label}.${punycode(suffix)}`,
      `mail.${unicode}`,
      `a.เมล.${ascii}.`,
      `WWW.${ascii.toUpperCase()}`,
    ]) {
      expect(registered(text)).toBe(ascii);
    }
    const [host, domain] = [parseDomainName(`เมล.${unicode}`), parseDomainName(ascii)];
    expect(host !== null && domain !== null && isWithinDomain(host, domain)).toBe(true);
  });
});
