/** The server as a process: killed at any moment it keeps what it acknowledged, asked to end it finishes what it began. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { makeAuditEntry, NO_PREVIOUS } from '@sealpost/shared/sealed/audit/entry';
import { sidToBytes } from '@sealpost/shared/sealed/envelope/statement';
import type { AuditPage } from '@sealpost/shared/sealed/wire/bodies';
import { random, sealedFile, send, setUp, upload } from './scene.ts';

const MAIN = resolve(import.meta.dirname, '../../server/src/main.ts');

let dataDir: string;
let port: number;
let child: ChildProcess | null = null;
let output = '';

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sealpost-process-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  port = (probe.address() as AddressInfo).port;
  probe.close();
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) await kill('SIGKILL');
});
afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the server as `npm start` does; resolves when it says that it is ready. */
async function start(environment: Record<string, string> = {}): Promise<void> {
  const env = { PATH: String(process.env['PATH']), PORT: String(port), DATA_DIR: dataDir, ...environment };
  const started = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child = started;
  output = '';
  await new Promise<void>((ready, failed) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (output.includes('Sealpost is ready')) ready();
    };
    started.stdout.on('data', read);
    started.stderr.on('data', read);
    started.once('exit', (code) => failed(new Error(`ended with ${code}: ${output}`)));
  });
}

async function kill(signal: NodeJS.Signals): Promise<number | null> {
  const ending = child as ChildProcess;
  const ended = once(ending, 'exit');
  ending.kill(signal);
  const [code] = await ended;
  return code as number | null;
}

const origin = (): string => `http://localhost:${port}`;

describe('the process', () => {
  it('says at its first start where to go and the setup token, and later not again', async () => {
    await start();
    expect(output).toContain(origin());
    const token = /^[A-Za-z0-9_-]{43}$/m.exec(output)?.[0];
    expect(token).toBeDefined();
    expect(await kill('SIGTERM')).toBe(0);
    await start();
    expect(output).not.toContain(String(token));
    const keys = await stat(join(dataDir, 'server-keys.json'));
    expect(keys.mode & 0o777).toBe(0o600);
    expect(await kill('SIGTERM')).toBe(0);
  });

  it('refuses a setting that makes no sense, and says which', async () => {
    await expect(start({ PORT: 'http' })).rejects.toThrow('PORT is not usable');
  });

  it('killed while it writes, keeps every entry and file that it acknowledged', async () => {
    await start();
    const scene = await setUp(origin());
    const { device } = await scene.enrol();
    const acknowledged = new Map<string, number>();
    const files: string[] = [];
    let seq = 0;
    let prev: Uint8Array = NO_PREVIOUS;

    for (let round = 0; round < 3; round++) {
      let alive = true;
      const [entriesBefore, filesBefore] = [acknowledged.size, files.length];
      const auditing = (async () => {
        while (alive) {
          const made = await makeAuditEntry({
            deployment: sidToBytes(scene.deployment),
            signer: device,
            seq: seq + 1,
            prev,
            event: { v: 1, kind: 'heartbeat', at: Math.floor(Date.now() / 1000), operations: seq },
            recipients: [scene.audit.recipient],
            random,
          });
          const entry = toBase64url(made.entry);
          const body = { entries: [{ entry, salt: toBase64url(made.salt), payload: toBase64url(made.payload) }] };
          // an answer that got lost is asked for again with the same bytes
          for (;;) {
            const answer = await send(origin(), device, { method: 'POST', path: scene.at.audit(), body }).catch(
              () => null,
            );
            if (answer?.status === 200) {
              acknowledged.set(entry, ((await answer.json()) as { indices: number[] }).indices[0] ?? -1);
              break;
            }
            if (answer !== null) throw new Error(`audit: ${answer.status}`);
            if (!alive) await new Promise((wait) => setTimeout(wait, 20));
          }
          seq += 1;
          prev = made.leaf;
        }
      })();
      const uploading = (async () => {
        while (alive) {
          const file = await sealedFile(30_000);
          const answer = await upload(scene, scene.operator, file).catch(() => null);
          if (answer?.status === 201) files.push(file.sha256);
        }
      })();
      // something was acknowledged, however slow the machine, and something is under way
      while (acknowledged.size < entriesBefore + 2 || files.length === filesBefore)
        await new Promise((wait) => setTimeout(wait, 5));
      await new Promise((wait) => setTimeout(wait, round * 37));
      await kill('SIGKILL');
      alive = false;
      await start();
      await Promise.all([auditing, uploading]);
    }

    const entries: string[] = [];
    for (let more = true, held = 0; more; held = entries.length) {
      const answer = await send(origin(), scene.operator, { method: 'GET', path: scene.at.auditAfter(held) });
      const page = (await answer.json()) as AuditPage;
      for (const entry of page.entries) expect(entry.index).toBe(entries.push(entry.entry) - 1);
      more = page.more;
    }
    expect(acknowledged.size).toBeGreaterThan(5);
    for (const [entry, index] of acknowledged) expect(entries[index]).toBe(entry);
    expect(files.length).toBeGreaterThan(0);
    for (const sha256 of files) {
      const answer = await send(origin(), scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
      expect(answer.status).toBe(200);
    }
    expect(await kill('SIGTERM')).toBe(0);
  }, 120_000);

  it('asked to end, finishes the requests it has, and ends with 0', async () => {
    await start();
    const scene = await setUp(origin());
    const events = await send(origin(), scene.operator, { method: 'GET', path: scene.at.events() });
    const answers = Array.from({ length: 20 }, async () => upload(scene, scene.operator, await sealedFile(200_000)));
    await answers[0];
    const [code, ...rest] = await Promise.all([
      kill('SIGTERM'),
      ...answers.slice(1).map((answer) => answer.catch(() => null)),
    ]);
    expect(code).toBe(0);
    const streamed = await events.text().catch(() => '');
    expect(typeof streamed).toBe('string'); // the open stream did not hold it back
    await start();
    for (const answer of rest) expect(answer === null || answer.status === 201).toBe(true);
    expect(await kill('SIGTERM')).toBe(0);
  });

  it('writes no token, path or key into its output, and no plaintext identifier into its files', async () => {
    await start({ SETUP_TOKEN: 'canary-setup-token-0123456789' });
    const scene = await setUp(origin());
    const token = random(16);
    await fetch(`${origin()}${scene.at.requests()}`, {
      method: 'POST',
      body: (await sealedFile(100)).bytes,
      headers: { 'sealpost-invitation': toBase64url(token) },
    });
    await fetch(`${origin()}/api/v1/canary-in-a-path?canary=1`);
    expect(await kill('SIGTERM')).toBe(0);
    expect(output).not.toMatch(/canary|\/api\//);
    expect(output).not.toContain(toBase64url(token));
    for (const name of await readdir(dataDir)) {
      if (!(await stat(join(dataDir, name))).isFile()) continue;
      const bytes = await readFile(join(dataDir, name));
      expect(bytes.includes(toBase64url(token))).toBe(false);
      expect(bytes.includes('canary')).toBe(false);
    }
  });
});
