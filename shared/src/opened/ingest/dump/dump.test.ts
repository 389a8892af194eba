import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadText, tuple, watching } from '../load-for-test.ts';

const MYSQL = `-- MySQL dump 10.13
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS \`users\`;
CREATE TABLE \`users\` (
  \`id\` int(11) NOT NULL AUTO_INCREMENT,
  \`email\` varchar(255) DEFAULT 'a,b',
  \`pass\` varchar(255),
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
INSERT INTO \`users\` VALUES (1,'nok@moe.example','$2y$10$ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ.'),(2,'o\\'x@moe.example','p,w);''\\\\'),
(3,'null@moe.example',NULL);
INSERT INTO \`log\` (\`id\`,\`text\`) VALUES (1,'nok@moe.example was here');
INSERT INTO users (pass, email) VALUES ('hunter22', 'ann@dlt.example');
`;

describe('SQL dumps', () => {
  test('tuples are read with columns of CREATE TABLE or of the statement, quotes and escapes kept apart', async () => {
    const { records, total, sources } = await loadText(MYSQL, { name: 'dump.sql' });
    expect(records.map(tuple)).toEqual([
      ['', 'nok@moe.example', '$2y$10$ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ.', null],
      ['', "o'x@moe.example", "p,w);'\\", null],
      ['', 'ann@dlt.example', 'hunter22', null],
    ]);
    expect(records.map(({ hashTypes }) => hashTypes[0] ?? null)).toEqual(['bcrypt', null, null]);
    expect(records[0]).toMatchObject({ sourceClass: 'breach_plain' });
    expect(total.ignored['empty-secret']).toBe(1);
    expect(total.ignored['no-credential']).toBeGreaterThan(1);
    expect(sources[0]?.dialect).toBe('sql');
    const [first] = records;
    const { offset = 0, length = 0 } = first?.provenance ?? {};
    expect(MYSQL.slice(offset, offset + length)).toMatch(/^\(1,'nok@moe\.example','\$2y[^)]*\),$/);
  });

  test('the same from any chunks', async () => {
    const whole = await loadText(MYSQL, { name: 'dump.sql' });
    for (const chunkBytes of [1, 2, 3, 7, 64, 257]) {
      const cut = await loadText(MYSQL, { name: 'dump.sql', chunkBytes });
      expect([cut.records, cut.total]).toEqual([whole.records, whole.total]);
    }
  });

  test('COPY of PostgreSQL is read line by line, and its backslashes are its own', async () => {
    const text = `-- PostgreSQL database dump
SET standard_conforming_strings = on;
COPY public.users (id, email, password, salt) FROM stdin;
1\tnok@moe.example\t5f4dcc3b5aa765d61d8327deb882cf99\tab:c
2\tann@moe.example\ttab\\there\t\\N
\\.
INSERT INTO more (email, password) VALUES ('x@moe.example', 'back\\');
`;
    const { records, quarantine } = await loadText(text);
    expect(quarantine).toEqual([]);
    expect(records.map(tuple)).toEqual([
      ['', 'nok@moe.example', '5f4dcc3b5aa765d61d8327deb882cf99', null],
      ['', 'ann@moe.example', 'tab\there', null],
      ['', 'x@moe.example', 'back\\', null],
    ]);
    expect(records[0]).toMatchObject({ salt: 'ab:c', hashTypes: ['md5_salted', 'md5_salt_first', 'vbulletin'] });
  });

  test('a tuple that does not read is quarantined alone; one over the limit is not held', async () => {
    const blob = `0x${'ab'.repeat(60_000)}`;
    const text = `INSERT INTO u (email,pass) VALUES ('a@moe.example','x1'),('b@moe.example'),('c@moe.example',${blob}),('d@moe.example','x4');\n`;
    const { records, quarantine } = await loadText(text, { chunkBytes: 1_000 });
    expect(records.map(({ login }) => login)).toEqual(['a@moe.example', 'd@moe.example']);
    expect(quarantine.map(({ reason }) => reason)).toEqual(['bad-escape', 'line-too-long']);
  });

  test('only tuples with a watched term are read', async () => {
    const { records, total } = await loadText(MYSQL, { watch: watching('dlt.example') });
    expect(records.map(({ login }) => login)).toEqual(['ann@dlt.example']);
    expect(total.bytesNotCandidate).toBeGreaterThan(100);
  });
});

describe('CSV', () => {
  test('a header names the columns; quotes, doubled quotes and newlines inside are kept', async () => {
    const text =
      '"id","URL","User Name","Password"\r\n1,"https://a.example/x","nok","p""w,1"\r\n2,https://b.example,ann,"two\nlines"\r\n';
    const { records, sources } = await loadText(text);
    expect(records.map(tuple)).toEqual([
      ['https://a.example/x', 'nok', 'p"w,1', null],
      ['https://b.example', 'ann', 'two\nlines', null],
    ]);
    expect(sources[0]?.dialect).toBe('csv/comma');
  });

  test('without a header the columns are told by what stands in them', async () => {
    const rows = [1, 2, 3, 4].map((i) => `"${i}";"user${i}@moe.example";"https://a.example/";"secret${i}"`).join('\n');
    const { records } = await loadText(rows);
    expect(records.map(tuple)).toEqual(
      [1, 2, 3, 4].map((i) => ['https://a.example/', `user${i}@moe.example`, `secret${i}`, null]),
    );
  });

  test('a salt in a column of its own goes with the hash, and the column’s name says which hash', async () => {
    const hash = '0123456789abcdef0123456789abcdef';
    const salted = await loadText(`email,password_hash,salt\na@moe.example,${hash},xy\nb@moe.example,${hash},z\n`);
    expect(salted.records[0]).toMatchObject({ salt: 'xy', hashTypes: ['md5_salted', 'md5_salt_first', 'vbulletin'] });
    const nt = await loadText(`sAMAccountName,NTLM\na.b,${hash}\nc.d,${hash}\n`);
    expect(nt.records[0]?.hashTypes[0]).toBe('ntlm');
  });

  test('a quote that never closes costs what it swallows, not a byte more than the file, and nothing hangs', async () => {
    const { total, records } = await loadText('email,password\n"a@moe.example,x\nb@moe.example,y\n');
    expect(records).toEqual([]);
    expect(total.quarantined).toEqual({ 'bad-escape': 1 });
  });

  test('plain lists stay lists', async () => {
    const { sources } = await loadText('a@moe.example,pw1\nb@moe.example,pw2\n');
    expect(sources[0]?.dialect).toBe('email-pass/comma');
  });
});

describe('JSON', () => {
  test('lines, arrays and wrapped arrays give the same records', async () => {
    const rows = [
      { email: 'a@moe.example', password: 'x{"1', tags: ['v'] },
      { user: { email: 'b@moe.example' }, credentials: { password: 'y\n2' } },
      { email: 'c@moe.example', password: 'ส้มโอ' },
    ];
    const expected = [
      ['', 'a@moe.example', 'x{"1', null],
      ['', 'b@moe.example', 'y\n2', null],
      ['', 'c@moe.example', 'ส้มโอ', null],
    ];
    const forms = {
      lines: rows.map((row) => JSON.stringify(row)).join('\n'),
      array: JSON.stringify(rows),
      pretty: JSON.stringify(rows, null, 2),
      wrapped: JSON.stringify({ total: 3, data: { rows } }),
    };
    for (const [form, text] of Object.entries(forms)) {
      for (const chunkBytes of [1, 5, 1_000]) {
        const { records } = await loadText(text, { chunkBytes });
        expect([form, records.map(tuple)]).toEqual([form, expected]);
      }
    }
  });

  test('one broken line costs itself; one too deep is refused', async () => {
    const deep = `{"email":"d@moe.example","password":"p","x":${'['.repeat(40)}${']'.repeat(40)}}`;
    const lines = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => `{"email":"u${i}@moe.example","password":"p${i}"}`);
    const text = [...lines.slice(0, 4), '{"email":"broken@moe.example', deep, ...lines.slice(4)].join('\n');
    const { records, total } = await loadText(text);
    expect(records).toHaveLength(8);
    expect(total.quarantined).toEqual({ 'bad-escape': 1, 'limit-depth': 1 });
  });

  test('UTF-16 is read with offsets of the original', async () => {
    const text = '[{"email":"a@moe.example","password":"ก1"},\n{"email":"b@moe.example","password":"x2"}]';
    const bytes = new Uint8Array(2 + text.length * 2);
    bytes.set([0xff, 0xfe]);
    for (let i = 0; i < text.length; i++) new DataView(bytes.buffer).setUint16(2 + i * 2, text.charCodeAt(i), true);
    const { records } = await loadText(bytes);
    const { offset = 0, length = 0 } = records[1]?.provenance ?? {};
    expect(new TextDecoder('utf-16le').decode(bytes.subarray(offset, offset + length))).toContain('b@moe.example');
    expect(records[0]?.password).toBe('ก1');
  });
});

test('any bytes end in the ledger, from any chunks alike', async () => {
  const pieces = fc.constantFrom(
    ...[
      'INSERT INTO u (email,pass) VALUES ',
      "('a@b.example','x')",
      ',',
      ';',
      '\n',
      "'",
      '"',
      '\\',
      '(',
      ')',
      '--',
      '/*',
    ],
    ...[
      '*/',
      '{"email":"a@b.example","password":"x"}',
      '[',
      ']',
      '{',
      '}',
      'email,password\n',
      'COPY t (email, password) FROM stdin;\n',
    ],
    ...['\\.\n', 'a@b.example\tx\n', '\0', 'ก'],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      async (parts, chunkBytes) => {
        const text = parts.join('');
        const [whole, cut] = [await loadText(text), await loadText(text, { chunkBytes })];
        expect([cut.records, cut.total]).toEqual([whole.records, whole.total]);
      },
    ),
    { numRuns: 300 },
  );
});
