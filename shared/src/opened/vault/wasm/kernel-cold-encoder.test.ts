import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../base/bytes.ts';
import type { BundleColumns } from '../../bundle/columns.ts';
import type { ColdEncoder } from '../cold-encoder.ts';
import type { ColdCounts } from '../cold-format.ts';
import { readColdRows, readColdSets } from '../cold-format.ts';
import { BLOCK_ROWS } from '../hot-block.ts';
import { madeUpBatch } from '../made-up-batches.fixture.ts';
import type { BatchPlan } from '../made-up-batches.fixture.ts';
import { ArrayPacker } from '../packed-arrays.ts';
import { PlainColdEncoder } from '../plain-cold-encoder.ts';
import { coldBlocksOf } from '../vault.fixture.ts';
import { createKernelColdEncoder } from './kernel-cold-encoder.ts';

const PLAIN: BatchPlan = {
  seed: 1,
  rows: 5000,
  variety: 40,
  longest: 3,
  table: 30,
  values: 5,
  tags: 'rising',
  captures: 'own',
  hasPairs: false,
};

/** The sets and every block of a batch. */
function encoded(encoder: ColdEncoder, c: BundleColumns): Bytes[] {
  const blocks = coldBlocksOf(encoder, c);
  const packer = new ArrayPacker();
  const taken = (pack: () => void) => {
    packer.reset();
    pack();
    return packer.finish().slice();
  };
  const all = [taken(() => blocks.packSets(packer))];
  for (let from = 0; from < c.rows; from += BLOCK_ROWS) {
    all.push(taken(() => blocks.packRows(packer, c, from, Math.min(c.rows, from + BLOCK_ROWS))));
  }
  return all;
}

/** Encodes the batches one after the other with both, and reads them back: the blocks are the same and every one can be read. */
function expectTwins(plans: readonly Partial<BatchPlan>[]): void {
  const kernel = createKernelColdEncoder();
  if (kernel === null) throw new Error('no WebAssembly');
  const plain = new PlainColdEncoder();
  for (const plan of plans) {
    const batch = madeUpBatch({ ...PLAIN, ...plan });
    const blocks = encoded(kernel, batch);
    const expected = encoded(plain, batch);
    expect(blocks.length).toBe(expected.length);
    blocks.forEach((block, i) => expect(Buffer.compare(block, expected[i] as Bytes)).toBe(0));
    const counts = countsOf(batch);
    const sets = readColdSets(blocks[0] as Bytes, counts);
    if (sets === null) throw new Error('sets');
    for (const block of blocks.slice(1)) expect(readColdRows(block, sets, counts)).not.toBeNull();
  }
}

function countsOf(c: BundleColumns): ColdCounts {
  const { sources } = c.sightings;
  const { factors } = c.ledger;
  const columns = {
    mailboxKey: c.mailboxKey,
    machineOs: c.machineOs,
    machineCountry: c.machineCountry,
    hashType: c.hashType,
    sightingAlias: sources.alias,
    sightingFamily: sources.family,
    factorCode: factors.code,
    factorNote: factors.note,
    tag: c.tags.tag,
  };
  return Object.fromEntries(
    Object.entries(columns).map(([name, { dictionary }]) => [name, dictionary.offsets.length - 1]),
  ) as ColdCounts;
}

describe('cold columns by the kernel', () => {
  test.each<readonly [string, readonly Partial<BatchPlan>[]]>([
    ['a usual batch', [{}]],
    ['a row', [{ rows: 1 }]],
    ['rows without sightings, factors and tags', [{ longest: 0 }]],
    ['tables that no row names', [{ longest: 0, table: 5000 }]],
    ['tags in any order, and repeated', [{ tags: 'any', longest: 40, rows: 700 }]],
    ['captures of their own', [{ captures: 'any', hasPairs: true }]],
    ['nothing that repeats', [{ variety: 1e9, values: 1e9, table: 4096, tags: 'any', captures: 'any' }]],
    ['values with table rows of their own', [{ table: 0, values: 60 }]],
    ['values with table rows of their own that do not repeat', [{ table: 0, values: 1e9, variety: 1e9 }]],
    ['factors that vary', [{ values: 3000, table: 4000, longest: 12 }]],
    ['65,536 rows', [{ rows: 65_536, values: 3000, table: 4000, variety: 70_000, longest: 2, tags: 'any' }]],
    ['larger and smaller batches one after the other', [{ table: 9000, values: 4000 }, { rows: 100 }, { table: 0 }]],
    [
      'varying factors, then a batch with few',
      [
        { rows: 9000, table: 9000, values: 4000 },
        { rows: 3, table: 8 },
      ],
    ],
  ])('%s: bytes as of the plain twin', (_, plans) => {
    expectTwins(plans);
  });

  test('any batches one after the other: bytes as of the plain twin', () => {
    const plan = fc.record({
      seed: fc.nat(1e6),
      rows: fc.integer({ min: 1, max: 2500 }),
      variety: fc.constantFrom(1, 7, 300, 1e6),
      longest: fc.constantFrom(0, 1, 2, 11),
      table: fc.constantFrom(0, 1, 50, 3000),
      values: fc.constantFrom(1, 100, 1e6),
      tags: fc.constantFrom('rising' as const, 'any' as const),
      captures: fc.constantFrom('own' as const, 'any' as const),
      hasPairs: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(plan, { minLength: 1, maxLength: 4 }), (plans) => {
        expectTwins(plans);
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  test('a batch that takes too much memory is left to the plain twin, and the next one is not', () => {
    const [small, large] = [madeUpBatch({ ...PLAIN, rows: 300 }), madeUpBatch({ ...PLAIN, rows: 9000 })];
    const encoder = createKernelColdEncoder(400_000);
    if (encoder === null) throw new Error('no WebAssembly');
    for (const batch of [small, large, small]) {
      const blocks = coldBlocksOf(encoder, batch);
      expect(blocks instanceof PlainColdEncoder).toBe(batch === large);
    }
    expect(encoded(encoder, large)).toEqual(encoded(new PlainColdEncoder(), large));
    expect(encoded(encoder, small)).toEqual(encoded(new PlainColdEncoder(), small));
  });
});
