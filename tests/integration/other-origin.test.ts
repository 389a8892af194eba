/** The app on another origin than the API: which pages a browser lets call it, and what the app is told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

const APP = 'https://app.example';
let api: TestServer;
let app: TestServer;

beforeAll(async () => {
  api = await startTestServer({ appOrigins: [APP, 'https://second.example'] });
  app = await startTestServer({ apiOrigin: api.origin });
});
afterAll(() => Promise.all([api.stop(), app.stop()]));

/** What a browser asks before it sends a signed request of a page at `origin`. */
const preflight = (server: TestServer, origin: string, path = '/api/v1/deployments') =>
  fetch(server.origin + path, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'content-digest,content-type,signature,signature-input',
    },
  });

describe('an API with the app elsewhere', () => {
  it('names exactly the origins that were configured, never all, and never with credentials', async () => {
    for (const origin of [APP, 'https://second.example']) {
      const { status, headers } = await preflight(api, origin);
      expect([status, headers.get('Access-Control-Allow-Origin')]).toEqual([204, origin]);
      expect(headers.get('Access-Control-Allow-Headers')).toContain('signature-input');
      expect(headers.get('Access-Control-Allow-Methods')).toBe('GET,HEAD,PUT,POST,DELETE');
      expect(headers.get('Access-Control-Max-Age')).toBe('7200');
      expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
      expect(headers.get('Vary')).toContain('Origin');
    }
    const strangers = ['https://evil.example', 'http://app.example', 'https://app.example.evil.example', 'null', '*'];
    for (const origin of strangers) {
      for (const answer of [
        await preflight(api, origin),
        await fetch(`${api.origin}/api/v1/deployments`, { headers: { Origin: origin } }),
      ])
        expect([origin, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([origin, null]);
    }
  });

  it('lets them read the clock and the offsets of answers, refusals included', async () => {
    const refused = await fetch(`${api.origin}/api/v1/${'A'.repeat(43)}/requests`, { headers: { Origin: APP } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe(APP);
    const exposed = refused.headers.get('Access-Control-Expose-Headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['date', 'upload-offset', 'etag', 'retry-after']));
  });

  it('says nothing of its pages to others, and without the setting nothing of anything', async () => {
    const page = await fetch(`${api.origin}/healthz`, { headers: { Origin: APP } });
    expect(page.headers.get('Access-Control-Allow-Origin')).toBeNull();
    const answer = await preflight(app, APP);
    expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')]).toEqual([404, null]);
  });
});

describe('a host of the app', () => {
  it('says where the API is, and lets the sync worker alone go there', async () => {
    expect(await (await fetch(`${app.origin}/config.json`)).json()).toEqual({ api: api.origin });
    expect(await (await fetch(`${api.origin}/config.json`)).json()).toEqual({ api: null });
  });
});
