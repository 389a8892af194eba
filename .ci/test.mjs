// `npm test`: unit and integration tests (vitest), then the story in a browser (playwright). Last line: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const only = process.argv[2];
mkdirSync('.cache', { recursive: true });
let passed = 0;
let failed = 0;
let skipped = 0;
let broken = false;

function runNode(script, args, extra = {}) {
  const done = spawnSync(process.execPath, [script, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...extra },
  });
  return done.status ?? 1;
}

function readReport(path) {
  if (!existsSync(path)) return null;
  const report = JSON.parse(readFileSync(path, 'utf8'));
  rmSync(path);
  return report;
}

if (only !== 'e2e') {
  const report = resolve('.cache/vitest.json');
  rmSync(report, { force: true });
  const status = runNode('node_modules/vitest/vitest.mjs', [
    'run',
    '--config',
    '.ci/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const counts = readReport(report);
  if (counts === null || (status !== 0 && counts.numFailedTests === 0)) broken = true;
  passed += counts?.numPassedTests ?? 0;
  failed += counts?.numFailedTests ?? 0;
  skipped += counts?.numPendingTests ?? 0;
}

if (only !== 'unit') {
  const report = resolve('.cache/playwright.json');
  rmSync(report, { force: true });
  const status = runNode(
    'tests/node_modules/@playwright/test/cli.js',
    ['test', '--config', 'tests/playwright.config.ts'],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  );
  const counts = readReport(report)?.stats;
  if (!counts || (status !== 0 && counts.unexpected === 0)) broken = true;
  passed += (counts?.expected ?? 0) + (counts?.flaky ?? 0);
  failed += counts?.unexpected ?? 0;
  skipped += counts?.skipped ?? 0;
}

if (broken) failed += 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
