/** What the operator of a server sees: settings in force, figures, readiness. Never a secret. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '@sealpost/server/src/app.ts';
import { describeConfig, readConfig } from '@sealpost/server/src/config.ts';
import { describedCalls, openApiDocument } from '@sealpost/server/src/openapi.ts';
import { send, setUp } from './scene.ts';
import type { Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

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
