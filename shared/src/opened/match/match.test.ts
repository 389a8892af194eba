import { describe, expect, test } from 'vitest';
import type { LoadedRecord } from '../ingest/record.ts';
import { compileWatch } from './match.ts';
import { findOverlaps } from './overlaps.ts';
import type { WatchList, WatchedOrganisation } from './watch.ts';

const organisation = (
  id: string,
  domains: string[],
  extra: Partial<WatchedOrganisation> = {},
): WatchedOrganisation => ({
  id,
  name: id,
  domains,
  exclude: [],
  keywords: [],
  ...extra,
});
const list = (...organisations: WatchedOrganisation[]): WatchList => ({ organisations });
const record = (login: string, url = '', application: string | null = null): LoadedRecord => ({
  provenance: { entry: '', offset: 0, length: 1 },
  url,
  login,
  password: 'x',
  application,
  sourceClass: 'ulp',
  machine: null,
  hashTypes: [],
  confidence: 1,
  cookieState: 'none',
});
/** `id via rule label` of each match, `~` in front of those that see counts only. */
const hits = (watch: WatchList, ...args: Parameters<typeof record>) =>
  compileWatch(watch)
    .matcher.match(record(...args))
    .map(
      ({ organisationId, via, rule, label, countsOnly }) =>
        `${countsOnly ? '~' : ''}${organisationId} ${via} ${rule} ${label}`,
    );

describe('domains', () => {
  const moe = list(organisation('moe', ['moe.example'], { exclude: ['school.moe.example'] }));
  test('match by suffix at label borders', () => {
    expect(hits(moe, 'nok', 'https://a.b.moe.example/')).toEqual(['moe host moe.example a.b.moe.example']);
    expect(hits(moe, 'nok@MOE.example', '')).toEqual(['moe email moe.example moe.example']);
    expect(hits(moe, 'nok@notmoe.example', 'https://moe.example.shop.example/')).toEqual([]);
    expect(hits(moe, 'moe.example', '')).toEqual([]);
  });
  test('an exclusion takes its part out again', () => {
    expect(hits(moe, 'nok', 'https://x.school.moe.example/')).toEqual([]);
    expect(hits(moe, 'nok@moe.example', 'https://x.school.moe.example/')).toEqual([
      'moe email moe.example moe.example',
    ]);
  });
  test('a term below an exclusion is back in', () => {
    const watch = list(
      organisation('moe', ['moe.example', 'hq.school.moe.example'], { exclude: ['school.moe.example'] }),
    );
    expect(hits(watch, 'nok', 'https://hq.school.moe.example/')).toHaveLength(1);
  });
  test('host stands before mail, and both are told', () => {
    const [match] = compileWatch(moe).matcher.match(record('nok@moe.example', 'https://moe.example/'));
    expect(match).toMatchObject({ via: 'host', ownHost: true, ownMail: true });
  });
  test('Thai names match in both spellings, in terms and in records', () => {
    const unicode = list(organisation('กท', ['กระทรวง.ไทย']));
    const label = compileWatch(unicode).matcher.match(record('nok@กระทรวง.ไทย'))[0]?.label ?? '';
    expect(label).toMatch(/^xn--/);
    const punycode = list(organisation('กท', [label]));
    for (const watch of [unicode, punycode]) {
      for (const name of ['กระทรวง.ไทย', label, label.toUpperCase()])
        expect(hits(watch, 'nok', `https://www.${name}/`)).toHaveLength(1);
    }
  });
  test('one record concerns two organisations: own mail at another’s host', () => {
    const watch = list(organisation('moe', ['moe.example']), organisation('dlt', ['dlt.example']));
    expect(hits(watch, 'nok@moe.example', 'https://app.dlt.example/')).toEqual([
      'dlt host dlt.example app.dlt.example',
      'moe email moe.example moe.example',
    ]);
  });
  test('the longest suffix wins between organisations, the parent sees counts only', () => {
    const watch = list(organisation('parent', ['moe.example']), organisation('child', ['a.moe.example']));
    expect(hits(watch, 'nok', 'https://x.a.moe.example/')).toEqual([
      'child host a.moe.example x.a.moe.example',
      '~parent host moe.example x.a.moe.example',
    ]);
    expect(hits(watch, 'nok@moe.example', 'https://x.a.moe.example/')).toEqual([
      'child host a.moe.example x.a.moe.example',
      'parent email moe.example moe.example',
    ]);
  });
  test('the same term at two organisations goes to both', () => {
    expect(
      hits(list(organisation('a', ['moe.example']), organisation('b', ['MOE.example.'])), 'nok@moe.example'),
    ).toHaveLength(2);
  });
  test('addresses are never matched', () => {
    expect(hits(list(organisation('a', ['192.0.2.7', 'moe.example'])), 'nok', 'http://192.0.2.7/')).toEqual([]);
  });
  test('public suffixes and texts that are no domain are refused by name, the rest works', () => {
    const { matcher, refused } = compileWatch(
      list(organisation('a', ['go.th', 'th', 'https://x', 'moe.go.th', 'ไทย'])),
    );
    expect(refused.map(({ term, reason }) => `${term} ${reason}`)).toEqual([
      'go.th public-suffix',
      'th public-suffix',
      'https://x not-a-domain',
      'ไทย public-suffix',
    ]);
    expect(matcher.match(record('nok@moe.go.th'))).toHaveLength(1);
    expect(matcher.match(record('nok@dlt.go.th'))).toHaveLength(0);
  });
});

describe('keywords', () => {
  const keyword = (term: string, scope: 'anywhere' | 'login' | 'host' = 'anywhere') =>
    list(organisation('k', [], { keywords: [{ term, scope }] }));
  test('of five bytes or more stand anywhere in their scope', () => {
    expect(hits(keyword('somkid'), 'nok', 'https://mysomkidshop.example/')).toEqual(['k keyword somkid host']);
    expect(hits(keyword('SOMKID'), 'nok.somkid99', '')).toEqual(['k keyword SOMKID login']);
    expect(hits(keyword('somkid'), 'nok', 'android://x@com.somkid.app/')).toEqual(['k keyword somkid application']);
    expect(hits(keyword('somkid', 'host'), 'somkid', 'https://shop.example/')).toEqual([]);
    expect(hits(keyword('somkid', 'login'), 'nok', 'https://somkid.example/')).toEqual([]);
  });
  test('under five bytes are a whole label or login token only', () => {
    expect(hits(keyword('dlt'), 'nok', 'https://dlt.shop.example/')).toHaveLength(1);
    expect(hits(keyword('dlt'), 'nok', 'https://mydlt.shop.example/')).toEqual([]);
    expect(hits(keyword('dlt'), 'nok_dlt', '')).toHaveLength(1);
    expect(hits(keyword('dlt'), 'nokdlt', '')).toEqual([]);
  });
  test('in Thai hit hosts in punycode and logins in any composition', () => {
    expect(hits(keyword('กระทรวง'), 'nok', 'https://เว็บกระทรวง.ไทย/')).toHaveLength(1);
    expect(hits(keyword('กระทรวง'), 'nok_กระทรวง', '')).toHaveLength(1);
  });
  test('say nothing new where a domain hit, and nothing at all where an exclusion did', () => {
    const extra = { exclude: ['school.moe.example'], keywords: [{ term: 'school', scope: 'anywhere' as const }] };
    const watch = list(organisation('moe', ['moe.example'], extra));
    expect(hits(watch, 'nok', 'https://school.moe.example/')).toEqual([]);
    expect(hits(watch, 'nok', 'https://myschool.moe.example/')).toEqual(['moe host moe.example myschool.moe.example']);
    expect(hits(watch, 'school@shop.example', '')).toEqual(['moe keyword school login']);
  });
  test('are texts, not patterns', () => {
    expect(hits(keyword('(a+)+$'), 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '')).toEqual([]);
    expect(hits(keyword('(a+)+$'), 'x(a+)+$y', '')).toHaveLength(1);
  });
});

describe('login patterns', () => {
  const watch = list(
    organisation('uni', ['uni.example'], { patterns: ['b6[0-9]{8}'], exclude: ['alumni.uni.example'] }),
    organisation('moe', ['moe.example']),
  );
  test('hit a login anywhere, with or without an NT domain', () => {
    expect(hits(watch, 'B612345678', 'https://shop.example/')).toEqual(['uni pattern b6[0-9]{8} login']);
    expect(hits(watch, 'UNI\\b612345678')).toEqual(['uni pattern b6[0-9]{8} login']);
    expect(hits(watch, 'b61234567')).toEqual([]);
    expect(hits(watch, 'b612345678@mail.example')).toEqual([]);
  });
  test('say nothing new where a domain hit, and nothing where an exclusion did', () => {
    expect(hits(watch, 'b612345678', 'https://reg.uni.example/')).toEqual(['uni host uni.example reg.uni.example']);
    expect(hits(watch, 'b612345678', 'https://alumni.uni.example/')).toEqual([]);
    expect(hits(watch, 'b612345678', 'https://moe.example/')).toEqual([
      'moe host moe.example moe.example',
      'uni pattern b6[0-9]{8} login',
    ]);
  });
  test('that hit everybody, or read as nothing, are refused by name', () => {
    const { refused } = compileWatch(list(organisation('a', [], { patterns: ['[0-9]{8}', '(a+)+', 'ab[0-9]{5}'] })));
    expect(refused.map(({ term, reason }) => `${term} ${reason}`)).toEqual(['[0-9]{8} too-wide', '(a+)+ bad-pattern']);
  });
});

test('overlapping terms of two organisations are listed once', () => {
  const watch = list(
    organisation('parent', ['moe.example'], { keywords: [{ term: 'Moe', scope: 'login' }] }),
    organisation('child', ['a.moe.example', 'other.example'], { keywords: [{ term: 'moe', scope: 'host' }] }),
    organisation('twin', ['MOE.EXAMPLE']),
  );
  expect(
    findOverlaps(watch)
      .map((overlap) => Object.values(overlap).join(' '))
      .sort(),
  ).toEqual([
    'Moe parent moe child',
    'a.moe.example child MOE.EXAMPLE twin',
    'a.moe.example child moe.example parent',
    'moe.example parent MOE.EXAMPLE twin',
  ]);
});

test('one organisation’s own terms do not overlap', () => {
  expect(findOverlaps(list(organisation('a', ['moe.example', 'a.moe.example'])))).toEqual([]);
});
