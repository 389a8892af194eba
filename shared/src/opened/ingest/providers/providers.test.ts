import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IngestOptions } from '../ingest-options.ts';
import { loadText, watching } from '../load-for-test.ts';
import type { LoadedRecord, MachineSummary } from '../record.ts';
import { domainOfName } from './choose-provider.ts';
import { secretOf } from './values.ts';

const sample = (name: string) => readFileSync(join(import.meta.dirname, 'samples', name), 'utf8');
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

/** URL, login, secret (`null` for none), class, leak date, publication date, origin; then what there is of the rest. */
function row(record: LoadedRecord) {
  const { url, login, password, rawPassword, sourceClass, application, hashTypes, salt, origin } = record;
  const date = (ms: number | null = null) => (ms === null ? null : new Date(ms).toISOString().slice(0, 10));
  return [
    url,
    login,
    (rawPassword ?? password) === '' ? null : (rawPassword ?? password),
    sourceClass,
    date(record.capturedAtMs),
    date(record.publishedAtMs),
    origin ?? null,
    ...(application === null ? [] : [application]),
    ...(hashTypes.length === 0 ? [] : [hashTypes[0]]),
    ...(salt === undefined ? [] : [salt]),
  ];
}

async function loadSample(name: string, options: Partial<IngestOptions> = {}) {
  const machines: MachineSummary[] = [];
  const loaded = await loadText(sample(name), {
    name,
    onMachine: async (machine) => {
      machines.push(machine);
    },
    ...options,
  });
  return { ...loaded, machines, dialect: loaded.sources[0]?.dialect };
}

describe('Have I Been Pwned', () => {
  test('breaches of a domain give addresses only, under the domain of the file’s name', async () => {
    const { records, dialect, total } = await loadSample('hibp-breacheddomain-moe.example.json');
    expect(dialect).toBe('provider/hibp-breaches');
    expect(records.map(row)).toEqual([
      ['', 'nok@moe.example', null, 'address_only', null, null, 'hibp:MadeUpShop', 'MadeUpShop'],
      ['', 'somchai.j@moe.example', null, 'address_only', null, null, 'hibp:MadeUpShop', 'MadeUpShop'],
      ['', 'somchai.j@moe.example', null, 'address_only', null, null, 'hibp:ExampleForum', 'ExampleForum'],
      ['', 'พิม@moe.example', null, 'address_only', null, null, 'hibp:ExampleForum', 'ExampleForum'],
    ]);
    expect(total.quarantined).toEqual({});
  });

  test('the domain is a watched one, the operator’s word, or none: then nothing is guessed', async () => {
    const text = sample('hibp-breacheddomain-moe.example.json');
    const told = await loadText(text, { name: 'export.json', domain: 'moe.example' });
    expect(told.records).toHaveLength(4);
    const watched = await loadText(text, { name: 'hibp-moe.example-2026.json', watch: watching('moe.example') });
    expect(watched.records).toHaveLength(4);
    const unknown = await loadText(text, { name: 'export.json' });
    expect(unknown.records).toEqual([]);
    expect(unknown.total.quarantined).toEqual({ 'unknown-block': 3 });
    expect(domainOfName('a/HIBP_moe.example (1).json', null)).toBe('moe.example');
    expect(domainOfName('somoe.example.json', watching('moe.example'))).toBe('somoe.example');
    expect(domainOfName('export.json', null)).toBeNull();
  });

  test('stealer logs give the sites at which an address was typed in', async () => {
    const byMail = await loadSample('hibp-stealerlogsbyemaildomain-moe.example.json');
    expect(byMail.dialect).toBe('provider/hibp-stealer-logs');
    const origin = 'hibp:stealer-logs';
    expect(byMail.records.map(row)).toEqual([
      ['shop.example', 'nok@moe.example', null, 'stealer', null, null, origin],
      ['mail.example', 'nok@moe.example', null, 'stealer', null, null, origin],
      ['moe.example', 'lek@moe.example', null, 'stealer', null, null, origin],
    ]);
    const bySite = await loadSample('hibp-stealerlogsbywebsitedomain-sso.moe.example.json');
    expect(bySite.records.map(row)).toEqual([
      ['sso.moe.example', 'nok@moe.example', null, 'stealer', null, null, origin],
      ['sso.moe.example', 'visitor@mail.example', null, 'stealer', null, null, origin],
    ]);
  });

  test('the site’s own export has dates and sites of breaches, and pastes', async () => {
    const { records } = await loadSample('hibp-export.json');
    expect(records.map(row)).toEqual([
      [
        'shop.example',
        'nok@moe.example',
        null,
        'address_only',
        '2023-04-01',
        '2023-06-02',
        'hibp:MadeUpShop',
        'Made-up Shop',
      ],
      ['', 'nok@moe.example', null, 'address_only', '2024-01-15', '2024-02-01', 'hibp:MadeUpList', 'Made-up List'],
      ['', 'lek@moe.example', null, 'address_only', null, '2022-05-01', 'hibp:paste:Pastebin:madeup01', 'Pastebin'],
    ]);
  });
});

describe('SpyCloud', () => {
  test('hashes, cracked hashes, addresses alone and infected machines', async () => {
    const { records, machines, dialect, total } = await loadSample('spycloud.json');
    expect(dialect).toBe('provider/spycloud');
    expect(records.map(row)).toEqual([
      [
        '',
        'nok@moe.example',
        '5f4dcc3b5aa765d61d8327deb882cf99',
        'breach_hash',
        null,
        '2024-03-05',
        'spycloud:10001',
        'md5',
      ],
      ['', 'lek@moe.example', 'cracked ก1', 'breach_plain', null, '2024-03-05', 'spycloud:10002'],
      ['', 'ann@moe.example', null, 'address_only', null, '2024-04-01', 'spycloud:10003'],
      [
        ...['https://sso.moe.example/adfs/ls/', 'pim@moe.example', 'Pa:ss 1', 'stealer', '2025-07-05', '2025-07-10'],
        ...['spycloud:log:madeuplog4', 'Google Chrome'],
      ],
      [
        ...['', 'boy', '0123456789abcdef0123456789abcdef01234567', 'breach_hash', null, '2023-01-01', 'spycloud:10005'],
        ...['sha1_salted', 'xy'],
      ],
    ]);
    expect(machines).toEqual([
      expect.objectContaining({
        ...{
          key: 'madeup-machine-4',
          name: 'PIM-PC',
          user: 'pim',
          os: 'Windows 11 Pro',
          country: 'TH',
          ip: '192.0.2.51',
        },
        ...{ capturedAtMs: Date.parse('2025-07-05T03:00:00Z'), passwords: 1, cookies: 0, entry: 'spycloud.json' },
      }),
    ]);
    expect(total.ignored).toEqual({ 'no-credential': 2 });
  });

  test('the same names in CSV', async () => {
    const { records, dialect } = await loadSample('spycloud.csv');
    expect(dialect).toBe('provider/spycloud');
    expect(records.map((record) => [record.login, record.password, record.sourceClass])).toEqual([
      ['nok@moe.example', '5f4dcc3b5aa765d61d8327deb882cf99', 'breach_hash'],
      ['boy@moe.example', 'p,w"1', 'breach_plain'],
    ]);
  });
});

test('Hudson Rock: machines with their credentials, masked secrets left out, cookies for site and expiry', async () => {
  const { records, machines, dialect } = await loadSample('hudson-rock.json');
  expect(dialect).toBe('provider/hudson-rock');
  expect(records.map(row)).toEqual([
    [
      'https://vpn.moe.example/remote/login',
      'nok',
      'p:w 1 ',
      'stealer',
      '2025-07-05',
      '2025-07-09',
      'hudsonrock:0A1B2C3D4E5F6071',
    ],
    [
      'https://shop.example/',
      'nok@moe.example',
      null,
      'stealer',
      '2025-07-05',
      '2025-07-09',
      'hudsonrock:0A1B2C3D4E5F6071',
    ],
  ]);
  expect(records.map(({ cookieState }) => cookieState)).toEqual(['live', 'none']);
  expect(machines).toEqual([
    expect.objectContaining({
      ...{ key: '0A1B2C3D4E5F6071', name: 'NOK-NB', country: 'TH', ip: '192.0.2.61', family: 'Lumma', passwords: 2 },
    }),
  ]);
});

describe('Flare', () => {
  test('credentials: clear and hashed, dates of breach and leak', async () => {
    const { records, dialect } = await loadSample('flare-credentials.json');
    expect(dialect).toBe('provider/flare-credentials');
    expect(records.map(row)).toEqual([
      ['', 'nok@moe.example', 'Winter2024!', 'combo', null, '2024-06-01', 'flare:madeup_combolist'],
      [
        ...['', 'lek@moe.example', '$2y$10$ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ.', 'breach_hash'],
        ...['2022-02-03', '2022-03-01', 'flare:madeup_shop', 'bcrypt'],
      ],
    ]);
  });
  test('identities with all their passwords', async () => {
    const { records, dialect } = await loadSample('flare-identities.json');
    expect(dialect).toBe('provider/flare-identities');
    expect(records.map(row)).toEqual([
      [
        ...['https://forum.example', 'ann@moe.example', '5f4dcc3b5aa765d61d8327deb882cf99', 'breach_hash'],
        ...['2021-05-06', '2021-06-01', 'flare:madeup_forum', 'md5'],
      ],
      ['', 'ann@moe.example', 'Summer 2021', 'stealer', null, '2022-06-01', 'flare:madeup_stealer_logs'],
    ]);
  });
  test('stealer log events with machine, browser and cookies', async () => {
    const { records, machines, dialect } = await loadSample('flare-stealer-logs.json');
    expect(dialect).toBe('provider/flare-stealer-logs');
    const rest = ['stealer', '2025-07-05', '2025-07-08', 'flare:log:AABBCCDD00112233'];
    expect(records.map(row)).toEqual([
      ['https://sso.moe.example/', 'pim@moe.example', 'pw 1', ...rest, 'Google Chrome'],
      ['https://shop.example/', 'pim', 'pw2', ...rest, 'Microsoft Edge'],
    ]);
    expect(records.map(({ cookieState }) => cookieState)).toEqual(['live', 'none']);
    expect(machines[0]).toMatchObject({ key: 'AABBCCDD00112233', family: 'RedLine', country: 'TH', ip: '192.0.2.71' });
  });
});

test('MISP: credential objects of an event, each with what its format and origin say', async () => {
  const { records, dialect, total } = await loadSample('misp-event.json');
  expect(dialect).toBe('provider/misp');
  const origin = (n: number) => `misp:00000000-0000-4000-9000-000000000${n}`;
  expect(records.map(row)).toEqual([
    [
      'https://webmail.moe.example/',
      'nok@moe.example',
      'P@ss "1"',
      'breach_plain',
      '2025-01-15',
      '2025-02-04',
      origin(101),
    ],
    [
      '',
      'lek@moe.example',
      '5f4dcc3b5aa765d61d8327deb882cf99',
      'stealer',
      '2025-02-03',
      '2025-02-04',
      origin(102),
      'md5',
    ],
    [
      '',
      'lek@moe.example',
      '5ebe2294ecd0e0f08eab7690d2a6ee69',
      'stealer',
      '2025-02-03',
      '2025-02-04',
      origin(102),
      'md5',
    ],
    ['', 'ann@moe.example', null, 'address_only', '2025-02-03', '2025-02-04', origin(103)],
  ]);
  expect(total.quarantined).toEqual({});
  const many = JSON.stringify({
    response: [JSON.parse(sample('misp-event.json')), JSON.parse(sample('misp-event.json'))],
  });
  expect((await loadText(many.replace('2025-02-03', '2024-02-03'), { name: 'x.json' })).records.map(row)[1]?.[4]).toBe(
    '2024-02-03',
  );
});

describe('IntelMQ and Shadowserver', () => {
  test('IntelMQ events about accounts, in CSV and JSON lines', async () => {
    const { records, dialect, total } = await loadSample('intelmq.csv');
    expect(dialect).toBe('provider/intelmq');
    const leak = 'intelmq:Made-up CERT:Made-up leaks:2025-03-01T00:00:00+00:00';
    expect(records.map(row)).toEqual([
      ['https://shop.example/login', 'nok@moe.example', 'p,w1', 'breach_plain', '2025-03-01', '2025-03-02', leak],
      ['', 'lek@moe.example', null, 'address_only', '2025-03-01', '2025-03-02', leak],
      [
        'sso.moe.example',
        'ann@moe.example',
        'Summer1',
        'phishing',
        '2025-03-01',
        '2025-03-02',
        leak.replace('leaks', 'kits'),
      ],
    ]);
    expect(total.ignored).toEqual({ 'no-credential': 2 });
    const lines = await loadSample('intelmq.jsonl');
    expect(lines.records.map((record) => [record.login, record.hashTypes[0] ?? null, record.sourceClass])).toEqual([
      ['nok@moe.example', 'md5', 'breach_hash'],
      ['lek@moe.example', null, 'address_only'],
    ]);
  });
  test('Shadowserver: compromised accounts and accounts of compromised websites', async () => {
    const accounts = await loadSample('shadowserver-compromised-account.csv');
    expect(accounts.dialect).toBe('provider/shadowserver-compromised-account');
    expect(accounts.records.map(row)).toEqual([
      ['sso.moe.example', 'nok@moe.example', null, 'stealer', null, '2025-05-01', 'shadowserver:made-up-operation'],
      ['', 'lek', null, 'address_only', null, '2025-05-01', 'shadowserver:made-up-list', 'Example VPN'],
    ]);
    const sites = await loadSample('shadowserver-compromised-website.csv');
    expect(sites.records.map(row)).toEqual([
      [
        ...['portal.moe.example/wp-admin/', 'admin', null, 'address_only', '2025-04-20', '2025-05-01'],
        ...['shadowserver:made-up-operation', 'wordpress'],
      ],
    ]);
    expect(sites.total.ignored).toEqual({ 'no-credential': 2 });
  });
});

describe('any CSV by named columns', () => {
  const columns = { login: ' account ', password: 'Leaked value', url: 'SITE', captured: 'Seen on' };
  test('a person’s word goes before any recognition', async () => {
    const { records, dialect } = await loadSample('generic.csv', { columns });
    expect(dialect).toBe('provider/csv-columns');
    expect(records.map(row)).toEqual([
      ['https://a.example/', 'nok@moe.example', 'p', 'breach_plain', '2025-02-03', null, null],
      ['https://b.example/', 'lek@moe.example', null, 'address_only', '2025-02-04', null, null],
    ]);
    const told = await loadSample('generic.csv', { columns, sourceClass: 'phishing' });
    expect(told.records.map(({ sourceClass }) => sourceClass)).toEqual(['phishing', 'phishing']);
  });
  test.each([
    ['30/07/2025', '7/8/2025', '2025-08-07'],
    ['7/30/2025', '7/8/2025', '2025-07-08'],
    ['30/07/2568', '7/8/2568', '2025-08-07'],
    ['30 ก.ค. 2568', '๗ สิงหาคม ๒๕๖๘', '2025-08-07'],
    ['2568-07-30', '2568-08-07', '2025-08-07'],
    ['2025-07-30', '2025-02-30', null],
    ['1/1/2025', '7/8/2025', null],
  ])('dates are read by their own file: beside %s, %s is %s', async (beside, date, expected) => {
    const text = `account,seen\nann@moe.example,${beside}\nnok@moe.example,${date}\n`;
    const { records } = await loadText(text, { name: 'x.csv', columns: { login: 'account', captured: 'seen' } });
    expect(records[1]?.capturedAtMs ?? null).toBe(expected === null ? null : day(expected));
  });
  test('a mapping that does not fit the file is not forced on it', async () => {
    const { dialect } = await loadSample('generic.csv', { columns: { login: 'User' } });
    expect(dialect).not.toBe('provider/csv-columns');
  });
});

test('secrets: what the provider says of one goes before its looks', () => {
  const hex = '5f4dcc3b5aa765d61d8327deb882cf99';
  expect(secretOf(hex, 'plaintext')).toEqual({ password: hex, hashTypes: [], salt: '' });
  expect(secretOf(hex, 'NTLM').hashTypes).toEqual(['ntlm']);
  expect(secretOf(hex, 'salted md5', 's')).toEqual({ password: hex, hashTypes: ['md5_salted'], salt: 's' });
  expect(secretOf(hex, 'unknown').hashTypes[0]).toBe('md5');
  expect(secretOf('hunter2', 'unknown')).toEqual({ password: 'hunter2', hashTypes: [], salt: '' });
  expect(secretOf('xyz', 'some new hash').hashTypes).toEqual(['somenewhash']);
  expect(['', '****', '••••••', 'null'].map((text) => secretOf(text, '').password)).toEqual([null, null, null, null]);
});

describe('accounting', () => {
  const names = [
    ...[
      'hibp-breacheddomain-moe.example.json',
      'hibp-stealerlogsbywebsitedomain-sso.moe.example.json',
      'hibp-export.json',
    ],
    ...['spycloud.json', 'spycloud.csv', 'hudson-rock.json', 'flare-credentials.json', 'flare-identities.json'],
    ...['flare-stealer-logs.json', 'misp-event.json', 'intelmq.csv', 'intelmq.jsonl'],
    ...['shadowserver-compromised-account.csv', 'shadowserver-compromised-website.csv'],
  ];
  test.each(names)('%s gives the same from any chunks, and each record is found again by its place', async (name) => {
    const text = sample(name);
    const whole = await loadText(text, { name });
    for (const chunkBytes of [1, 7, 64]) {
      const cut = await loadText(text, { name, chunkBytes });
      expect([cut.records, cut.total]).toEqual([whole.records, whole.total]);
    }
    const bytes = Buffer.from(text);
    for (const { provenance, login } of whole.records) {
      const place = bytes.subarray(provenance.offset, provenance.offset + provenance.length).toString();
      expect(place).toContain(JSON.stringify(login.split('@')[0]).slice(1, -1));
    }
  });

  test.each(names)('%s cut anywhere or damaged keeps what is whole', async (name) => {
    const text = sample(name);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length),
        fc.nat(text.length),
        fc.constantFrom('', '"', '{', ']', '\n', ',', '\0'),
        async (a, b, mark) => {
          const [from, to] = a < b ? [a, b] : [b, a];
          const damaged = text.slice(0, from) + mark + text.slice(to);
          const { total } = await loadText(damaged, { name, chunkBytes: 97 });
          expect(total.bytesIn).toBe(Buffer.byteLength(damaged));
        },
      ),
      { numRuns: 15 },
    );
  });

  test('a broken row is quarantined alone, an export is read whatever the watch list says', async () => {
    const [head = '', ...rest] = sample('spycloud.csv').split('\n');
    const text = [head, 'one,cell too few', ...rest].join('\n');
    const { records, total } = await loadText(text, { name: 'x.csv', watch: watching('dlt.example') });
    expect(records).toHaveLength(2);
    expect(total.quarantined).toEqual({ 'bad-escape': 1 });
  });

  test('dates are UTC, whatever form they have', async () => {
    const { records } = await loadSample('spycloud.json');
    expect(records[0]?.publishedAtMs).toBe(day('2024-03-05'));
  });
});
