/** Ranges of 10 MB out of one sealed file, by ours and by nginx with sendfile, both asked by wrk in the same run (Debian's packages). */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { signRequest } from '@sealpost/shared/sealed/wire/request-signature';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { random } from '../../integration/scene.ts';
import type { Enrolled, Scene } from '../../integration/scene.ts';
import type { BenchFile } from './mailbox.ts';
import { freePort } from '../../scale/postgres.ts';

const RANGE = 'Range: bytes=1000000-10999999';
const RANGE_BYTES = 10_000_000;
/** Ours, theirs, in turn. */
const TURNS = 3;

/** Bytes a second of ours over those of nginx (median of three turns); `null` if one of the programs is not here. */
export async function besideNginx(scene: Scene, agency: Enrolled, file: BenchFile): Promise<number | null> {
  if (['wrk', 'nginx'].some((name) => spawnSync(name, ['-v']).error !== undefined)) return null;
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-nginx-'));
  await writeFile(join(folder, 'file'), file.bytes);
  const port = await freePort();
  const settings = `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
    http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
      fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
      server { listen 127.0.0.1:${port}; root ${folder}; } }`;
  await writeFile(join(folder, 'conf'), settings);
  const nginx = spawn('nginx', ['-c', join(folder, 'conf')], { stdio: 'ignore' });
  try {
    await untilAnswers(`http://127.0.0.1:${port}/file`);
    const ratios: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const ours = await rate(scene.origin + scene.at.blob(file.sha256), await signedHeaders(scene, agency, file));
      ratios.push(ours / (await rate(`http://127.0.0.1:${port}/file`, [])));
    }
    return ratios.sort((a, b) => a - b)[1] ?? null;
  } finally {
    const ended = once(nginx, 'exit');
    nginx.kill();
    await ended;
    await rm(folder, { recursive: true });
  }
}

/** Reads are not remembered by their nonce, so that one signature serves a turn. */
async function signedHeaders({ origin, at }: Scene, { device }: Enrolled, file: BenchFile): Promise<readonly string[]> {
  const signed = await signRequest({
    method: 'GET',
    url: origin + at.blob(file.sha256),
    body: null,
    signer: device,
    nowMs: Date.now(),
    nonce: toBase64url(random(16)),
  });
  return Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
}

/** Ranges a second; throws if one was answered otherwise. */
async function rate(url: string, headers: readonly string[]): Promise<number> {
  const args = ['-t1', '-c4', '-d2s', ...[...headers, RANGE].flatMap((header) => ['-H', header]), url];
  const { stdout } = await promisify(execFile)('wrk', args);
  const [, count, megabytes] = /(\d+) requests in [\d.]+s, ([\d.]+)(?:MB|GB) read/.exec(stdout) ?? [];
  if (count === undefined || megabytes === undefined || stdout.includes('Non-2xx')) throw new Error(stdout);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  const bytes = Number(megabytes) * (stdout.includes('GB read') ? 2 ** 30 : 2 ** 20);
  if (bytes < 0.98 * Number(count) * RANGE_BYTES) throw new Error(`not the whole range: ${stdout}`);
  return perSecond;
}

async function untilAnswers(url: string): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if (
      await fetch(url, { method: 'HEAD' }).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return;
    await wait(50);
  }
  throw new Error('nginx does not answer');
}
