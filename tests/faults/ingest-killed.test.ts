/**
 * Loads of the command line killed with SIGKILL at several points: the same command again ends with the drafts, sightings and ledger of
 * one that was never killed, whenever the kill came. `INGEST_KILL_ROUNDS` says at how many points.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cli } from '../integration/cli.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';

const MAIN = resolve(import.meta.dirname, '../../shared/cli/src/main.ts');
const ROUNDS = Number(process.env['INGEST_KILL_ROUNDS'] ?? 1);
const LINES = 120_000;
/** What the smallest of them adds to the vault's log. */
const CHECKPOINT_BYTES = 20_000;

let server: TestServer;
let folder: string;
let cli: Cli;

/** Made-up lines: a tenth of them concerns somebody, one in a thousand cannot be read. */
function material(): string {
  const parts: string[] = [];
  for (let i = 0; i < LINES; i++) {
    if (i % 1_000 === 7) parts.push(`nothing to split here moe.example ${i}`);
    else if (i % 10 === 0) parts.push(`https://vpn.moe.example/login:person${i % 30_000}@moe.example:Secret:${i % 50}`);
    else parts.push(`https://shop${i % 977}.other.example/account:buyer${i}@mail.example:pw${i}`);
  }
  return `${parts.join('\n')}\n`;
}

const ingestArgs = (home: string, out: string) => [
  ...['ingest', 'list.txt', 'more.txt', '--home', home, '--out', out],
  ...['--alias', 'SRC-1', '--checkpoint-mib', '1', '--passphrase-file', 'p.txt'],
];

/** What a load left, without what the clock put there. */
function drafts(out: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const name of readdirSync(join(folder, out)).sort()) {
    // Secrets are sealed anew each time.
    if (name.endsWith('.age')) continue;
    texts[name] = readFileSync(join(folder, out, name), 'utf8')
      .replaceAll(/"(?:ingestedAtMs|firstSeenAtMs|lastSeenAtMs|seenAtMs|madeAtMs)":\d+/g, '"t":0')
      .replaceAll(/"loads":\[[^\]]*\]/g, '"loads":[]');
  }
  return texts;
}

/** Runs a load and sends it `signal` once its vault has grown by `checkpoints` commits; its exit code, `null` if it was killed. */
async function interrupted(home: string, out: string, signal: 'SIGKILL' | 'SIGINT', checkpoints: number) {
  const child = spawn(process.execPath, [MAIN, ...ingestArgs(home, out)], {
    cwd: folder,
    env: { PATH: String(process.env['PATH']) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  let size = 0;
  let grown = 0;
  const watching = setInterval(() => {
    const now = sizeOf(join(folder, home, 'vault.sqlite-wal'));
    if (now < size + CHECKPOINT_BYTES) return;
    size = now;
    if (++grown === checkpoints) child.kill(signal);
  }, 5);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearInterval(watching);
  return { code, told };
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'sealpost-killed-'));
  cli = new Cli(folder);
  writeFileSync(join(folder, 'p.txt'), 'seven quiet herons cross the muddy delta\n');
  const text = material();
  writeFileSync(join(folder, 'list.txt'), text);
  writeFileSync(join(folder, 'more.txt'), text.split('\n').reverse().slice(0, 40_000).join('\n'));
  await cli.json('cert-init', '--home', 'fresh', '--server', server.origin, '--name', 'Test CERT');
  writeFileSync(join(folder, 'orgs.csv'), 'name_en,name_th,domains\nMinistry,กระทรวง,moe.example\n');
  await cli.json('orgs', 'import', 'orgs.csv', '--home', 'fresh');
  cpSync(join(folder, 'fresh'), join(folder, 'whole'), { recursive: true });
  await cli.must(...ingestArgs('whole', 'out-whole'));
}, 240_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** A home as it was before anything was loaded. */
function freshHome(name: string): void {
  cpSync(join(folder, 'fresh'), join(folder, name), { recursive: true });
}

interface Evidence {
  readonly source: string;
  readonly sha256: string;
  readonly entry: string;
  readonly offset: number;
  readonly length: number;
  readonly derived?: { readonly same: boolean; readonly login: string; readonly bytes?: string };
}

describe('a load of the command line', () => {
  test(`killed at ${ROUNDS} points and called again ends the same`, { timeout: 240_000 }, async () => {
    let goneOn = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const [home, out] = [`home-${round}`, `out-${round}`];
      freshHome(home);
      const { code } = await interrupted(home, out, 'SIGKILL', 2 + 4 * round);
      const { code: again, err } = await cli.run(ingestArgs(home, out));
      expect(again, err).toBe(0);
      if (code === null && err.includes('goes on')) goneOn++;
      expect(drafts(out), `killed in round ${round}`).toEqual(drafts('out-whole'));
      // Nothing is left of the way there.
      const listed = await cli.json<{ readonly unfinished: boolean }>('loads', '--home', home);
      expect(listed.map(({ unfinished }) => unfinished)).toEqual([false]);
    }
    expect(goneOn).toBeGreaterThan(0);
  });

  test('interrupted by a person says how to go on, and no clear text lies about', { timeout: 120_000 }, async () => {
    freshHome('home-int');
    const { code, told } = await interrupted('home-int', 'out-int', 'SIGINT', 2);
    expect(told).toContain('the same command goes on from there');
    expect(code).toBe(130);
    for (const name of readdirSync(join(folder, 'home-int'))) {
      expect(readFileSync(join(folder, 'home-int', name)).includes('Secret:1'), name).toBe(false);
    }
    const { code: again, err } = await cli.run(ingestArgs('home-int', 'out-int'));
    expect(again, err).toBe(0);
    expect(err).toContain('goes on');
    expect(drafts('out-int')).toEqual(drafts('out-whole'));
  });

  test('gives findings that can be derived again from the original, and nothing in clear unless asked', async () => {
    const draft = JSON.parse(readFileSync(join(folder, 'out-whole/draft.json'), 'utf8')) as {
      readonly organisations: readonly { readonly file: string }[];
    };
    const file = readFileSync(join(folder, 'out-whole', draft.organisations[0]?.file ?? ''), 'utf8');
    const finding = JSON.parse(file.slice(0, file.indexOf('\n'))) as { readonly id: string; readonly identity: string };
    const rows = await cli.json<Evidence>(
      'evidence',
      finding.id,
      '--home',
      'whole',
      '--source',
      'list.txt',
      '--reveal',
    );
    const [row] = rows.filter(({ source }) => source === 'list.txt');
    expect(row).toMatchObject({ entry: 'list.txt', derived: { same: true, login: finding.identity } });
    const bytes = readFileSync(join(folder, 'list.txt')).subarray(row?.offset, (row?.offset ?? 0) + (row?.length ?? 0));
    expect(row?.derived?.bytes).toBe(bytes.toString());
    expect(row?.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(join(folder, 'list.txt')))
        .digest('hex'),
    );
    const hidden = await cli.must('evidence', finding.id, '--home', 'whole', '--passphrase-file', 'p.txt');
    expect(hidden).toContain('list.txt');
    expect(hidden).not.toContain('Secret:');
  }, 60_000);

  test('reads standard input under the name it is given', async () => {
    freshHome('home-in');
    const input = readFileSync(join(folder, 'list.txt'), 'utf8').slice(0, 200_000);
    const args = [
      'ingest',
      '-',
      '--name',
      'piped.txt',
      '--home',
      'home-in',
      '--out',
      'out-in',
      '--passphrase-file',
      'p.txt',
    ];
    const { code, err } = await cli.run(args, { input });
    expect(code, err).toBe(0);
    const ledger = JSON.parse(readFileSync(join(folder, 'out-in/ledger.json'), 'utf8')) as {
      readonly total: { readonly bytesIn: number };
      readonly sources: readonly { readonly path: string }[];
    };
    expect(ledger.total.bytesIn).toBe(input.length);
    expect(ledger.sources.map(({ path }) => path)).toEqual(['piped.txt']);
  }, 60_000);
});
