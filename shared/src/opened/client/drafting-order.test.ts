import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { DraftBuilder } from '../finding/draft.ts';
import type { Finding } from '../finding/finding.ts';
import { FindingKeys } from '../finding/fingerprint.ts';
import { load, TEST_NOW_MS, watching } from '../ingest/load-for-test.ts';
import { bytesToSource } from '../ingest/source-file.ts';
import { sampleChunks } from '../sample/sample.ts';
import { Drafting } from './drafting.ts';

const WATCH = watching('moe.example', 'dlt.example');
const SOURCE = {
  name: 'leak.txt',
  alias: 'leak',
  sha256: new Uint8Array(32).fill(3),
  sizeBytes: 1,
  sourceClass: 'ulp' as const,
  capturedAtMs: null,
  publishedAtMs: null,
};

/** Made-up lines; accounts come again with the same password, in another case, with another one. */
function lines(): string[] {
  const sample = {
    kind: 'ulp' as const,
    records: 80,
    seed: 11,
    domains: ['moe.example', 'dlt.example'],
    ownShare: 0.7,
  };
  let text = '';
  for (const chunk of sampleChunks(sample)) text += new TextDecoder().decode(chunk);
  const made = text.split('\n').filter((line) => line !== '');
  return [
    ...made,
    ...made.slice(0, 10),
    ...made.slice(10, 20).map((line) => line.toUpperCase()),
    ...made.slice(20, 30).map((line) => `${line}x`),
  ];
}

async function findings(text: string): Promise<readonly Finding[]> {
  const listId = new Uint8Array(16).fill(1);
  const drafting = new Drafting(WATCH, () =>
    Promise.resolve(
      new DraftBuilder({
        profile: { listId, names: ['Moe'], domains: ['moe.example', 'dlt.example'], exclude: [] },
        keys: new FindingKeys(new Uint8Array(32).fill(9), listId),
        nowMs: TEST_NOW_MS,
        isKnown: () => false,
      }),
    ),
  );
  const { records, total, sources } = await load(bytesToSource('leak.txt', utf8(text)), { watch: WATCH });
  await drafting.write(records, SOURCE);
  const { results } = drafting.finish('load', [{ source: SOURCE, ledger: { total, sources } }], []);
  const rows = [...results.values()].flatMap((result) => [...result.findings()].map(({ finding }) => finding));
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

test('lines in any order, or of two lists one behind the other, give the same findings', async () => {
  const all = lines();
  const expected = await findings(all.join('\n'));
  expect(expected.length).toBeGreaterThan(40);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      fc.nat({ max: all.length }),
      async (shuffled, cut) => {
        expect(await findings(`${shuffled.join('\n')}\n`)).toEqual(expected);
        const [first, second] = [all.slice(0, cut), all.slice(cut)];
        expect(await findings([...second, ...first].join('\r\n'))).toEqual(expected);
      },
    ),
    { numRuns: 8 },
  );
});
