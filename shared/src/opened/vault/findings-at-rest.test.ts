import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../base/bytes.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { findingsOf } from '../bundle/row.ts';
import { sampleFindings } from '../bundle/sample-findings.ts';
import type { Finding } from '../finding/finding.ts';
import { HotConverter } from '../query/hot-columns-of.ts';
import { COLD_DICTIONARIES, readColdRows, readColdSets } from './cold-format.ts';
import type { ColdCounts } from './cold-format.ts';
import { createColdEncoder } from './create-cold-encoder.ts';
import { DictionaryPacker, readDictionaryBlock } from './dictionary-block.ts';
import { countsOf, packHotBlock, readHotBlock } from './hot-block.ts';
import { ArrayPacker } from './packed-arrays.ts';
import { TimePacker } from './packed-times.ts';
import { bundleOf, coldBlocksOf, emptyVault, reopen, value } from './vault.fixture.ts';

const DAY_MS = 86_400_000;

/** What the samples do not have: tags out of order, ages that differ from row to row, captures of day, second and millisecond grain. */
function variedFindings(count: number): readonly Finding[] {
  return sampleFindings(count).map((finding, i): Finding => {
    const ageDays = (i * 37) % 900;
    const grainMs = [DAY_MS, 1000, 1][i % 3] as number;
    const capturedAtMs =
      i % 7 === 0 ? null : Math.floor((finding.ingestedAtMs - ageDays * DAY_MS - i) / grainMs) * grainMs;
    const sightings = finding.sightings.map((sighting) => (i % 2 === 0 ? { ...sighting, capturedAtMs } : sighting));
    return {
      ...finding,
      capturedAtMs,
      sightings,
      firstSeenAtMs: i % 2 === 0 ? finding.lastSeenAtMs : finding.firstSeenAtMs,
      tags: i % 4 === 0 ? ['org_name', 'mixed_case'] : finding.tags,
      ledger: [
        { code: 'prior.stealer_own', value: 0.55 },
        { code: 'decay.captured', value: 1 - ageDays / 900, note: String(ageDays) },
        ...finding.ledger,
        { code: 'likelihood', value: (i % 9973) / 9973 },
      ],
    };
  });
}

describe('findings at rest', () => {
  test.each([
    ['masked', 400, 65_536],
    ['none', 400, 65_536],
    ['fingerprint', 400, 65],
    ['sealed', 9_000, 9_000],
  ] as const)(
    'findings of policy %s, %i of them in batches of %i, come back as they were',
    async (policy, count, batchRows) => {
      const { backend, vault } = await emptyVault();
      const findings = variedFindings(count);
      const released = [...findingsOf(columnsOf(findings, policy))];
      value(await vault.importBundle('b1', bundleOf(findings, { policy, batchRows })));
      const ids = findings.map(({ id }) => id);
      expect(value(await vault.findings(ids))).toEqual(released);
      const reopened = await reopen(backend);
      expect(value(await reopened.findings([...ids].reverse()))).toEqual(released.toReversed());
      expect(
        value(await reopened.findings([ids[3] as Finding['id'], 'AAAAAAAAAAAAAAAAAAAAAA' as Finding['id']])),
      ).toEqual([released[3], null]);
    },
  );

  test('damaged plaintext is refused or read within bounds, never thrown on', async () => {
    const columns = columnsOf(variedFindings(60), 'sealed');
    const converter = new HotConverter(columns);
    const hotCounts = countsOf(converter.dictionaries);
    const dictionaries = [columns.host, columns.machineOs].map(({ dictionary }) => ({ texts: dictionary }));
    const coldColumns = [columns.mailboxKey, columns.machineOs, columns.machineCountry, columns.hashType];
    const { sources } = columns.sightings;
    const { factors } = columns.ledger;
    coldColumns.push(sources.alias, sources.family, factors.code, factors.note);
    coldColumns.push(columns.tags.tag);
    const entries = coldColumns.map(({ dictionary }) => dictionary.offsets.length - 1);
    const coldCounts = Object.fromEntries(COLD_DICTIONARIES.map((name, i) => [name, entries[i]])) as ColdCounts;
    const packed = (pack: (packer: ArrayPacker) => void): Bytes => {
      const packer = new ArrayPacker();
      pack(packer);
      return packer.finish().slice();
    };
    const cold = coldBlocksOf(createColdEncoder(), columns);
    const hotBytes = packed((packer) => packHotBlock(packer, new TimePacker(), converter.convert(columns), 0, 60));
    const setsBytes = packed((packer) => cold.packSets(packer));
    const rowBytes = packed((packer) => cold.packRows(packer, columns, 0, 60));
    let dictionaryBytes: Bytes = new Uint8Array(0);
    const texts = new DictionaryPacker({ next: () => new ArrayPacker() }, async (bytes) => {
      dictionaryBytes = bytes.slice();
    });
    for (const dictionary of dictionaries) await texts.add([dictionary]);
    await texts.finish();
    const sets = readColdSets(setsBytes, coldCounts);
    if (sets === null) throw new Error('sets');
    const readers: readonly (readonly [Bytes, (bytes: Bytes) => unknown])[] = [
      [hotBytes, (bytes) => readHotBlock(bytes, hotCounts)],
      [setsBytes, (bytes) => readColdSets(bytes, coldCounts)],
      [rowBytes, (bytes) => readColdRows(bytes, sets, coldCounts)],
      [dictionaryBytes, readDictionaryBlock],
    ];
    for (const [bytes, read] of readers) {
      expect(read(bytes)).not.toBeNull();
      let refused = 0;
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), (at, byte, length) => {
          const changed = bytes.slice();
          changed[at] = byte;
          if (read(changed) === null) refused++;
          if (length < bytes.length) expect(read(bytes.slice(0, length))).toBeNull();
        }),
        { numRuns: 400 },
      );
      expect(refused).toBeGreaterThan(10);
    }
  });
});
