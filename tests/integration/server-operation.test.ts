/** What the operator of a server sees: settings in force, figures, readiness. Never a secret. */
import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as afterOthers } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '@sealpost/server/src/app.ts';
import { describeConfig, readConfig } from '@sealpost/server/src/config.ts';
import { openApiDocument } from '@sealpost/server/src/openapi.ts';
import { describedBodies, describedCalls } from '@sealpost/server/src/openapi-calls.ts';
import { paths } from '@sealpost/shared/sealed/wire/paths';
import { noneAcknowledged, postEntries } from '../faults/record/writers.ts';
import { freePort } from '../scale/postgres.ts';
import { EntryChain } from './entry-chain.ts';
import { ignore, load, makeCert, makeMember, MASKED, must } from './people.ts';
import { checked, send, setUp } from './scene.ts';
import type { Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';
import { dropStorage, isOnPostgres } from './test-storage.ts';

let running: TestServer;
let scene: Scene;
beforeAll(async () => {
  running = await startTestServer({ withMetrics: true });
  scene = await setUp(running.origin);
});
afterAll(() => running.stop());

const ask = (path: string) => fetch(`http://127.0.0.1:${running.server.metricsPort}${path}`);

describe('the second port', () => {
  it('tells how many requests were answered, by pattern and never by id', async () => {
    await fetch(scene.origin + scene.at.chains());
    await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.audit() });
    await fetch(`${scene.origin}/api/v1/canary-1/canary-2`);
    const text = await (await ask('/metrics')).text();
    expect(text).toMatch(
      /^sealpost_requests_total\{route="\/api\/v1\/:deployment\/chains",method="GET",status="200"\} \d+$/m,
    );
    expect(text).toMatch(/^sealpost_request_seconds_count\{route="\/api\/v1\/:deployment\/audit"\} 1$/m);
    expect(text).toMatch(/^sealpost_free_bytes [\d.e+]+$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toContain(scene.deployment);
    expect(text).not.toMatch(/canary/);
  });

  it('is ready, answers nothing of the API, and the first port has no figures', async () => {
    expect((await ask('/readyz')).status).toBe(200);
    expect((await ask(scene.at.chains())).status).toBe(404);
    expect((await fetch(`${running.origin}/metrics`)).headers.get('content-type')).not.toMatch(/version=0\.0\.4/);
  });
});

it('the second port says how far the check of the record has come, and is closed where the record is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-ready-'));
  const first = await startTestServer({ dataDir: folder });
  const there = await setUp(first.origin);
  const { device } = await there.enrol();
  const chain = new EntryChain(device, there.deployment);
  for (let turn = 0; turn < 4; turn++)
    expect(await postEntries(there, chain, await chain.next(100), noneAcknowledged())).toBe(200);
  await first.stop();

  const metricsPort = await freePort();
  const told = new Set<string>();
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => null);
      if (answer !== null) told.add(`${answer.status} ${await answer.text()}`);
      else await afterOthers();
    }
  })();
  const options = {
    dataDir: folder,
    withMetrics: true,
    metricsPort,
    verify: { pageEntries: 1 },
  };
  const second = await startTestServer(options);
  const ready = await fetch(`http://127.0.0.1:${metricsPort}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([200, 'ready\n']);
  await second.stop();
  isOver = true;
  await asking;
  expect([...told].join('')).toMatch(/503 checking the record, \d+ of 4\d\d entries\n/);

  if (!isOnPostgres) {
    const db = new DatabaseSync(join(folder, 'sealpost.sqlite'));
    db.exec('update log_entries set received_at = received_at, entry = zeroblob(172) where position = 50');
    db.close();
    await expect(startTestServer(options)).rejects.toThrow('entry 50 was altered');
    await expect(fetch(`http://127.0.0.1:${metricsPort}/readyz`)).rejects.toThrow();
  }
  await dropStorage(folder);
  await rm(folder, { recursive: true, force: true });
});

interface Heard {
  readonly method: string;
  readonly path: string;
  readonly sent: string;
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Everything that `work` asks of the API, and is answered at once. */
async function listenTo(work: () => Promise<void>): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const answer = await real(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    if (!url.pathname.startsWith('/api/') || answer.headers.get('content-type') === 'text/event-stream') return answer;
    const body = init?.body ?? '';
    heard.push({
      method: init?.method ?? 'GET',
      path: url.pathname,
      sent: typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString('utf8'),
      status: answer.status,
      type: answer.headers.get('content-type'),
      text: await answer.clone().text(),
    });
    return answer;
  };
  try {
    await work();
    return heard;
  } finally {
    globalThis.fetch = real;
  }
}

describe('the description of the API', () => {
  it('has every route, and no other', () => {
    const served = createApp(running.server.deps)
      .routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
      .map(({ method, path }) => `${method} ${path}`);
    expect([...describedCalls()].sort()).toEqual([...new Set(served)].sort());
  });

  it('is the file in the repository', async () => {
    await expect(`${JSON.stringify(openApiDocument(), null, 2)}\n`).toMatchFileSnapshot('../../server/openapi.json');
  });

  it('tells truly what real requests carry and are answered, and what is refused', async () => {
    const heard = await listenTo(async () => {
      const cert = await makeCert(running.origin);
      const { device, listing } = await makeMember(cert, 'Watched Office', 'watched.example');
      must(await load(cert.client, 'f1', ['https://vpn.watched.example/:w1@watched.example:Waiting-1-x']));
      await cert.client.publish([listing.listId], MASKED, ignore);
      for (const { client } of [device, cert]) must(await client.sync(ignore));
      must(await cert.client.audit({ device: null, kind: null, limit: 10 }));
      must(await device.client.proveOwnEntries(ignore));
      const at = paths(cert.opened.session.identity.deployment);
      const asOperator = (method: string, path: string, body?: object) =>
        send(running.origin, cert.opened.session.signer, { method, path, ...(body === undefined ? {} : { body }) });
      await asOperator('GET', at.deliveries(device.opened.session.identity.org as never));
      const first = (await (await asOperator('GET', at.chains())).json()) as { statements: string[] };
      // a statement that is there already, and one that does not come next
      await asOperator('POST', at.chains(), { statements: first.statements.slice(0, 1) });
      await asOperator('POST', at.chains(), { statements: [] });
      await asOperator('GET', at.blob('A'.repeat(43)));
      await fetch(`${running.origin}/api/v1/deployments`);
    });
    const calls = new Set<string>();
    for (const { method, path, sent, status, type, text } of heard) {
      const described = describedBodies(method, path);
      expect([method, path, described !== null]).toEqual([method, path, true]);
      if (described === null) continue;
      calls.add(described.call);
      expect([described.call, described.statuses]).toEqual([described.call, expect.arrayContaining([status])]);
      if (described.takes !== null && status < 400) checked(described.takes, JSON.parse(sent));
      const schema = described.schemaOf(status);
      if (schema !== null) checked(schema, JSON.parse(text));
      if (status >= 400 && method !== 'HEAD')
        expect([type, JSON.parse(text)]).toMatchObject(['application/problem+json', { status }]);
    }
    const withJson = [
      ...['get deployments', 'post deployments', 'get logKeys', 'get chains', 'post chains', 'post invitations'],
      ...['post requests', 'get requests', 'put manifest', 'get deliveries', 'post audit', 'get audit'],
      ...['get consistency', 'get receipts'],
    ];
    expect([...calls]).toEqual(expect.arrayContaining(withJson));
  }, 60_000); // a CERT and an organisation are made, and exchange a bundle

  it('tells truly what is signed', async () => {
    const document = openApiDocument() as unknown as {
      readonly paths: Record<string, Record<string, { readonly security: readonly unknown[] }>>;
    };
    for (const [path, calls] of Object.entries(document.paths)) {
      for (const [method, { security }] of Object.entries(calls)) {
        if (security.length === 0) continue;
        const url = scene.origin + path.replace('{deployment}', scene.deployment).replaceAll(/\{\w+\}/g, 'x');
        expect([path, method, (await fetch(url, { method })).status]).toEqual([path, method, 401]);
      }
    }
  });
});

describe('the summary at the start', () => {
  it('names every setting and holds no secret', () => {
    const config = readConfig(
      {
        DATABASE_URL: 'postgresql://canary-user:canary-password@db.example:5432/sealpost',
        SETUP_TOKEN: 'canary-setup-token-0123456789',
        PUBLIC_ORIGINS: 'https://sealpost.example',
        METRICS_PORT: '9464',
      },
      '/srv/sealpost/server',
    );
    const text = config.ok ? describeConfig(config.value).join('\n') : '';
    expect(text).not.toContain('canary');
    for (const part of ['db.example:5432', 'https://sealpost.example', '127.0.0.1:9464', '127.0.0.1:8787'])
      expect(text).toContain(part);
  });
});
