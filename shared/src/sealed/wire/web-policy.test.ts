import { describe, expect, it } from 'vitest';
import { INERT_POLICY, pagePolicy, workerPolicy } from './web-policy.ts';

describe('the policy of a page', () => {
  it('is that of its meta element, however its attributes are written', () => {
    const policy = "default-src 'none'; script-src 'self'";
    for (const html of [
      `<meta http-equiv="content-security-policy" content="${policy}">`,
      `<META content="${policy}" HTTP-EQUIV='Content-Security-Policy'/>`,
      `<meta charset="utf-8">\n<meta http-equiv="content-security-policy" content="${policy};">`,
      `<meta http-equiv="content-security-policy" content="${policy.replaceAll("'", '&#39;')}">`,
    ])
      expect(pagePolicy(html)).toBe(`${policy}; frame-ancestors 'none'`);
  });

  it('lets nothing load where the page has none, or one that would break the header', () => {
    const strictest = INERT_POLICY;
    expect(pagePolicy('')).toBe(strictest);
    expect(pagePolicy('<meta name="description" content="content-security-policy">')).toBe(strictest);
    expect(pagePolicy('<meta http-equiv="content-security-policy" content="a\r\nSet-Cookie: x">')).toBe(strictest);
  });
});

describe('the policy of a worker', () => {
  it('gives a network to the sync worker alone', () => {
    const folder = '/_app/immutable/workers/';
    expect(workerPolicy(`${folder}sync.worker-Ab12.js`, ['https://api.example'])).toContain(
      "connect-src 'self' https://api.example",
    );
    const others = [
      'vault.worker-Ab12.js',
      'ingest.worker-Ab12.js',
      'disk.worker-Ab12.js',
      'unpack.worker-Ab12.js',
      'async.worker.js',
    ];
    for (const name of [...others, 'chunks/sync-Ab12.js'])
      expect(workerPolicy(folder + name, ['https://api.example'])).not.toContain('connect-src');
    expect(workerPolicy('/_app/immutable/entry/start.js', [])).toBeNull();
  });

  it('lets none of them start another, or they could borrow the network of the sync worker', () => {
    for (const name of ['vault', 'ingest', 'sync', 'disk'])
      expect(workerPolicy(`/_app/immutable/workers/${name}.worker-Ab12.js`, [])).toContain("; worker-src 'none';");
  });

  it('lets only those run WebAssembly that compute', () => {
    const mayRun = (name: string) =>
      workerPolicy(`/_app/immutable/workers/${name}.worker-Ab12.js`, [])?.includes('wasm-unsafe-eval');
    expect(['vault', 'ingest'].every(mayRun)).toBe(true);
    expect(['sync', 'disk'].some(mayRun)).toBe(false);
  });
});
