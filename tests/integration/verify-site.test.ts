/** `release` and `verify-site`: what a server serves is what was signed, and every way in which it is not is named. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { openAuditPayload } from '@sealpost/shared/sealed/audit/payload';
import { AuditPageSchema } from '@sealpost/shared/sealed/wire/bodies';
import { toJsonLine } from '../../shared/cli/src/escape.ts';
import { run } from '../../shared/cli/src/run.ts';
import { checked, send, setUp } from './scene.ts';
import { startTestServer } from './test-server.ts';

const PASSPHRASE_FILE = ['--passphrase-file', 'p.txt'];
const PASSPHRASE = 'seven quiet herons cross the muddy delta';
const PAGE = `<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'self'"><title>x</title>`;
const FILES: Record<string, string> = {
  'index.html': PAGE,
  'service-worker.js': 'self.skipWaiting',
  '_app/version.json': '{"version":"1"}',
  '_app/immutable/entry/start.abc.js': 'export const long = 1;'.repeat(50),
  '_app/immutable/workers/vault.worker-abc.js': 'vault',
  '_app/immutable/workers/sync.worker-abc.js': 'sync',
};

/** Made by minisign 0.11 with `-W` for this test: nothing is stretched, so that signing takes no time. */
const KEY = 'RWSQidqBZdSK3mOR8zng201bRlQhfNg+K2JkEDRR+aKgAlCRigGRM0k9';
const SECRET_KEY =
  'RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkInagWXUit6+JEgZXnDkKFRn745c8f0QNDJZNHYQfwcTAPnOnj3j' +
  'wGOR8zng201bRlQhfNg+K2JkEDRR+aKgAlCRigGRM0k9AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const RELEASED = '2026-11-26T20:00:00Z';

let folder: string;

/** Runs one command in this process, in `folder`. */
async function sealpost(...args: readonly string[]): Promise<{ code: number; out: string[]; err: string }> {
  const out: string[] = [];
  const remarks: string[] = [];
  const code = await run(args, {
    environment: {},
    path: (text) => resolve(folder, text),
    out: async (line) => void out.push(line),
    json: async (value) => void out.push(toJsonLine(value)),
    say: (sentence) => void remarks.push(sentence),
    progress: () => undefined,
    onInterrupt: () => undefined,
  });
  return { code, out, err: remarks.join('\n') };
}

async function must(...args: readonly string[]): Promise<string[]> {
  const { code, out, err } = await sealpost(...args);
  if (code !== 0) throw new Error(`sealpost ${args.join(' ')} ended with ${code}: ${err}`);
  return out;
}

/** A build: files with their compressed forms beside them, changed by `change`, signed as `version`. */
async function build(name: string, version = '1.0.0', change: Record<string, string> = {}): Promise<string> {
  const root = join(folder, name);
  for (const [path, text] of Object.entries({ ...FILES, ...change })) await put(root, path, text);
  await sign(name, version, RELEASED);
  return root;
}

const sign = (name: string, version: string, released: string) =>
  must('release', name, '--key', 'mine.key', '--version', version, '--released', released);

async function put(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  await writeFile(join(root, `${path}.br`), brotliCompressSync(text));
}

interface Told {
  readonly code: number;
  readonly err: string;
  readonly differences: readonly { readonly difference: string; readonly path: string; readonly detail: string }[];
  readonly summary: {
    readonly files?: number;
    readonly differences?: number;
    readonly api?: string | null;
    readonly release?: string;
  };
}

/** Serves `webRoot` by the real server and checks it. */
async function check(
  webRoot: string,
  args: readonly string[] = ['--key', 'mine.pub'],
  apiOrigin?: string,
): Promise<Told> {
  const server = await startTestServer({ webRoot, ...(apiOrigin !== undefined && { apiOrigin }) });
  try {
    return await ask(server.origin, args);
  } finally {
    await server.stop();
  }
}

async function ask(origin: string, args: readonly string[] = ['--key', 'mine.pub']): Promise<Told> {
  const { code, out, err } = await sealpost('verify-site', origin, ...args);
  const parsed = out.map((line) => JSON.parse(line) as Record<string, unknown>);
  const differences = parsed.filter((line) => 'difference' in line) as unknown as Told['differences'];
  const summary = (parsed.find((line) => 'site' in line) ?? {}) as Told['summary'];
  return { code, err, differences, summary };
}

const named = ({ differences }: Told) => differences.map(({ difference, path }) => `${difference} ${path}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-release-'));
  await writeFile(join(folder, 'p.txt'), `${PASSPHRASE}\n`);
  await writeFile(join(folder, 'mine.pub'), `untrusted comment: minisign public key DE8AD46581DA8990\n${KEY}\n`);
  await writeFile(join(folder, 'mine.key'), `untrusted comment: minisign encrypted secret key\n${SECRET_KEY}\n`);
  await build('site');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the signed build in which something was changed afterwards. */
async function tampered(name: string, change: (root: string) => Promise<void>): Promise<string> {
  const root = join(folder, name);
  await cp(join(folder, 'site'), root, { recursive: true });
  await change(root);
  return root;
}

describe('a server that serves the release', () => {
  it('is found clean, by key file and by key line, and says where it sends the app', async () => {
    const clean = await check(join(folder, 'site'));
    expect(clean).toMatchObject({ code: 0, differences: [], summary: { files: 6, differences: 0, api: null } });
    const elsewhere = await check(join(folder, 'site'), ['--key', KEY], 'https://api.example');
    expect(elsewhere).toMatchObject({ code: 0, differences: [], summary: { api: 'https://api.example' } });
    expect(elsewhere.err).toContain('https://api.example');
  });

  it('has a list that is the same bytes for the same release, whose signature other programs check', async () => {
    const list = JSON.parse(await readFile(join(folder, 'site/release.json'), 'utf8')) as { files: { path: string }[] };
    expect(list.files.map(({ path }) => path)).toEqual(
      Object.keys(FILES)
        .map((path) => `/${path}`)
        .sort(),
    );
    const signature = await readFile(join(folder, 'site/release.json.minisig'), 'utf8');
    await build('again');
    expect(await readFile(join(folder, 'again/release.json'))).toEqual(
      await readFile(join(folder, 'site/release.json')),
    );
    expect(signature).toMatch(
      /^untrusted comment: .*\n[A-Za-z0-9+/=]{100}\ntrusted comment: sealpost 1\.0\.0, .*\n.{88}\n$/,
    );
  });
});

describe('the audit log', () => {
  it('says at every start which release was served, by the hash that verify-site tells', async () => {
    const dataDir = join(folder, 'data');
    const first = await startTestServer({ dataDir, webRoot: join(folder, 'site') });
    const scene = await setUp(first.origin);
    await first.stop();
    const second = await startTestServer({ dataDir, port: first.server.port, webRoot: join(folder, 'site') });
    const told = await ask(second.origin);
    const path = scene.at.auditAfter(0);
    const answer = await send(scene.origin, scene.operator, { method: 'GET', path });
    const { entries } = checked(AuditPageSchema, await answer.json());
    await second.stop();
    const events = await Promise.all(
      entries.map(({ payload }) => openAuditPayload(parseBase64url(payload ?? '') ?? new Uint8Array(0), [scene.audit])),
    );
    expect(events.flatMap((event) => (event.ok && event.value.kind === 'app_served' ? [event.value] : []))).toEqual([
      { v: 1, kind: 'app_served', at: expect.any(Number), release: told.summary.release, files: 6 },
    ]);
  });
});

describe('a server that does not', () => {
  it.each([
    ['one byte altered', 'altered /_app/immutable/entry/start.abc.js', '_app/immutable/entry/start.abc.js'],
    [
      'an altered worker',
      'altered /_app/immutable/workers/vault.worker-abc.js',
      '_app/immutable/workers/vault.worker-abc.js',
    ],
    ['an altered service worker', 'altered /service-worker.js', 'service-worker.js'],
  ])('with %s is told by its name', async (_, difference, path) => {
    const root = await tampered(`altered-${path.replaceAll('/', '-')}`, async (folder) => {
      const text = await readFile(join(folder, path), 'utf8');
      await put(folder, path, `${text.slice(0, -1)}#`);
    });
    const told = await check(root);
    expect(told.code).toBe(1);
    expect(named(told)).toEqual([difference]);
  });

  it('alters only what goes out compressed is told', async () => {
    const path = '_app/immutable/entry/start.abc.js';
    const root = await tampered('compressed', (folder) =>
      writeFile(join(folder, `${path}.br`), brotliCompressSync('evil')),
    );
    const told = await check(root);
    expect(named(told)).toEqual([`altered /${path}`]);
    expect(told.differences[0]?.detail).toContain('as compressed');
  });

  it('with another page, the script that it names, and more beside it, is told of each', async () => {
    const root = await tampered('page', async (folder) => {
      await put(folder, 'index.html', PAGE.replace('</title>', '</title><script src="/helper-1.js"></script>'));
      await put(folder, 'helper-1.js', 'evil');
      await put(folder, 'sw.js', 'evil');
    });
    const told = await check(root);
    expect(told.code).toBe(1);
    expect(named(told)).toEqual(expect.arrayContaining(['altered /', 'altered /index.html', 'altered /unlock']));
    expect(named(told)).toEqual(expect.arrayContaining(['extra /helper-1.js', 'extra /sw.js']));
  });

  it('with a file missing is told', async () => {
    const root = await tampered('missing', async (folder) => {
      await rm(join(folder, 'service-worker.js'));
      await rm(join(folder, 'service-worker.js.br'));
    });
    const told = await check(root);
    expect([told.code, ...named(told)]).toEqual([1, 'missing /service-worker.js']);
  });

  it('has the list of another build, one that was changed, or none, is told before any file is looked at', async () => {
    const other = await build('another', '1.1.0', { 'service-worker.js': 'another' });
    const swapped = await tampered('swapped', (folder) =>
      cp(join(other, 'release.json'), join(folder, 'release.json')),
    );
    expect(await check(swapped)).toMatchObject({
      code: 1,
      err: expect.stringContaining('its signature does not hold'),
    });
    const both = await tampered('both', async (folder) => {
      for (const name of ['release.json', 'release.json.minisig']) await cp(join(other, name), join(folder, name));
    });
    expect(named(await check(both))).toEqual(['altered /service-worker.js']);
    const bare = await tampered('bare', (folder) => rm(join(folder, 'release.json')));
    expect(await check(bare)).toMatchObject({ code: 1, err: expect.stringContaining('/release.json') });
  });

  it('signed by another key, or asked with one that is none, is told', async () => {
    await must('release-key', 'other', ...PASSPHRASE_FILE);
    const told = await check(join(folder, 'site'), ['--key', 'other.pub']);
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('another key') });
    const root = await tampered('theirs', () => Promise.resolve());
    await must('release', 'theirs', '--key', 'other.key', '--version', '1.0.0', ...PASSPHRASE_FILE);
    expect((await check(root, ['--key', 'other.pub'])).code).toBe(0);
    expect((await sealpost('release-key', 'other', ...PASSPHRASE_FILE)).err).toContain('is there already');
    expect((await check(join(folder, 'site'), ['--key', 'p.txt'])).code).toBe(2);
  });

  it('goes back to an older release is told, by what was seen before and by a list from elsewhere', async () => {
    const newer = await tampered('newer', async (root) => {
      await put(root, 'service-worker.js', 'newer');
      await sign('newer', '2.0.0', '2026-11-27T20:00:00Z');
    });
    const memory = ['--key', 'mine.pub', '--memory', 'seen.json'];
    expect((await check(newer, memory)).code).toBe(0);
    expect((await check(newer, memory)).code).toBe(0);
    const back = await check(join(folder, 'site'), memory);
    expect(back).toMatchObject({ code: 1, err: expect.stringContaining('older than 2.0.0') });
    const list = await check(join(folder, 'site'), ['--key', 'mine.pub', '--release', 'newer/release.json']);
    expect(list).toMatchObject({ code: 1, err: expect.stringContaining('an older release') });
    expect(named(list)).toEqual(['altered /service-worker.js']);
    const twin = await build('twin', '2.0.0', { 'service-worker.js': 'twin' });
    await sign('twin', '2.0.0', '2026-11-27T20:00:00Z');
    expect(await check(twin, memory)).toMatchObject({
      code: 1,
      err: expect.stringContaining('two different releases'),
    });
  });

  it('sends files without the policies that keep workers from the network is told', async () => {
    const server = createServer((request, response) => {
      const path = request.url === '/' || !/\.\w+$/.test(request.url ?? '') ? '/index.html' : String(request.url);
      readFile(join(folder, 'site', path)).then(
        (bytes) => {
          const type = path.endsWith('.html') ? 'text/html' : 'text/javascript';
          response.writeHead(200, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(bytes);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const told = await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.close();
    expect(told.code).toBe(1);
    const workers = ['vault', 'sync'].map((name) => `header /_app/immutable/workers/${name}.worker-abc.js`);
    expect(named(told)).toEqual(expect.arrayContaining([...workers, 'header /', 'header /unlock']));
    expect(named(told).every((one) => one.startsWith('header '))).toBe(true);
  });
});

/** minisign itself, where it is installed. */
function minisign(...args: readonly string[]): string | null {
  try {
    return execFileSync('minisign', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : String(error);
  }
}

describe.skipIf(minisignIsMissing())('minisign', () => {
  it('verifies our signature, and we verify its own', async () => {
    expect(minisign('-Vm', 'site/release.json', '-p', 'mine.pub')).toContain('verified');
    minisign('-G', '-W', '-p', 'debian.pub', '-s', 'debian.key');
    const root = await tampered('debian', (folder) => rm(join(folder, 'release.json.minisig')));
    minisign('-S', '-s', 'debian.key', '-m', 'debian/release.json');
    expect((await check(root, ['--key', 'debian.pub'])).code).toBe(0);
    await must('release', 'debian', '--key', 'debian.key', '--version', '1.0.1');
    expect(minisign('-Vm', 'debian/release.json', '-p', 'debian.pub')).toContain('verified');
  });
});

function minisignIsMissing(): boolean {
  try {
    execFileSync('minisign', ['-v'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
}
