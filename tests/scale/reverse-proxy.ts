/** nginx and Caddy as `server/deploy` documents them, run for tests: the same files, with the places that each machine fills in filled in. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const DEPLOY = resolve(import.meta.dirname, '../../server/deploy');

/** Where a proxy is to listen, and over what. */
export interface ProxyPlace {
  /** An empty folder of its own. */
  readonly folder: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Ports of the servers behind it, on this machine. */
  readonly serverPorts: readonly number[];
}

export interface RunningProxy {
  /** The certificate to trust, PEM. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** Replacements in one of our files: each text must be in it, so that a test that no longer fits the file fails. */
type Filling = readonly (readonly [was: string, is: string])[];

/** True if `program` is on this machine. */
export function hasProgram(program: string): boolean {
  return spawnSync('which', [program], { stdio: 'ignore' }).status === 0;
}

/** Our `server/deploy/nginx.conf` under a self-signed certificate. */
export async function startNginx(place: ProxyPlace): Promise<RunningProxy> {
  const { folder, httpsPort, httpPort, serverPorts } = place;
  chmodSync(folder, 0o755); // its workers run as another user and keep large bodies in here
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  run('openssl', [...kind, '-keyout', key, '-out', certificate, ...subject]);
  const ours = fill('nginx.conf', [
    ['  server 127.0.0.1:8787;', serverPorts.map((port) => `  server 127.0.0.1:${port};`).join('\n')],
    ['  listen 80;\n  listen [::]:80;', `  listen 127.0.0.1:${httpPort};`],
    ['  listen 443 ssl http2;\n  listen [::]:443 ssl http2;', `  listen 127.0.0.1:${httpsPort} ssl http2;`],
    ['sealpost.example', 'localhost'],
    ['/etc/letsencrypt/live/localhost/fullchain.pem', certificate],
    ['/etc/letsencrypt/live/localhost/privkey.pem', key],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const path = join(folder, 'nginx.conf');
  // what /etc/nginx/nginx.conf of the distributions has around it: workers under another user, temporary files
  const around = `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 2; events {}`;
  writeFileSync(path, `${around}\nhttp {\n${temporary.join(' ')}\n${ours}\n}\n`);
  run('nginx', ['-t', '-q', '-c', path]);
  return started('nginx', ['-c', path], folder, readFileSync(certificate, 'utf8'), [httpsPort, httpPort]);
}

/** Our `server/deploy/Caddyfile` with certificates of an authority of its own. */
export async function startCaddy(place: ProxyPlace): Promise<RunningProxy> {
  const { folder, httpsPort, httpPort, serverPorts } = place;
  const ours = fill('Caddyfile', [
    ['http://sealpost.example {', `http://localhost:${httpPort} {\n\tbind 127.0.0.1`],
    ['\nsealpost.example {', `\nhttps://localhost:${httpsPort} {\n\tbind 127.0.0.1\n\ttls internal`],
    ['reverse_proxy 127.0.0.1:8787', `reverse_proxy ${serverPorts.map((port) => `127.0.0.1:${port}`).join(' ')}`],
  ]);
  const path = join(folder, 'Caddyfile');
  const storage = join(folder, 'storage');
  mkdirSync(storage);
  const global = `{\n\tadmin off\n\tskip_install_trust\n\tstorage file_system ${storage}\n\thttp_port ${httpPort}\n\thttps_port ${httpsPort}\n}\n`;
  writeFileSync(path, global + ours);
  const config = ['--config', path, '--adapter', 'caddyfile'];
  run('caddy', ['validate', ...config], folder);
  const running = await started('caddy', ['run', ...config], folder, '', [httpsPort, httpPort]);
  const certificate = join(storage, 'pki', 'authorities', 'local', 'root.crt');
  return { ...running, certificate: readFileSync(certificate, 'utf8') };
}

function fill(name: string, filling: Filling): string {
  let text = readFileSync(join(DEPLOY, name), 'utf8');
  for (const [was, is] of filling) {
    if (!text.includes(was)) throw new Error(`server/deploy/${name} has no «${was}»`);
    text = text.replaceAll(was, is);
  }
  return text;
}

function run(program: string, args: readonly string[], home?: string): void {
  const env = home === undefined ? process.env : { ...process.env, HOME: home };
  const done = spawnSync(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (done.status !== 0) throw new Error(`${program}: ${done.stderr.toString()}`);
}

async function started(
  program: string,
  args: readonly string[],
  folder: string,
  certificate: string,
  ports: readonly number[],
): Promise<RunningProxy> {
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, HOME: folder } });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
  };
  for (let turn = 0; turn < 200; turn++) {
    if ((await Promise.all(ports.map(listens))).every(Boolean)) return { certificate, stop };
    if (child.exitCode !== null) break;
    await wait(50);
  }
  await stop();
  throw new Error(`${program} does not listen`);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
