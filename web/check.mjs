// Types of the web package: writes SvelteKit's generated types, then runs svelte-check on components and modules. Exits as they do.
// Not `--tsgo`: that costs as much and takes every component of a package for `any`. Through the API of TypeScript 7 (the package
// `@typescript/native`) the same faults are found as by TypeScript 6.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WEB = dirname(fileURLToPath(import.meta.url));
const STEPS = [
  ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'],
  [
    'node_modules/svelte-check/bin/svelte-check',
    '--tsconfig',
    'tsconfig.json',
    '--output',
    'human',
    '--tsgo-experimental-api',
  ],
];

for (const [script, ...args] of STEPS) {
  const done = spawnSync(process.execPath, [join(WEB, script), ...args], { cwd: WEB, stdio: 'inherit' });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
