/** The outermost shell: storage that fails, and bugs, as a client sees them. */
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { startTestServer } from '../../tests/integration/test-server.ts';
import type { TestServer } from '../../tests/integration/test-server.ts';
import { random, sealedFile, send, setUp, upload } from '../../tests/integration/scene.ts';
import type { Scene } from '../../tests/integration/scene.ts';

let running: TestServer | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

const invite = (scene: Scene, count: number) => {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const invitations = Array.from({ length: count }, () => ({ token: toBase64url(random(32)), exp }));
  return send(scene.origin, scene.operator, { method: 'POST', path: scene.at.invitations(), body: { invitations } });
};

describe('a full disk', () => {
  it('is told before anything is acknowledged; reading goes on, and writing when there is room again', async () => {
    running = await startTestServer();
    const { sequencer } = running.server.deps;
    const scene = await setUp(running.origin);
    await sequencer.submit(async ({ trx }) => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(trx);
      await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(trx);
    });
    const full = await invite(scene, 1000);
    expect(full.status).toBe(507);
    expect(await full.json()).toEqual({ type: 'urn:sealpost:problem:storage-full', status: 507 });
    expect((await fetch(`${scene.origin}${scene.at.chains()}`)).status).toBe(200);
    const { reader } = running.server.deps;
    expect(await reader.selectFrom('invitations').select('token_hash').execute()).toEqual([]);
    await sequencer.submit(({ trx }) => sql`pragma max_page_count = 1000000`.execute(trx));
    expect((await invite(scene, 1000)).status).toBe(204);
  });
});

describe('a bug', () => {
  it('is answered without a word about it, and reported without the path', async () => {
    const reported: string[] = [];
    running = await startTestServer({
      report: (line) => reported.push(line),
      blobs: (disk) => ({ ...disk, freeBytes: () => Promise.reject(new Error('canary: the volume is gone')) }),
    });
    const scene = await setUp(running.origin);
    const file = await sealedFile(100);
    const answer = await upload(scene, scene.operator, file);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ type: 'urn:sealpost:problem:internal', status: 500 });
    expect(reported.join('\n')).toContain('canary');
    expect(reported.join('\n')).not.toContain(file.sha256);
  });

  it('while a file is made durable ends the server: nothing is acknowledged after a failed fsync', async () => {
    const fatal: unknown[] = [];
    running = await startTestServer({
      report: () => undefined,
      onFatal: (error) => fatal.push(error),
      blobs: (disk) => ({
        ...disk,
        writePart: () => Promise.reject(Object.assign(new Error('EIO: fsync'), { code: 'EIO' })),
      }),
    });
    const scene = await setUp(running.origin);
    expect((await upload(scene, scene.operator, await sealedFile(100))).status).toBe(500);
    expect(fatal).toHaveLength(1);
  });
});
