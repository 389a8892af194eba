import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { load, loadText, tuple, watching, TEST_NOW_MS } from '../load-for-test.ts';
import type { IngestOptions } from '../ingest-options.ts';
import type { MachineSummary } from '../record.ts';
import { bytesToSource } from '../source-file.ts';
import { CookieJar, parseExpiry } from './cookies.ts';
import { parseLogDate } from './dates.ts';
import { dayOrderOf } from './day-order.ts';
import { FAMILY_SAMPLES } from './families.fixture.ts';
import { readFolderName } from './folder-name.ts';

/** Loads the files of a folder and collects its machines. */
async function loadFolder(
  files: Readonly<Record<string, string>>,
  folder: string,
  options: Partial<IngestOptions> = {},
) {
  const machines: MachineSummary[] = [];
  const loaded = await load(
    Object.entries(files).map(([path, text]) => bytesToSource(`${folder}/${path}`, utf8(text))),
    {
      onMachine: async (machine) => {
        machines.push(machine);
      },
      ...options,
    },
  );
  return { ...loaded, machines };
}

describe('every family', () => {
  test.each(FAMILY_SAMPLES)('$family: blocks, machine, date and counts', async (sample) => {
    const { records, machines, total } = await loadFolder(sample.files, 'TH_192.0.2.70_2021_11_03');
    expect(records.map(tuple)).toEqual(sample.tuples);
    expect(total.quarantined).toEqual({});
    const { captured, ...machine } = sample.machine;
    const capturedAtMs = captured === null ? Date.UTC(2021, 10, 3) : Date.parse(captured);
    expect(machines).toHaveLength(1);
    expect(machines[0]).toMatchObject({
      ...machine,
      capturedAtMs,
      family: sample.family,
      entry: 'TH_192.0.2.70_2021_11_03',
      passwords: sample.tuples.length,
      autofillEntries: sample.autofillEntries,
      cookies: sample.cookies,
    });
    expect(machines[0]?.familyConfidence).toBeGreaterThan(0.4);
    expect(records.every((record) => record.machine?.key === machine.key)).toBe(true);
    expect(JSON.stringify({ machines, records })).not.toContain('CANARY');
  });

  test('the family is an annotation: without a system file the same blocks are read', async () => {
    for (const { files, tuples } of FAMILY_SAMPLES) {
      const passwords = Object.entries(files).filter(
        ([path]) => /passwords|Logins/i.test(path) && !path.includes('Grabber'),
      );
      const { records } = await loadFolder(Object.fromEntries(passwords), 'x');
      expect(records.map(tuple)).toEqual(tuples);
    }
  });

  test('a file of all passwords and those of each browser give a credential once, with or without the browser’s name', async () => {
    const all =
      'SOFT: Chrome Default\nURL: https://a.example/\nUSER: nok\nPASS: x\nSOFT: Edge Default\nURL: https://a.example/\nUSER: nok\nPASS: x\n';
    const { records, machines, total } = await loadFolder(
      {
        'System.txt': '- LummaC2 Build: made-up\n- LID: x\n- HWID: AB12AB12\n',
        'All Passwords.txt': all,
        'Chrome/Default/Passwords.txt': 'URL: https://a.example/\nUSER: nok\nPASS: x\n',
        'Edge/Default/Passwords.txt': 'SOFT: Edge Default\nURL: https://a.example/\nUSER: nok\nPASS: x\n',
        'Brute.txt': 'x\nnok@moe.example:y\n',
      },
      'm',
    );
    expect(records.map(tuple)).toEqual([
      ['https://a.example/', 'nok', 'x', 'Chrome Default'],
      ['https://a.example/', 'nok', 'x', 'Edge Default'],
    ]);
    expect(total.ignored.copy).toBe(2);
    expect(machines[0]?.passwords).toBe(2);
  });

  test('a list of bare passwords is never a finding, not even alone', async () => {
    for (const name of ['Brute.txt', 'pack/BruteList.txt', 'unique_passwords.txt']) {
      const { records, total } = await loadText('nok@moe.example:pw\nsecret\n', { name });
      expect(records).toEqual([]);
      expect(total.ignored).toEqual({ 'no-credential': 1 });
    }
  });

  test('leetspeak keys and sellers’ banners', async () => {
    const text = [
      'Seller: made up',
      'Log Tools: made up',
      'META_DATA',
      '╔══════════════╗',
      'URL: https://a.example/',
      'Username: nok',
      'Password: pw',
      'join t.me/made_up for more',
      '==== @made_up ====',
      'H05T: https://b.example/',
      'L0G1N: lek',
      'P4SS: pw2',
      '',
      '8R0W53R: Chrome',
      'UR1: https://c.example/',
      'U53RN4M3: ann',
      'P455W0RD: p4ss: 1',
    ].join('\n');
    const { records, total } = await loadText(text);
    expect(records.map(tuple)).toEqual([
      ['https://a.example/', 'nok', 'pw', null],
      ['https://b.example/', 'lek', 'pw2', null],
      ['https://c.example/', 'ann', 'p4ss: 1', 'Chrome'],
    ]);
    expect(total.quarantined).toEqual({});
    expect(total.ignored.banner).toBe(5);
  });

  test('any made-up block comes back as it was written', async () => {
    const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcXYZ019 :;|@ก$/') });
    const password = word.filter((text) => text.trim() !== '' && !/^\s*[*•●]+\s*$/.test(text));
    const keys = fc.constantFrom(
      ['URL', 'Username', 'Password', 'Application'],
      ['Host', 'Login', 'Password', 'Soft'],
      ['url', 'login', 'password', 'browser'],
      ['HOSTNAME', 'USER LOGIN', 'USER PASSWORD', 'Storage'],
      ['UR1', 'U53RN4M3', 'P455W0RD', 'Software'],
    );
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.array(fc.tuple(word, password), { minLength: 1, maxLength: 5 }),
        async (names, pairs) => {
          const [url = '', login = '', secret = '', software = ''] = names;
          const text = pairs
            .map(
              ([user, pw], i) =>
                `${url}: https://h${i}.example/\n${login}: ${user}\n${secret}: ${pw}\n${software}: App\n\n`,
            )
            .join('');
          const { records } = await loadText(text, { name: 'Passwords.txt' });
          expect(records.map(tuple)).toEqual(
            pairs.map(([user, pw], i) => [`https://h${i}.example/`, user.trim(), pw, 'App']),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('dates are read by their own file', () => {
  const inFile = (date: string, rest: string, family: string | null = null) =>
    parseLogDate(date, dayOrderOf(`Log date: ${date}\n${rest}`, family, TEST_NOW_MS), 0, TEST_NOW_MS);
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

  test('another date of the file that can be read one way only decides', () => {
    expect(inFile('7/8/2025', 'Installed: 30/07/2025\n', 'RedLine')).toBe(day('2025-08-07'));
    expect(inFile('7/8/2025', 'Installed: 7/30/2025\n', 'Vidar')).toBe(day('2025-07-08'));
  });
  test('a date of the file that is certain decides for the reading beside it', () => {
    expect(inFile('6/7/2024', 'Date: Sat Jul 06 3:43:57 2024\n', 'RedLine')).toBe(day('2024-07-06'));
    expect(inFile('6/7/2024', 'Date: 2024-06-07 03:43:57\n')).toBe(day('2024-06-07'));
    expect(inFile('6/7/2024', 'Date: ๖ ก.ค. ๒๕๖๗\n')).toBe(day('2024-07-06'));
  });
  test('else the family, else nobody', () => {
    expect(inFile('7/8/2025', '', 'RedLine')).toBe(day('2025-07-08'));
    expect(inFile('7/8/2025', '', 'Vidar')).toBe(day('2025-08-07'));
    expect(inFile('7/8/2025', '', 'Lumma')).toBeNull();
    expect(inFile('7/8/2025', 'a: 30/07/2025\nb: 7/30/2025\n')).toBeNull();
  });

  test.each([
    ['15 ม.ค 2568 09.30 น.', '2025-01-15T09:30:00Z'],
    ['๒๙ กุมภาพันธ์ พ.ศ. ๒๕๖๗ เวลา ๒๓:๕๙ น.', '2024-02-29T23:59:00Z'],
    ['29 กุมภาพันธ์ 2568', null],
    ['31 มิ.ย. 2568', null],
    ['1 ธ.ค. 68', null],
    ['1 เมษายน 2568', '2025-04-01T00:00:00Z'],
    ['1 มี.ค. 2568', '2025-03-01T00:00:00Z'],
    ['15/01/68', null],
    ['30.07.25 10:00:00', null],
    ['2568-07-29 14:27:03', '2025-07-29T14:27:03Z'],
    ['29/07/2025 25:00:00', null],
    ['29/07/2025 10:61:00', null],
    ['29/7/2025 12:05:00 AM', '2025-07-29T00:05:00Z'],
    ['Fri, 04 Jul 2025 3:43 PM', '2025-07-04T15:43:00Z'],
    ['29/07/2568 14.27 น.', '2025-07-29T14:27:00Z'],
  ] as const)('%s', (text, expected) => {
    expect(parseLogDate(text, 'unknown', 0, TEST_NOW_MS)).toBe(expected === null ? null : Date.parse(expected));
  });

  test('any text is a date or none, and never throws', () => {
    const part = fc.constantFrom(
      '1',
      '12',
      '2568',
      '2025',
      '29',
      '/',
      '.',
      '-',
      ':',
      ' ',
      'ม.ค.',
      'Feb',
      'AM',
      'PM',
      'น.',
      '๒๕๖๘',
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.constantFrom('month-first', 'day-first', 'unknown'),
        (parts, order) => {
          const ms = parseLogDate(parts.join(''), order, 0, TEST_NOW_MS);
          if (ms !== null) expect(ms).toBeGreaterThan(Date.UTC(2004, 11, 30));
          else expect(ms).toBeNull();
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('folders’ names', () => {
  test.each([
    ['TH[0A1B2C3D4E5F6071][2025-07-29T14_27_03.1234567]', 'TH', '0A1B2C3D4E5F6071', null, '2025-07-29T14:27:03Z'],
    ['TH_192.0.2.1_30_07_2025', 'TH', null, '192.0.2.1', '2025-07-30T00:00:00Z'],
    ['[TH] 192.0.2.1 2568-07-30', 'TH', null, '192.0.2.1', '2025-07-30T00:00:00Z'],
    ['TH_192.0.2.1_05_07_2025', 'TH', null, '192.0.2.1', null],
    ['PC_999.0.2.1', null, null, null, null],
    ['THAILAND', null, null, null, null],
  ])('%s', (name, country, id, ip, captured) => {
    const capturedAtMs = captured === null ? null : Date.parse(captured);
    expect(readFolderName(name, TEST_NOW_MS)).toEqual({ country, id, ip, capturedAtMs });
  });

  test('stand where the system file says nothing, and give way where it does', async () => {
    const block = 'URL: https://a.example/\nUsername: nok\nPassword: pw\n';
    const name = 'TH[0A1B2C3D4E5F6071][2025-07-29 14_27_03]';
    const bare = await loadFolder({ 'Passwords.txt': block }, name);
    expect(bare.machines[0]).toMatchObject({ key: '0A1B2C3D4E5F6071', country: 'TH', capturedText: null });
    expect(bare.machines[0]?.capturedAtMs).toBe(Date.parse('2025-07-29T14:27:03Z'));
    const told = await loadFolder({ 'Passwords.txt': block, 'System.txt': 'Country: DE\nDate: 7/8/2025\n' }, name);
    expect(told.machines[0]).toMatchObject({ country: 'DE', capturedText: '7/8/2025' });
  });
});

describe('cookies', () => {
  const line = (host: string, name: string, expiry: string) => `${host}\tTRUE\t/\tTRUE\t${expiry}\t${name}\tCANARY`;
  const future = String(TEST_NOW_MS / 1000 + 86_400);

  test('expiries in seconds, milliseconds, microseconds since 1970 and since 1601', () => {
    const ms = Date.UTC(2026, 5, 1);
    const since1601 = String((BigInt(ms) + 11_644_473_600_000n) * 1_000n);
    for (const text of [String(ms / 1000), String(ms), `${ms}000`, since1601]) expect(parseExpiry(text)).toBe(ms);
    expect(['0', '', 'never', '-1'].map(parseExpiry)).toEqual([0, 0, 0, 0]);
  });

  test('session cookies are counted by watched site, repetitions once', async () => {
    const text = [
      '# Netscape HTTP Cookie File',
      line('.moe.example', 'session_id', future),
      line('#HttpOnly_sso.moe.example', 'MSISAuth', future),
      line('mail.moe.example', 'PHPSESSID', '1700000000'),
      line('mail.moe.example', 'csrf_token', future),
      line('mail.moe.example', 'inside', future),
      line('other.example', 'connect.sid', future),
      'broken line',
    ].join('\n');
    const { machines, records } = await loadFolder(
      {
        'System.txt': '- HWID: AB12AB12\n',
        'Passwords.txt': 'URL: https://sso.moe.example/\nUsername: nok\nPassword: pw\n',
        'Cookies/Chrome_Default.txt': text,
        'Chrome/Default/Cookies.txt': text,
      },
      'm',
      { watch: watching('moe.example') },
    );
    expect(machines[0]).toMatchObject({
      cookies: 6,
      sessionCookies: [{ site: 'moe.example', live: 2, expired: 1, newestExpiryMs: Number(future) * 1000 }],
    });
    expect(records[0]?.cookieState).toBe('live');
    expect(JSON.stringify([machines, records])).not.toMatch(/CANARY|session_id|MSISAuth/);
  });

  test('any line is taken without failing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'\t.ab1#_x') }), { maxLength: 20 }), (lines) => {
        const jar = new CookieJar();
        for (const text of lines) jar.addLine(text);
        expect(jar.size).toBeLessThanOrEqual(lines.length);
      }),
      { numRuns: 100 },
    );
  });
});
