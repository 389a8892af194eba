/** The faults `postgres` and `s3`, each with what it needs: installed, started, and ended with it. */
import type { FaultLine } from '../faults/record/fault-line.ts';
import { postgresFaults } from './postgres-faults.ts';
import { startPostgres } from './postgres.ts';
import { s3Faults } from './s3-faults.ts';
import { startS3 } from './s3.ts';

/** Over a PostgreSQL of its own. */
export async function postgres(rounds: number): Promise<FaultLine> {
  const started = await startPostgres();
  process.env['TEST_POSTGRES'] = started.url;
  try {
    return await postgresFaults(rounds, started);
  } finally {
    delete process.env['TEST_POSTGRES'];
    await started.stop();
  }
}

/** Over a radosgw of its own. */
export async function s3(rounds: number): Promise<FaultLine> {
  const started = await startS3();
  if (started === null) throw new Error('s3 needs radosgw: apt-get install radosgw ceph-mon ceph-osd');
  try {
    return await s3Faults(rounds, started.settings);
  } finally {
    await started.stop();
  }
}
