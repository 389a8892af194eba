/** kill -9 at random moments under audit and upload load: what was acknowledged is there, every file is whole, the tree goes on. */
import { createHash, randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { EntryChain } from '../../integration/entry-chain.ts';
import { sealedFile, send, setUp, upload } from '../../integration/scene.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
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
    const files = new Map<string, Uint8Array>();
    for (let round = 0; round < rounds; round++) {
      let isAlive = true;
      const writing = writers.map(async (writer) => {
        while (isAlive) if ((await writer.post(BATCH)) === null) await wait(2);
      });
      const uploading = (async () => {
        while (isAlive) {
          const file = await sealedFile(100_000);
          const answer = await upload(scene, scene.operator, file).catch(() => null);
          if (answer?.status === 201) files.set(file.sha256, file.bytes);
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
    let [torn, gone] = [0, 0];
    for (const [sha256, bytes] of files) {
      const answer = await send(scene.origin, scene.operator, { method: 'GET', path: scene.at.blob(sha256) });
      // a file that no manifest lists is not handed out; that it is there and whole in size, HEAD tells
      if (answer.status === 200) {
        const given = createHash('sha256')
          .update(new Uint8Array(await answer.arrayBuffer()))
          .digest('base64url');
        if (given !== sha256) torn += 1;
        continue;
      }
      const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
      if (head.status !== 200) gone += 1;
      else if (Number(head.headers.get('upload-offset') ?? bytes.length) !== bytes.length) torn += 1;
    }
    return faultLine('kill9', rounds, {
      acked: acknowledged.indices.size + files.size,
      lost: verdict.lost + gone,
      gaps: verdict.gaps + acknowledged.bad,
      torn,
    });
  } finally {
    await server.remove();
  }
}
