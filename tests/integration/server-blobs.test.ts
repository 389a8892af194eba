/** Sealed files: parts, resuming, damage, a full disk, what a crash leaves behind, and manifests that list them. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { utf8 } from '@sealpost/shared/base/bytes';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { err } from '@sealpost/shared/base/result';
import { headsFor } from '@sealpost/shared/sealed/directory/roles';
import type { OrgId } from '@sealpost/shared/sealed/envelope/heads';
import type { Sid } from '@sealpost/shared/sealed/envelope/statement';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import type { ManifestItem } from '@sealpost/shared/sealed/mailbox/manifest-claims';
import { BLOB_PART_BYTES, MAX_BLOB_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { ORPHAN_MS, sweep } from '@sealpost/server/src/sweep.ts';
import { startTestServer } from './test-server.ts';
import { isOnPostgres } from './test-storage.ts';
import type { TestServer } from './test-server.ts';
import { putManifest, random, sealedFile, send, setUp, upload } from './scene.ts';
import type { Enrolled, Scene } from './scene.ts';

let running: TestServer;
let scene: Scene;
let agency: Enrolled;
let clockMs = Date.now();
let freeBytes: number | null = null;
let diskFull = false;

beforeAll(async () => {
  running = await startTestServer({
    now: () => clockMs,
    blobs: (disk) => ({
      ...disk,
      freeBytes: () => (freeBytes === null ? disk.freeBytes() : Promise.resolve(freeBytes)),
      writePart: (key, offset, bytes) =>
        diskFull ? Promise.resolve(err({ kind: 'no-space' as const })) : disk.writePart(key, offset, bytes),
    }),
  });
  scene = await setUp(running.origin);
  agency = await scene.enrol();
});
afterAll(() => running.stop());

/** Bytes that begin like a sealed file. */
function fakeFile(size: number): { readonly bytes: Bytes; readonly sha256: string } {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) bytes.set(random(Math.min(65_536, size - at)), at);
  bytes.set(utf8('age-encryption.org/v1\n'));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('base64url') };
}

const putPart = (file: { sha256: string; bytes: Bytes }, offset: number, end: number, size = file.bytes.length) =>
  send(scene.origin, scene.operator, {
    method: 'PUT',
    path: scene.at.blobPart(file.sha256, offset, size),
    body: file.bytes.slice(offset, end),
    nowMs: clockMs,
  });

const head = (sha256: string, signer = scene.operator) =>
  send(scene.origin, signer, { method: 'HEAD', path: scene.at.blob(sha256), nowMs: clockMs });

describe('an upload', () => {
  it('in parts goes on where it stopped, and a part that came twice changes nothing', async () => {
    const file = fakeFile(BLOB_PART_BYTES * 2 + 1000);
    expect((await head(file.sha256)).status).toBe(404);
    const first = await putPart(file, 0, BLOB_PART_BYTES);
    expect([first.status, first.headers.get('upload-offset')]).toEqual([202, String(BLOB_PART_BYTES)]);
    expect((await head(file.sha256)).headers.get('upload-offset')).toBe(String(BLOB_PART_BYTES));
    expect((await putPart(file, 0, BLOB_PART_BYTES)).status).toBe(200);
    const ahead = await putPart(file, BLOB_PART_BYTES * 2, file.bytes.length);
    expect([ahead.status, ahead.headers.get('upload-offset')]).toEqual([409, String(BLOB_PART_BYTES)]);
    expect((await putPart(file, BLOB_PART_BYTES, BLOB_PART_BYTES * 2)).status).toBe(202);
    const last = await putPart(file, BLOB_PART_BYTES * 2, file.bytes.length);
    expect([last.status, last.headers.get('upload-offset')]).toEqual([201, String(file.bytes.length)]);
    expect((await putPart(file, 0, BLOB_PART_BYTES)).status).toBe(200);
    const known = await head(file.sha256);
    expect([known.status, known.headers.get('Content-Length')]).toEqual([200, String(file.bytes.length)]);
  });

  it('of the same parts by two senders at once ends in one whole file', async () => {
    const file = fakeFile(BLOB_PART_BYTES + 5000);
    const answers = await Promise.all([putPart(file, 0, BLOB_PART_BYTES), putPart(file, 0, BLOB_PART_BYTES)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 202]);
    expect((await putPart(file, BLOB_PART_BYTES, file.bytes.length)).status).toBe(201);
  });

  it('whose bytes are not those of its name is deleted, and can be made again', async () => {
    const file = fakeFile(5000);
    const wrong = { ...file, bytes: fakeFile(5000).bytes };
    expect((await putPart(wrong, 0, 3000)).status).toBe(202);
    const refused = await putPart(wrong, 3000, 5000);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ type: 'urn:sealpost:problem:digest-mismatch' });
    expect((await head(file.sha256)).status).toBe(404);
    expect((await putPart(file, 0, 5000)).status).toBe(201);
  });

  it('of anything but a sealed file is refused', async () => {
    const bytes = new Uint8Array(5000).fill(65);
    const sha256 = createHash('sha256').update(bytes).digest('base64url');
    expect((await putPart({ bytes, sha256 }, 0, 5000)).status).toBe(400);
    expect((await head(sha256)).status).toBe(404);
  });

  it('over 256 MiB, or in parts over 8 MiB, or past its own size, is refused', async () => {
    const file = fakeFile(5000);
    expect((await putPart(file, 0, 5000, MAX_BLOB_BYTES + 1)).status).toBe(413);
    const large = fakeFile(BLOB_PART_BYTES + 1);
    expect((await putPart(large, 0, large.bytes.length)).status).toBe(413);
    expect((await putPart(file, 0, 5000, 4000)).status).toBe(400);
    expect((await putPart(file, 0, 3000)).status).toBe(202);
    expect((await putPart(file, 3000, 5000, 9000)).status).toBe(400); // another size than before
  });

  it('is refused before the disk is full, and goes on when there is room again', async () => {
    const file = fakeFile(5000);
    freeBytes = running.server.deps.reserveBytes + 4999;
    expect((await putPart(file, 0, 3000)).status).toBe(507);
    freeBytes = null;
    expect((await putPart(file, 0, 3000)).status).toBe(202);
    diskFull = true;
    const full = await putPart(file, 3000, 5000);
    diskFull = false;
    expect([full.status, full.headers.get('upload-offset')]).toEqual([507, '3000']);
    expect((await putPart(file, 3000, 5000)).status).toBe(201);
  });

  it('of one organisation takes no more of the disk than its share, announced sizes included', async () => {
    const own = await scene.enrol();
    const begin = async (signer: Enrolled['device'], size: number) => {
      const file = fakeFile(1000);
      const path = scene.at.blobPart(file.sha256, 0, size);
      return (await send(scene.origin, signer, { method: 'PUT', path, body: file.bytes, nowMs: clockMs })).status;
    };
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push(await begin(own.device, MAX_BLOB_BYTES));
    expect(statuses).toEqual([202, 202, 202, 202, 507]);
    expect(await begin(own.device, 5000)).toBe(507);
    expect(await begin(agency.device, 5000)).toBe(202);
    for (let i = 0; i < 5; i++) expect(await begin(scene.operator, MAX_BLOB_BYTES)).toBe(202);
  });

  it('by a stranger is refused before its body is read', async () => {
    const file = fakeFile(5000);
    const answer = await fetch(`${scene.origin}${scene.at.blobPart(file.sha256, 0, 5000)}`, {
      method: 'PUT',
      body: file.bytes,
    });
    expect(answer.status).toBe(401);
  });
});

async function makeManifest(
  org: OrgId,
  previous: readonly [number, Sid] | null,
  items: readonly ManifestItem[],
  signer = scene.operator,
) {
  return signManifest({
    signer,
    heads: headsFor(await scene.directory(), org as never),
    previous,
    items,
    pages: [],
    seen: {},
    nowMs: clockMs,
  });
}

const itemOf = (file: { bytes: Bytes; sha256: string }): ManifestItem => ({
  id: toBase64url(random(16)) as never,
  size: file.bytes.length,
  sha256: file.sha256,
  epoch: 1,
});

describe('a manifest', () => {
  it('that lists a file which is not here whole is refused and names it', async () => {
    const { org } = await scene.enrol();
    const [file, wrongSize] = [await sealedFile(500), await sealedFile(500)];
    await upload(scene, scene.operator, wrongSize);
    const lies = { ...itemOf(wrongSize), size: wrongSize.bytes.length + 1 };
    const manifest = await makeManifest(org, null, [itemOf(file), lies]);
    const refused = await putManifest(scene, scene.operator, org, manifest, null);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'missing', missing: [file.sha256, wrongSize.sha256] });
    await upload(scene, scene.operator, file);
    const right = await makeManifest(org, null, [itemOf(file), itemOf(wrongSize)]);
    expect((await putManifest(scene, scene.operator, org, right, null)).status).toBe(201);
  });

  it('needs the version before it: 428 without a condition, 412 with an old one, 409 if it does not follow', async () => {
    const { org } = await scene.enrol();
    const one = await makeManifest(org, null, []);
    const path = scene.at.manifest(org as never, scene.operator.kid);
    const blind = { method: 'PUT', path, body: one.statement.compact, nowMs: clockMs };
    expect((await send(scene.origin, scene.operator, blind)).status).toBe(428);
    expect((await putManifest(scene, scene.operator, org, one, null)).status).toBe(201);

    const two = await makeManifest(org, [1, one.statement.sid], []);
    const stale = await putManifest(scene, scene.operator, org, two, toBase64url(random(32)) as Sid);
    expect(stale.status).toBe(412);
    expect(await stale.json()).toMatchObject({ head: [1, one.statement.sid] });
    expect((await putManifest(scene, scene.operator, org, two, null)).status).toBe(412);
    expect((await putManifest(scene, scene.operator, org, two, one.statement.sid)).status).toBe(200);

    const skips = await makeManifest(org, [5, two.statement.sid], []);
    expect((await putManifest(scene, scene.operator, org, skips, two.statement.sid)).status).toBe(409);
    const breaks = await makeManifest(org, [2, toBase64url(random(32)) as Sid], []);
    expect((await putManifest(scene, scene.operator, org, breaks, two.statement.sid)).status).toBe(409);
    const sameVersion = await makeManifest(
      org,
      [1, one.statement.sid],
      [{ id: toBase64url(random(16)) as never, withdrawn: 'superseded' }],
    );
    expect((await putManifest(scene, scene.operator, org, sameVersion, two.statement.sid)).status).toBe(409);
  });

  it('signed for another mailbox is refused', async () => {
    const [one, other] = [await scene.enrol(), await scene.enrol()];
    const manifest = await makeManifest(other.org, null, []);
    expect((await putManifest(scene, scene.operator, one.org, manifest, null)).status).toBe(409);
  });

  it('of an organisation lists what it uploaded or may read, never what others were sent', async () => {
    const [one, other] = [await scene.enrol(), await scene.enrol()];
    const [foreign, own] = [await sealedFile(500), await sealedFile(500)];
    await upload(scene, scene.operator, foreign);
    const sent = await makeManifest(one.org, null, [itemOf(foreign)]);
    expect((await putManifest(scene, scene.operator, one.org, sent, null)).status).toBe(201);
    const get = (signer: Enrolled['device']) =>
      send(scene.origin, signer, { method: 'GET', path: scene.at.blob(foreign.sha256), nowMs: clockMs });

    const steals = await makeManifest(other.org, null, [itemOf(foreign)], other.device);
    const refused = await putManifest(scene, other.device, other.org, steals, null);
    expect([refused.status, await refused.json()]).toMatchObject([400, { missing: [foreign.sha256] }]);
    expect((await get(other.device)).status).toBe(404);
    expect((await get(one.device)).status).toBe(200);

    await upload(scene, other.device, own);
    const honest = await makeManifest(other.org, null, [itemOf(own)], other.device);
    expect((await putManifest(scene, other.device, other.org, honest, null)).status).toBe(201);
    const again = await makeManifest(one.org, null, [itemOf(foreign)], one.device);
    expect((await putManifest(scene, one.device, one.org, again, null)).status).toBe(201);
  });

  it('may not put other bytes under an item that was delivered', async () => {
    const { org } = await scene.enrol();
    const [file, other] = [await sealedFile(500), await sealedFile(500)];
    await upload(scene, scene.operator, file);
    await upload(scene, scene.operator, other);
    const item = itemOf(file);
    const one = await makeManifest(org, null, [item]);
    expect((await putManifest(scene, scene.operator, org, one, null)).status).toBe(201);
    const two = await makeManifest(org, [1, one.statement.sid], [{ ...itemOf(other), id: item.id }]);
    expect((await putManifest(scene, scene.operator, org, two, one.statement.sid)).status).toBe(400);
  });
});

describe('a download', () => {
  it('answers ranges, conditions and nonsense as HTTP says', async () => {
    const file = await sealedFile(3000);
    await upload(scene, scene.operator, file);
    const manifest = await makeManifest(agency.org, null, [itemOf(file)]);
    expect((await putManifest(scene, scene.operator, agency.org, manifest, null)).status).toBe(201);
    const get = (headers: Record<string, string>) =>
      send(scene.origin, agency.device, { method: 'GET', path: scene.at.blob(file.sha256), headers, nowMs: clockMs });
    const size = file.bytes.length;
    const cases: [string, number, number, number][] = [
      ['bytes=0-0', 206, 0, 1],
      ['bytes=10-', 206, 10, size],
      ['bytes=-5', 206, size - 5, size],
      [`bytes=0-${size + 99}`, 206, 0, size],
      ['bytes=0-1,5-6', 200, 0, size],
      ['lines=1-2', 200, 0, size],
    ];
    for (const [range, status, start, end] of cases) {
      const answer = await get({ Range: range });
      expect([range, answer.status]).toEqual([range, status]);
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(file.bytes.slice(start, end));
    }
    for (const range of [`bytes=${size}-`, 'bytes=5-4', 'bytes=-0'])
      expect((await get({ Range: range })).status).toBe(416);
    expect((await get({ 'If-None-Match': `"${file.sha256}"` })).status).toBe(304);
    expect((await get({ Range: 'bytes=0-9', 'If-Range': '"other"' })).status).toBe(200);
  });
});

describe('the sweep', () => {
  it('deletes files that no manifest listed within a day, and never a listed one', async () => {
    const { org } = await scene.enrol();
    const [listed, orphan, unfinished] = [await sealedFile(500), await sealedFile(500), fakeFile(5000)];
    await upload(scene, scene.operator, listed);
    await upload(scene, scene.operator, orphan);
    await putPart(unfinished, 0, 3000);
    const manifest = await makeManifest(org, null, [itemOf(listed)]);
    expect((await putManifest(scene, scene.operator, org, manifest, null)).status).toBe(201);
    await sweep(running.server.deps, false);
    expect((await head(orphan.sha256)).status).toBe(200);
    const then = clockMs;
    clockMs += ORPHAN_MS + 1000;
    await sweep(running.server.deps, false);
    const statuses = [await head(listed.sha256), await head(orphan.sha256), await head(unfinished.sha256)];
    clockMs = then;
    expect(statuses.map((answer) => answer.status)).toEqual([200, 404, 404]);
    const { files, parts } = await running.server.deps.blobs.list(scene.deployment);
    expect([files.includes(listed.sha256), files.includes(orphan.sha256), parts.has(unfinished.sha256)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.skipIf(isOnPostgres)('at boot deletes files without a row and forgets uploads whose bytes are gone', async () => {
    const own = await startTestServer();
    const cert = await setUp(own.origin);
    const file = fakeFile(5000);
    const put = (origin: string, offset: number, end: number) =>
      send(origin, cert.operator, {
        method: 'PUT',
        path: cert.at.blobPart(file.sha256, offset, 5000),
        body: file.bytes.slice(offset, end),
      });
    expect((await put(own.origin, 0, 3000)).status).toBe(202);
    await own.server.stop();
    const [folder] = await readdir(join(own.dataDir, 'blobs'));
    const base = join(own.dataDir, 'blobs', String(folder));
    await rm(join(base, 'parts'), { recursive: true });
    await mkdir(join(base, 'ab'));
    await writeFile(join(base, 'ab', 'ab'.repeat(32)), 'left over');
    const reopened = await startTestServer({ dataDir: own.dataDir });
    expect((await reopened.server.deps.blobs.list(cert.deployment)).files).toEqual([]);
    const resumed = await put(reopened.origin, 3000, 5000);
    expect([resumed.status, resumed.headers.get('upload-offset')]).toEqual([409, '0']);
    expect((await put(reopened.origin, 0, 5000)).status).toBe(201);
    await reopened.stop();
    await rm(own.dataDir, { recursive: true });
  });

  it('ends a made-up deployment after seven days', async () => {
    const demo = await setUp(scene.origin, { demo: true, nowMs: clockMs });
    const then = clockMs;
    clockMs += 6 * 86_400_000;
    await sweep(running.server.deps, false);
    expect((await fetch(`${scene.origin}${demo.at.chains()}`)).status).toBe(200);
    clockMs += 86_400_001;
    await sweep(running.server.deps, false);
    clockMs = then;
    expect((await fetch(`${scene.origin}${demo.at.chains()}`)).status).toBe(404);
    expect((await fetch(`${scene.origin}${scene.at.chains()}`)).status).toBe(200);
  });
});
