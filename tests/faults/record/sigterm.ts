/**
 * SIGTERM in the midst of audit entries, uploads, downloads and an open stream: the server ends by itself with 0, every answer that
 * began is whole, and what was acknowledged is there.
 */
import { createHash, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { EntryChain } from '../../integration/entry-chain.ts';
import { send, setUp, upload } from '../../integration/scene.ts';
import { fileOf, listFile } from '../line/list-file.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
import { judgeFiles } from './stored-files.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from './writers.ts';

const WRITERS = 3;
const LISTED_BYTES = 3_000_000;
/** Far below the 10 s after which the server cuts what is left. */
const LATE_MS = 8_000;

/** Ends the server `rounds` times; one that ends late or with another code than 0 counts as undetected. */
export async function sigterm(rounds: number): Promise<FaultLine> {
  const server = await ServerProcess.prepare();
  try {
    await server.start();
    const scene = await setUp(server.origin);
    const acknowledged = noneAcknowledged();
    const writers: RecordWriter[] = [];
    for (let i = 0; i < WRITERS; i++) {
      const { device } = await scene.enrol();
      writers.push(new RecordWriter(scene, new EntryChain(device, scene.deployment), acknowledged));
    }
    const { org, device } = await scene.enrol();
    const listed = fileOf(LISTED_BYTES);
    await listFile(scene, org, listed);
    for (const writer of writers) await writer.post(1);
    const files = new Set<string>();
    let [torn, late] = [0, 0];

    for (let round = 0; round < rounds; round++) {
      let isUp = true;
      const writing = writers.map(async (writer) => {
        while (isUp) if ((await writer.post(8)) === null) await wait(2);
      });
      const uploading = (async () => {
        while (isUp) {
          const file = fileOf(200_000);
          const answer = await upload(scene, scene.operator, file).catch(() => null);
          if (answer?.status === 201) files.add(file.sha256);
          else await wait(2);
        }
      })();
      const downloading = (async () => {
        while (isUp) {
          const get = { method: 'GET', path: scene.at.blob(listed.sha256) };
          const answer = await send(scene.origin, device, get).catch(() => null);
          if (answer?.status !== 200) {
            await wait(2);
            continue;
          }
          const came = await answer.arrayBuffer().catch(() => new ArrayBuffer(0));
          if (createHash('sha256').update(new Uint8Array(came)).digest('base64url') !== listed.sha256) torn += 1;
        }
      })();
      const events = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.events() });
      await wait(randomInt(20, 250));
      const askedMs = performance.now();
      const code = await server.kill('SIGTERM');
      if (code !== 0 || performance.now() - askedMs > LATE_MS) late += 1;
      isUp = false;
      await Promise.all([...writing, uploading, downloading, events.text().catch(() => '')]);
      await server.start();
    }

    const verdict = await judgeRecord(scene, acknowledged);
    const judged = await judgeFiles(server, scene.deployment, files);
    let gone = 0;
    for (const sha256 of files) {
      const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
      if (head.status !== 200) gone += 1;
    }
    return faultLine('sigterm', rounds, {
      acked: acknowledged.indices.size + files.size,
      lost: verdict.lost + Math.max(judged.gone, gone),
      gaps: verdict.gaps + acknowledged.bad,
      torn: torn + judged.torn,
      attacks: rounds,
      undetected: late,
    });
  } finally {
    await server.remove();
  }
}
