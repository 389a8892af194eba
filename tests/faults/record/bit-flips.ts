/**
 * Single bits of a database and of stored files flipped: a start refuses what the record is made of, a reader refuses a file. Bits that
 * nothing of the record depends on (free space, other tables) do no harm and are drawn again.
 */
import { createHash, randomInt } from 'node:crypto';
import { copyFile, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { verifyLog } from '@sealpost/server/src/log/verify-log.ts';
import { openStore } from '@sealpost/server/src/store/sqlite.ts';
import { logKeys } from '@sealpost/shared/sealed/directory/roles';
import { EntryChain } from '../../integration/entry-chain.ts';
import { sealedFile, setUp, upload } from '../../integration/scene.ts';
import { startTestServer } from '../../integration/test-server.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { noneAcknowledged, postEntries } from './writers.ts';

const ENTRIES = 300;
/** Every so many flips one is of a file instead. */
const FILE_EVERY = 10;

/** `rounds` harmful flips. */
export async function bitFlips(rounds: number): Promise<FaultLine> {
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-flips-'));
  const server = await startTestServer({ dataDir: join(folder, 'data') });
  const scene = await setUp(server.origin);
  const chain = new EntryChain((await scene.enrol()).device, scene.deployment);
  await postEntries(scene, chain, await chain.next(ENTRIES), noneAcknowledged());
  const file = await sealedFile(50_000);
  await upload(scene, scene.operator, file);
  const { origin } = logKeys(await scene.directory()) ?? { origin: '' };
  const { checkpoint } = server.server.deps.logKeys;
  await server.stop();
  const original = join(folder, 'data', 'sealpost.sqlite');
  const blob = await findFile(join(folder, 'data', 'blobs'), file.bytes.length);
  const whole = await recordOf(original);
  const copy = join(folder, 'copy.sqlite');
  let [attacks, undetected] = [0, 0];
  try {
    while (attacks < rounds) {
      if (attacks % FILE_EVERY === FILE_EVERY - 1) {
        attacks += 1;
        await copyFile(blob, copy);
        await flipBit(copy);
        const given = createHash('sha256')
          .update(await readFile(copy))
          .digest('base64url');
        if (given === file.sha256) undetected += 1;
        continue;
      }
      for (const suffix of ['', '-wal', '-shm']) await rm(copy + suffix, { force: true });
      await copyFile(original, copy);
      await flipBit(copy);
      const verdict = await startOver(copy, scene.deployment, origin, checkpoint);
      if (verdict === 'accepted' && (await recordOf(copy)) === whole) continue; // nothing of the record was touched
      attacks += 1;
      if (verdict === 'accepted') undetected += 1;
    }
    return faultLine('bit_flips', rounds, { acked: ENTRIES + 1, attacks, undetected });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function startOver(
  path: string,
  deployment: string,
  origin: string,
  key: Parameters<typeof verifyLog>[3],
): Promise<'accepted' | 'refused'> {
  try {
    const store = await openStore(path);
    try {
      return (await verifyLog(store.reader, deployment, origin, key)).ok ? 'accepted' : 'refused';
    } finally {
      await store.close();
    }
  } catch {
    return 'refused'; // SQLite itself found it
  }
}

/** Hash over every row that the record is made of; what cannot be read is another one. */
async function recordOf(path: string): Promise<string> {
  try {
    const store = await openStore(path);
    try {
      const { reader } = store;
      const rows = [
        await reader.selectFrom('log_entries').selectAll().orderBy('position').execute(),
        await reader.selectFrom('log_payloads').selectAll().orderBy('position').execute(),
        await reader.selectFrom('log_writers').selectAll().orderBy('kid').execute(),
        await reader.selectFrom('log_tiles').selectAll().orderBy('level').orderBy('n').execute(),
        await reader.selectFrom('log_heads').select(['size', 'root', 'checkpoint']).execute(),
      ];
      // when an entry was received is the server's own remark: nobody signed it
      const told = rows.map((table) => table.map((row) => ({ ...row, received_at: 0 })));
      return createHash('sha256').update(JSON.stringify(told)).digest('hex');
    } finally {
      await store.close();
    }
  } catch {
    return 'unreadable';
  }
}

async function flipBit(path: string): Promise<void> {
  const { size } = await stat(path);
  const handle = await open(path, 'r+');
  const at = randomInt(size);
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ (1 << randomInt(8));
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

async function findFile(folder: string, size: number): Promise<string> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await stat(path)).size === size) return path;
  }
  throw new Error('the stored file was not found');
}
