/**
 * A load in the vault whose process dies at every one of its commits, or whose disk is full there: it goes on from its last checkpoint
 * and ends as one that was never stopped. And what of a load must never leave the operator.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Client } from '@sealpost/shared/opened/client/api/client';
import type { ClientError } from '@sealpost/shared/opened/client/api/client-error';
import type { LoadSummary, LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import { err, ok } from '@sealpost/shared/base/result';
import type { Result } from '@sealpost/shared/base/result';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import type { SourceFile } from '@sealpost/shared/opened/ingest/source-file';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import { openAgeBytes } from '@sealpost/shared/sealed/crypto/age';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import type { Device, Listing } from '../integration/people.ts';
import { ignore, makeCert, makeMember, MASKED, must } from '../integration/people.ts';

const NAME = 'canary-seller-of-2026.txt';
const LIMITS = { checkpointBytes: 25_000, batchRecords: 100 };

let server: TestServer;
let cert: Device;
let member: { readonly device: Device; readonly listing: Listing };

function lines(from: number, to: number, bad = 200): Uint8Array<ArrayBuffer> {
  const parts: string[] = [];
  for (let i = from; i < to; i++) {
    parts.push(
      i % bad === 0 ? `moe.example without anything ${i}` : `https://vpn.moe.example/l:p${i}@moe.example:Pw-${i % 40}`,
    );
    parts.push(`https://other${i}.example/:buyer${i}@mail.example:pw${i}`);
  }
  return utf8(`${parts.join('\n')}\n`);
}

const first = bytesToSource(NAME, lines(0, 700), 8_192);
const second = bytesToSource('second.txt', lines(400, 700), 8_192);

/** Reads sources into a writer as the ingest worker does; the first failure ends it. */
async function readAll(writer: LoadWriter, sources: readonly SourceFile[]): Promise<Result<void, ClientError>> {
  for (const source of sources) {
    const hash = await hashSource(source);
    if (!hash.ok) throw new Error(hash.error.kind);
    const described = {
      ...{ name: source.name, alias: 'SRC-1', sha256: hash.value, sizeBytes: source.size },
      ...{ sourceClass: 'ulp' as const, capturedAtMs: null, publishedAtMs: null },
    } as const;
    const begun = await writer.beginSource(described);
    if (!begun.ok && begun.error.kind === 'already-done') continue;
    if (!begun.ok) return begun;
    const { sourceNumber, resume } = begun.value;
    let failure: ClientError | null = null;
    const abort = new AbortController();
    const read = await ingestSource(source, {
      watch: await writer.watch(),
      nowMs: await writer.nowMs(),
      ...{ resume, limits: LIMITS, signal: abort.signal, sourceClass: 'ulp' },
      onRecords: (records) => writer.write(sourceNumber, records),
      onCheckpoint: async (checkpoint) => {
        const kept = await writer.checkpoint(sourceNumber, checkpoint);
        if (kept.ok) return;
        failure = kept.error;
        abort.abort();
      },
    });
    if (!read.ok) return err(failure ?? { kind: 'cancelled' });
    await writer.endSource(sourceNumber, read.value, read.value.quarantine);
  }
  return ok(undefined);
}

/** All drafts of the member, page by page. */
async function allRows(client: Client): Promise<readonly Finding[]> {
  const rows: Finding[] = [];
  for (;;) {
    const page = await client.draftRows(member.listing.listId, rows.length, 200);
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}

/** What a load left, without what the clock put there. */
async function leftBy(client: Client, summary: LoadSummary) {
  const rows = await allRows(client);
  const text = JSON.stringify([...rows].sort((a, b) => (a.id < b.id ? -1 : 1)));
  const { loadId, loadedAtMs, ...told } = summary;
  const rest = JSON.stringify(told).replaceAll(loadId, 'LOAD');
  return {
    findings: text.replaceAll(/"(?:ingestedAtMs|firstSeenAtMs|lastSeenAtMs|seenAtMs)":\d+/g, '"t":0'),
    quarantine: await client.quarantine(loadId),
    loaded: loadedAtMs > 0,
    rest,
  };
}

beforeAll(async () => {
  server = await startTestServer();
  cert = await makeCert(server.origin);
  member = await makeMember(cert, 'Ministry', 'moe.example');
  must(await cert.client.sync(ignore));
});
afterAll(() => server.stop());

describe('a load that dies', () => {
  test.each(['before', 'after', 'full'] as const)('at any commit (%s) goes on and ends the same', async (failure) => {
    const plain = await cert.client.beginLoad();
    must(await readAll(plain, [first, second]));
    const summary = must(await plain.commit());
    const whole = await leftBy(cert.client, summary);
    expect(JSON.parse(whole.findings)).toHaveLength(summary.findings);
    must(await cert.client.discardLoad(summary.loadId));
    expect(summary.findings).toBeGreaterThan(600);

    let rounds = 0;
    for (; rounds < 50; rounds++) {
      const writer = await cert.client.beginLoad();
      const from = cert.backend.writes;
      cert.backend.failAfter(rounds, failure);
      const read = await readAll(writer, [first, second]);
      const done = read.ok ? await writer.commit() : read;
      const commits = cert.backend.writes - from;
      cert.backend.heal();
      if (failure === 'full') await writer.suspend();
      else await cert.open();
      const unfinished = await cert.client.unfinishedLoads();
      const known = await cert.client.loads();
      if (known.length === 0) {
        // Nobody may think that it is done, and the way on is there once a checkpoint was.
        if (rounds > 0) expect(unfinished, `round ${rounds}`).toHaveLength(1);
        const loadId = unfinished[0]?.loadId;
        const next = loadId === undefined ? await cert.client.beginLoad() : must(await cert.client.resumeLoad(loadId));
        must(await readAll(next, [second, first].reverse()));
        must(await next.commit());
      }
      const [loaded] = await cert.client.loads();
      expect(await leftBy(cert.client, loaded as LoadSummary), `round ${rounds}`).toEqual(whole);
      expect(await cert.client.unfinishedLoads()).toEqual([]);
      must(await cert.client.discardLoad((loaded as LoadSummary).loadId));
      if (done.ok && commits <= rounds) break;
    }
    expect(rounds).toBeGreaterThan(4);
  });

  test('leaves nothing in clear where its checkpoints lie, and nothing at all once discarded', async () => {
    const writer = await cert.client.beginLoad();
    must(await readAll(writer, [first]));
    await writer.suspend();
    const store = await cert.store();
    expect(store.ids('imports', 'journal/').length).toBeGreaterThan(3);
    const rows = Object.values(cert.memory.tables).flatMap((table) => [...table.values()]);
    const rest = Buffer.concat(rows.map(({ bytes }) => bytes));
    for (const text of ['p77@moe.example', 'Pw-17', NAME]) expect(rest.includes(Buffer.from(text)), text).toBe(false);
    const [unfinished] = await cert.client.unfinishedLoads();
    expect(unfinished?.sources.map(({ source: { name } }) => name)).toEqual([NAME]);
    must(await cert.client.discardLoad(unfinished?.loadId ?? ''));
    expect((await cert.store()).ids('imports', 'journal/')).toEqual([]);
  });

  test('is closed where another tab goes on with it', async () => {
    const writer = await cert.client.beginLoad();
    must(await readAll(writer, [first]));
    const [unfinished] = await cert.client.unfinishedLoads();
    const next = must(await cert.client.resumeLoad(unfinished?.loadId ?? ''));
    expect(await writer.commit()).toEqual({ ok: false, error: { kind: 'already-done', what: 'load' } });
    await next.discard();
    expect(await cert.client.unfinishedLoads()).toEqual([]);
  });
});

test('a load of which much could not be read needs a yes, which is on record', async () => {
  const writer = await cert.client.beginLoad();
  must(await readAll(writer, [bytesToSource('bad.txt', lines(9_000, 9_100, 5))]));
  expect(await writer.commit()).toEqual({ ok: false, error: { kind: 'not-allowed', code: 'quarantined' } });
  expect(await cert.client.loads()).toEqual([]);
  const summary = must(await writer.commit({ acceptQuarantined: true }));
  expect(summary.ledger.total.quarantined['no-separator'] ?? summary.ledger.total.quarantined['ambiguous-split']).toBe(
    20,
  );
  must(await cert.client.sync(ignore));
  const report = must(await cert.client.audit({ device: null, kind: 'ingest_override', limit: 10 }));
  expect(JSON.stringify(report)).toContain('quarantine');
  must(await cert.client.discardLoad(summary.loadId));
});

test('the same pairs in another file add sightings only, the same file nothing; no bundle names a file', async () => {
  const load = async (source: SourceFile) => {
    const writer = await cert.client.beginLoad();
    must(await readAll(writer, [source]));
    return must(await writer.commit());
  };
  const one = await load(first);
  expect(one).toMatchObject({ added: one.findings, sightings: 0 });
  const [before] = await cert.client.draftRows(member.listing.listId, 0, 1);
  const same = await load(bytesToSource('renamed.txt', lines(0, 700)));
  expect(same).toMatchObject({ findings: 0, records: 0 });
  const shuffled = await load(bytesToSource('shuffled.txt', utf8(`${new TextDecoder().decode(lines(0, 700))}\n\n`)));
  expect(shuffled).toMatchObject({ findings: one.findings, added: 0, sightings: one.findings });
  const rows = await allRows(cert.client);
  expect(rows).toHaveLength(one.findings);
  expect(new Set(rows.map(({ sightings }) => sightings.length))).toEqual(new Set([2]));

  const origins = await cert.client.origins((before as Finding).id);
  expect(origins.map(({ entry }) => entry).sort()).toEqual([NAME, 'shuffled.txt']);
  const [origin] = origins.filter(({ entry }) => entry === NAME);
  const bytes = lines(0, 700).subarray(origin?.offset, (origin?.offset ?? 0) + (origin?.length ?? 0));
  expect(new TextDecoder().decode(bytes)).toContain(before?.identity);

  const [outcome] = await cert.client.publish([member.listing.listId], { ...MASKED, policy: 'sealed' }, ignore);
  expect(outcome).toMatchObject({ kind: 'published' });
  must(await member.device.client.sync(ignore));
  const opened = await openedBlobs();
  expect(opened.some((text) => text.includes('SRC-1'))).toBe(true);
  for (const text of opened) {
    for (const name of [NAME, 'canary-seller', 'shuffled.txt']) expect(text.includes(name), name).toBe(false);
  }
  // It stays with the operator after the drafts went out.
  expect(await cert.client.origins((before as Finding).id)).toHaveLength(2);
});

/** What the member can open of all that lies on the server, content unpacked. */
async function openedBlobs(): Promise<readonly Buffer[]> {
  const { epochs } = member.device.opened.session;
  const identities = epochs.flatMap(({ read, secrets }) => [read, secrets]);
  const opened: Buffer[] = [];
  for (const entry of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (!bytes.subarray(0, 21).equals(Buffer.from('age-encryption.org/v1'))) continue;
    const plain = await openAgeBytes(new Uint8Array(bytes), identities);
    if (!plain.ok) continue;
    const buffer = Buffer.from(plain.value);
    opened.push(buffer);
    const at = buffer.indexOf(Buffer.from([0x1f, 0x8b, 0x08]));
    if (at >= 0) opened.push(gunzipSync(buffer.subarray(at)));
  }
  return opened;
}
