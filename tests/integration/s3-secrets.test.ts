/**
 * S3 that fails in every way that it can, and says in its answers all that it knows of us: neither key nor signature comes out anywhere,
 * in what the server prints, in what it answers, and in the errors themselves.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobsAway } from '@sealpost/server/src/blobs/blobs.ts';
import { S3Client } from '@sealpost/server/src/blobs/s3-client.ts';
import { ServerProcess } from '../faults/record/server-process.ts';
import { sealedFile, send, setUp, upload } from './scene.ts';

const KEYS = { accessKeyId: 'CANARYACCESSKEY00001', secretAccessKey: 'canary/secret+of+nobody/0123456789abcdef' };
const REGION = 'canary-region-1';

const FATES = ['refused', 'unwell', 'cut', 'silent', 'redirect'] as const;
type Fate = (typeof FATES)[number] | 'empty';
/** Of the bucket that the server uses; other buckets are called after theirs. */
let fate: Fate = 'empty';
/** How long a silent storage is waited for, four times. */
const ANSWER_MS = 200;
/** Signatures that came: what must not be told either. */
const signatures: string[] = [];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const authorization = String(request.headers.authorization);
  signatures.push(/Signature=([0-9a-f]+)/.exec(authorization)?.[1] ?? 'none came');
  // as AWS and others do: what was signed, by whom, and what it should have been
  const echo = `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>${KEYS.accessKeyId}</AWSAccessKeyId>
    <StringToSign>${authorization} ${KEYS.secretAccessKey}</StringToSign><Resource>${request.url}</Resource></Error>`;
  switch (FATES.find((name) => request.url?.startsWith(`/${name}`)) ?? fate) {
    case 'empty':
      response.writeHead(request.method === 'GET' && !request.url?.includes('list-type') ? 404 : 200);
      response.end('<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
      break;
    case 'refused':
      response.writeHead(403, { 'X-Echo': authorization }).end(echo);
      break;
    case 'unwell':
      response.writeHead(503, echo.slice(0, 50).replaceAll(/[^\w<>]/g, ' ')).end(echo);
      break;
    case 'cut':
      response.writeHead(200, { 'Content-Length': '100000' }).write(echo, () => response.destroy());
      break;
    case 'redirect':
      response.writeHead(307, { Location: `http://${KEYS.accessKeyId}:x@127.0.0.1:1/` }).end(echo);
      break;
    case 'silent':
      break;
  }
}

const storage = createServer((request, response) => {
  request.resume();
  request.once('end', () => answer(request, response));
});
let endpoint = '';
let server: ServerProcess;
beforeAll(async () => {
  storage.listen(0, '127.0.0.1');
  await once(storage, 'listening');
  endpoint = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
  server = await ServerProcess.prepare();
});
afterAll(async () => {
  await server.remove();
  storage.closeAllConnections();
  storage.close();
});

/** Fails if `text` holds a key, part of one, or anything that was signed with it. */
function expectNothingIn(text: string): void {
  for (const secret of [KEYS.accessKeyId, KEYS.secretAccessKey, encodeURIComponent(KEYS.secretAccessKey), 'AWS4-HMAC'])
    expect(text).not.toContain(secret);
  expect(text).not.toMatch(/canary/i);
  for (const signature of signatures) expect(text).not.toContain(signature);
}

const environment = () => ({
  S3_ENDPOINT: endpoint,
  S3_BUCKET: 'sealpost',
  S3_REGION: REGION,
  S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
});

describe('keys of the storage', () => {
  it('are not in an error, whatever went wrong and however deep one looks', async () => {
    const settings = { endpoint, region: REGION, ...KEYS };
    const clients = FATES.map((bucket) => new S3Client({ ...settings, bucket }, ANSWER_MS));
    clients.push(new S3Client({ ...settings, bucket: 'nowhere', endpoint: 'http://127.0.0.1:1' }, ANSWER_MS));
    const work = clients.flatMap((client) => [
      client.put('a', new Uint8Array(9)),
      client.get('a', 0, 9),
      client.list('', null),
    ]);
    for (const done of await Promise.allSettled(work)) {
      const error: unknown = done.status === 'rejected' ? done.reason : null;
      expect(error).toBeInstanceOf(BlobsAway);
      expectNothingIn(inspect(error, { depth: null, showHidden: true }));
    }
    expectNothingIn(inspect(clients, { depth: null, showHidden: true }));
  });

  it('are not printed by a server that cannot start for them', async () => {
    fate = 'refused';
    const failure: unknown = await server.start({ environment: environment() }).catch((reason: unknown) => reason);
    const told = inspect(failure);
    expect(told).toContain('The blob storage did not do what it was asked (GET: 403)');
    expectNothingIn(told.replaceAll(server.folder, ''));
  });

  it('are not printed or answered by one whose storage fails while it runs', async () => {
    fate = 'empty';
    await server.start({ environment: environment() });
    const scene = await setUp(server.origin);
    let answers = '';
    for (const next of ['refused', 'unwell', 'cut', 'redirect'] as const) {
      fate = next;
      const came = await upload(scene, scene.operator, await sealedFile(500));
      expect([next, came.status]).toEqual([next, 503]);
      answers += `${inspect(came.headers)} ${await came.text()}`;
    }
    fate = 'empty';
    const head = { method: 'HEAD', path: scene.at.blob((await sealedFile(500)).sha256) };
    answers += inspect((await send(scene.origin, scene.operator, head)).headers);
    expect(await server.kill('SIGTERM')).toBe(0);
    expect(server.output).toContain('The blob storage did not do what it was asked (PUT: 403)');
    expect(server.output).toContain(`Sealed files: S3 at ${new URL(endpoint).host}`);
    expectNothingIn(server.output + answers);
  });
});
