/** The server behind the reverse proxies that `server/deploy` documents: what it promises must reach the other side. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { BLOB_PART_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { fileOf, listFile } from '../faults/line/list-file.ts';
import { noneAcknowledged, postEntries } from '../faults/record/writers.ts';
import { EntryChain } from '../integration/entry-chain.ts';
import { sealedFile, send, setUp, signedHeaders } from '../integration/scene.ts';
import type { Enrolled, Scene } from '../integration/scene.ts';
import { storageOf } from '../integration/test-storage.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import { freePort } from './postgres.ts';
import { hasProgram, startCaddy, startNginx } from './reverse-proxy.ts';
import type { RunningProxy } from './reverse-proxy.ts';

const PROXIES = [
  { name: 'nginx', program: 'nginx', debian: 'nginx-light', start: startNginx },
  { name: 'Caddy', program: 'caddy', debian: 'caddy', start: startCaddy },
] as const;

for (const { name, program, debian, start } of PROXIES) {
  const isThere = hasProgram(program);
  const reason = isThere ? '' : ` (skipped: no ${program} here; apt-get install ${debian})`;
  describe.skipIf(!isThere)(`behind ${name}${reason}`, () => {
    let folder: string;
    let httpsPort: number;
    let httpPort: number;
    let servers: readonly TestServer[];
    let proxy: RunningProxy;
    let scene: Scene;
    let agency: Enrolled;
    const before = getCACertificates('default');

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sealpost-proxy-'));
      [httpsPort, httpPort] = [await freePort(), await freePort()];
      const publicOrigins = [`https://localhost:${httpsPort}`];
      const first = await startTestServer({ publicOrigins });
      // two processes where they can share what they keep
      const { databaseUrl, s3 } = await storageOf(first.dataDir);
      const second =
        databaseUrl !== null && s3 !== null ? [await startTestServer({ publicOrigins, besides: first.dataDir })] : [];
      servers = [...second, first];
      const serverPorts = servers.map(({ server }) => server.port);
      proxy = await start({ folder, httpsPort, httpPort, serverPorts });
      setDefaultCACertificates([...before, proxy.certificate]);
      scene = await setUp(`https://localhost:${httpsPort}`, { setupToken: first.server.setupToken });
      agency = await scene.enrol();
    });
    afterAll(async () => {
      setDefaultCACertificates(before);
      await proxy.stop();
      for (const server of servers) await server.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      send(scene.origin, agency.device, { method: 'GET', path, headers });

    it('people are led to https, and a client that calls the API in clear is refused', async () => {
      const clear = (path: string) =>
        fetch(`http://localhost:${httpPort}${path}`, { redirect: 'manual' }).then(
          ({ status, headers }) => [status, headers.get('location')] as const,
        );
      expect(await clear('/about?x=1')).toEqual([301, 'https://localhost/about?x=1']);
      expect(await clear('/api/v1/deployments')).toEqual([403, null]);
    });

    it('the app comes over TLS with the headers of the server, HSTS of two years among them', async () => {
      const answer = await fetch(`${scene.origin}/`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('server') ?? '').not.toMatch(/\d/); // no version
    });

    it('versions of TLS before 1.2 are refused', async () => {
      const version = (min: 'TLSv1.1' | 'TLSv1.2', max: 'TLSv1.1' | 'TLSv1.3') =>
        new Promise<string>((resolve) => {
          const options = { minVersion: min, maxVersion: max, ciphers: 'DEFAULT@SECLEVEL=0', ca: proxy.certificate };
          const socket = connectTls({ host: '127.0.0.1', port: httpsPort, servername: 'localhost', ...options });
          socket.once('secureConnect', () => (resolve(socket.getProtocol() ?? ''), socket.destroy()));
          socket.once('error', () => resolve('refused'));
        });
      expect(await version('TLSv1.1', 'TLSv1.1')).toBe('refused');
      expect(await version('TLSv1.2', 'TLSv1.3')).toBe('TLSv1.3');
    });

    it('browsers get HTTP/2, and a request that was signed for the public name holds through it', async () => {
      const { device } = agency;
      const session = connectHttp2(scene.origin, { ca: proxy.certificate });
      const signed = await signedHeaders(scene.origin, device, scene.at.checkpoint());
      const stream = session.request({ ':path': scene.at.checkpoint(), ...signed });
      const status = await new Promise((resolve, reject) => {
        stream.once('response', (headers) => resolve(headers[':status']));
        stream.once('error', reject);
      });
      session.destroy();
      expect(status).toBe(200);
    });

    it('an upload of several whole parts goes through and comes back byte for byte, ranges too', async () => {
      const file = fileOf(2 * BLOB_PART_BYTES + 1234);
      await listFile(scene, agency.org, file);
      const path = scene.at.blob(file.sha256);
      const whole = await get(path);
      expect(whole.status).toBe(200);
      expect(toBase64url(sha256(new Uint8Array(await whole.arrayBuffer())))).toBe(file.sha256);
      const part = await get(path, { Range: 'bytes=8000000-8999999' });
      expect([part.status, part.headers.get('content-range')]).toEqual([
        206,
        `bytes 8000000-8999999/${file.bytes.length}`,
      ]);
      expect(Buffer.from(await part.arrayBuffer()).equals(file.bytes.subarray(8_000_000, 9_000_000))).toBe(true);
      expect((await get(path, { 'If-None-Match': `"${file.sha256}"` })).status).toBe(304);
    }, 180_000); // test S3 on a busy machine takes ten times as long as a disk

    it('a body above the limit is refused', async () => {
      const file = fileOf(10_000_000);
      const path = scene.at.blobPart(file.sha256, 0, file.bytes.length);
      const answer = await send(scene.origin, scene.operator, { method: 'PUT', path, body: file.bytes }).then(
        ({ status }) => status,
        () => 'cut', // the proxy need not read what it does not take
      );
      expect([413, 'cut']).toContain(answer);
    });

    it('head numbers come as they are told, and whoever leaves a stream leaves room for the next one', async () => {
      for (let turn = 0; turn < 12; turn++) {
        const leaving = new AbortController();
        const events = await openEvents(leaving.signal);
        const next = eventsOf(events);
        const told = await next();
        if (turn === 0) {
          // the server tells it within a tenth of a second, and nothing more comes for 25: a proxy that waits for more would hang here
          const { device } = await scene.enrol();
          const chain = new EntryChain(device, scene.deployment);
          expect(await postEntries(scene, chain, await chain.next(1), noneAcknowledged())).toBe(200);
          for (let audit = told.audit; audit <= told.audit;) audit = (await next()).audit;
        }
        leaving.abort();
      }
    });

    it('nobody gets another quota by claiming another address, and nobody is taken for one who sits at the machine', async () => {
      const state = (await (await fetch(`${scene.origin}/api/v1/deployments`)).json()) as { setup: string };
      expect(state.setup).toBe('token');
      const statuses: number[] = [];
      for (let turn = 0; turn < 12; turn++) {
        const headers = { 'X-Forwarded-For': `192.0.2.${turn}` };
        const { bytes } = await sealedFile(100);
        const answer = await fetch(scene.origin + scene.at.requests(), { method: 'POST', body: bytes, headers });
        statuses.push(answer.status);
        await answer.arrayBuffer();
      }
      // three an hour from one address, of each process
      const taken = statuses.filter((status) => status === 201).length;
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThanOrEqual(3 * servers.length);
    });

    /** Opens a stream of head numbers; one that was left a moment ago may still be held. */
    async function openEvents(signal: AbortSignal): Promise<Response> {
      for (;;) {
        const path = scene.at.events();
        const headers = await signedHeaders(scene.origin, agency.device, path);
        const answer = await fetch(scene.origin + path, { headers, signal });
        if (answer.status === 200) return answer;
        expect(answer.status).toBe(429);
        await answer.arrayBuffer();
        await new Promise((wait) => setTimeout(wait, 50));
      }
    }
  });
}

/** The next event of a stream, whenever it comes. */
function eventsOf(answer: Response): () => Promise<{ readonly audit: number }> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  return async () => {
    for (;;) {
      const found = /data: (.*)\n\n/.exec(text);
      if (found !== null) {
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1] ?? '') as { audit: number };
      }
      const { value, done } = await reader.read();
      if (done) throw new Error('the stream ended');
      text += Buffer.from(value).toString('utf8');
    }
  };
}
