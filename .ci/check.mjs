// `npm run check`: format, lint, types, layer rules, dead code. Prints what failed and how long each took.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first, so that none of them runs alone at the end. */
const steps = [
  { name: 'web types', command: 'web/check.mjs', args: [] },
  {
    name: 'types',
    command: 'node_modules/@typescript/native/bin/tsc',
    args: ['-p', '.', '--incremental', '--tsBuildInfoFile', '.cache/tsc'],
  },
  {
    name: 'lint',
    command: 'node_modules/eslint/bin/eslint.js',
    args: [
      '--cache',
      '--cache-location',
      '.cache/eslint',
      '--config',
      '.ci/eslint.config.js',
      '--max-warnings',
      '0',
      '.',
    ],
  },
  {
    name: 'layers',
    command: 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'shared', 'server', 'web/src', 'tests'],
  },
  {
    name: 'dead code',
    command: 'node_modules/knip/bin/knip.js',
    args: ['--config', '.ci/knip.json', '--no-progress', '--no-config-hints'],
  },
  { name: 'format', command: 'node_modules/oxfmt/bin/oxfmt', args: ['--check', '.'] },
];

/** Each step keeps a core busy and takes up to 1 GB: more at once than this would only swap. */
const AT_ONCE = Math.min(4, Math.max(2, availableParallelism()));

function runStep(step) {
  return new Promise((done) => {
    const startedMs = Date.now();
    const child = spawn(process.execPath, [step.command, ...step.args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) => done({ ...step, code: code ?? 1, output, seconds: (Date.now() - startedMs) / 1000 }));
  });
}

const queue = [...steps];
const results = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let step = queue.shift(); step; step = queue.shift()) results.push(await runStep(step));
  }),
);
for (const result of results) {
  console.log(`${result.code === 0 ? 'ok    ' : 'FAILED'} ${result.name} (${result.seconds.toFixed(1)} s)`);
  if (result.code !== 0)
    console.log(
      result.output
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n'),
    );
}
process.exit(results.some((result) => result.code !== 0) ? 1 : 0);
