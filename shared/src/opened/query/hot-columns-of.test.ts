import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64url } from '../../base/base64url.ts';
import { columnsOf } from '../bundle/columns-of.ts';
import { splitBatches } from '../bundle/split-batches.ts';
import type { TextDictionary } from '../bundle/columns.ts';
import type { Finding } from '../finding/finding.ts';
import type { Codes, HotColumns, HotDictionaries } from './hot-columns.ts';
import { HotConverter } from './hot-columns-of.ts';
import { hotTimeAt } from './hot-times.ts';
import { madeUpFindings } from './made-up-findings.ts';

const decoder = new TextDecoder();
const DAY_MS = 86_400_000;

describe('hot columns of a bundle', () => {
  test('every batch says of every row what the finding says', () => {
    const odd = fc.record({
      identity: fc.oneof(fc.constantFrom('', '@', 'a@', '@b', 'a@@b', 'a@b@c', 'สมหญิง@ก.example', 'x@y@'), fc.string()),
      host: fc.constantFrom('', 'a.example', 'b.example'),
      tags: fc.array(fc.constantFrom('', 'vip', 'reused', 'กลุ่มเสี่ยง'), { maxLength: 6 }),
      capturedAtMs: fc.option(fc.nat(2_000_000_000_000)),
      secretFp: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => toBase64url(bytes))),
    });
    fc.assert(
      fc.property(
        fc.array(odd, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (parts, batchRows) => {
          const findings = madeUpFindings(parts.length, 3).map((finding, i): Finding => {
            const { secretFp, ...rest } = parts[i] as (typeof parts)[number];
            return { ...finding, ...rest, secret: { ...finding.secret, secretFp } };
          });
          const seen: unknown[] = [];
          const batches = [...splitBatches(columnsOf(findings, 'fingerprint'), batchRows)];
          const converter = new HotConverter(batches[0] as (typeof batches)[number]);
          for (const batch of batches) {
            const hot = converter.convert(batch);
            for (let row = 0; row < hot.rows; row++) seen.push(valuesAt(converter.dictionaries, hot, row));
          }
          expect(seen).toEqual(findings.map(valuesOf));
        },
      ),
      { numRuns: 300, seed: 4 },
    );
  });

  test('codes take the narrowest width, and a domain stands once', () => {
    const findings = madeUpFindings(700, 9);
    const columns = columnsOf(findings, 'masked');
    const converter = new HotConverter(columns);
    const hot = converter.convert(columns);
    expect(hot.host.BYTES_PER_ELEMENT).toBe(1);
    expect(hot.identity.BYTES_PER_ELEMENT).toBe(2);
    expect(hot.secretFp).toBeNull();
    const emails = findings.filter(({ identity }) => identity.includes('@'));
    const domains = new Set(emails.map(({ identity }) => identity.slice(identity.lastIndexOf('@') + 1)));
    expect(converter.dictionaries.identityDomain.offsets).toHaveLength(domains.size + 1);
  });

  test('hundreds of domains and of tag sets keep their places when the tables grow', () => {
    const tags = Array.from({ length: 12 }, (_, bit) => `tag-${bit}`);
    const findings = madeUpFindings(1500, 9).map((finding, i): Finding => ({
      ...finding,
      identity: `user@host-${i % 900}.example`,
      tags: tags.filter((_, bit) => ((i * 37) >> bit) % 2 === 1),
    }));
    const columns = columnsOf(findings, 'masked');
    const converter = new HotConverter(columns);
    const hot = converter.convert(columns);
    const values = findings.map((_, row) => valuesAt(converter.dictionaries, hot, row));
    expect(values).toEqual(findings.map(valuesOf).map((value) => ({ ...value, secretFp: null })));
    expect(hot.tagSet.BYTES_PER_ELEMENT).toBe(2);
  });

  test('times become milliseconds, seconds or stay as they are, whichever loses nothing', () => {
    const at = (...times: (number | null)[]) => {
      const findings = madeUpFindings(times.length, 1).map((finding, i): Finding => ({
        ...finding,
        capturedAtMs: times[i] as number | null,
      }));
      const columns = columnsOf(findings, 'masked');
      return new HotConverter(columns).convert(columns).capturedAtMs;
    };
    expect(at(DAY_MS, DAY_MS + 1)).toMatchObject({ unitMs: 1, baseMs: DAY_MS });
    expect(at(1500, 400 * DAY_MS + 1500, null)).toMatchObject({ unitMs: 1000, baseMs: 1500 });
    expect(at(0, 400 * DAY_MS + 1)).toEqual(new Float64Array([0, 400 * DAY_MS + 1]));
    expect(hotTimeAt(at(null, null), 1)).toBeNaN();
    expect(at(0, 0xfffffffe)).toMatchObject({ unitMs: 1 });
    expect(at(0, 0xffffffff)).toBeInstanceOf(Float64Array);
  });
});

function valuesOf(finding: Finding) {
  const { id, identity, registrable, host, sourceAlias, family, capturedAtMs, firstSeenAtMs, lastSeenAtMs } = finding;
  const { application, machine, machineName, secret, score } = finding;
  const tags = [...new Set(finding.tags.filter((tag) => tag !== ''))].sort();
  const secretFp = secret.secretFp === 'AAAAAAAAAAAAAAAAAAAAAA' ? null : secret.secretFp;
  const texts = {
    identity,
    registrable,
    host,
    application,
    sourceAlias,
    family,
    machine,
    machineName,
    mask: secret.mask,
  };
  return { id, ...texts, tags, secretFp, score, capturedAtMs, firstSeenAtMs, lastSeenAtMs };
}

function valuesAt(dictionaries: HotDictionaries, hot: HotColumns, row: number): ReturnType<typeof valuesOf> {
  const entry = ({ offsets, heap }: TextDictionary, i: number) =>
    decoder.decode(heap.subarray(offsets[i], offsets[i + 1]));
  const text = (codes: Codes, dictionary: TextDictionary) =>
    codes[row] === 0 ? null : entry(dictionary, (codes[row] as number) - 1);
  const fingerprint = hot.secretFp?.subarray(row * 16, row * 16 + 16) ?? new Uint8Array(16);
  const captured = hotTimeAt(hot.capturedAtMs, row);
  const identity = (hot.identity[row] as number) - 1;
  const local = text(hot.identity, dictionaries.identity.local);
  const domain = dictionaries.identity.domain[identity] ?? 0;
  const { offsets, tags } = hot.tagSets;
  const set = hot.tagSet[row] as number;
  const inSet = set === 0 ? [] : [...tags.subarray(offsets[set - 1], offsets[set])];
  return {
    id: toBase64url(hot.id.subarray(row * 16, row * 16 + 16)) as Finding['id'],
    identity: domain === 0 ? (local ?? '') : `${local}@${entry(dictionaries.identityDomain, domain - 1)}`,
    registrable: text(hot.registrable, dictionaries.registrable) ?? '',
    host: text(hot.host, dictionaries.host) ?? '',
    application: text(hot.application, dictionaries.application),
    sourceAlias: text(hot.source, dictionaries.source) ?? '',
    family: text(hot.family, dictionaries.family),
    machine: text(hot.machine, dictionaries.machine),
    machineName: text(hot.machineName, dictionaries.machineName),
    mask: text(hot.mask, dictionaries.mask),
    tags: inSet.map((tag) => entry(dictionaries.tag, tag)).sort(),
    secretFp: fingerprint.every((byte) => byte === 0) ? null : toBase64url(fingerprint),
    score: hot.score[row] as number,
    capturedAtMs: Number.isNaN(captured) ? null : captured,
    firstSeenAtMs: hotTimeAt(hot.firstSeenAtMs, row),
    lastSeenAtMs: hotTimeAt(hot.lastSeenAtMs, row),
  };
}
