import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { load, loadText, tuple } from '../load-for-test.ts';
import { bytesToSource } from '../source-file.ts';
import { parseLogDate, parseZone } from './dates.ts';

const NOW = Date.UTC(2026, 0, 15);

function files(byPath: Readonly<Record<string, string | Uint8Array>>) {
  return Object.entries(byPath).map(([path, text]) =>
    bytesToSource(path, typeof text === 'string' ? utf8(text) : text),
  );
}

const VIDAR = `Soft: Google Chrome [Default]
Host: https://sso.moe.example/login
Login: nok@moe.example
Password: a:b:c


Soft: Google Chrome [Default]
Host: https://a.example/
Login:
Password: only secret


`;
const STEALC = `
 _______ banner _______
browser: Chrome
profile: Default
url: https://sso.moe.example/
login: nok
password: pw

browser: Edge
profile: Profile 1
url: https://b.example/
login: lek
password: pw2
`;

describe('stealer blocks', () => {
  test('Vidar, StealC, Raccoon-like and leetspeak layouts parse by the one grammar', async () => {
    expect((await loadText(VIDAR)).records.map(tuple)).toEqual([
      ['https://sso.moe.example/login', 'nok@moe.example', 'a:b:c', 'Google Chrome [Default]'],
      ['https://a.example/', '', 'only secret', 'Google Chrome [Default]'],
    ]);
    expect((await loadText(STEALC)).records.map(tuple)).toEqual([
      ['https://sso.moe.example/', 'nok', 'pw', 'Chrome Default'],
      ['https://b.example/', 'lek', 'pw2', 'Edge Profile 1'],
    ]);
    const leet = await loadText('UR1: https://a.example/\nU53RN4M3: nok\nP455W0RD: pw\n========\n');
    expect(leet.records.map(tuple)).toEqual([['https://a.example/', 'nok', 'pw', null]]);
    const header = await loadText(
      '["Chrome" = "Default"]\nHOSTNAME: https://a.example/\nUSER LOGIN: nok\nUSER PASSWORD: x\n',
    );
    expect(header.records.map(tuple)).toEqual([['https://a.example/', 'nok', 'x', 'Chrome Default']]);
  });

  test('a password keeps colons, key words, end spaces and further lines', async () => {
    const text = [
      'URL: https://a.example/',
      'Username: nok',
      'Password: url: login: password: x',
      'Application: Chrome',
      '',
      'URL: https://b.example/',
      'Username: lek',
      'Password:  two  ',
      '',
      'URL: https://c.example/',
      'Username: kai',
      'Password: first',
      'second: line',
      'third',
      'Application: Edge',
      '',
    ].join('\r\n');
    const { records, total } = await loadText(text);
    expect(records.map((record) => record.password)).toEqual([
      'url: login: password: x',
      'two',
      'first\nsecond: line\nthird',
    ]);
    expect(records[1]?.rawPassword).toBe(' two  ');
    expect(records[0]?.rawPassword).toBeUndefined();
    expect(total.ignored).toEqual({ 'empty-line': 2 });
    const { offset, length } = records[2]?.provenance ?? { offset: 0, length: 0 };
    expect(text.slice(offset, offset + length)).toMatch(/^URL: https:\/\/c[^]*Edge\r\n$/);
  });

  test('records without blank lines end at a repeated key', async () => {
    const text =
      'SOFT: A\nURL: u1\nUSER: l1\nPASS: p1\nSOFT: A\nURL: u2\nUSER: l2\nPASS: p2\nURL: u3\nUSER: \nPASS: p3';
    const { records } = await loadText(text);
    expect(records.map((record) => [record.url, record.login, record.password])).toEqual([
      ['u1', 'l1', 'p1'],
      ['u2', 'l2', 'p2'],
      ['u3', '', 'p3'],
    ]);
  });

  test('a block without secret is quarantined, one with an empty secret ignored, the rest goes on', async () => {
    const text =
      'URL: u1\nUsername: a\n\nURL: u2\nUsername: b\nPassword: \n\nURL: u3\nUsername: c\nPassword: x\n\nURL: u4\nUsername: d';
    const { records, quarantine, total } = await loadText(text);
    expect(records.map((record) => record.url)).toEqual(['u3']);
    expect(quarantine.map((row) => row.reason)).toEqual(['unknown-block', 'truncated']);
    expect(total.ignored['empty-secret']).toBe(1);
  });

  test('UTF-16 password files give the same blocks', async () => {
    const bytes = new Uint8Array(VIDAR.length * 2);
    for (let i = 0; i < VIDAR.length; i++) bytes[i * 2] = VIDAR.charCodeAt(i);
    expect((await loadText(bytes)).records.map(tuple)).toEqual((await loadText(VIDAR)).records.map(tuple));
  });
});

describe('machines', () => {
  const block = (host: string) => `URL: https://${host}/\nUsername: nok\nPassword: pw\nApplication: Chrome\n\n`;

  test('each folder with a system file is a machine; what belongs to none takes the line route', async () => {
    const { records, sources } = await load(
      files({
        'pack/TH[AAAA]/UserInformation.txt': 'Operation System: Windows 10\nHWID: AAAA\nLog date: 1/2/2568 1:00:00\n',
        'pack/TH[AAAA]/Passwords.txt': block('one.example'),
        'pack/TH_B/Passwords.txt': block('two.example'),
        'pack/TH_B/Browser/Chrome/Passwords.txt': block('two.example'),
        'pack/list.txt': 'nok@moe.example:pw\nlek@moe.example:pw\n',
      }),
    );
    expect(records.map((record) => [record.url || record.login, record.machine?.key ?? null])).toEqual([
      ['https://one.example/', 'AAAA'],
      ['https://two.example/', 'TH_B'],
      ['nok@moe.example', null],
      ['lek@moe.example', null],
    ]);
    expect(records[0]?.machine).toMatchObject({ country: 'TH', os: 'Windows 10' });
    expect(sources.find((row) => row.path.endsWith('Chrome/Passwords.txt'))?.ignored).toMatchObject({ copy: 1 });
  });

  test('cookies give a state to hosts, never a value; autofill, history and bare passwords give nothing', async () => {
    const inFuture = String(NOW / 1000 + 86_400);
    const { records, sources, total } = await load(
      files({
        'm/system_info.txt':
          'Network Info:\n- IP: 192.0.2.1\nSystem Summary:\n- HWID: H1\n- Local Time: 2025/6/22 15:49:7\n- UTC: 7\n',
        'm/passwords.txt':
          'url: https://sso.moe.example/\nlogin: a\npassword: b\n\nurl: https://old.example/\nlogin: a\npassword: b\n\n' +
          'url: https://none.example/\nlogin: a\npassword: b\n\n',
        'm/cookies/Chrome_Default.txt':
          `.moe.example\tTRUE\t/\tTRUE\t${inFuture}\tsession_id\tCANARYVALUE\n` +
          `#HttpOnly_old.example\tTRUE\t/\tTRUE\t1700000000\tauth\tCANARYVALUE\n` +
          `none.example\tTRUE\t/\tTRUE\t${inFuture}\tcsrf_token\tCANARYVALUE\n`,
        'm/autofill/Chrome.txt': 'email x@moe.example\n',
        'm/history/Chrome.txt': 'https://sso.moe.example/:a:b\n',
        'm/Brute.txt': 'secret1\nsecret2\n',
        'm/screenshot.jpg': Uint8Array.of(0xff, 0xd8, 0xff),
      }),
    );
    expect(records.map((record) => record.cookieState)).toEqual(['live', 'expired', 'none']);
    expect(JSON.stringify({ records, sources })).not.toContain('CANARY');
    expect(total.ignored).toMatchObject({ 'no-credential': 5, 'not-text': 1 });
    expect(records[0]?.machine).toMatchObject({ key: 'H1', family: 'StealC', ip: '192.0.2.1' });
  });

  test('the files of a machine may come in any order', async () => {
    const all = files({
      'm/Passwords.txt': block('one.example'),
      'm/Chrome/Default/Passwords.txt': block('one.example') + block('two.example'),
      'm/System.txt': '- LummaC2 Build: x\n- HWID: H9\n',
    });
    const first = await load(all);
    const second = await load([...all].reverse());
    expect(second.records).toEqual(first.records);
    expect([...second.sha256]).toEqual([...first.sha256]);
    expect(first.records.map((record) => record.url)).toEqual(['https://one.example/', 'https://two.example/']);
  });
});

describe('dates of system files', () => {
  test.each([
    ['7/29/2025 2:27:03 PM', 'unknown', '2025-07-29T14:27:03Z'],
    ['7/8/2025 2:27:03 AM', 'unknown', '2025-07-08T02:27:03Z'],
    ['7/8/2025 12:00:00 AM', 'unknown', '2025-07-08T00:00:00Z'],
    ['7/8/2025 14:00:00', 'month-first', '2025-07-08T14:00:00Z'],
    ['30/07/2025 13:42:43', 'unknown', '2025-07-30T13:42:43Z'],
    ['05/07/2025 13:42:43', 'day-first', '2025-07-05T13:42:43Z'],
    ['05/07/2025 13:42:43', 'unknown', null],
    ['30.07.2025 13:19:25', 'unknown', '2025-07-30T13:19:25Z'],
    ['2024/6/22 15:49:7', 'unknown', '2024-06-22T15:49:07Z'],
    ['2024-06-22T15:49:07+07:00', 'unknown', '2024-06-22T08:49:07Z'],
    ['Thu Dec 15 2022 13:01:02 GMT+0100 (CET)', 'unknown', '2022-12-15T12:01:02Z'],
    ['Sat Jul 06 3:43:57 2024', 'unknown', '2024-07-06T03:43:57Z'],
    ['09 Dec 2023 00:33 UTC', 'unknown', '2023-12-09T00:33:00Z'],
    ['09 Dec 23 00:33 UTC', 'unknown', null],
    ['5/7/2568 13:42:43', 'month-first', '2025-07-05T13:42:43Z'],
    ['๑๕ ม.ค. ๒๕๖๘ ๐๙:๓๐', 'unknown', '2025-01-15T09:30:00Z'],
    ['15 มกราคม พ.ศ. 2568 เวลา 09:30 น.', 'unknown', '2025-01-15T09:30:00Z'],
    ['29/02/2568 10:00:00', 'unknown', null],
    ['29/02/2567 10:00:00', 'unknown', '2024-02-29T10:00:00Z'],
    ['31/04/2025', 'unknown', null],
    ['30.07.2031 13:19:25', 'unknown', null],
    ['30.07.1999 13:19:25', 'unknown', null],
    ['not a date', 'unknown', null],
  ] as const)('%s (%s)', (text, order, expected) => {
    expect(parseLogDate(text, order, 0, NOW)).toBe(expected === null ? null : Date.parse(expected));
  });

  test('zones of system files', () => {
    expect(['(UTC+05:30) New Delhi', 'UTC+1', '(UTC-05:00) Eastern', '+7', 'UTC'].map(parseZone)).toEqual([
      330, 60, -300, 420, 0,
    ]);
  });
});
