/** Installs the peers when a bench first needs them, outside the project's own packages, and builds their page. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPage } from '../vault/browser.ts';

const HERE = import.meta.dirname;
const FOLDER = join(HERE, '..', '..', '..', '.cache', 'bench', 'peers');
const MANIFESTS = ['package.json', 'package-lock.json'] as const;
/** By the name that the workers import: the app's own Dexie is another. */
const PACKAGES = {
  '@sqlite.org/sqlite-wasm': '@sqlite.org/sqlite-wasm',
  '@duckdb/duckdb-wasm': '@duckdb/duckdb-wasm',
  'bench-dexie': 'dexie',
} as const;

/** Builds the page of the peers into `outDir`. Throws where they cannot be installed: the bench then goes on without. */
export async function buildPeers(outDir: string): Promise<void> {
  installPeers();
  const alias = Object.fromEntries(
    Object.entries(PACKAGES).map(([imported, name]) => [imported, join(FOLDER, 'node_modules', name)]),
  );
  await buildPage(HERE, outDir, alias);
}

/** From the lockfile beside this file; what is installed already stays. */
function installPeers(): void {
  mkdirSync(FOLDER, { recursive: true });
  const isInstalled = MANIFESTS.every((name) => {
    const copy = join(FOLDER, name);
    return existsSync(copy) && readFileSync(copy, 'utf8') === readFileSync(join(HERE, name), 'utf8');
  });
  if (isInstalled && existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return;
  for (const name of MANIFESTS) copyFileSync(join(HERE, name), join(FOLDER, name));
  console.error('installing the peers that the vault is compared with…');
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) throw new Error('the peers could not be installed');
}
