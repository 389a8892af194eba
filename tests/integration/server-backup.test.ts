/** Copies of a server's data made while it writes: each holds together, and a server started over one has all that was acknowledged before. */
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from '@sealpost/server/src/store/sqlite.ts';
import { checkCopy, copyServer } from '../../shared/cli/src/server-copy.ts';
import { ServerProcess } from '../faults/record/server-process.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from '../faults/record/writers.ts';
import { Cli } from './cli.ts';
import { EntryChain } from './entry-chain.ts';
import { sealedFile, send, setUp, upload } from './scene.ts';

let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealpost-backup-'));
  server = await ServerProcess.prepare();
});
afterAll(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

it('a copy made under load is whole, a second one takes only what is new, and a server serves what it holds', async () => {
  await server.start();
  const scene = await setUp(server.origin);
  const acknowledged = noneAcknowledged();
  const { device } = await scene.enrol();
  const writer = new RecordWriter(scene, new EntryChain(device, scene.deployment), acknowledged);
  const files: string[] = [];
  const write = async (): Promise<void> => {
    await writer.post(5);
    const file = await sealedFile(20_000);
    if ((await upload(scene, scene.operator, file)).status === 201) files.push(file.sha256);
  };
  for (let i = 0; i < 3; i++) await write();
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) await write();
  })();
  const copy = join(folder, 'copy');
  const data = join(server.folder, 'data');
  await copyServer(data, copy);
  const before = { indices: new Map(acknowledged.indices), files: [...files] };
  await copyServer(data, copy);
  isWriting = false;
  await writing;
  expect(before.indices.size).toBeGreaterThan(0);
  expect(before.files.length).toBeGreaterThan(0);
  await server.kill('SIGKILL');

  const cli = new Cli(folder);
  await cli.must('server', 'restore', 'copy', 'restored');
  await server.start({ environment: { DATA_DIR: join(folder, 'restored') } });
  const verdict = await judgeRecord(scene, { ...noneAcknowledged(), indices: before.indices });
  expect(verdict).toEqual({ lost: 0, gaps: 0, fault: null });
  for (const sha256 of before.files) {
    const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
    expect(head.status).toBe(200);
  }
  await server.kill('SIGKILL');

  // one byte more in one file: nothing is restored from it, and nothing is written over
  const names = await readdir(join(folder, 'copy', 'blobs'), { recursive: true });
  await appendFile(
    join(folder, 'copy', 'blobs', String(names.find((name) => /[0-9a-f]{64}$/.test(name) && name.includes('/')))),
    'x',
  );
  await expect(checkCopy(copy)).rejects.toThrow('damaged');
  expect((await cli.run(['server', 'restore', 'copy', 'restored'])).err).toContain('is not empty');
}, 120_000); // five processes are started

it('a large file is copied in pieces, and one that is damaged at the server is named and leaves nothing behind', async () => {
  const [data, copy] = [join(folder, 'large'), join(folder, 'large-copy')];
  const deployment = 'A'.repeat(43);
  const bytes = randomBytes(96 << 20);
  const sha256 = createHash('sha256').update(bytes).digest('base64url');
  const hex = Buffer.from(sha256, 'base64url').toString('hex');
  const path = join('blobs', '0'.repeat(64), hex.slice(0, 2), hex);
  await mkdir(join(data, path, '..'), { recursive: true });
  await writeFile(join(data, 'server-keys.json'), '{}');
  await writeFile(join(data, path), bytes);
  await writeDatabase(data, { deployment, sha256, size: bytes.length, expired_at: null });

  // in a process of its own, whose peak can be told: the file whole would take it over the bound
  const script = `import { copyServer } from '${resolve(import.meta.dirname, '../../shared/cli/src/server-copy.ts')}';
    await copyServer('${data}', '${copy}');
    console.log(process.resourceUsage().maxRSS);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(run.stderr).not.toContain('Error');
  const empty = spawnSync(process.execPath, ['-e', 'console.log(process.resourceUsage().maxRSS)'], {
    encoding: 'utf8',
  });
  expect(Number(run.stdout) - Number(empty.stdout)).toBeLessThan(80 << 10); // KiB
  expect(await checkCopy(copy)).toEqual({ files: 1, bytes: bytes.length });

  bytes[50 << 20] = (bytes[50 << 20] ?? 0) ^ 1;
  await writeFile(join(data, path), bytes);
  await rm(copy, { recursive: true });
  await expect(copyServer(data, copy)).rejects.toThrow('is damaged at the server');
  expect(await readdir(join(copy, path, '..'))).toEqual([]);
});

it('a file that expired is not looked for, nor missed in the copy', async () => {
  const [data, copy] = [join(folder, 'expired'), join(folder, 'expired-copy')];
  await mkdir(data);
  await writeFile(join(data, 'server-keys.json'), '{}');
  await writeDatabase(data, { deployment: 'A'.repeat(43), sha256: 'B'.repeat(42) + 'A', size: 22, expired_at: 2 });
  expect(await copyServer(data, copy)).toEqual({ files: 0, bytes: 0 });
  expect(await checkCopy(copy)).toEqual({ files: 0, bytes: 0 });
});

/** A database of one deployment in `data` that knows one file. */
async function writeDatabase(
  data: string,
  file: {
    readonly deployment: string;
    readonly sha256: string;
    readonly size: number;
    readonly expired_at: number | null;
  },
): Promise<void> {
  const store = await openStore(join(data, 'sealpost.sqlite'));
  await store.writer
    .insertInto('deployments')
    .values({ id: file.deployment, demo: 0, created_at: 1, expires_at: null })
    .execute();
  await store.writer
    .insertInto('blobs')
    .values({ ...file, uploaded_by: 'nobody', stored_at: 1 })
    .execute();
  await store.close();
}
