/**
 * `npm run -s bench -- server [--events N]`: what the record of one server takes, over HTTP on this machine. Prints JSON lines
 * {"case":"sqlite", metric: value}; progress goes to stderr. The server is a process of its own with a quota that a bench may use up;
 * requests are signed beforehand, so that both cores are the server's but for sending and reading.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fsyncFloor } from './server/fsync-floor.ts';
import { BATCH, prepareLoad, sendLoad } from './server/audit-load.ts';
import { ServerProcess } from '../faults/record/server-process.ts';
import { setUp } from '../integration/scene.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '60000' } } });
const events = Number(values.events);
if (!Number.isSafeInteger(events) || events < BATCH) {
  process.stderr.write(`--events is a whole number from ${BATCH}\n`);
  process.exit(2);
}
const WRITERS = 8;

const print = (metric: string, value: number): void =>
  void process.stdout.write(`${JSON.stringify({ case: 'sqlite', [metric]: value })}\n`);

const server = await ServerProcess.prepare();
try {
  await server.start();
  const scene = await setUp(server.origin);
  process.stderr.write(`signing ${events} events…\n`);
  // threads and code are warm after these: what is measured lasts
  await sendLoad(scene, await prepareLoad(scene, WRITERS, WRITERS * 4 * BATCH));
  const load = await prepareLoad(scene, WRITERS, events);
  const database = join(server.folder, 'data', 'sealpost.sqlite');
  const before = (await stat(database)).size;
  const cpuMs = await server.cpuMs();
  const startedMs = performance.now();
  const taken = await sendLoad(scene, load);
  const seconds = (performance.now() - startedMs) / 1000;
  print('audit_events_per_s', Math.round(taken / seconds));
  print('server_cpu_us_per_event', Math.round((((await server.cpuMs()) - cpuMs) * 1000) / taken));
  await server.kill('SIGTERM');
  print('bytes_per_event', Math.round(((await stat(database)).size - before) / taken));
  const floor = await fsyncFloor(server.folder, events / BATCH, WRITERS);
  print('ours_over_fsync_floor', Number((seconds / floor).toFixed(2)));
  const bootMs = performance.now();
  await server.start();
  print('start_with_full_check_ms', Math.round(performance.now() - bootMs));
} finally {
  await server.remove();
}
