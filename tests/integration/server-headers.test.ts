/** What every answer carries, whatever it is an answer to (ASVS 5.0, V3.4, V4, V13.4, V14.3), and what is no request at all. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import type { SigningKey } from '@sealpost/shared/sealed/crypto/ed25519';
import { headsFor } from '@sealpost/shared/sealed/directory/roles';
import { signManifest } from '@sealpost/shared/sealed/mailbox/manifest';
import { signRequest } from '@sealpost/shared/sealed/wire/request-signature';
import { createApp } from '@sealpost/server/src/app.ts';
import { newKey, putManifest, random, sealedFile, setUp, upload } from './scene.ts';
import type { Enrolled, Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const FILES: Record<string, string> = {
  'index.html': `<meta http-equiv="content-security-policy" content="default-src 'none'; object-src 'none'; base-uri 'none'">`,
  'icon.svg': '<svg/>',
  'service-worker.js': '1',
  '_app/version.json': '{}',
  '_app/immutable/entry/start.js': '1',
  '_app/immutable/workers/vault.worker-a.js': '1',
  '_app/immutable/workers/sync.worker-a.js': '1',
};
const ORIGIN = 'https://sealpost.example';

let webRoot: string;
let running: TestServer;
let scene: Scene;
let agency: Enrolled;
let blob: string;

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'sealpost-headers-'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(webRoot, name)), { recursive: true });
    await writeFile(join(webRoot, name), text);
  }
  running = await startTestServer({ webRoot });
  scene = await setUp(running.origin);
  agency = await scene.enrol();
  const file = await sealedFile(500);
  blob = file.sha256;
  await upload(scene, scene.operator, file);
  const manifest = await signManifest({
    signer: scene.operator,
    heads: headsFor(await scene.directory(), agency.org as never),
    previous: null,
    items: [{ id: toBase64url(random(16)) as never, size: file.bytes.length, sha256: blob, epoch: 1 }],
    pages: [],
    seen: {},
    nowMs: Date.now(),
  });
  expect((await putManifest(scene, scene.operator, agency.org, manifest, null)).status).toBe(201);
});
afterAll(async () => {
  await running.stop();
  await rm(webRoot, { recursive: true, force: true });
});

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly signer?: SigningKey;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** Asks the same server as if it stood behind its public https origin. */
async function ask({ path, method = 'GET', signer, body, headers = {} }: Asked): Promise<Response> {
  const app = createApp({ ...running.server.deps, origins: () => [ORIGIN], authorities: () => ['sealpost.example'] });
  const url = ORIGIN + path;
  const nonce = toBase64url(random(16));
  const signature =
    signer && (await signRequest({ method, url, body: body ?? null, signer, nowMs: Date.now(), nonce }));
  return app.request(url, { method, headers: { ...headers, ...signature }, ...(body && { body }) });
}

type Kind = 'page' | 'file' | 'api' | 'sealed';

describe('an answer', () => {
  it('every kind of answer carries the headers that its kind must have', async () => {
    const { operator, at } = { operator: scene.operator, at: scene.at };
    const sealed = { path: at.blob(blob), signer: agency.device };
    const kinds: [number, Kind, string | null, Asked][] = [
      [200, 'page', 'text/html; charset=utf-8', { path: '/' }],
      [200, 'page', 'text/html; charset=utf-8', { path: '/findings/abc' }],
      [200, 'file', 'text/javascript; charset=utf-8', { path: '/service-worker.js' }],
      [200, 'file', 'text/javascript; charset=utf-8', { path: '/_app/immutable/entry/start.js' }],
      [200, 'file', 'text/javascript; charset=utf-8', { path: '/_app/immutable/workers/vault.worker-a.js' }],
      [200, 'file', 'text/javascript; charset=utf-8', { path: '/_app/immutable/workers/sync.worker-a.js' }],
      [200, 'file', 'image/svg+xml; charset=utf-8', { path: '/icon.svg' }],
      [200, 'file', 'application/json', { path: '/_app/version.json' }],
      [404, 'api', 'text/plain; charset=utf-8', { path: '/nothing.js' }],
      [405, 'api', 'text/plain; charset=utf-8', { path: '/', method: 'POST' }],
      [200, 'api', 'application/json', { path: '/config.json' }],
      [200, 'api', 'text/plain; charset=UTF-8', { path: '/healthz' }],
      [200, 'api', 'text/plain; charset=UTF-8', { path: '/readyz' }],
      [200, 'api', 'application/json', { path: '/api/v1/deployments' }],
      [200, 'api', 'application/json', { path: at.chains() }],
      [200, 'api', 'application/json', { path: at.auditAfter(0), signer: operator }],
      [200, 'api', 'application/jose', { path: at.manifest(agency.org, operator.kid), signer: agency.device }],
      [200, 'sealed', 'application/octet-stream', sealed],
      [206, 'sealed', 'application/octet-stream', { ...sealed, headers: { range: 'bytes=0-9' } }],
      [304, 'sealed', 'application/octet-stream', { ...sealed, headers: { 'if-none-match': `"${blob}"` } }],
      [416, 'api', 'application/problem+json', { ...sealed, headers: { range: 'bytes=9999-' } }],
      [401, 'api', 'application/problem+json', { path: at.requests() }],
      [401, 'api', 'application/problem+json', { path: at.requests(), signer: await newKey() }],
      [403, 'api', 'application/problem+json', { path: at.requests(), signer: agency.device }],
      [404, 'api', 'application/problem+json', { path: '/api/v1/nothing/at/all' }],
      [400, 'api', 'application/problem+json', { path: at.audit(), method: 'POST', signer: operator, body: random(9) }],
      [428, 'api', 'application/problem+json', await unconditional()],
    ];
    for (const [status, kind, type, asked] of kinds) {
      const answer = await ask(asked);
      const what = `${asked.method ?? 'GET'} ${asked.path.replace(/[\w-]{43}/g, '…')} ${status}`;
      const header = (name: string): string => answer.headers.get(name) ?? '';
      expect([what, answer.status]).toEqual([what, status]);
      expect([what, answer.headers.get('Content-Type')]).toEqual([what, type]);
      expect([what, header('X-Content-Type-Options')]).toEqual([what, 'nosniff']);
      expect([what, header('Referrer-Policy')]).toEqual([what, 'no-referrer']);
      expect([what, header('Strict-Transport-Security')]).toEqual([what, 'max-age=63072000; includeSubDomains']);
      expect([what, header('Cross-Origin-Opener-Policy')]).toEqual([what, 'same-origin']);
      expect([what, header('Cross-Origin-Embedder-Policy')]).toEqual([what, 'require-corp']);
      expect([what, header('Cross-Origin-Resource-Policy')]).toEqual([what, 'same-origin']);
      expect([what, header('X-Frame-Options')]).toEqual([what, 'DENY']);
      for (const name of ['Set-Cookie', 'Server', 'X-Powered-By', 'Access-Control-Allow-Origin'])
        expect([what, answer.headers.get(name)]).toEqual([what, null]);
      const policy = header('Content-Security-Policy').split('; ');
      for (const directive of ['default-src', 'object-src', 'base-uri', 'frame-ancestors'])
        expect([what, policy.filter((one) => one.startsWith(`${directive} `))]).toEqual([
          what,
          [`${directive} 'none'`],
        ]);
      expect([what, policy.includes('sandbox')]).toEqual([what, kind === 'api' || kind === 'sealed']);
      expect([what, header('Content-Disposition')]).toEqual([what, kind === 'sealed' ? 'attachment' : '']);
      const isShared = /^public\b/.test(header('Cache-Control'));
      expect([what, isShared]).toEqual([what, asked.path.startsWith('/_app/immutable/') && status === 200]);
      if (kind === 'api' && status !== 200) expect([what, header('Cache-Control')]).toEqual([what, 'no-store']);
    }
  });

  /** A manifest without the condition that it needs. */
  async function unconditional(): Promise<Asked> {
    const path = scene.at.manifest(agency.org, scene.operator.kid);
    const newest = await ask({ path, signer: agency.device });
    return { path, method: 'PUT', signer: scene.operator, body: new Uint8Array(await newest.arrayBuffer()) };
  }
});

describe('a message', () => {
  /** The status line of the first answer to these bytes, '' if the server just hangs up. */
  const statusOf = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(running.server.port, '127.0.0.1');
      let got = '';
      socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
      socket.on('close', () => resolve(got.split('\r\n', 1)[0] ?? ''));
      socket.on('error', reject);
      socket.end(text);
    });
  const post = (...headers: string[]): string =>
    ['POST /api/v1/deployments HTTP/1.1', 'Host: localhost', 'Connection: close', ...headers, '', ''].join('\r\n');

  it('a message whose end can be read in two ways is refused', async () => {
    const smuggled = '0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
    for (const headers of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Content-Length: +5'],
      ['Transfer-Encoding: chunked, identity'],
      ['Transfer-Encoding : chunked'],
    ])
      expect([headers, await statusOf(post(...headers) + smuggled)]).toEqual([headers, 'HTTP/1.1 400 Bad Request']);
    expect(await statusOf(`${post('Content-Length: 2')}{}`)).toMatch(/^HTTP\/1\.1 4(03|15)/);
  });

  it('TRACE and other methods are refused', async () => {
    for (const [method, path] of [
      ['TRACE', '/'],
      ['TRACE', '/api/v1/deployments'],
      ['PATCH', '/'],
      ['OPTIONS', '/'],
    ] as const) {
      const line = await statusOf(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect([method, path, /^HTTP\/1\.1 40[45]/.test(line)]).toEqual([method, path, true]);
    }
  });
});
