import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import type { WatchList } from '../match/watch.ts';
import { createKernelScanner } from '../scan/kernel-scanner.ts';
import { OwnedLines } from '../scan/owned-lines.ts';
import { createPlainScanner } from '../scan/plain.ts';
import type { LineScanner } from '../scan/scanner.ts';
import { slowScan } from '../scan/slow-scan.ts';
import { scanTerms } from '../scan/terms.ts';
import { addTotals, LeafLedger, Quarantine } from './ledger.ts';
import { LineRoute } from './line-route.ts';
import type { LedgerSource, LoadedRecord, QuarantinedLine } from './record.ts';
import type { TextSniff } from './text/encoding.ts';

const WATCH: WatchList = {
  organisations: [
    {
      id: 'o',
      name: 'O',
      domains: ['moe.example', 'a.co', 'กระทรวง.ไทย'],
      exclude: ['student.moe.example'],
      keywords: [
        { term: 'ministry', scope: 'anywhere' },
        { term: 'dlt', scope: 'login' },
      ],
    },
  ],
};
const TERMS = scanTerms(WATCH);
const UTF8: TextSniff = { kind: 'text', encoding: 'utf-8', bomBytes: 0, fallback: 'windows-874' };
const LINE_BYTES = 96;

/** Lines of every kind, some of them longer than the limit, some hit, none of them real. */
const TEXT = [
  'https://sso.moe.example/adfs/ls/:nok@moe.example:p:w',
  'x@other.example:1',
  'lek@student.moe.example:pw',
  '',
  'nobody:here',
  `https://long.example/${'a'.repeat(100)}.moe.example:x:y`,
  `https://long.example/${'b'.repeat(200)}`,
  `https://long.example/?next=${'c'.repeat(70)}@moe.example&d=${'d'.repeat(90)}:x:y`,
  'user_dlt:pw',
  'https://portal.example/:OurMinistry:pw\r',
  'https://mail.กระทรวง.ไทย/:som:รหัส',
  'nok@a.co;pw',
  '@@@',
  'moe.example',
  'x@a.co:last',
].join('\n');

interface Outcome {
  readonly records: readonly LoadedRecord[];
  readonly row: LedgerSource;
  readonly quarantine: readonly QuarantinedLine[];
}

/** Reads the lines that start in `from..to`, cut into chunks; `sizes` are used in turn. */
function read(
  bytes: Uint8Array,
  scanner: LineScanner | null,
  sizes: readonly number[],
  from = 0,
  to = bytes.length,
  sniff = UTF8,
): Outcome {
  const owned = new OwnedLines(from, to, bytes.includes(10) || !bytes.includes(13) ? 10 : 13);
  const quarantine = new Quarantine(1_000);
  const ledger = new LeafLedger('leak.txt', quarantine);
  let route: LineRoute | null = null;
  for (let at = owned.readFrom, turn = 0; at < bytes.length && !owned.isDone; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const part = owned.take(bytes.subarray(at, at + size));
    at += size;
    if (part.length === 0) continue;
    route ??= new LineRoute({
      sniff,
      sample: bytes,
      isWholeSample: true,
      lineBytes: LINE_BYTES,
      scanner,
      sourceClass: null,
      ledger,
      startOffset: owned.start ?? 0,
    });
    ledger.bytesIn += part.length;
    // A chunk belongs to its reader, who may use it again.
    const lent = part.slice();
    route.push(lent);
    lent.fill(0x2e);
  }
  route?.end();
  const row = ledger.close({ sha256: '', dialect: null, encoding: null });
  return { records: route?.take() ?? [], row, quarantine: quarantine.lines };
}

const slow: LineScanner = {
  scan(bytes, start, end, newline, hits) {
    for (const place of slowScan(TERMS, bytes.subarray(start, end), newline)) hits.push(start + place);
    return 0;
  },
};

function kernel(): LineScanner {
  const scanner = createKernelScanner(TERMS);
  if (scanner === null) throw new Error('no WebAssembly here');
  return scanner;
}

describe.each([
  ['plain', createPlainScanner(TERMS)],
  ['kernel', kernel()],
])('the line route with the %s scanner', (_, scanner) => {
  const expected = read(utf8(TEXT), slow, [1 << 20]);

  test('finds what the slow obvious scanner finds, and something', () => {
    expect(read(utf8(TEXT), scanner, [1 << 20])).toEqual(expected);
    expect(expected.records.map(({ login }) => login)).toEqual([
      'nok@moe.example',
      'user_dlt',
      'OurMinistry',
      'som',
      'nok@a.co',
      'x@a.co',
    ]);
    expect(expected.row.quarantined).toEqual({ 'line-too-long': 2, 'no-separator': 1 });
  });

  test('gives the same in chunks of any size from 1 to 257', () => {
    const bytes = utf8(TEXT);
    for (let size = 1; size <= 257; size++) expect(read(bytes, scanner, [size])).toEqual(expected);
  });

  test('gives the same for any cuts, any newline, any text, shared by 1 to 7 workers', () => {
    const piece = fc.constantFrom(...TEXT.split(/(?<=[\n.:/@])/), '\n', 'moe.', 'example', 'e'.repeat(50), 'ก');
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        sizes,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
        fc.boolean(),
        (pieces, chunkSizes, cuts, isMac) => {
          const bytes = utf8(isMac ? pieces.join('').replaceAll('\n', '\r') : pieces.join(''));
          const whole = read(bytes, slow, [1 << 20]);
          expect(read(bytes, scanner, chunkSizes)).toEqual(whole);
          const inner = cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b);
          const borders = [0, ...inner, bytes.length];
          const parts = borders.slice(1).map((to, i) => read(bytes, scanner, chunkSizes, borders[i], to));
          expect(parts.flatMap(({ records }) => records)).toEqual(whole.records);
          expect(parts.flatMap(({ quarantine }) => quarantine)).toEqual(whole.quarantine);
          expect(addTotals(parts.map(({ row }) => row))).toEqual(addTotals([whole.row]));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('offsets in a part of a file with a byte order mark are those of the file', () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8(TEXT));
    const sniff: TextSniff = { ...UTF8, bomBytes: 3 };
    const whole = read(bytes, scanner, [50], 0, bytes.length, sniff);
    const parts = [read(bytes, scanner, [50], 0, 2, sniff), read(bytes, scanner, [50], 2, bytes.length, sniff)];
    expect(parts.flatMap(({ records }) => records)).toEqual(whole.records);
    expect(addTotals(parts.map(({ row }) => row))).toEqual(addTotals([whole.row]));
    expect(whole.row.ignored.bom).toBe(1);
    expect(whole.records[0]?.provenance.offset).toBe(3);
  });
});
