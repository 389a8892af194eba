/** The whole life of a deployment over HTTP: set up, enrol, publish, fetch, withdraw, audit, restart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseBase64url, toBase64url } from '@sealpost/shared/base/base64url';
import { makeAuditEntry, NO_PREVIOUS, parseAuditEntry, verifyAuditEntry } from '@sealpost/shared/sealed/audit/entry';
import { openAuditPayload } from '@sealpost/shared/sealed/audit/payload';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { headsFor, organisation } from '@sealpost/shared/sealed/directory/roles';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import type { AuditPage, Deliveries, RequestsPage } from '@sealpost/shared/sealed/wire/bodies';
import {
  AuditPageSchema,
  ChainsPageSchema,
  DeliveriesSchema,
  RequestsPageSchema,
} from '@sealpost/shared/sealed/wire/bodies';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';
import { checked, makeEnrolment, putManifest, random, sealedFile, send, setUp, statementsOf, upload } from './scene.ts';
import type { Scene } from './scene.ts';

let running: TestServer;
let scene: Scene;

beforeAll(async () => {
  running = await startTestServer();
  scene = await setUp(running.origin);
});
afterAll(() => running.stop());

const epochOne = 1;

async function readAudit(): Promise<AuditPage> {
  const answer = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.auditAfter(0) });
  return checked(AuditPageSchema, await answer.json());
}

/** Kinds that the server's own entries tell, oldest first. */
async function ownKinds(): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (const { entry, payload } of (await readAudit()).entries) {
    const parsed = parseAuditEntry(parseBase64url(entry) as Uint8Array);
    if (!parsed.ok || payload === null) throw new Error('an entry that does not parse');
    if (parsed.value.kid !== running.server.deps.logKeys.entry.kid) continue;
    const event = await openAuditPayload(parseBase64url(payload) as Uint8Array, [scene.audit]);
    kinds.push(event.ok ? event.value.kind : event.error.kind);
  }
  return kinds;
}

describe('a deployment', () => {
  it('begins with five statements, and their log entries follow in that order', async () => {
    const page = checked(ChainsPageSchema, await (await fetch(`${scene.origin}${scene.at.chains()}`)).json());
    expect(page.statements).toEqual(scene.first.map((statement) => statement.compact));
    expect(page).toMatchObject({ position: 5, more: false });
    expect((await ownKinds()).slice(0, 5)).toEqual(Array(5).fill('directory_change'));
  });

  it('answers a repeated set-up with the same deployment, and changes nothing', async () => {
    const again = await fetch(`${scene.origin}/api/v1/deployments`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(statementsOf(...scene.first)),
    });
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ deployment: scene.deployment, position: 5 });
    expect((await readAudit()).size).toBe(5);
  });

  it('signs its own entries in one chain that anyone with the entry key can check', async () => {
    const { entries } = await readAudit();
    let prev: Uint8Array = NO_PREVIOUS;
    for (const [at, { entry }] of entries.entries()) {
      const parsed = parseAuditEntry(parseBase64url(entry) as Uint8Array);
      if (!parsed.ok) throw new Error('malformed');
      expect(parsed.value.seq).toBe(at + 1);
      expect(parsed.value.prev).toEqual(prev);
      const { publicKey } = running.server.deps.logKeys.entry;
      expect(await verifyAuditEntry(parsed.value, sidToBytes(scene.deployment), publicKey)).toBe(true);
      prev = parsed.value.leaf;
    }
  });

  it('takes an invited request once, lists it to the operator, and hands out the sealed decision', async () => {
    const token = random(16);
    const exp = Math.floor(Date.now() / 1000) + 86_400;
    const invitations = [{ token: toBase64url(sha256(token)), exp }];
    const invited = await send(scene.origin, scene.operator, {
      method: 'POST',
      path: scene.at.invitations(),
      body: { invitations },
    });
    expect(invited.status).toBe(204);

    const request = await sealedFile(900);
    const post = (body: Uint8Array<ArrayBuffer>) =>
      fetch(`${scene.origin}${scene.at.requests()}`, {
        method: 'POST',
        body,
        headers: { 'sealpost-invitation': toBase64url(token) },
      });
    const posted = await post(request.bytes);
    expect(posted.status).toBe(201);
    expect(await posted.json()).toEqual({ id: request.sha256 });
    expect((await post(request.bytes)).status).toBe(200); // its answer was lost
    expect((await post((await sealedFile(900)).bytes)).status).toBe(403); // one use

    const listed = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.requestsAfter(0) });
    const page: RequestsPage = checked(RequestsPageSchema, await listed.json());
    expect(page.requests).toMatchObject([
      { id: request.sha256, invitation: invitations[0]?.token, size: request.bytes.length, decided: false },
    ]);
    const fetched = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.request(request.sha256) });
    expect(new Uint8Array(await fetched.arrayBuffer())).toEqual(request.bytes);

    const decisionUrl = `${scene.origin}${scene.at.decision(request.sha256)}`;
    expect((await fetch(decisionUrl)).status).toBe(204);
    const decision = await sealedFile(300);
    const decided = await send(scene.origin, scene.operator, {
      method: 'PUT',
      path: scene.at.decision(request.sha256),
      body: decision.bytes,
    });
    expect(decided.status).toBe(204);
    expect(new Uint8Array(await (await fetch(decisionUrl)).arrayBuffer())).toEqual(decision.bytes);
  });

  it('enrols an organisation in one call, and a repeat of that call changes nothing', async () => {
    const made = await makeEnrolment(await scene.directory(), scene.operator);
    const post = () =>
      send(scene.origin, scene.operator, {
        method: 'POST',
        path: scene.at.chains(),
        body: statementsOf(...made.statements),
      });
    expect(await (await post()).json()).toEqual({ position: 8 });
    expect(await (await post()).json()).toEqual({ position: 8 });
    expect(organisation(await scene.directory(), made.org as never)).toMatchObject({ status: 'active' });
  });

  it('delivers a published bundle to its organisation, records it, and forgets it when it is withdrawn', async () => {
    const { org, device } = await scene.enrol();
    const other = await scene.enrol();
    const bundle = await sealedFile(20_000);
    expect((await upload(scene, scene.operator, bundle)).status).toBe(201);
    const blobPath = scene.at.blob(bundle.sha256);
    expect((await send(scene.origin, device, { method: 'GET', path: blobPath })).status).toBe(404); // not listed yet

    const id = toBase64url(random(16));
    const directory = await scene.directory();
    const common = { signer: scene.operator, heads: headsFor(directory, org as never), pages: [], seen: {} };
    const listed = await signManifest({
      ...common,
      previous: null,
      items: [{ id: id as never, size: bundle.bytes.length, sha256: bundle.sha256, epoch: epochOne }],
      nowMs: Date.now(),
    });
    expect((await putManifest(scene, scene.operator, org, listed, null)).status).toBe(201);
    expect((await putManifest(scene, scene.operator, org, listed, null)).status).toBe(200); // the same bytes again

    const manifestPath = scene.at.manifest(org as never, scene.operator.kid);
    const manifest = await send(scene.origin, device, { method: 'GET', path: manifestPath });
    expect(await manifest.text()).toBe(listed.statement.compact);
    const etag = String(manifest.headers.get('ETag'));
    const unchanged = await send(scene.origin, device, {
      method: 'GET',
      path: manifestPath,
      headers: { 'If-None-Match': etag },
    });
    expect(unchanged.status).toBe(304);
    expect((await send(scene.origin, other.device, { method: 'GET', path: manifestPath })).status).toBe(403);
    expect((await send(scene.origin, other.device, { method: 'GET', path: blobPath })).status).toBe(404);

    const got = await send(scene.origin, device, { method: 'GET', path: blobPath });
    expect(got.headers.get('Content-Security-Policy')).toContain('sandbox');
    expect(got.headers.get('Content-Disposition')).toBe('attachment');
    expect(got.headers.get('Cache-Control')).toContain('immutable');
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bundle.bytes);
    const part = await send(scene.origin, device, {
      method: 'GET',
      path: blobPath,
      headers: { Range: 'bytes=100-199' },
    });
    expect(part.status).toBe(206);
    expect(part.headers.get('Content-Range')).toBe(`bytes 100-199/${bundle.bytes.length}`);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bundle.bytes.slice(100, 200));

    const deliveries = async (): Promise<Deliveries> => {
      const answer = await send(scene.origin, scene.operator, {
        method: 'GET',
        path: scene.at.deliveries(org as never),
      });
      return checked(DeliveriesSchema, await answer.json());
    };
    expect(await deliveries()).toMatchObject({
      deliveries: [{ id, sha256: bundle.sha256, device: device.kid, times: 2 }],
    });
    expect((await ownKinds()).filter((kind) => kind === 'envelope_delivered')).toHaveLength(1);

    const withdrawn = await signManifest({
      ...common,
      previous: [1, listed.statement.sid],
      items: [{ id: id as never, withdrawn: 'wrong_recipient' }],
      nowMs: Date.now(),
    });
    expect((await putManifest(scene, scene.operator, org, withdrawn, listed.statement.sid)).status).toBe(200);
    expect((await send(scene.origin, device, { method: 'GET', path: blobPath })).status).toBe(404);
    const gone = await running.server.deps.blobs.list(scene.deployment);
    expect(gone.files).not.toContain(bundle.sha256);
    expect((await deliveries()).deliveries).toHaveLength(1); // what happened stays on record
    const versionOne = await send(scene.origin, device, {
      method: 'GET',
      path: scene.at.manifestVersion(org as never, scene.operator.kid, 1),
    });
    expect(await versionOne.text()).toBe(listed.statement.compact);
    expect(await ownKinds()).toEqual(expect.arrayContaining(['envelope_accepted', 'retention_delete']));
  });

  it('shows an organisation its own audit entries, and no others', async () => {
    const { device } = await scene.enrol();
    const made = await makeAuditEntry({
      deployment: sidToBytes(scene.deployment),
      signer: device,
      seq: 1,
      prev: NO_PREVIOUS,
      event: { v: 1, kind: 'unlock', at: Math.floor(Date.now() / 1000) },
      recipients: [scene.audit.recipient],
      random,
    });
    const body = {
      entries: [{ entry: toBase64url(made.entry), salt: toBase64url(made.salt), payload: toBase64url(made.payload) }],
    };
    const posted = await send(scene.origin, device, { method: 'POST', path: scene.at.audit(), body });
    expect(posted.status).toBe(200);
    const seen = await send(scene.origin, device, { method: 'GET', path: scene.at.auditAfter(0) });
    const page = checked(AuditPageSchema, await seen.json());
    expect(page.entries.map((entry) => entry.entry)).toEqual([toBase64url(made.entry)]);
    expect((await readAudit()).size).toBeGreaterThan(page.entries.length);
  });

  it('streams head numbers when something changes', async () => {
    const stream = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.events() });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let text = '';
    const nextNumbers = async (): Promise<{ chains: number; requests: number }> => {
      while (!/data: .*\n\n/.test(text)) text += decoder.decode((await reader.read()).value, { stream: true });
      const numbers = JSON.parse((/data: (.*)\n\n/.exec(text) as RegExpExecArray)[1] as string);
      text = '';
      return numbers;
    };
    const before = await nextNumbers();
    await scene.enrol();
    const after = await nextNumbers();
    expect(after.chains).toBe(before.chains + 3);
    expect(after.requests).toBe(1);
    await reader.cancel();
  });
});

describe('a restart', () => {
  it('loses nothing and continues the same log', async () => {
    const before = await readAudit();
    await running.server.stop();
    const reopened = await startTestServer({ dataDir: running.dataDir });
    running = { ...reopened, stop: reopened.stop };
    scene = { ...scene, origin: reopened.origin };
    const after = await readAudit();
    expect(after.entries.slice(0, before.entries.length)).toEqual(before.entries);
    expect((await ownKinds()).slice(-2)).toEqual(['stop', 'start']);
  });
});

describe('a made-up deployment', () => {
  it('can be removed by its operator, with everything that belongs to it; a real one cannot', async () => {
    const demo = await setUp(scene.origin, { demo: true });
    const { org } = await demo.enrol();
    const bundle = await sealedFile(500);
    await upload(demo, demo.operator, bundle);
    const listed = await signManifest({
      signer: demo.operator,
      heads: headsFor(await demo.directory(), org as never),
      pages: [],
      seen: {},
      previous: null,
      items: [
        { id: toBase64url(random(16)) as never, size: bundle.bytes.length, sha256: bundle.sha256, epoch: epochOne },
      ],
      nowMs: Date.now(),
    });
    expect((await putManifest(demo, demo.operator, org, listed, null)).status).toBe(201);
    expect((await send(scene.origin, scene.operator, { method: 'DELETE', path: scene.at.deployment() })).status).toBe(
      403,
    );
    expect((await send(demo.origin, demo.operator, { method: 'DELETE', path: demo.at.deployment() })).status).toBe(204);
    expect((await fetch(`${demo.origin}${demo.at.chains()}`)).status).toBe(404);
    expect((await running.server.deps.blobs.list(demo.deployment)).files).toEqual([]);
    expect((await fetch(`${scene.origin}${scene.at.chains()}`)).status).toBe(200);
  });
});
