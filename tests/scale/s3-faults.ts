/** S3 that answers errors, cuts and alters bodies, loses answers, and keeps wrong bytes: what was stored is read whole, or not at all. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { BlobsAway } from '@sealpost/server/src/blobs/blobs.ts';
import type { BlobKey, BlobStore } from '@sealpost/server/src/blobs/blobs.ts';
import { S3Client } from '@sealpost/server/src/blobs/s3-client.ts';
import type { S3Settings } from '@sealpost/server/src/blobs/s3-client.ts';
import { openS3Blobs } from '@sealpost/server/src/blobs/s3.ts';
import { faultLine } from '../faults/record/fault-line.ts';
import type { FaultLine } from '../faults/record/fault-line.ts';
import { openBadLine } from './bad-line.ts';
import type { LineFate } from './bad-line.ts';

const FATES: readonly LineFate[] = ['error', 'cut', 'short', 'flip', 'flip-sent', 'lost'];
const PART_BYTES = 5_000_000;
/** One block; several; more than one piece. */
const SIZES = [300, 60_000, 1_048_576, 1_048_577, 3_000_000, 9_500_000] as const;

/** Stores and reads a file in each round; one request in three is spoilt. Every tenth stored file is altered in the storage itself. */
export async function s3Faults(rounds: number, settings: S3Settings): Promise<FaultLine> {
  const bucket = `faults-${randomBytes(8).toString('hex')}`;
  const direct = new S3Client({ ...settings, bucket });
  await direct.put('', new Uint8Array(0));
  const line = await openBadLine(settings.endpoint);
  const blobs = openS3Blobs(new S3Client({ ...settings, bucket, endpoint: line.url }));
  const sizes = new Map<string, number>();
  const deployment = randomBytes(32).toString('base64url');
  let [lost, torn, attacks, undetected] = [0, 0, 0, 0];
  try {
    for (let round = 0; round < rounds; round++) {
      const bytes = randomBytes(SIZES[round % SIZES.length] as number);
      const sha256 = hashOf(bytes);
      line.fate = () => {
        if (randomInt(3) > 0) return 'good';
        attacks += 1;
        return FATES[randomInt(FATES.length)] as LineFate;
      };
      if (await store(blobs, { deployment, sha256 }, bytes)) sizes.set(sha256, bytes.length);
      for (const [known, size] of [...sizes].slice(-3))
        if ((await readAll(blobs, { deployment, sha256: known }, size)) === 'wrong') torn += 1;
    }
    line.fate = () => 'good';
    for (const [sha256, size] of sizes) {
      const read = await readAll(blobs, { deployment, sha256 }, size);
      if (read === 'wrong') torn += 1;
      if (read === 'none') lost += 1;
    }
    for (const [sha256, size] of [...sizes].filter((_, at) => at % 10 === 0)) {
      const path = `${hex(deployment)}/files/${hex(sha256)}`;
      const stored = await direct.get(path, 0, size);
      if (stored === null) continue;
      stored[0] = (stored[0] as number) ^ 1;
      await direct.put(path, stored);
      attacks += 1;
      if ((await readAll(blobs, { deployment, sha256 }, size)) !== 'none') undetected += 1;
    }
    return faultLine('s3', rounds, { acked: sizes.size, lost, torn, attacks, undetected });
  } finally {
    await line.stop();
  }
}

/** True if the store said that all of it is kept. */
async function store(blobs: BlobStore, key: BlobKey, bytes: Uint8Array): Promise<boolean> {
  try {
    for (let at = 0; at < bytes.length; at += PART_BYTES)
      if (!(await blobs.writePart(key, at, bytes.subarray(at, at + PART_BYTES))).ok) return false;
    return (await blobs.finish(key, bytes.length)).ok;
  } catch (error) {
    if (error instanceof BlobsAway) return false;
    throw error;
  }
}

async function readAll(blobs: BlobStore, key: BlobKey, size: number): Promise<'whole' | 'wrong' | 'none'> {
  const hash = createHash('sha256');
  let read = 0;
  try {
    const stream = await blobs.read(key, size, 0, size);
    if (stream === null) return 'none';
    for await (const part of stream) {
      hash.update(part);
      read += part.length;
    }
  } catch {
    return 'none'; // told as an error, after bytes that were right
  }
  return read === size && hash.digest('base64url') === key.sha256 ? 'whole' : 'wrong';
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}

function hex(id: string): string {
  return Buffer.from(id, 'base64url').toString('hex');
}
