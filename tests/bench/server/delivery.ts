/** What a server of its own takes and hands out: polls, a first sync, uploads, memory. Every answer is checked. */
import { BLOB_PART_BYTES, MAX_BLOB_BYTES } from '@sealpost/shared/sealed/wire/limits';
import { send } from '../../integration/scene.ts';
import type { Enrolled, Scene } from '../../integration/scene.ts';
import type { ServerProcess } from '../../faults/record/server-process.ts';
import { besideNginx } from './beside-nginx.ts';
import { hashOf, listFiles, makeFile, putFile } from './mailbox.ts';
import type { BenchFile } from './mailbox.ts';
import { poll, preparePolls } from './polling.ts';

/** Takes one figure. */
export type Print = (metric: string, value: number | string) => void;

const CONNECTIONS = 32;
const POLLS_EACH = 150;
const MEGABYTE = 1_000_000;

/** `manifest_304_per_s`, and the time within which 99 of 100 were answered. */
export async function measurePolls(scene: Scene, print: Print): Promise<void> {
  const file = makeFile(2000);
  await putFile(scene, file, BLOB_PART_BYTES);
  const polls = await preparePolls(scene, CONNECTIONS, file);
  await poll(scene, polls, CONNECTIONS, 30);
  const startedMs = performance.now();
  const times = [...(await poll(scene, polls, CONNECTIONS, POLLS_EACH))].sort((a, b) => a - b);
  print('manifest_304_per_s', Math.round(times.length / ((performance.now() - startedMs) / 1000)));
  print('manifest_304_p99_ms', Number((times[Math.floor(times.length * 0.99)] ?? NaN).toFixed(1)));
}

/** The most memory while 2,000 devices poll over connections of their own (with the keys of 32), twice each. */
export async function measurePollingMemory(scene: Scene, server: ServerProcess, print: Print): Promise<void> {
  const file = makeFile(2100);
  await putFile(scene, file, BLOB_PART_BYTES);
  const polls = await preparePolls(scene, CONNECTIONS, file);
  await server.forgetPeak();
  await poll(scene, polls, 2000, 1);
  print('polling_2000_devices_peak_mb', Math.round((await server.peakBytes()) / MEGABYTE));
}

/** A device that has nothing fetches its list and a thousand files, eight at a time, and hashes each. */
export async function measureFirstSync(scene: Scene, print: Print): Promise<void> {
  const agency = await scene.enrol();
  const files = Array.from({ length: 1000 }, () => makeFile(4000));
  for (const file of files) await putFile(scene, file, BLOB_PART_BYTES);
  const { path } = await listFiles(scene, agency, files);
  const get = (asked: string) => send(scene.origin, agency.device, { method: 'GET', path: asked });
  const startedMs = performance.now();
  const list = await get(path);
  if (list.status !== 200) throw new Error(`the list was answered with ${list.status}`);
  await list.text();
  let at = 0;
  const fetchSome = async (): Promise<void> => {
    for (let file = files[at++]; file !== undefined; file = files[at++]) {
      const bytes = new Uint8Array(await (await get(scene.at.blob(file.sha256))).arrayBuffer());
      if (hashOf(bytes) !== file.sha256) throw new Error('other bytes came than were sent');
    }
  };
  await Promise.all(Array.from({ length: 8 }, fetchSome));
  print('first_sync_1000_envelopes_ms', Math.round(performance.now() - startedMs));
}

/** `upload_mb_per_s` of one file in parts of 8 MiB, and how its ranges go out beside nginx. */
export async function measureFiles(scene: Scene, print: Print): Promise<void> {
  const file = makeFile(64 << 20);
  const startedMs = performance.now();
  await putFile(scene, file, BLOB_PART_BYTES);
  print('upload_mb_per_s', Math.round(file.bytes.length / MEGABYTE / ((performance.now() - startedMs) / 1000)));
  const agency: Enrolled = await scene.enrol();
  await listFiles(scene, agency, [file]);
  const ratio = await besideNginx(scene, agency, file);
  print('blob_over_nginx', ratio === null ? 'skipped: apt-get install wrk nginx-light' : Number(ratio.toFixed(2)));
}

/** The most memory with four files of 256 MiB on their way in at once. */
export async function measureUploadMemory(scene: Scene, server: ServerProcess, print: Print): Promise<void> {
  const files: BenchFile[] = [];
  for (let i = 0; i < 4; i++) files.push(makeFile(MAX_BLOB_BYTES));
  await server.forgetPeak();
  await Promise.all(files.map((file) => putFile(scene, file, BLOB_PART_BYTES)));
  print('four_uploads_peak_mb', Math.round((await server.peakBytes()) / MEGABYTE));
}
