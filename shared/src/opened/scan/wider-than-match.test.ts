import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { LeafLedger, Quarantine } from '../ingest/ledger.ts';
import { LineRoute } from '../ingest/line-route.ts';
import type { LoadedRecord } from '../ingest/record.ts';
import type { ByteEncoding } from '../ingest/text/encoding.ts';
import { compileWatch } from '../match/match.ts';
import type { WatchedOrganisation, WatchList } from '../match/watch.ts';
import { scannerFor } from './scanner-for.ts';

const DOMAINS = ['moe.example', 'dlt.go.th', 'a.co', 'กระทรวง.ไทย', 'ทดสอบ.go.th', 'mail.moe.example'];
const KEYWORDS = ['ministry', 'dlt', 'a-b', 'ศธ', 'กระทรวง', 'école', 'почта', 'ก', 'x'];

/** Everything that a line may be made of, so that records come of many of them. */
const PIECES = [
  ...[
    'moe.example',
    'MOE.Example',
    'dlt.go.th',
    'a.co',
    'กระทรวง.ไทย',
    'ทดสอบ.go.th',
    'student.',
    'mail.',
    'x.',
    'other.example',
  ],
  ...[
    'xn--12c1fe0br.xn--o3cw4h',
    'xn--',
    'ministry',
    'Ministry',
    'dlt',
    'DLT',
    'a-b',
    'ศธ',
    'กระทรวง',
    'รหัส',
    'école',
    'почта',
  ],
  ...[
    'https://',
    'http://',
    'android://abc==@com.',
    'nok',
    'nok@',
    'user@',
    '@',
    '.',
    '..',
    '-',
    '_',
    '/',
    '/login',
    ':8443',
    '%40',
  ],
  ...[
    ':',
    ':',
    ':',
    ';',
    '|',
    '\t',
    ' ',
    ',',
    'pw1',
    '1234',
    'é',
    '\u00a0',
    '\u200b',
    '“',
    '”',
    '"',
    "'",
    '\\',
    'n',
    'ก',
    'MOE\\',
  ],
];

function decode(bytes: Uint8Array, encoding: ByteEncoding): LoadedRecord[] {
  const ledger = new LeafLedger('a.txt', new Quarantine(0));
  const route = new LineRoute({
    sniff: { kind: 'text', encoding, bomBytes: 0, fallback: 'windows-874' },
    sample: utf8('https://a.example/:b:c\n'),
    isWholeSample: true,
    lineBytes: 4_096,
    scanner: null,
    sourceClass: null,
    ledger,
  });
  route.push(bytes);
  route.end();
  return route.take();
}

/** In Thai files every letter is one byte; other letters than ASCII and Thai are left out. */
function windows874(text: string): Uint8Array {
  const codes = [...text].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from(
    codes.filter((code) => code < 0x80 || (code >= 0xe01 && code <= 0xe5b)),
    (code) => (code < 0x80 ? code : code - 0xd60),
  );
}

test('every record that the exact match takes stands in a line that the scanner proposes', () => {
  const organisation = (id: string): fc.Arbitrary<WatchedOrganisation> =>
    fc.record({
      id: fc.constant(id),
      name: fc.constant(id),
      domains: fc.subarray(DOMAINS, { maxLength: 3 }),
      exclude: fc.subarray(['student.moe.example', 'mail.moe.example', 'x.a.co'], { maxLength: 2 }),
      keywords: fc.array(
        fc.record({ term: fc.constantFrom(...KEYWORDS), scope: fc.constantFrom('anywhere', 'login', 'host') }),
        { maxLength: 2 },
      ),
    });
  const anyList = fc.tuple(organisation('o'), organisation('p')).map((organisations): WatchList => ({ organisations }));
  // A few lists, so that each is compiled once.
  const list = fc.constantFrom(...fc.sample(anyList, { numRuns: 12, seed: 4 }));
  const some = (most: number) =>
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: most }).map((pieces) => pieces.join(''));
  const host = fc.tuple(
    fc.constantFrom('', 'mail.', 'student.', 'x', 'é', '“'),
    fc.constantFrom(...DOMAINS, 'b.example'),
  );
  const line = fc.oneof(
    some(14),
    fc
      .tuple(host, some(2), fc.constantFrom(':', ';', '\t', '|'))
      .map(([name, after, by]) => `n${after}@${name.join('')}${by}pw`),
    fc
      .tuple(host, some(3), some(3), fc.constantFrom(':', ';', ' ', ','))
      .map(([name, path, login, by]) => `https://${name.join('')}${path}${by}${login}${by}pw`),
  );
  let matched = 0;
  fc.assert(
    fc.property(list, fc.array(line, { minLength: 1, maxLength: 12 }), fc.boolean(), (watch, lines, isThai) => {
      const text = `${lines.join('\n')}\n`;
      const bytes = isThai ? windows874(text) : utf8(text);
      const { matcher } = compileWatch(watch);
      const hits: number[] = [];
      scannerFor(watch).scan(bytes, 0, bytes.length, 10, hits);
      const starts = new Set(hits.filter((_, at) => at % 2 === 0));
      for (const record of decode(bytes, isThai ? 'windows-874' : 'utf-8')) {
        if (matcher.match(record).length === 0) continue;
        matched++;
        expect(starts, JSON.stringify([record, watch])).toContain(record.provenance.offset);
      }
    }),
    { numRuns: 1_500 },
  );
  expect(matched).toBeGreaterThan(1_000);
});
