/** Bundles of every past version, as they were written then: they read the same for ever. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { Finding } from '../finding/finding.ts';
import { findingAt } from './row.ts';
import { unpackBundle } from './unpack.ts';

const file = (version: number, name: string) =>
  readFileSync(new URL(`../../../vectors/v${version}/${name}`, import.meta.url));

test.each([
  [1, 65_536],
  [2, 16_384],
  [3, 16_384],
])('a bundle of version %i still reads, over its batches of %i rows', (version, batchRows) => {
  const golden = JSON.parse(file(version, 'bundle-rows.json').toString()) as {
    readonly rows: number;
    readonly findings: readonly Finding[];
  };
  const unpacked = unpackBundle(gunzipSync(file(version, 'bundle-rows.arrow.gz')));
  if (!unpacked.ok) throw new Error(unpacked.error.code);
  const { columns, metadata } = unpacked.value;
  expect(metadata).toMatchObject({ schemaVersion: version, policy: 'fingerprint', tlp: 'TLP:AMBER', caveat: 'ระวัง' });
  expect(columns.rows).toBe(golden.rows);
  expect(golden.rows).toBeGreaterThan(batchRows);
  for (const row of [0, 1, 2, batchRows - 1, batchRows, golden.rows - 1]) {
    expect(findingAt(columns, row)).toEqual(golden.findings[row % golden.findings.length]);
  }
});

test('a bundle of version 2 whose policy hides the fingerprints that it shows is refused', () => {
  const stream = gunzipSync(file(2, 'bundle-rows.arrow.gz'));
  const [shown, hidden] = ['"fingerprint"', '"masked"     '];
  const at = stream.indexOf(shown);
  const claims = concatBytes(stream.subarray(0, at), utf8(hidden), stream.subarray(at + shown.length));
  expect(unpackBundle(claims)).toEqual({ ok: false, error: { kind: 'policy-broken', code: 'fingerprint' } });
});
