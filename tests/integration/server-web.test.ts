/** The web app as served: headers, caching, compression, what is a page and what is not. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const POLICY = "default-src 'none'; script-src 'self' 'sha256-AAAA'; require-trusted-types-for 'script'";
const page = (policy: string): string =>
  `<!doctype html><meta charset="utf-8"><meta http-equiv="content-security-policy" content="${policy}"><title>x</title>`;
const SCRIPT = 'export const long = 1;'.repeat(100);
const FILES: Record<string, string> = {
  'index.html': page(POLICY),
  'unlock.html': page("default-src 'none'; script-src 'self'"),
  '_app/immutable/entry/start.abc.js': SCRIPT,
  '_app/immutable/workers/vault.worker-abc.js': 'vault',
  '_app/immutable/workers/ingest.worker-abc.js': 'ingest',
  '_app/immutable/workers/unpack.worker-abc.js': 'unpack',
  '_app/immutable/workers/disk.worker-abc.js': 'disk',
  '_app/immutable/workers/sync.worker-abc.js': 'sync',
  '_app/version.json': '{}',
  'service-worker.js': 'sw',
  'manifest.webmanifest': '{}',
};

let webRoot: string;
let running: TestServer;

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'sealpost-web-'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(webRoot, name)), { recursive: true });
    await writeFile(join(webRoot, name), text);
    await writeFile(join(webRoot, `${name}.br`), brotliCompressSync(text));
  }
  running = await startTestServer({ webRoot });
});
afterAll(async () => {
  await running.stop();
  await rm(webRoot, { recursive: true, force: true });
});

const get = (path: string, init: RequestInit = {}) => fetch(`${running.origin}${path}`, init);
const policyOf = async (path: string) => (await get(path)).headers.get('Content-Security-Policy');

/** Without the client's own decoding. */
function rawGet(path: string, headers: Record<string, string>): Promise<{ response: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    request(`${running.origin}${path}`, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ response, body: Buffer.concat(parts) }));
    })
      .on('error', reject)
      .end();
  });
}

describe('a page', () => {
  it('has the policy of its own meta element, and may be framed by nobody', async () => {
    expect(await policyOf('/')).toBe(`${POLICY}; frame-ancestors 'none'`);
    expect(await policyOf('/unlock')).toBe("default-src 'none'; script-src 'self'; frame-ancestors 'none'");
    expect(await policyOf('/_app/immutable/entry/start.abc.js')).toBe(`${POLICY}; frame-ancestors 'none'`);
  });

  it('is isolated from other origins and tells none where it came from', async () => {
    const { headers } = await get('/findings/abc');
    expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
    expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(headers.get('X-Frame-Options')).toBe('DENY');
    expect(headers.get('Strict-Transport-Security')).toBeNull(); // not configured for https
  });

  it('is the shell for routes of the app, and 404 for everything with an extension and for the API', async () => {
    expect(await (await get('/findings/abc')).text()).toBe(FILES['index.html']);
    for (const path of [
      '/favicon.png',
      '/api/nothing',
      '/_app/immutable/old.js',
      '/_app/nothing',
      '/../package.json',
      '/%2e%2e/server.ts',
      '/.git/config',
      '/findings/.env',
    ])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect((await get('/', { method: 'POST' })).status).toBe(405);
  });
});

describe('workers', () => {
  it('that hold keys or parse have no network; the sync worker has it, and no WASM', async () => {
    const never = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
    const sealed = `${never}; worker-src 'none'; require-trusted-types-for 'script'; script-src 'self'`;
    for (const name of ['vault', 'unpack', 'ingest']) {
      const policy = await policyOf(`/_app/immutable/workers/${name}.worker-abc.js`);
      expect([name, policy]).toEqual([name, `${sealed} 'wasm-unsafe-eval'`]);
    }
    expect(await policyOf('/_app/immutable/workers/disk.worker-abc.js')).toBe(sealed);
    const sync = String(await policyOf('/_app/immutable/workers/sync.worker-abc.js'));
    expect(sync).toContain("connect-src 'self'");
    expect(sync).not.toContain('wasm');
  });
});

describe('files', () => {
  it('under /_app/immutable are cached for ever, all others asked for again', async () => {
    const immutable = await get('/_app/immutable/entry/start.abc.js');
    expect(immutable.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/service-worker.js', '/_app/version.json', '/findings'])
      expect([path, (await get(path)).headers.get('Cache-Control')]).toEqual([path, 'no-cache']);
    const etag = String((await get('/service-worker.js')).headers.get('ETag'));
    expect((await get('/service-worker.js', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it('go out compressed to whoever takes brotli', async () => {
    const path = '/_app/immutable/entry/start.abc.js';
    const packed = await rawGet(path, { 'Accept-Encoding': 'gzip, br' });
    expect(packed.response.headers['content-encoding']).toBe('br');
    expect(packed.response.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(brotliDecompressSync(packed.body).toString('utf8')).toBe(SCRIPT);
    for (const accepted of ['gzip', 'br;q=0, gzip', 'identity']) {
      const plain = await rawGet(path, { 'Accept-Encoding': accepted });
      expect([accepted, plain.response.headers['content-encoding']]).toEqual([accepted, undefined]);
      expect(plain.body.toString('utf8')).toBe(SCRIPT);
    }
  });
});

describe('a server', () => {
  it('without a built app says so, and serves the API', async () => {
    const bare = await startTestServer({ webRoot: join(webRoot, 'nowhere') });
    expect((await fetch(`${bare.origin}/`)).status).toBe(503);
    expect((await fetch(`${bare.origin}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${bare.origin}/api/v1/deployments`)).json()).toEqual({
      established: false,
      setup: 'open',
    });
    await bare.stop();
  });
});
