import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { BlobsAway } from '@sealpost/server/src/blobs/blobs.ts';
import type { BlobStore } from '@sealpost/server/src/blobs/blobs.ts';
import { S3Client } from '@sealpost/server/src/blobs/s3-client.ts';
import type { S3Settings } from '@sealpost/server/src/blobs/s3-client.ts';
import { openS3Blobs } from '@sealpost/server/src/blobs/s3.ts';
import { s3Faults } from './s3-faults.ts';

const settings = JSON.parse(String(process.env['TEST_S3'])) as S3Settings;
const bucket = `unit-${randomBytes(8).toString('hex')}`;
const deployment = randomBytes(32).toString('base64url');
let client: S3Client;
let blobs: BlobStore;

beforeAll(async () => {
  client = new S3Client({ ...settings, bucket });
  await client.put('', new Uint8Array(0));
  blobs = openS3Blobs(client);
});

async function readRange(sha256: string, size: number, start: number, end: number): Promise<Buffer | null> {
  const stream = await blobs.read({ deployment, sha256 }, size, start, end);
  if (stream === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

describe('sealed files in S3', () => {
  it('come back as they were, whole and in ranges over blocks and pieces, from parts of any size', async () => {
    const bytes = randomBytes(20_000_001);
    const sha256 = createHash('sha256').update(bytes).digest('base64url');
    const key = { deployment, sha256 };
    for (let at = 0; at < bytes.length; at += 3_333_333)
      await blobs.writePart(key, at, bytes.subarray(at, at + 3_333_333));
    expect((await blobs.list(deployment)).parts.get(sha256)).toBe(bytes.length);
    expect(await blobs.finish(key, bytes.length)).toEqual({ ok: true, value: undefined });
    for (const [start, end] of [
      [0, bytes.length],
      [1, 2],
      [1_048_575, 1_048_577],
      [8_388_607, 8_388_609],
      [16_777_000, 20_000_001],
    ] as const)
      expect((await readRange(sha256, bytes.length, start, end))?.equals(bytes.subarray(start, end))).toBe(true);
    expect(await blobs.list(deployment)).toMatchObject({ parts: new Map() });
    expect((await blobs.list(deployment)).files).toContain(sha256);
    expect(await blobs.storedAtMs(key)).toBeGreaterThan(Date.now() - 60_000);
    await blobs.remove(key);
    expect((await client.list('', null)).objects).toEqual([]);
  });

  it('are not taken under a name that is not theirs, nor with a part missing', async () => {
    const key = { deployment, sha256: randomBytes(32).toString('base64url') };
    await blobs.writePart(key, 0, randomBytes(1000));
    expect(await blobs.finish(key, 2000)).toMatchObject({ error: { kind: 'missing' } });
    expect(await blobs.finish(key, 1000)).toMatchObject({ error: { kind: 'wrong-hash' } });
    expect(await readRange(key.sha256, 2_000_000, 0, 10)).toBe(null);
  });

  it('are not there for a wrong secret', async () => {
    const stranger = new S3Client({ ...settings, bucket, secretAccessKey: 'another-secret-made-up' });
    await expect(stranger.put('a', randomBytes(10))).rejects.toThrow(BlobsAway);
    expect(await client.head('a')).toBe(null);
  });

  it('are whole or not at all, whatever happens on the line or in the storage', async () => {
    const line = await s3Faults(12, settings);
    expect(line).toMatchObject({ lost: 0, torn: 0, undetected: 0 });
    expect(line.acked).toBeGreaterThan(2);
    expect(line.attacks).toBeGreaterThan(20);
  }, 180_000); // every spoilt request is tried again after a while
});
