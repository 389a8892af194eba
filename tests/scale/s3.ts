/**
 * Real S3 for tests: Debian's radosgw over one object store in memory, with a monitor. Installed by apt-get where this runs as root
 * and it is missing. It refuses wrong secrets and bytes that are not those that were signed, which imitations in npm do not.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { S3Settings } from '@sealpost/server/src/blobs/s3-client.ts';
import { freePort } from './postgres.ts';

const KEYS = { accessKeyId: 'MADEUPACCESSKEY', secretAccessKey: 'made-up-secret-for-tests' };
const MEMORY_BYTES = 2 ** 31;

export interface TestS3 {
  /** Without a bucket that is there: each test makes its own. */
  readonly settings: S3Settings;
  stop(): Promise<void>;
}

/** Starts one; about fifteen seconds. `null` where it is not there and cannot be installed. */
export async function startS3(): Promise<TestS3 | null> {
  if (!install()) return null;
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-s3-'));
  const [monitorPort, port] = [await freePort(), await freePort()];
  const [cluster, disk] = [randomUUID(), randomUUID()];
  const path = (name: string): string => join(folder, name);
  for (const name of ['mon', 'osd', 'rgw', 'run']) mkdirSync(path(name));
  writeFileSync(path('ceph.conf'), configuration(folder, cluster, monitorPort, port));
  const config = ['-c', path('ceph.conf')];
  const keyring = (name: string, ...args: string[]) => runTool('ceph-authtool', [path(name), ...args]);
  const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'];
  keyring('mon.keyring', '--create-keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  keyring('admin.keyring', '--create-keyring', '--gen-key', '-n', 'client.admin', ...all);
  keyring('mon.keyring', '--import-keyring', path('admin.keyring'));
  const monitor = `[v2:127.0.0.1:${monitorPort}]`;
  runTool('monmaptool', [
    '--create',
    '--fsid',
    cluster,
    '--addv',
    'a',
    monitor,
    '--enable-all-features',
    path('monmap'),
  ]);
  const monitorOf = ['--mkfs', '-i', 'a', '--keyring', path('mon.keyring'), '--monmap', path('monmap')];
  runTool('ceph-mon', [...config, ...monitorOf]);

  const running: ChildProcess[] = [];
  const start = (command: string, args: readonly string[]): void =>
    void running.push(spawn(command, [...config, '-f', ...args], { stdio: 'ignore' }));
  const stop = async (): Promise<void> => {
    for (const child of running.reverse()) {
      const ended = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null;
      child.kill('SIGKILL'); // all of it is in memory
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const caps = ['mon', 'allow *', 'osd', 'allow *'];
    start('ceph-mon', ['-i', 'a']);
    runTool('ceph', [...config, 'osd', 'new', disk]);
    runTool('ceph', [...config, 'auth', 'get-or-create', 'osd.0', ...caps, '-o', path('osd/keyring')]);
    runTool('ceph-osd', [...config, '-i', '0', '--mkfs', '--osd-uuid', disk]);
    start('ceph-osd', ['-i', '0']);
    runTool('ceph', [...config, 'auth', 'get-or-create', 'client.rgw.a', ...caps, '-o', path('rgw/keyring')]);
    start('radosgw', ['--name', 'client.rgw.a']);
    const endpoint = `http://127.0.0.1:${port}`;
    await untilReady(endpoint);
    const user = ['--uid=sealpost', '--display-name=sealpost', `--access-key=${KEYS.accessKeyId}`];
    runTool('radosgw-admin', [...config, 'user', 'create', ...user, `--secret-key=${KEYS.secretAccessKey}`]);
    return { settings: { endpoint, bucket: 'none', region: 'us-east-1', ...KEYS }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(folder: string, cluster: string, monitorPort: number, port: number): string {
  return `[global]
fsid = ${cluster}
mon host = [v2:127.0.0.1:${monitorPort}]
mon initial members = a
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
mon allow pool size one = true
osd objectstore = memstore
memstore device bytes = ${MEMORY_BYTES}
osd crush chooseleaf type = 0
mon max pg per osd = 1000
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
log file = ${folder}/run/$name.log
pid file = ${folder}/run/$name.pid
mon data = ${folder}/mon
osd data = ${folder}/osd
ms bind ipv6 = false
public addr = 127.0.0.1
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw data = ${folder}/rgw
[client.admin]
keyring = ${folder}/admin.keyring
[client.rgw.a]
keyring = ${folder}/rgw/keyring
[osd.0]
keyring = ${folder}/osd/keyring
[mon.]
keyring = ${folder}/mon/keyring
`;
}

async function untilReady(endpoint: string): Promise<void> {
  for (let turn = 0; turn < 900; turn++) {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok === true) return;
    await wait(100);
  }
  throw new Error('radosgw does not answer');
}

function runTool(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  if (done.status !== 0) throw new Error(`${command} failed: ${done.stderr.toString()}`);
}

function install(): boolean {
  const isThere = (): boolean => ['radosgw', 'ceph-mon', 'ceph-osd'].every((name) => existsSync(`/usr/bin/${name}`));
  if (isThere() || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return isThere();
  process.stderr.write('installing radosgw for tests…\n');
  spawnSync('apt-get', ['update', '-q'], { stdio: ['ignore', 2, 2] });
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'radosgw', 'ceph-mon', 'ceph-osd'], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return isThere();
}
