import { describe, expect, test } from 'vitest';
import type { LoadedRecord, Machine, SourceDescription } from '../ingest/record.ts';
import { compileWatch } from '../match/match.ts';
import { DraftBuilder } from './draft.ts';
import type { DraftOptions } from './draft.ts';
import type { Finding } from './finding.ts';
import { findingToLine, parseFindingLine } from './finding-json.ts';
import { FindingKeys } from './fingerprint.ts';
import { mergeFindings } from './merge.ts';

const NOW = Date.UTC(2026, 10, 22);
const keys = new FindingKeys(new Uint8Array(32).fill(7), new Uint8Array(16).fill(8));
const profile = {
  listId: new Uint8Array(16).fill(8),
  names: ['Moe'],
  domains: ['moe.example'],
  exclude: [],
  deviceNamePrefixes: ['MOE-'],
};
const { matcher } = compileWatch({
  organisations: [
    {
      id: 'moe',
      name: 'Moe',
      domains: ['moe.example'],
      exclude: [],
      keywords: [{ term: 'moeapp', scope: 'anywhere' }],
    },
  ],
});
const source = (name: string, sourceClass: SourceDescription['sourceClass'] = 'ulp'): SourceDescription => ({
  name,
  alias: `alias of ${name}`,
  sha256: new Uint8Array(32).fill(name.charCodeAt(0)),
  sizeBytes: 1,
  sourceClass,
  capturedAtMs: null,
  publishedAtMs: NOW - 86_400_000,
});
const machine = (key: string, name = 'PC'): Machine => ({
  key,
  name,
  user: null,
  os: null,
  country: 'TH',
  ip: null,
  capturedAtMs: NOW - 5 * 86_400_000,
  family: 'lumma',
  familyConfidence: 1,
});
const record = (login: string, url: string, password: string, extra: Partial<LoadedRecord> = {}): LoadedRecord => ({
  provenance: { entry: '', offset: 0, length: 1 },
  url,
  login,
  password,
  application: null,
  sourceClass: 'ulp',
  machine: null,
  hashTypes: [],
  confidence: 1,
  cookieState: 'none',
  ...extra,
});
type Loaded = readonly [LoadedRecord, SourceDescription];
function load(loaded: readonly Loaded[], options: Partial<DraftOptions> = {}) {
  const builder = new DraftBuilder({ profile, keys, nowMs: NOW, isKnown: () => false, ...options });
  for (const [one, from] of loaded) for (const match of matcher.match(one)) builder.add(one, match, from);
  const result = builder.finish();
  return { counts: result.counts, findings: [...result.findings()], secrets: [...result.secrets()] };
}
const only = (result: ReturnType<typeof load>): Finding => {
  expect(result.findings).toHaveLength(1);
  return (result.findings[0] as { finding: Finding }).finding;
};
const sso = 'https://sso.moe.example/adfs/ls';

describe('a load', () => {
  test('makes one finding of one exposure, however often and in whatever source it stands', () => {
    const same = record('nok@moe.example', sso, 'P@ss:word1');
    const finding = only(
      load([
        [same, source('a')],
        [same, source('a')],
        [record('NOK@MOE.example', `${sso}?x=1`, 'P@ss:word1', { sourceClass: 'combo' }), source('b', 'combo')],
      ]),
    );
    expect(finding.sightings).toHaveLength(2);
    expect(finding).toMatchObject({
      identity: 'nok@moe.example',
      registrable: 'moe.example',
      host: 'sso.moe.example',
      pathClass: 'sso',
      exposure: 'employee',
      context: 'service',
      sourceAlias: 'alias of a',
      tags: ['unlisted_tld'],
    });
    expect(finding.secret).toMatchObject({ mask: 'P******1', lengthBand: '8-11', hashType: null, reused: false });
  });
  test('gives the same findings in any order', () => {
    const all: Loaded[] = [
      [record('nok@moe.example', sso, 'a1', { machine: machine('m1') }), source('a', 'stealer')],
      [record('nok@moe.example', sso, 'a1'), source('b')],
      [record('lek@moe.example', '', 'a1'), source('b')],
      [record('x', 'https://vpn.moe.example/', 'b2', { machine: machine('m1') }), source('a', 'stealer')],
    ];
    const sorted = (loaded: readonly Loaded[]) =>
      load(loaded)
        .findings.map(({ finding }) => JSON.stringify(finding))
        .sort();
    expect(sorted([...all].reverse())).toEqual(sorted(all));
  });
  test('knows reuse within the organisation and logins on one machine', () => {
    const { findings } = load([
      [record('nok@moe.example', sso, 'shared1', { machine: machine('m1', 'MOE-17') }), source('a', 'stealer')],
      [record('lek@moe.example', sso, 'shared1', { machine: machine('m1', 'MOE-17') }), source('a', 'stealer')],
      [record('aof@moe.example', sso, 'other22'), source('a')],
    ]);
    expect(findings.map(({ finding }) => finding.secret.reused)).toEqual([true, true, false]);
    expect(findings[0]?.finding.tags).toContain('corporate_device');
    expect(findings[0]?.finding.ledger.find(({ code }) => code === 'impact.blast')?.note).toBe('corporate_device');
    expect(findings[0]?.finding.level).toMatch(/high|critical/);
  });
  test('only adds sightings to what is known', () => {
    const first = load([[record('nok@moe.example', sso, 'a1'), source('a')]]);
    const id = first.findings[0]?.finding.id;
    const { counts, findings } = load(
      [
        [record('nok@moe.example', sso, 'a1'), source('b')],
        [record('nok@moe.example', sso, 'a2'), source('b')],
      ],
      { isKnown: (known) => known === id },
    );
    expect(counts).toMatchObject({ records: 2, findings: 2, added: 1, sightings: 1 });
    const again = findings.find(({ known }) => known)?.finding as Finding;
    expect(mergeFindings(only(first), again).sightings).toHaveLength(2);
    expect(mergeFindings(again, only(first))).toEqual(mergeFindings(only(first), again));
    expect(mergeFindings(again, again)).toEqual(again);
  });
  test('counts what it made', () => {
    const { counts } = load([
      [record('nok@moe.example', sso, 'a1'), source('a')],
      [record('nok@gmail.com', 'https://eservice.moe.example/', 'a1'), source('a')],
      [record('nok@moe.example', 'https://shop.example/', 'a1'), source('a')],
      [record('moeapp1', 'https://shop.example/', 'a1'), source('a')],
    ]);
    expect(counts.byExposure).toEqual({ employee: 1, customer: 1, third_party: 1, unclassified: 1 });
    expect(Object.values(counts.byLevel).reduce((sum, count) => sum + count, 0)).toBe(4);
    expect(counts.secrets).toBe(4);
  });
});

describe('one record', () => {
  test('without host or service is contextless, at most low', () => {
    expect(only(load([[record('nok@moe.example', '', 'a1'), source('a', 'combo')]]))).toMatchObject({
      context: 'none',
      exposure: 'employee',
      registrable: 'moe.example',
      host: '',
    });
  });
  test('without a service’s domain stands under the registrable part of its mail domain', () => {
    expect(only(load([[record('nok@hq.moe.example', '', 'a1'), source('a')]])).registrable).toBe('moe.example');
    expect(only(load([[record('nok@hq.moe.example', 'http://192.0.2.7/', 'a1'), source('a')]])).registrable).toBe(
      'moe.example',
    );
  });
  test('that only a keyword hit says so and stays unclassified', () => {
    const finding = only(load([[record('moeapp', 'https://vpn.shop.example/', 'a1'), source('a')]]));
    expect(finding).toMatchObject({ exposure: 'unclassified' });
    expect(finding.tags).toContain('keyword_only');
  });
  test('with a hash keeps no mask and no clear secret', () => {
    const hash = record('nok@moe.example', '', '5f4dcc3b5aa765d61d8327deb882cf99', {
      hashTypes: ['md5', 'ntlm'],
      sourceClass: 'breach_plain',
    });
    const result = load([[hash, source('a', 'breach_plain')]]);
    expect(only(result)).toMatchObject({
      sourceClass: 'breach_hash',
      secret: { mask: null, hashType: 'md5', lengthBand: null },
    });
    expect(result.secrets).toEqual([]);
  });
  test('with a blank login or secret is kept and flagged', () => {
    expect(only(load([[record('', sso, 'a1'), source('a', 'stealer')]])).tags).toContain('blank_login');
    const address = only(load([[record('nok@moe.example', sso, ''), source('a')]]));
    expect(address.tags).toContain('no_secret');
    expect(address.secret.secretFp).toBeNull();
  });
  test('with a national id as login shows it masked', () => {
    const finding = only(load([[record('1101700230708', 'https://eservice.moe.example/', 'a1'), source('a')]]));
    expect(finding).toMatchObject({ identityKind: 'national_id', identity: '11******08', exposure: 'customer' });
    expect(JSON.stringify(finding)).not.toContain('1101700230708');
  });
  test('of an app keeps its package apart from the pair without context', () => {
    const { findings } = load([
      [record('nok@moe.example', 'android://x@com.bank.app/', 'a1'), source('a')],
      [record('nok@moe.example', '', 'a1'), source('a')],
    ]);
    expect(findings).toHaveLength(2);
    expect(findings[0]?.finding).toMatchObject({
      application: 'com.bank.app',
      context: 'service',
      exposure: 'third_party',
    });
  });
  test('with a capture date from the future counts as undated', () => {
    const late = record('nok@moe.example', sso, 'a1', {
      machine: { ...machine('m'), capturedAtMs: NOW + 10 * 86_400_000 },
    });
    expect(only(load([[late, source('a', 'stealer')]])).capturedAtMs).toBeNull();
  });
  test('fingerprints the secret as it stood, spaces included', () => {
    const { findings } = load([
      [record('nok@moe.example', sso, 'a1'), source('a')],
      [record('nok@moe.example', sso, 'a1', { rawPassword: 'a1 ' }), source('a')],
    ]);
    expect(findings).toHaveLength(2);
  });
});

describe('a line of NDJSON', () => {
  const secret = 'Canary-7f3a-in-clear';
  const finding = only(load([[record('<script>alert(1)</script>', sso, secret), source('a')]]));
  test('comes back as the finding it was, script and all, and never holds the secret', () => {
    const line = findingToLine(finding);
    expect(line).not.toContain(secret);
    expect(JSON.parse(line)).toMatchObject({ domain: 'moe.example', mask: 'Ca******ar' });
    expect(parseFindingLine(line)).toEqual({ ok: true, value: finding });
  });
  test('is refused when anything is wrong with it, without telling its content', () => {
    const value = JSON.parse(findingToLine(finding)) as Record<string, unknown>;
    const wrong: readonly object[] = [
      { ...value, extra: 1 },
      { ...value, id: 'short' },
      { ...value, score: 101 },
      { ...value, sightings: [] },
      { ...value, mask: 'other' },
      { ...value, secret: { ...finding.secret, mask: secret }, mask: secret },
      { ...value, firstSeenAtMs: 1.5 },
      { ...value, level: 'urgent' },
      [],
    ];
    for (const one of wrong) {
      const parsed = parseFindingLine(JSON.stringify(one));
      expect(parsed.ok).toBe(false);
      expect(JSON.stringify(parsed)).not.toContain(secret);
    }
    expect(parseFindingLine('{')).toEqual({ ok: false, error: { kind: 'not-json' } });
    expect(parseFindingLine('1'.repeat(2_000_000))).toEqual({ ok: false, error: { kind: 'too-long' } });
  });
});

describe('what a record tells of itself', () => {
  const day = 86_400_000;
  test('dates of its own go before the source’s, the machine’s before both', () => {
    const own = { capturedAtMs: NOW - 9 * day, publishedAtMs: NOW - 3 * day };
    expect(only(load([[record('nok@moe.example', sso, 'a1', own), source('a')]]))).toMatchObject(own);
    const both = record('nok@moe.example', sso, 'a1', { ...own, machine: machine('m1') });
    expect(only(load([[both, source('a')]])).capturedAtMs).toBe(NOW - 5 * day);
  });
  test('the same origin in two exports is one source, two origins in one export are two', () => {
    const from = (origin: string) => record('nok@moe.example', '', '', { origin, sourceClass: 'address_only' });
    const again = only(
      load([
        [from('hibp:A'), source('a')],
        [from('hibp:A'), source('b')],
      ]),
    );
    expect(again.sightings).toHaveLength(1);
    expect(
      only(
        load([
          [from('hibp:A'), source('a')],
          [from('hibp:B'), source('a')],
        ]),
      ).sightings,
    ).toHaveLength(2);
  });
  test('an address in a registered range annotates the machine, and makes no finding', () => {
    const at = (ip: string, url: string) =>
      load([[record('nok', url, 'a1', { machine: { ...machine('m1'), ip } }), source('a', 'stealer')]], {
        profile: { ...profile, networks: ['192.0.2.0/24'] },
      });
    expect(only(at('192.0.2.7', sso)).tags).toContain('own_network');
    expect(only(at('198.51.100.7', sso)).tags).not.toContain('own_network');
    expect(at('192.0.2.7', 'https://shop.example/').findings).toEqual([]);
  });
  test('all accounts of one machine are told by its key', () => {
    const builder = new DraftBuilder({ profile, keys, nowMs: NOW, isKnown: () => false });
    for (const [login, key] of [
      ['nok', 'm1'],
      ['lek', 'm2'],
      ['kai', 'm1'],
    ] as const) {
      const one = record(login, sso, 'a1', { machine: machine(key) });
      for (const match of matcher.match(one)) builder.add(one, match, source('a', 'stealer'));
    }
    const result = builder.finish();
    expect(result.ofMachine('m1').map(({ identity }) => identity)).toEqual(['nok', 'kai']);
    expect(result.ofMachine('m3')).toEqual([]);
  });
});

describe('doubtful sources', () => {
  const [good, bad] = [source('g', 'stealer'), source('b', 'stealer')];
  const one = () => record('nok@moe.example', sso, 'P@ss:word1', { sourceClass: 'stealer', machine: machine('m1') });
  function drafted(sources: readonly SourceDescription[], doubt: Parameters<DraftBuilder['finish']>[0]): Finding {
    const builder = new DraftBuilder({ profile, keys, nowMs: NOW, isKnown: () => false });
    for (const from of sources) for (const match of matcher.match(one())) builder.add(one(), match, from);
    return ([...builder.finish(doubt).findings()][0] as { finding: Finding }).finding;
  }
  const none = { selfDomainOnly: [], recycled: [] };

  test('lower confidence and never the score, if the finding was seen in no other', () => {
    const sure = drafted([bad], none);
    expect(sure.confidence).toBe('high');
    for (const doubt of [
      { ...none, selfDomainOnly: [bad] },
      { ...none, recycled: [bad] },
    ]) {
      const doubted = drafted([bad], doubt);
      expect(doubted).toMatchObject({ confidence: 'medium', score: sure.score, level: sure.level });
      expect(doubted.tags.filter((tag) => !sure.tags.includes(tag))).toHaveLength(1);
      expect(drafted([bad, good], doubt)).toMatchObject({ confidence: 'high', tags: sure.tags });
    }
  });
  test('that repeat a known one are no independent sources', () => {
    const sourcesOf = (finding: Finding) => finding.ledger.find(({ code }) => code === 'evidence.two_sources')?.note;
    expect(sourcesOf(drafted([good, bad], none))).toBe('2');
    expect(sourcesOf(drafted([good, bad], { ...none, recycled: [bad] }))).toBeUndefined();
  });
  test('are forgotten once a good one has the finding, too', () => {
    const doubted = drafted([bad], { ...none, selfDomainOnly: [bad] });
    const trusted = drafted([good], none);
    expect(mergeFindings(doubted, trusted).tags).not.toContain('self_domain_only');
    expect(mergeFindings(trusted, doubted)).toEqual(mergeFindings(doubted, trusted));
    expect(mergeFindings(doubted, doubted).tags).toContain('self_domain_only');
  });
});

test('the form of a login alone makes a finding that a person has to confirm', () => {
  const { matcher: byForm } = compileWatch({
    organisations: [{ id: 'moe', name: 'Moe', domains: [], exclude: [], keywords: [], patterns: ['emp-[0-9]{5}'] }],
  });
  const builder = new DraftBuilder({ profile, keys, nowMs: NOW, isKnown: () => false });
  const one = record('EMP-12345', 'https://shop.example/', 'a1');
  for (const match of byForm.match(one)) builder.add(one, match, source('a'));
  const [drafted] = [...builder.finish().findings()];
  expect(drafted?.finding).toMatchObject({ exposure: 'unclassified', identity: 'emp-12345' });
  expect(drafted?.finding.tags).toContain('keyword_only');
});
