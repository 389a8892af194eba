/** `npm run test:scale`: the tests of the server over a real PostgreSQL and real S3, which this starts and ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { startPostgres } from './postgres.ts';
import { startS3 } from './s3.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
if (s3 === null) process.stderr.write('no S3: apt-get install radosgw ceph-mon ceph-osd\n');
let status = 1;
try {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', '.ci/vitest.scale.config.ts'];
  const child = spawn(process.execPath, [...vitest, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TEST_POSTGRES: postgres.url, TEST_S3: s3 === null ? '' : JSON.stringify(s3.settings) },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  status = s3 === null ? 1 : (code ?? 1);
} finally {
  await Promise.all([postgres.stop(), s3?.stop()]);
}
process.exit(status);
