/** kill -9 at random moments under audit and upload load: what was acknowledged is there, every file is whole, the tree goes on. */
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { EntryChain } from '../../integration/entry-chain.ts';
import { sealedFile, send, setUp, upload } from '../../integration/scene.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
import { judgeFiles } from './stored-files.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from './writers.ts';

const WRITERS = 3;
const BATCH = 8;

/** Kills the server `rounds` times. */
export async function kill9(rounds: number): Promise<FaultLine> {
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
    for (const writer of writers) await writer.post(1);
    const files = new Set<string>();
    for (let round = 0; round < rounds; round++) {
      let isAlive = true;
      const writing = writers.map(async (writer) => {
        while (isAlive) if ((await writer.post(BATCH)) === null) await wait(2);
      });
      const uploading = (async () => {
        while (isAlive) {
          const file = await sealedFile(100_000);
          const answer = await upload(scene, scene.operator, file).catch(() => null);
          if (answer?.status === 201) files.add(file.sha256);
          else await wait(2);
        }
      })();
      await wait(randomInt(20, 250));
      await server.kill('SIGKILL');
      isAlive = false;
      await Promise.all([...writing, uploading]);
      await server.start();
    }
    const verdict = await judgeRecord(scene, acknowledged);
    const judged = await judgeFiles(server, scene.deployment, files);
    let unknown = 0;
    for (const sha256 of files) {
      const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
      if (head.status !== 200) unknown += 1;
    }
    return faultLine('kill9', rounds, {
      acked: acknowledged.indices.size + files.size,
      lost: verdict.lost + Math.max(judged.gone, unknown),
      gaps: verdict.gaps + acknowledged.bad,
      torn: judged.torn,
      attacks: rounds,
    });
  } finally {
    await server.remove();
  }
}
