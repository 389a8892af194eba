/** The reader of the browser's worker and that of the command line give the same findings, byte for byte, of the same material. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatBytes, utf8 } from '@sealpost/shared/base/bytes';
import type { LoadWriter } from '@sealpost/shared/opened/client/api/loading';
import type { Finding } from '@sealpost/shared/opened/finding/finding';
import { hashSource } from '@sealpost/shared/opened/ingest/hash-source';
import { ingestSource } from '@sealpost/shared/opened/ingest/ingest-source';
import { bytesToSource } from '@sealpost/shared/opened/ingest/source-file';
import { StoreZip } from '@sealpost/shared/opened/sample/store-zip';
import { HIDDEN_7Z, SOLID_7Z, storedRar5 } from '@sealpost/shared/opened/ingest/archive/archives.fixture';
import { LineWorkers } from '../../shared/cli/src/line-workers.ts';
import { readLibarchive } from '../../shared/cli/src/load-material.ts';
import { loadSources } from '../../web/src/workers/ingest/load-sources.ts';
import { makeCert, makeMember, must } from './people.ts';
import type { Device, Listing } from './people.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

let server: TestServer;
let cert: Device;
let listing: Listing;

function list(count: number): Uint8Array<ArrayBuffer> {
  const lines = Array.from({ length: count }, (_, i) =>
    i % 90 === 0
      ? `https://vpn.moe.example/login:person${i}@moe.example:Pw:${i % 30}`
      : `https://shop${i % 977}.other.example/account/settings:buyer${i}@mail.example:password${i}`,
  );
  return utf8(`${lines.join('\n')}\n`);
}

function logs(): Uint8Array<ArrayBuffer> {
  const zip = new StoreZip();
  const blocks = Array.from(
    { length: 40 },
    (_, i) => `URL: https://sso.moe.example/${i}\nUsername: u${i}@moe.example\nPassword: p:${i} \n\n`,
  ).join('');
  return concatBytes(
    zip.entry('pc/System.txt', utf8('MachineName: PC-1\nHWID: H1\nLocal Date: 30.07.2025 13:19:25\n')),
    zip.entry('pc/Passwords.txt', utf8(blocks)),
    zip.entry('more.txt', list(900)),
    zip.end(),
  );
}

/** The first is large enough to be spread over threads. */
const MATERIAL: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ['list.txt', list(60_000)],
  ['logs.zip', logs()],
  ['packed.gz', new Uint8Array(gzipSync(list(2_000)))],
  ['solid.7z', SOLID_7Z],
  ['hidden.7z', HIDDEN_7Z],
  ['stored.rar', storedRar5([{ name: 'รายการ.txt', content: list(900) }])],
];

async function inBrowser(writer: LoadWriter): Promise<void> {
  const sources = MATERIAL.map(([name, bytes]) => ({
    name,
    files: [{ path: name, file: new File([bytes], name) }],
    options: { sourceClass: null, alias: 'SRC-1', capturedAtMs: null, publishedAtMs: null, passwords: ['right'] },
  }));
  const never = new AbortController().signal;
  const told = { writer, signal: never, stop: never, gate: () => Promise.resolve() };
  must(await loadSources(sources, { ...told, onProgress: () => undefined, libarchive: readLibarchive }));
}

async function onCommandLine(writer: LoadWriter): Promise<void> {
  const watch = await writer.watch();
  const readers = new LineWorkers(watch, 2);
  for (const [name, bytes] of MATERIAL) {
    const source = bytesToSource(name, bytes, 1 << 20);
    const hash = await hashSource(source);
    if (!hash.ok) throw new Error(hash.error.kind);
    const described = {
      ...{ name, alias: 'SRC-1', sha256: hash.value, sizeBytes: source.size },
      ...{ sourceClass: 'ulp' as const, isRecognised: true, capturedAtMs: null, publishedAtMs: null },
    };
    const { sourceNumber } = must(await writer.beginSource(described));
    const read = await ingestSource(source, {
      ...{ watch, readers, nowMs: await writer.nowMs(), passwords: ['right'], libarchive: readLibarchive },
      onRecords: (records) => writer.write(sourceNumber, records),
      onMachine: (machine) => writer.writeMachines(sourceNumber, [machine]),
    });
    if (!read.ok) throw new Error(read.error.kind);
    await writer.endSource(sourceNumber, read.value, read.value.quarantine);
  }
  await readers.close();
}

/** Drafts and ledger of a load, which is discarded again. */
async function leftBy(read: (writer: LoadWriter) => Promise<void>) {
  const writer = await cert.client.beginLoad();
  await read(writer);
  const summary = must(await writer.commit());
  const rows: Finding[] = [];
  for (let page: readonly Finding[] | null = null; page === null || page.length > 0; rows.push(...page)) {
    page = await cert.client.draftRows(listing.listId, rows.length, 200);
  }
  must(await cert.client.discardLoad(summary.loadId));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { findings: JSON.stringify(rows), count: rows.length, ledger: summary.ledger };
}

beforeAll(async () => {
  server = await startTestServer();
  cert = await makeCert(server.origin);
  ({ listing } = await makeMember(cert, 'Ministry', 'moe.example'));
  // One time for both: it is part of a finding.
  const nowMs = Date.now();
  Object.assign(cert.ports, { nowMs: () => nowMs });
  await cert.open();
});
afterAll(() => server.stop());

test('browser and command line', { timeout: 60_000 }, async () => {
  const browser = await leftBy(inBrowser);
  const commandLine = await leftBy(onCommandLine);
  expect(browser.count).toBeGreaterThan(600);
  expect(commandLine).toEqual(browser);
});
