import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import type { KeywordScope, WatchedOrganisation, WatchList } from '../match/watch.ts';
import { createKernelScanner } from './kernel-scanner.ts';
import { createPlainScanner } from './plain.ts';
import type { LineScanner } from './scanner.ts';
import { slowScan } from './slow-scan.ts';
import type { ScanTerms } from './terms.ts';
import { scanTerms } from './terms.ts';

type Engine = (terms: ScanTerms) => LineScanner;

const ENGINES: readonly (readonly [string, Engine])[] = [
  ['plain', createPlainScanner],
  [
    'kernel',
    (terms) => {
      const scanner = createKernelScanner(terms);
      if (scanner === null) throw new Error('no WebAssembly here');
      return scanner;
    },
  ],
];

function organisation(parts: Partial<WatchedOrganisation>): WatchedOrganisation {
  return { id: 'o', name: 'O', domains: [], exclude: [], keywords: [], ...parts };
}

function watch(
  domains: readonly string[],
  keywords: readonly string[] = [],
  exclude: readonly string[] = [],
): WatchList {
  const anywhere: KeywordScope = 'anywhere';
  const terms = keywords.map((term) => ({ term, scope: anywhere }));
  return { organisations: [organisation({ domains, exclude, keywords: terms })] };
}

function scanAll(engine: Engine, terms: ScanTerms, bytes: Uint8Array, newline = 10): number[] {
  const hits: number[] = [];
  engine(terms).scan(bytes, 0, bytes.length, newline, hits);
  return hits;
}

describe.each(ENGINES)('%s scanner', (_, engine) => {
  function hitLines(list: WatchList, text: string | Uint8Array): string[] {
    const bytes = typeof text === 'string' ? utf8(text) : text;
    const hits = scanAll(engine, scanTerms(list), bytes);
    const lines: string[] = [];
    for (let i = 0; i < hits.length; i += 2) {
      lines.push(new TextDecoder().decode(bytes.subarray(hits[i], hits[i + 1])).replace(/\n$/, ''));
    }
    return lines;
  }

  test('suffixes match at label borders only', () => {
    const text = [
      'https://sso.moe.example/:a:b',
      'x@MOE.example:b',
      'x@xmoe.example:b',
      'moe.example.org',
      'moe.example',
      'moe.example.:x',
      'a-moe.example',
      'next=nok%40moe.example&x',
      'a.moe',
    ].join('\n');
    expect(hitLines(watch(['moe.example']), text)).toEqual([
      'https://sso.moe.example/:a:b',
      'x@MOE.example:b',
      'moe.example',
      'moe.example.:x',
      'next=nok%40moe.example&x',
    ]);
  });

  test('a name right after an escape, a Thai word or a quotation mark is found', () => {
    const text = [
      '{"e":"x\\u0040moe.example"}',
      "'one\\nmoe.example'",
      '\\x40moe.example',
      'เว็บmoe.exampleใหม่',
      '“moe.example”',
      '\\u0041moe.example',
      '%moe.example',
    ];
    // Any escape may stand for a border; fewer bytes than an escape has make none.
    expect(hitLines(watch(['moe.example']), text.join('\n'))).toEqual(text);
    expect(hitLines(watch(['oe.example']), '%moe.example\n\\umoe.example')).toEqual([]);
  });

  test('names of under 8 bytes, and a Thai name in three spellings', () => {
    expect(hitLines(watch(['a.co']), 'x@a.co:1\nx@ba.co:1\nsub.a.co\n')).toEqual(['x@a.co:1', 'sub.a.co']);
    expect(hitLines(watch(['a.b']), 'x@a.b:1\nx@ba.b:1\na.b\n.b')).toEqual(['x@a.b:1', 'a.b']);
    const list = watch(['กระทรวง.ไทย']);
    const punycode = new URL('http://กระทรวง.ไทย').hostname;
    expect(hitLines(list, `x@${punycode}:1\nhttps://mail.กระทรวง.ไทย/:a:b\nx@ทรวง.ไทย:1\n`).length).toBe(2);
    expect(hitLines(list, windows874('x@กระทรวง.ไทย:1\n')).length).toBe(1);
  });

  test('names of every length up to the longest, at every place of a long run', () => {
    for (const length of [4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 62, 63, 64, 65, 100, 200, 253]) {
      const name = longName(length);
      const text = ['', 'x', '.', 'x.', '-', 'a.b.c.', `${'y'.repeat(63)}.`, `${'z.'.repeat(90)}`]
        .map((before) => `https://${before}${name}/:a:b`)
        .join('\n');
      const found = slowScan(scanTerms(watch([name])), utf8(text));
      expect(scanAll(engine, scanTerms(watch([name])), utf8(text))).toEqual(found);
      expect(found.length).toBeGreaterThan(4);
    }
  });

  test('hosts taken out are no hits, unless another organisation watches them or a longer name is listed', () => {
    const hosts =
      'moe.example student.moe.example a.student.moe.example lab.student.moe.example x.lab.student.moe.example';
    const lines = hosts.split(' ').map((host) => `nok@${host}:pw`);
    const list = watch(['moe.example', 'lab.student.moe.example'], [], ['student.moe.example']);
    expect(hitLines(list, lines.join('\n'))).toEqual([lines[0], lines[3], lines[4]]);
    const second = organisation({ id: 'p', domains: ['student.moe.example'] });
    expect(hitLines({ organisations: [...list.organisations, second] }, lines.join('\n'))).toEqual(lines);
    expect(hitLines(watch(['moe.example'], [], ['moe.example']), lines.join('\n'))).toEqual([]);
    // After an escape it is not known where the host begins.
    expect(hitLines(list, 'a=b%40student.moe.example')).toEqual(['a=b%40student.moe.example']);
  });

  test('long keywords are found anywhere, short ones only as a whole word', () => {
    const list = watch([], ['ministry', 'dlt', 'a-b']);
    const text = 'https://portal.example/OurMinistry/:a:b\nuser_dlt:pw\nadltb:pw\nnothing:pw\nx.a-b.example\ndlt';
    expect(hitLines(list, text)).toEqual([
      'https://portal.example/OurMinistry/:a:b',
      'user_dlt:pw',
      'x.a-b.example',
      'dlt',
    ]);
  });

  test('a Thai keyword is found in UTF-8, Windows-874 and behind punycode; a Cyrillic and a French one in theirs', () => {
    const list = watch([], ['กระทรวง', 'ศธ']);
    expect(hitLines(list, 'user:รหัสกระทรวง1\nuser:รหัส\n').length).toBe(1);
    expect(hitLines(list, windows874('user:รหัสกระทรวง1\nuser:รหัส\nสพศธ\n')).length).toBe(2);
    expect(hitLines(list, 'https://xn--12c1fe0br.example/:a:b\nhttps://a-b.example/:a:b\n').length).toBe(1);
    expect(hitLines(watch([], ['почта']), Uint8Array.of(0x78, 0xef, 0xee, 0xf7, 0xf2, 0xe0, 10)).length).toBe(1);
    expect(hitLines(watch([], ['école']), Uint8Array.of(0x78, 0xe9, 0x63, 0x4f, 0x6c, 0x65, 10)).length).toBe(1);
  });

  test('without terms nothing is a candidate, and newlines are counted', () => {
    const hits: number[] = [];
    const scanner = engine(scanTerms(watch([])));
    expect(scanner.scan(utf8('x@moe.example:1\n\nx'), 0, 18, 10, hits)).toBe(2);
    expect(scanner.scan(utf8(`${'a\n'.repeat(200_000)}b`), 0, 400_001, 10, hits)).toBe(200_000);
    expect(scanner.scan(utf8('a\rb\rc'), 0, 5, 13, hits)).toBe(2);
    expect(hits).toEqual([]);
  });

  test('a part of a buffer is scanned as if it were all of it', () => {
    const bytes = utf8('x@moe.example:1\nmoe.example\nmoe.example\nministry');
    const scanner = engine(scanTerms(watch(['moe.example'], ['ministry', 'istr'])));
    for (const [start, end, expected] of [
      [16, 28, [16, 28]],
      [17, 28, []],
      [18, 28, []],
      [16, 26, []],
      [16, 27, [16, 27]],
      [40, 48, [40, 48]],
      [40, 47, []],
      [43, 47, [43, 47]],
      [42, 47, []],
    ] as const) {
      const hits: number[] = [];
      scanner.scan(bytes, start, end, 10, hits);
      expect([start, end, hits]).toEqual([start, end, expected]);
    }
  });

  test('agrees with the slow obvious way over many windows, and when it is called again and again', () => {
    const terms = scanTerms(
      watch(['moe.example', 'a.co', 'กระทรวง.ไทย'], ['ministry', 'dlt', 'ศธ'], ['x.moe.example']),
    );
    const scanner = engine(terms);
    const pieces = [
      'nok@moe.example:pw',
      'lek@x.moe.example:pw',
      'a@b.example:dlt',
      'ศธ',
      'กระทรวง.ไทย',
      'x'.repeat(70),
      '',
    ];
    for (const seed of [1, 2, 3]) {
      let state = seed;
      let text = '';
      while (text.length < 150_000) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        text += `${pieces[(state >>> 16) % 60] ?? 'nobody@other.example:here'}\n`;
      }
      const bytes = utf8(text);
      const hits: number[] = [];
      expect(scanner.scan(bytes, 0, bytes.length, 10, hits)).toBe(text.split('\n').length - 1);
      expect(hits).toEqual(slowScan(terms, bytes));
    }
  });

  test('lines far longer than a window are found by their ends, their middle and what a cut would split', () => {
    const terms = scanTerms(watch(['moe.example'], ['ministry', 'dlt'], ['x.moe.example']));
    const scanner = engine(terms);
    for (const at of [0, 126_970, 131_060, 131_066, 299_980]) {
      for (const term of ['moe.example', 'x.moe.example', 'ministry', 'dltx']) {
        const long = 'y'.repeat(at) + `:${term}:` + 'z'.repeat(300_000 - at);
        const bytes = utf8(`a:b\n${long}\nmoe.example\n`);
        const hits: number[] = [];
        scanner.scan(bytes, 0, bytes.length, 10, hits);
        expect(hits).toEqual(slowScan(terms, bytes));
      }
    }
  });

  test('agrees with the slow obvious way on any text', () => {
    const words = 'moe example dlt a . . - @ : %40 / \n ministry X _ \r % \\ \\u0040 \\n x40 -- xn-- ก ไทย é 0'.split(
      ' ',
    );
    const piece = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...words, ' ') },
      { weight: 1, arbitrary: fc.string() },
    );
    const names = ['moe.example', 'dlt.example', 'a.moe', 'x.a', 'moe.moe.example', 'a.x.a', 'ก.ไทย', 'é.example'];
    const keywords = ['ministry', 'examplemoe', 'dlt', 'moe', 'x', 'ไทย', 'ก', 'é.exa'];
    const some = (terms: readonly string[]) => fc.subarray([...terms], { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 120 }),
        some(names),
        some(names),
        some(keywords),
        fc.constantFrom(10, 13),
        (pieces, domains, exclude, terms, newline) => {
          const compiled = scanTerms(watch(domains, terms, exclude));
          const bytes = utf8(pieces.join(''));
          expect(scanAll(engine, compiled, bytes, newline)).toEqual(slowScan(compiled, bytes, newline));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('agrees with the slow obvious way on any bytes', () => {
    const terms = scanTerms(
      watch(['moe.example', 'a.co', 'กระทรวง.ไทย'], ['ministry', 'dlt', 'ศธ'], ['x.moe.example']),
    );
    const scanner = engine(terms);
    const pool = [...utf8('moe.example\na.co:dlt@ministry.x.ศธ'), 0xc8, 0xb8, 0x80, 0xff, 0];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.array(fc.constantFrom(...pool), { maxLength: 600 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const hits: number[] = [];
        scanner.scan(input, 0, input.length, 10, hits);
        expect(hits).toEqual(slowScan(terms, input));
      }),
      { numRuns: 3_000 },
    );
  });
});

/** A name of exactly `length` bytes whose labels are of all sizes. */
function longName(length: number): string {
  const labels = ['th'];
  for (let left = length - 3; left > 0; left = length - labels.join('.').length - 1) {
    const size = Math.min(left, 63, 1 + ((labels.length * 23) % 63));
    labels.unshift('k'.repeat(left - size === 1 ? size - 1 || 2 : size));
  }
  return labels.join('.');
}

function windows874(text: string): Uint8Array {
  return Uint8Array.from([...text].map((c) => (c < '\x80' ? c.charCodeAt(0) : c.charCodeAt(0) - 0xd60)));
}
