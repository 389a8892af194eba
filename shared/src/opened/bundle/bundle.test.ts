import { gunzipSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64url } from '../../base/base64url.ts';
import type { Finding, PublishPolicy } from '../finding/finding.ts';
import { PUBLISH_POLICIES } from '../finding/finding.ts';
import { text } from './arrow-column.ts';
import { writeArrowStream } from './arrow-write.ts';
import { columnsOf } from './columns-of.ts';
import type { BundleColumns } from './columns.ts';
import { NO_TEXT } from './columns.ts';
import { metadataToPairs } from './metadata.ts';
import { packBundle, packSecrets } from './pack.ts';
import { selectRelease, selectSecrets } from './release.ts';
import { findingAt, findingsOf } from './row.ts';
import { sampleFindings } from './sample-findings.ts';
import { bundleFields, SCHEMA_VERSION, toArrowColumns } from './schema.ts';
import { secretOf, unpackBundle, unpackSecrets } from './unpack.ts';

const withheld = { contextless: 2, unproven: 1, unconfirmed: 0 };
const options = (policy: PublishPolicy) => ({ policy, tlp: 'TLP:AMBER+STRICT', caveat: 'ระวัง', withheld }) as const;
const findings = sampleFindings(300);
const packed = async (rows: readonly Finding[], policy: PublishPolicy) =>
  new Uint8Array(gunzipSync((await packBundle(rows, options(policy))).content));
const bytesOf = (words: Uint32Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
const metadata = (policy: PublishPolicy) =>
  metadataToPairs({ schemaVersion: SCHEMA_VERSION, modelVersion: 1, keyVersion: 1, sources: [], ...options(policy) });
const fieldsOf = (policy: PublishPolicy) => bundleFields(SCHEMA_VERSION, policy);
/** `shown`: of which policy the columns are, `policy`: which one the bundle claims. */
const written = (columns: BundleColumns, policy: PublishPolicy, shown = policy) =>
  writeArrowStream(fieldsOf(shown), toArrowColumns(columns), columns.rows, metadata(policy));

/** What DOMAIN rule 2 lets out, as a second, plain telling of it. */
function released(finding: Finding, policy: PublishPolicy): Finding {
  const { fitsPolicy, common, reused, pairFp, secretFp, ...features } = finding.secret;
  const flags = { fitsPolicy, common, reused };
  const none = { mask: null, lengthBand: null, classes: null, strengthBand: null, hashType: null };
  const shows = policy === 'fingerprint' || policy === 'sealed';
  const fingerprints = shows ? { pairFp, secretFp } : { pairFp: null, secretFp: null };
  const tags = policy === 'none' ? finding.tags.filter((tag) => tag !== 'org_name') : finding.tags;
  return { ...finding, tags, secret: { ...flags, ...(policy === 'none' ? none : features), ...fingerprints } };
}

describe('a bundle', () => {
  test.each(PUBLISH_POLICIES)('of policy %s comes back row by row, less what the policy holds back', async (policy) => {
    const unpacked = unpackBundle(await packed(findings, policy));
    expect(unpacked.ok).toBe(true);
    if (!unpacked.ok) return;
    expect(unpacked.value.metadata).toMatchObject({
      policy,
      tlp: 'TLP:AMBER+STRICT',
      caveat: 'ระวัง',
      withheld,
      keyVersion: 1,
    });
    expect([...findingsOf(unpacked.value.columns)]).toEqual(findings.map((finding) => released(finding, policy)));
  });
  test('of 70,000 rows spans five batches without a seam', async () => {
    const rows = sampleFindings(70_000);
    const unpacked = unpackBundle(await packed(rows, 'fingerprint'));
    expect(unpacked.ok && unpacked.value.columns.rows).toBe(70_000);
    if (!unpacked.ok) return;
    for (const at of [0, 16_383, 16_384, 65_536, 69_999])
      expect(findingAt(unpacked.value.columns, at)).toEqual(rows[at]);
    const columns = columnsOf(rows, 'fingerprint');
    expect(Buffer.compare(unpacked.value.columns.id, columns.id)).toBe(0);
    expect(Buffer.compare(bytesOf(unpacked.value.columns.sightings.offsets), bytesOf(columns.sightings.offsets))).toBe(
      0,
    );
    expect(Buffer.compare(bytesOf(unpacked.value.columns.identity.codes), bytesOf(columns.identity.codes))).toBe(0);
  });
  test('may be empty', async () => {
    const unpacked = unpackBundle(await packed([], 'masked'));
    expect(unpacked.ok && unpacked.value.columns.rows).toBe(0);
  });
  test('counts released findings by source', async () => {
    const { sources, rows, inflated, content } = await packBundle(findings, options('masked'));
    expect(sources.reduce((sum, { count }) => sum + count, 0)).toBe(rows);
    expect(gunzipSync(content).length).toBe(inflated);
  });
  test('is an Arrow stream that apache-arrow reads, too', async () => {
    const table = tableFromIPC(await packed(findings, 'masked'));
    expect(table.numRows).toBe(findings.length);
    expect(table.get(5)?.toJSON()).toMatchObject({ identity: findings[5]?.identity, level: findings[5]?.level });
  });
  test('masks a national id that was not masked before', () => {
    const one = { ...(findings[0] as Finding), identityKind: 'national_id', identity: '1101700230708' } as const;
    expect([...findingsOf(columnsOf([one], 'sealed'))][0]?.identity).toBe('11******08');
  });
});

describe('a bundle that breaks its own policy is refused', () => {
  const one = findings.filter(({ ledger }) => ledger.length > 0).slice(0, 1);
  const lists = columnsOf(one, 'masked');
  const codeOf = (columns: BundleColumns, policy: PublishPolicy, shown = policy) => {
    const unpacked = unpackBundle(written(columns, policy, shown));
    return unpacked.ok ? 'ok' : `${unpacked.error.kind} ${unpacked.error.code}`;
  };
  test('features under `none`, fingerprints under `masked`', () => {
    expect(codeOf(columnsOf(findings, 'masked'), 'none')).toBe('policy-broken mask');
    expect(codeOf(columnsOf(findings, 'fingerprint'), 'masked', 'fingerprint')).toBe('malformed number of columns');
    expect(codeOf(columnsOf(findings, 'masked'), 'fingerprint', 'masked')).toBe('malformed number of columns');
    expect(codeOf(columnsOf(findings, 'masked'), 'masked')).toBe('ok');
  });
  test('a clear text where the mask should be, a national id in clear', () => {
    const columns = columnsOf(findings.slice(0, 1), 'masked');
    const clear = {
      codes: new Uint32Array(1),
      dictionary: { offsets: new Uint32Array([0, 7]), heap: new TextEncoder().encode('hunter2') },
    };
    expect(codeOf({ ...columns, mask: clear }, 'masked')).toBe('policy-broken mask');
    expect(codeOf({ ...columns, identity: clear }, 'masked')).toBe('policy-broken national_id');
  });
  test.each([
    ['a score over 100', { score: new Uint8Array([101]) }, 'score'],
    ['a foreign key version', { id: new Uint8Array(16).fill(9) }, 'key version'],
    ['a code outside its vocabulary', { level: new Uint8Array([5]) }, 'code'],
    [
      'a text code outside its dictionary',
      {
        host: {
          codes: new Uint32Array([7]),
          dictionary: { offsets: new Uint32Array([0, 1]), heap: new Uint8Array([65]) },
        },
      },
      'code',
    ],
    [
      'text that is not UTF-8',
      {
        host: {
          codes: new Uint32Array([0]),
          dictionary: { offsets: new Uint32Array([0, 1]), heap: new Uint8Array([0xff]) },
        },
      },
      'utf-8',
    ],
    [
      'offsets that fall',
      {
        host: {
          codes: new Uint32Array([0]),
          dictionary: { offsets: new Uint32Array([0, 2, 1]), heap: new Uint8Array([65, 66]) },
        },
      },
      'offset',
    ],
    [
      'a border inside a character',
      {
        host: {
          codes: new Uint32Array([0]),
          dictionary: { offsets: new Uint32Array([0, 1, 3]), heap: new TextEncoder().encode('ก') },
        },
      },
      'utf-8',
    ],
    ['a source outside its table', { sightings: { ...lists.sightings, source: new Uint32Array([9]) } }, 'code'],
    ['a factor outside its table', { ledger: { ...lists.ledger, factor: lists.ledger.factor.map(() => 99) } }, 'code'],
    [
      'a factor of no number',
      {
        ledger: {
          ...lists.ledger,
          factors: { ...lists.ledger.factors, value: lists.ledger.factors.value.map(() => Number.NaN) },
        },
      },
      'number',
    ],
  ] as const)('%s', (_, change, code) => {
    expect(codeOf({ ...lists, ...(change as Partial<BundleColumns>) }, 'masked')).toBe(`malformed ${code}`);
  });
  test('null where a column allows none', () => {
    const columns = columnsOf(findings.slice(0, 1), 'masked');
    const fields = fieldsOf('masked').map((field) => (field.name === 'identity' ? text('identity', true) : field));
    const stream = writeArrowStream(fields, toArrowColumns(columns), 1, metadata('masked'));
    expect(unpackBundle(stream)).toEqual({ ok: false, error: { kind: 'malformed', code: 'column identity' } });
    const identity = { ...columns.identity, codes: new Uint32Array([NO_TEXT]) };
    expect(() => written({ ...columns, identity }, 'masked')).toThrow('null in column identity');
  });
  test.each([
    ['sealpost.tlp', '"TLP:PINK"'],
    ['sealpost.policy', '"all"'],
    ['sealpost.schemaVersion', '4'],
    ['sealpost.withheld', '{"contextless":-1,"unproven":0,"unconfirmed":0}'],
    ['sealpost.extra', '1'],
    ['other', '1'],
  ])('metadata %s = %s', (key, value) => {
    const columns = columnsOf(findings, 'masked');
    const pairs = new Map(metadata('masked')).set(key, value);
    const stream = writeArrowStream(fieldsOf('masked'), toArrowColumns(columns), columns.rows, pairs);
    expect(unpackBundle(stream)).toEqual({ ok: false, error: { kind: 'malformed', code: 'metadata' } });
  });
});

describe('damaged bytes', () => {
  test('truncated anywhere are refused', async () => {
    const bytes = await packed(findings.slice(0, 20), 'sealed');
    for (let length = 0; length < bytes.length; length += 1 + (length % 7)) {
      expect(unpackBundle(bytes.subarray(0, length)).ok).toBe(false);
    }
    expect(unpackBundle(new Uint8Array([...bytes, 0])).ok).toBe(false);
  });
  test('with flipped bits never crash and never give anything out of range', async () => {
    const bytes = await packed(findings.slice(0, 20), 'sealed');
    let read = 0;
    const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(flips, (changes) => {
        const damaged = bytes.slice();
        for (const [at, mask] of changes) damaged[at] = (damaged[at] as number) ^ mask;
        const unpacked = unpackBundle(damaged);
        if (!unpacked.ok) return;
        read++;
        expect([...findingsOf(unpacked.value.columns)]).toHaveLength(unpacked.value.columns.rows);
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeLessThan(3000);
  });
  test('of any kind are refused at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(unpackBundle(bytes).ok).toBe(false);
        expect(unpackSecrets(bytes).ok).toBe(false);
      }),
    );
  });
});

describe('secrets', () => {
  const secrets = findings
    .slice(0, 50)
    .map(({ id }, i) => ({ id, secret: i === 0 ? '' : `pa:ss ${String(i)} \u202e\u0000ก😀` }));
  test('come back one by one, as they were', async () => {
    const { content, inflated, rows } = await packSecrets(secrets);
    const bytes = gunzipSync(content);
    expect([bytes.length, rows]).toEqual([inflated, 50]);
    const unpacked = unpackSecrets(bytes);
    expect(unpacked.ok).toBe(true);
    if (!unpacked.ok) return;
    for (const { id, secret } of secrets)
      expect(secretOf(unpacked.value, parseBase64url(id, 16) as Uint8Array)).toBe(secret);
    expect(secretOf(unpacked.value, new Uint8Array(16))).toBeNull();
  });
  test('of customers never go out, nor any below policy `sealed`', () => {
    const out = new Set(selectSecrets(findings, secrets, 'sealed').map(({ id }) => id));
    for (const { id, exposure } of findings.slice(0, 50)) expect(out.has(id)).toBe(exposure !== 'customer');
    expect(selectSecrets(findings, secrets, 'fingerprint')).toEqual([]);
  });
});

describe('release', () => {
  const base = { ...(findings[2] as Finding), identityKind: 'email', context: 'service', tags: [] } as const;
  const own = { ...base, host: 'sso.moe.example', identity: 'x@moe.example' };
  const contextless = { ...base, host: '', identity: 'x@moe.example', context: 'none' } as const;
  const foreign = { ...base, host: 'a.dlt.example', identity: 'x@dlt.example' };
  const keyword = { ...base, host: 'shop.example', identity: 'moe', tags: ['keyword_only'] };
  const all = [own, contextless, foreign, keyword];
  const rules = { provenDomains: ['MOE.example'], includeContextless: false, confirmKeywordOnly: false };
  test('holds back pairs without context, domains without proof and unconfirmed keyword hits, and counts them', () => {
    expect(selectRelease(all, rules)).toEqual({
      released: [own],
      withheld: { contextless: 1, unproven: 1, unconfirmed: 1 },
    });
  });
  test('lets them out where an operator decided so, but never without proof', () => {
    const open = { ...rules, includeContextless: true, confirmKeywordOnly: true };
    expect(selectRelease(all, open).withheld).toEqual({ contextless: 0, unproven: 1, unconfirmed: 0 });
    expect(selectRelease(all, { ...open, provenDomains: [] }).withheld.unproven).toBe(4);
  });
});
