/**
 * `npm run -s bench -- server [--events N]`: what one server takes and hands out, over HTTP on this machine; then one and two processes
 * over PostgreSQL, where `npm run test:scale` can have one. Prints JSON lines {"case":"sqlite"|"pg1"|"pg2", metric: value}; progress
 * goes to stderr. Servers are processes of their own; what signs is done beforehand.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { measureAudit, WRITERS } from './server/audit.ts';
import { BATCH } from './server/audit-load.ts';
import { fsyncFloor } from './server/fsync-floor.ts';
import {
  measureFiles,
  measureFirstSync,
  measurePollingMemory,
  measurePolls,
  measureUploadMemory,
} from './server/delivery.ts';
import type { Print } from './server/delivery.ts';
import { queriesPerRequest } from './server/queries.ts';
import { ServerProcess } from '../faults/record/server-process.ts';
import { setUp } from '../integration/scene.ts';
import { startPostgres } from '../scale/postgres.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '60000' } } });
const events = Number(values.events);
if (!Number.isSafeInteger(events) || events < BATCH * WRITERS) {
  process.stderr.write(`--events is a whole number from ${BATCH * WRITERS}\n`);
  process.exit(2);
}

const printer =
  (name: string): Print =>
  (metric, value) =>
    void process.stdout.write(`${JSON.stringify({ case: name, [metric]: value })}\n`);

await onSqlite(printer('sqlite'));
if (process.platform === 'linux' && process.arch === 'x64') {
  await onPostgres(1, printer('pg1'));
  await onPostgres(2, printer('pg2'));
} else process.stderr.write('no PostgreSQL for this machine: pg1 and pg2 are left out\n');

async function onSqlite(print: Print): Promise<void> {
  const server = await ServerProcess.prepare();
  try {
    await server.start();
    const scene = await setUp(server.origin);
    const database = join(server.folder, 'data', 'sealpost.sqlite');
    let before = 0;
    const { taken, seconds } = await measureAudit(scene, [server], events, print, () => {
      before = databaseBytes(database);
    });
    print('bytes_per_event', Math.round((databaseBytes(database) - before) / taken));
    const floor = await fsyncFloor(server.folder, taken / BATCH, WRITERS);
    print('ours_over_fsync_floor', Number((seconds / floor).toFixed(2)));
    await server.kill('SIGTERM');
    const bootMs = performance.now();
    await server.start();
    print('start_with_full_check_ms', Math.round(performance.now() - bootMs));
  } finally {
    await server.remove();
  }
  const fresh = await ServerProcess.prepare();
  try {
    await fresh.start();
    const scene = await setUp(fresh.origin);
    await measurePolls(scene, print);
    await measureFirstSync(scene, print);
    await measureFiles(scene, print);
    await measureUploadMemory(scene, fresh, print);
    await measurePollingMemory(scene, fresh, print);
  } finally {
    await fresh.remove();
  }
  const queries = await queriesPerRequest(50);
  print('queries_per_poll', queries.poll);
  print('queries_per_download', queries.download);
}

/** `nodes` processes with the same keys over one database. */
async function onPostgres(nodes: number, print: Print): Promise<void> {
  const postgres = await startPostgres();
  const servers: ServerProcess[] = [];
  try {
    for (let i = 0; i < nodes; i++) {
      const server = await ServerProcess.prepare();
      const [first] = servers;
      servers.push(server);
      if (first !== undefined) {
        await mkdir(join(server.folder, 'data'));
        const [from, to] = [first, server].map(({ folder }) => join(folder, 'data', 'server-keys.json'));
        await copyFile(String(from), String(to));
      }
      await server.start({ environment: { DATABASE_URL: postgres.url } });
    }
    const scene = await setUp(servers[0]?.origin ?? '');
    await measureAudit(scene, servers, events / 4, print);
    await measurePolls(scene, print);
  } finally {
    for (const server of servers) await server.remove();
    await postgres.stop();
  }
}

/** Bytes of the database with what is still in its log. */
function databaseBytes(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('select page_count * page_size as bytes from pragma_page_count, pragma_page_size').get();
  database.close();
  return Number(row?.['bytes']);
}
