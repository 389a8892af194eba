/**
 * 200 slow, cut and half-open clients at once: honest ones are served all the while, nothing is lost, and the server gets rid of the
 * slow ones by itself. It runs in this process with a short patience; how long it waits changes nothing about what it does then.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { EntryChain } from '../../integration/entry-chain.ts';
import { send, setUp, upload } from '../../integration/scene.ts';
import { startTestServer } from '../../integration/test-server.ts';
import { faultLine } from '../record/fault-line.ts';
import type { FaultLine } from '../record/fault-line.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from '../record/writers.ts';
import { fileOf, listFile } from './list-file.ts';
import { SLOW_KINDS, SlowClient } from './slow-clients.ts';
import type { SlowKind } from './slow-clients.ts';

const CLIENTS = 200;
/** More than the buffers of both sockets: the rest waits in the server. */
const LISTED_BYTES = 8_000_000;
const PATIENCE = { headMs: 1_500, requestMs: 2_000, idleMs: 1_500, checkMs: 100 };
const SOON_MS = 15_000;
/** With so short a patience an honest pause can be taken for silence: honest clients ask again, as all of ours do. */
const TRIES = 5;

/** `rounds` times 200 of them. Those that the server still holds in the end count as undetected. */
export async function slowNetwork(rounds: number): Promise<FaultLine> {
  const server = await startTestServer({ patience: PATIENCE });
  try {
    const scene = await setUp(server.origin);
    const { org, device } = await scene.enrol();
    const listed = fileOf(LISTED_BYTES);
    await listFile(scene, org, listed);
    const acknowledged = noneAcknowledged();
    const writer = new RecordWriter(
      scene,
      new EntryChain((await scene.enrol()).device, scene.deployment),
      acknowledged,
    );
    const files: string[] = [];
    let [refused, held] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const opening = Array.from({ length: CLIENTS }, (_, at) =>
        SlowClient.open(SLOW_KINDS[at % SLOW_KINDS.length] as SlowKind, scene, device, listed.sha256),
      );
      const clients = await Promise.all(opening);
      for (let i = 0; i < 6; i++) {
        const file = fileOf(50_000);
        const [status, stored] = await Promise.all([
          answered(() => writer.post(4)),
          answered(async () => (await upload(scene, scene.operator, file).catch(() => null))?.status ?? null),
        ]);
        if (status !== 200) refused += 1;
        if (stored === 201 || stored === 200) files.push(file.sha256);
        else refused += 1;
      }
      const deadlineMs = performance.now() + SOON_MS;
      await wait(PATIENCE.idleMs * 2); // those who read nothing must not begin before they are given up
      for (const client of clients) client.look();
      while (clients.some((client) => client.isOpen) && performance.now() < deadlineMs) await wait(20);
      held += clients.filter((client) => client.isOpen).length;
      for (const client of clients) client.stop();
    }
    const verdict = await judgeRecord(scene, acknowledged);
    let lost = verdict.lost;
    for (const sha256 of files) {
      const head = await send(scene.origin, scene.operator, { method: 'HEAD', path: scene.at.blob(sha256) });
      if (head.status !== 200) lost += 1;
    }
    return faultLine('slow_network', rounds, {
      acked: acknowledged.indices.size + files.length,
      lost: lost + refused,
      gaps: verdict.gaps + acknowledged.bad,
      attacks: CLIENTS * rounds,
      undetected: held,
    });
  } finally {
    await server.stop();
  }
}

/** The first status that comes. */
async function answered(ask: () => Promise<number | null>): Promise<number | null> {
  for (let attempt = 1; attempt < TRIES; attempt++) {
    const status = await ask();
    if (status !== null) return status;
  }
  return ask();
}
