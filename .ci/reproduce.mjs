/**
 * `npm run -s reproduce`: builds the app once more from a copy of the sources in another folder, under another time zone and
 * language, and compares every file with `web/build`. Who has the sources can so check what a server serves. One more build:
 * about 25 s of one core.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const ROOT = process.cwd();
/** What a build reads; links to packages come along, the packages themselves are shared. */
const SOURCES = ['web', 'shared', 'package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tsconfig.json'];
const LEFT_OUT = new Set(['build', '.svelte-kit', '.vite-temp', '.vite']);

/** SHA-256 of every file below `folder`, by path. */
function hashes(folder, prefix = '', into = new Map()) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) hashes(path, `${prefix}${entry.name}/`, into);
    else into.set(prefix + entry.name, createHash('sha256').update(readFileSync(path)).digest('hex'));
  }
  return into;
}

const scratch = mkdtempSync(join(tmpdir(), 'sealpost-build-'));
try {
  const copy = join(scratch, 'another', 'folder');
  mkdirSync(copy, { recursive: true });
  for (const name of SOURCES) {
    cpSync(join(ROOT, name), join(copy, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !LEFT_OUT.has(basename(path)),
    });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const built = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'], {
    cwd: join(copy, 'web'),
    env: { ...process.env, TZ: 'Pacific/Chatham', LC_ALL: 'C' },
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0) throw new Error(`the second build failed (exit ${built.status})`);

  const [first, second] = [hashes(join(ROOT, 'web', 'build')), hashes(join(copy, 'web', 'build'))];
  const names = [...new Set([...first.keys(), ...second.keys()])].sort();
  const different = names.filter((name) => first.get(name) !== second.get(name));
  for (const name of different) {
    const why = !first.has(name) ? 'only in the second' : !second.has(name) ? 'only in the first' : 'other bytes';
    console.log(`DIFFERENT ${name}: ${why}`);
  }
  console.log(
    different.length === 0
      ? `reproducible: ${names.length} files, the same in both builds`
      : `NOT reproducible: ${different.length} of ${names.length} files differ`,
  );
  process.exitCode = different.length === 0 && names.length > 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
