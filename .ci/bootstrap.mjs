// Sets up what a command needs, then runs it. Depends on nothing but Node 20 and npm, because it is what installs the rest:
// Node 24 (an npm package), pnpm's lockfile, the built app, Chromium for tests.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const BIN = join(ROOT, 'node_modules', '.bin');
const CACHE = join(ROOT, '.cache');
const PNPM = 'pnpm@12.21.0';
const isWindows = process.platform === 'win32';

const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`, COREPACK_ENABLE_STRICT: '0' };

/** Runs to the end; tool chatter goes to stderr, so that stdout carries results only. */
function run(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: ROOT,
    env,
    shell: isWindows,
    stdio: ['ignore', 2, 2],
    ...options,
  });
  if (done.error) throw done.error;
  return done.status ?? 1;
}

function must(what, command, args, options) {
  const status = run(command, args, options);
  if (status !== 0) {
    console.error(`\n${what} failed (exit ${status}).`);
    process.exit(status);
  }
}

function filesUnder(folder, into = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'build', '.svelte-kit'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) filesUnder(path, into);
    else into.push(path);
  }
  return into;
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.sort())
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function stampIs(name, value) {
  const path = join(CACHE, name);
  return existsSync(path) && readFileSync(path, 'utf8') === value;
}

function setStamp(name, value) {
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, name), value);
}

function install() {
  const manifests = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'web/package.json',
    'server/package.json',
    'shared/package.json',
    'shared/cli/package.json',
    'tests/package.json',
  ].map((path) => join(ROOT, path));
  const stamp = hashOf(manifests);
  const installed = existsSync(join(BIN, isWindows ? 'node.cmd' : 'node'));
  if (installed && stampIs('installed', stamp)) return;
  console.error('Sealpost: installing packages…');
  const quiet = { ...env, npm_config_nodedir: undefined };
  must('Installing packages', 'npx', ['--yes', PNPM, 'install', '--frozen-lockfile'], { env: quiet });
  setStamp('installed', stamp);
}

function build() {
  const sources = [
    ...filesUnder(join(ROOT, 'web')),
    ...filesUnder(join(ROOT, 'shared', 'src')),
    join(ROOT, 'pnpm-lock.yaml'),
  ].filter((path) => !path.endsWith('.test.ts'));
  const stamp = hashOf(sources);
  if (existsSync(join(ROOT, 'web', 'build', 'index.html')) && stampIs('built', stamp)) return;
  console.error('Sealpost: building the app…');
  rmSync(join(CACHE, 'built'), { force: true });
  must('Building the app', 'node', [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: join(ROOT, 'web'),
  });
  setStamp('built', stamp);
}

function chromium() {
  const usual = [
    process.env.CHROMIUM_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  const found = () => usual.find((path) => path && existsSync(path));
  if (found()) return found();
  console.error('Sealpost: looking for Chromium to test with…');
  const playwright = join(ROOT, 'tests', 'node_modules', 'playwright', 'cli.js');
  if (run('node', [playwright, 'install', '--with-deps', 'chromium'], { timeout: 300_000 }) === 0) return '';
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    run('apt-get', ['update', '-q']);
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (found()) return found();
  }
  console.error('No Chromium was found and none could be installed. Install one and set CHROMIUM_PATH to it.');
  process.exit(1);
}

/** Hands the terminal to `command` and ends as it ends; signals pass through, so that stopping npm stops it. */
function become(command, args, options = {}) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit', shell: false, ...options });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' || signal === 'SIGINT' ? 0 : 1)));
}

/** Node 24 as the npm package installs it: the same on every machine. */
const NODE = join(BIN, isWindows ? 'node.cmd' : 'node');
const node = (script, args, options) => become(NODE, [join(ROOT, script), ...args], { shell: isWindows, ...options });

const [command, ...args] = process.argv.slice(2);
if (args[0] === '--') args.shift();
process.chdir(ROOT);

switch (command) {
  case 'start':
    install();
    build();
    node('server/src/main.ts', args);
    break;
  case 'test':
    install();
    build();
    env.CHROMIUM_PATH = chromium();
    node('.ci/test.mjs', args);
    break;
  case 'test:scale':
    install();
    build();
    node('tests/scale/run.ts', args);
    break;
  case 'check':
    install();
    node('.ci/check.mjs', args);
    break;
  case 'reproduce':
    install();
    build();
    node('.ci/reproduce.mjs', args);
    break;
  case 'format':
    install();
    become(NODE, [join(ROOT, 'node_modules/oxfmt/bin/oxfmt'), '.']);
    break;
  case 'bench': {
    install();
    build();
    env.CHROMIUM_PATH = chromium();
    const name = args.shift() ?? '';
    const known = existsSync(join(ROOT, 'tests/bench'))
      ? readdirSync(join(ROOT, 'tests/bench')).filter(
          (file) => file.endsWith('.ts') && statSync(join(ROOT, 'tests/bench', file)).isFile(),
        )
      : [];
    if (!known.includes(`${name}.ts`)) {
      console.error(`Which bench? ${known.map((file) => file.slice(0, -3)).join(', ')}`);
      process.exit(2);
    }
    node(`tests/bench/${name}.ts`, args);
    break;
  }
  case 'fuzz':
    install();
    env.FUZZ_RUNS = args[0] ?? '20000';
    become(NODE, [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--config', '.ci/vitest.config.ts'],
      ...['any-bytes', 'hostile-input'].map((name) => `shared/src/opened/ingest/${name}.test.ts`),
    ]);
    break;
  case 'faults':
    install();
    env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --disable-warning=ExperimentalWarning`.trim();
    node('tests/faults/run.ts', args);
    break;
  case 'sealpost':
    install();
    // Node says with every first use that WebCrypto's ChaCha20-Poly1305 is experimental; the C2SP vectors pass on it.
    env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --disable-warning=ExperimentalWarning`.trim();
    node('shared/cli/src/main.ts', args, { cwd: process.env.INIT_CWD ?? ROOT });
    break;
  case 'kernels':
    install();
    node('shared/kernels/build.ts', args);
    break;
  case 'dev':
    install();
    become(NODE, [join(ROOT, 'web/node_modules/vite/bin/vite.js'), 'dev', ...args], { cwd: join(ROOT, 'web') });
    break;
  default:
    console.error(
      'usage: npm start | npm test | npm run test:scale | npm run check | npm run bench -- NAME | npm run -s faults -- NAME | npm run fuzz | npm run -s sealpost -- COMMAND',
    );
    process.exit(2);
}
