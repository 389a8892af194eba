/** `npm run test:scale`: the tests of the server over a real PostgreSQL and real S3, which this starts and ends. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { startPostgres } from './postgres.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const postgres = await startPostgres();
let status = 1;
try {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', '.ci/vitest.scale.config.ts'];
  const done = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TEST_POSTGRES: postgres.url },
  });
  status = done.status ?? 1;
} finally {
  await postgres.stop();
}
process.exit(status);
