/** A bundle's Arrow stream reads with readers that know nothing of Sealpost: flechette and apache-arrow. */
import { gunzipSync } from 'node:zlib';
import { tableFromIPC as readWithFlechette } from '@uwdata/flechette';
import { packBundle } from '@sealpost/shared/opened/bundle/pack';
import { unpackBundle } from '@sealpost/shared/opened/bundle/unpack';
import { findingAt } from '@sealpost/shared/opened/bundle/row';
import { sampleFindings } from '@sealpost/shared/opened/bundle/sample-findings';
import { describe, expect, test } from 'vitest';

const withheld = { contextless: 3, unproven: 0, unconfirmed: 1 };
const findings = sampleFindings(500);

describe('flechette', () => {
  test.each(['masked', 'sealed'] as const)(
    'reads every row of a bundle of policy %s as our own reader does',
    async (policy) => {
      const { content } = await packBundle(findings, { policy, tlp: 'TLP:AMBER+STRICT', caveat: null, withheld });
      const stream = gunzipSync(content);
      const ours = unpackBundle(stream);
      expect(ours.ok).toBe(true);
      if (!ours.ok) return;
      const table = readWithFlechette(new Uint8Array(stream), { useDate: false });
      expect(table.numRows).toBe(findings.length);
      expect(table.schema.metadata?.get('sealpost.tlp')).toBe('"TLP:AMBER+STRICT"');
      const rows = table.toArray();
      for (let row = 0; row < rows.length; row++) {
        const theirs = rows[row] as Record<string, unknown>;
        const finding = findingAt(ours.value.columns, row);
        expect({
          id: Buffer.from(theirs['id'] as Uint8Array).toString('base64url'),
          identity: theirs['identity'],
          host: theirs['host'],
          exposure: theirs['exposure'],
          mask: theirs['mask'],
          captured: theirs['captured'] === null ? null : Number(theirs['captured']),
          tags: [...(theirs['tags'] as Iterable<string>)],
          sightings: [...(theirs['sightings'] as Iterable<{ source: { alias: string } }>)].map(
            ({ source }) => source.alias,
          ),
          factors: [...(theirs['ledger'] as Iterable<{ code: string; value: number }>)].map(({ code, value }) => [
            code,
            value,
          ]),
          score: theirs['score'],
          reused: theirs['reused'],
          // A bundle that shows no fingerprints has no columns for them.
          secretFp:
            theirs['secret_fp'] instanceof Uint8Array ? Buffer.from(theirs['secret_fp']).toString('base64url') : null,
        }).toEqual({
          id: finding.id,
          identity: finding.identity,
          host: finding.host,
          exposure: finding.exposure,
          mask: finding.secret.mask,
          captured: finding.capturedAtMs,
          tags: finding.tags,
          sightings: finding.sightings.map(({ alias }) => alias),
          factors: finding.ledger.map(({ code, value }) => [code, value]),
          score: finding.score,
          reused: finding.secret.reused,
          secretFp: finding.secret.secretFp,
        });
      }
    },
  );
});
