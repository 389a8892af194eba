import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { createPlainScanner } from '../scan/plain.ts';
import { scanTerms } from '../scan/terms.ts';
import { LeafLedger, Quarantine } from './ledger.ts';
import { LinePartReader } from './line-part.ts';
import type { LinesOfLeaf } from './line-part.ts';
import type { LineReaders } from './line-readers.ts';
import type { LeafRoute } from './line-route.ts';
import { LineRoute } from './line-route.ts';
import { watching } from './load-for-test.ts';
import type { LedgerSource, LoadedRecord, QuarantinedLine } from './record.ts';
import { SpreadLineRoute } from './spread-line-route.ts';

const SCANNER = createPlainScanner(scanTerms(watching('moe.example', 'a.co')));
const PIECES = [
  'https://sso.moe.example/adfs/ls/:nok@moe.example:p:w\n',
  'x@other.example:1\n',
  'lek@moe.example\n',
  'nok@a.co;pw\r\n',
  '\n',
  'a.co',
  `${'c'.repeat(50)}moe.example`,
  `${'d'.repeat(300)}\n`,
  '@@@\n',
];

/** Readers that answer late and out of turn, as `delays` say, in as many tasks. */
function readersOf(delays: readonly number[]): LineReaders {
  let turn = 0;
  return {
    atOnce: 3,
    open(lines) {
      const reader = new LinePartReader(lines, SCANNER);
      return {
        async read(offset, buffer, length, reuse) {
          const result = reader.read(offset, buffer.subarray(0, length));
          for (let left = delays[turn++ % delays.length] ?? 0; left > 0; left--) await Promise.resolve();
          buffer.fill(0x2e);
          reuse(buffer);
          return result;
        },
        close: () => undefined,
      };
    },
  };
}

interface Outcome {
  readonly records: readonly LoadedRecord[];
  readonly row: LedgerSource;
  readonly quarantine: readonly QuarantinedLine[];
  readonly dropped: number;
}

async function run(
  bytes: Uint8Array,
  chunkBytes: number,
  quarantineRows: number,
  open: (lines: LinesOfLeaf, ledger: LeafLedger) => LeafRoute,
): Promise<Outcome> {
  const quarantine = new Quarantine(quarantineRows);
  const ledger = new LeafLedger('leak.txt', quarantine);
  const bomBytes = bytes[0] === 0xef ? 3 : 0;
  const route = open(
    {
      path: 'leak.txt',
      sniff: { kind: 'text', encoding: 'utf-8', bomBytes, fallback: 'windows-874' },
      sample: bytes,
      isWholeSample: true,
      lineBytes: 96,
      sourceClass: null,
      quarantineRows,
    },
    ledger,
  );
  const records: LoadedRecord[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const lent = bytes.slice(at, at + chunkBytes);
    ledger.bytesIn += lent.length;
    route.push(lent);
    lent.fill(0x2e);
    await route.ready?.();
    records.push(...route.take());
  }
  route.end();
  await route.ready?.();
  records.push(...route.take());
  const row = ledger.close({ sha256: '', dialect: route.dialect, encoding: null });
  return { records, row, quarantine: quarantine.lines, dropped: quarantine.dropped };
}

describe('lines spread over readers', () => {
  test('give the records and the ledger that they give alone, whatever the parts, the chunks and who is late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }),
        fc.boolean(),
        fc.integer({ min: 64, max: 700 }),
        fc.integer({ min: 1, max: 900 }),
        fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(2, 1_000),
        async (pieces, hasMark, partBytes, chunkBytes, delays, rows) => {
          const bytes = utf8(`${hasMark ? '\ufeff' : ''}${pieces.join('')}`);
          const alone = await run(
            bytes,
            chunkBytes,
            rows,
            (lines, ledger) => new LineRoute({ ...lines, ledger, scanner: SCANNER }),
          );
          const spread = await run(
            bytes,
            chunkBytes,
            rows,
            (lines, ledger) =>
              new SpreadLineRoute({ lines, ledger, scanner: SCANNER, readers: readersOf(delays), partBytes }),
          );
          expect(spread).toEqual(alone);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no more parts are under way than the readers want', async () => {
    const bytes = utf8('x@other.example:1\n'.repeat(1_000));
    let under = 0;
    let most = 0;
    const { open } = readersOf([3]);
    const readers: LineReaders = {
      atOnce: 2,
      open(lines) {
        const opened = open(lines);
        return {
          ...opened,
          async read(...part) {
            most = Math.max(most, ++under);
            const result = await opened.read(...part);
            under--;
            return result;
          },
        };
      },
    };
    const { row } = await run(
      bytes,
      100,
      10,
      (lines, ledger) => new SpreadLineRoute({ lines, ledger, scanner: SCANNER, readers, partBytes: 100 }),
    );
    expect(row.bytesNotCandidate).toBe(bytes.length);
    // One more whenever a chunk fills a part, and the last.
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('a reader that fails ends the load with its own error', async () => {
    const readers: LineReaders = {
      atOnce: 1,
      open: () => ({ read: () => Promise.reject(new Error('reader lost')), close: () => undefined }),
    };
    const done = run(
      utf8('x@other.example:1\n'.repeat(10)),
      50,
      10,
      (lines, ledger) => new SpreadLineRoute({ lines, ledger, scanner: SCANNER, readers, partBytes: 64 }),
    );
    await expect(done).rejects.toThrow('reader lost');
  });
});
