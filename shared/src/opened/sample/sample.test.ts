import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../base/bytes.ts';
import { FindingKeys, SECRET_CLEAR } from '../finding/fingerprint.ts';
import { loadText } from '../ingest/load-for-test.ts';
import { compileWatch } from '../match/match.ts';
import type { WatchList } from '../match/watch.ts';
import { demoMaterial } from './demo.ts';
import type { SampleOracle } from './oracle.ts';
import type { SampleOptions } from './sample.ts';
import { SAMPLE_KINDS, sampleChunks, sampleStream } from './sample.ts';

const DOMAINS = ['moe.example', 'dlt.example'];

function collect(options: SampleOptions): { bytes: Uint8Array; oracle: SampleOracle } {
  const generator = sampleChunks(options);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const step = generator.next();
    if (step.done === true) return { bytes: concatBytes(...chunks), oracle: step.value };
    chunks.push(step.value);
  }
}

function watchOf(domains: readonly string[]): WatchList {
  return {
    organisations: domains.map((domain) => ({
      id: domain,
      name: domain,
      domains: [domain],
      exclude: [],
      keywords: [],
    })),
  };
}

/** Ids by the real matcher and the real keyed hash: what a load would publish. */
async function idsByDomain(
  bytes: Uint8Array,
  name: string,
  domains: readonly string[],
): Promise<Record<string, Set<string>>> {
  const watch = watchOf(domains);
  const { matcher } = compileWatch(watch);
  const keys = new FindingKeys(new Uint8Array(32), new Uint8Array(16));
  const ids = Object.fromEntries(domains.map((domain) => [domain, new Set<string>()]));
  const loaded = await loadText(bytes, { name, watch });
  for (const record of loaded.records) {
    for (const { organisationId, identity, service, countsOnly } of matcher.match(record)) {
      if (countsOnly) continue;
      const registrable = service.registrable !== '' ? service.registrable : service.host === '' ? identity.domain : '';
      const secretFp = keys.secretFp(SECRET_CLEAR, record.rawPassword ?? record.password);
      const host = service.appId ?? service.host;
      ids[organisationId]?.add(
        keys.id({ identityKind: identity.kind, identity: identity.canonical, registrable, host, secretFp }),
      );
    }
  }
  expect(loaded.total.quarantined).toEqual({});
  return ids;
}

describe('samples', () => {
  test.each(SAMPLE_KINDS)('%s: every finding of the oracle, none else, through the real parsers', async (kind) => {
    for (const seed of [7, 8]) {
      const { bytes, oracle } = collect({ kind, records: 5_000, seed, domains: DOMAINS });
      const ids = await idsByDomain(bytes, kind === 'stealer' ? 'logs.zip' : 'leak.txt', DOMAINS);
      for (const domain of DOMAINS) {
        expect(ids[domain]?.size).toBe(oracle.byDomain[domain]?.findings);
        expect(oracle.byDomain[domain]?.findings).toBeGreaterThan(200);
      }
      expect(oracle).toMatchObject({ records: 5_000, bytes: bytes.length });
    }
  });

  test('every record parses back, none is lost', async () => {
    for (const kind of SAMPLE_KINDS) {
      const { bytes } = collect({ kind, records: 3_000, seed: 3, domains: DOMAINS });
      const loaded = await loadText(bytes, { name: kind === 'stealer' ? 'logs.zip' : 'leak.txt' });
      expect(loaded.records.length).toBe(3_000);
    }
  });

  test('a listed parent sees what no longer suffix takes', async () => {
    const domains = ['moe.example', 'sso.moe.example'];
    const { bytes, oracle } = collect({ kind: 'ulp', records: 4_000, seed: 5, domains });
    const ids = await idsByDomain(bytes, 'leak.txt', domains);
    for (const domain of domains) expect(ids[domain]?.size).toBe(oracle.byDomain[domain]?.findings);
  });

  test('a seed gives the same bytes, another seed others; the stream is the same', async () => {
    const options: SampleOptions = { kind: 'stealer', records: 200, seed: 1, domains: DOMAINS };
    const first = collect(options);
    expect(collect(options).bytes).toEqual(first.bytes);
    expect(collect({ ...options, seed: 2 }).bytes).not.toEqual(first.bytes);
    const { stream, oracle } = sampleStream(options);
    const streamed = new Uint8Array(
      await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
    );
    expect(streamed).toEqual(first.bytes);
    expect(await oracle).toEqual(first.oracle);
  });

  test('machines of the stealer sample carry capture date, family, cookies', async () => {
    const { bytes } = collect({ kind: 'stealer', records: 600, seed: 4, domains: DOMAINS });
    const { records } = await loadText(bytes, { name: 'logs.zip' });
    const families = new Set(records.map((record) => record.machine?.family));
    expect([...families].sort()).toEqual(['Atomic', 'Lumma', 'RedLine', 'StealC', 'Vidar']);
    for (const { machine } of records) {
      if (machine?.family === 'Atomic') continue;
      expect(machine?.capturedAtMs).toBeGreaterThan(Date.UTC(2024, 7, 1));
      expect(machine?.capturedAtMs).toBeLessThanOrEqual(Date.UTC(2025, 9, 1));
    }
    expect(new Set(records.map((record) => record.cookieState))).toEqual(new Set(['none', 'expired', 'live']));
  });

  test('the demo has thousands of findings for both agencies, and lines that go wrong', async () => {
    const nowMs = Date.UTC(2026, 0, 15);
    const demo = demoMaterial(1, nowMs);
    const domains = demo.organisations.flatMap((organisation) => organisation.domains);
    const sums = domains.map((domain) =>
      demo.files.reduce((sum, file) => sum + (file.oracle.byDomain[domain]?.findings ?? 0), 0),
    );
    for (const sum of sums) expect(sum).toBeGreaterThan(1_500);
    const paste = demo.files.find((file) => file.name === 'paste.txt');
    const loaded = await loadText(paste?.bytes ?? new Uint8Array(), { watch: watchOf(domains) });
    expect(loaded.total.records).toBe(1);
    expect(loaded.quarantine.length).toBe(2);
    expect(loaded.total.ignored).toEqual({ banner: 1, 'masked-secret': 1, 'empty-secret': 1 });
  });
});
