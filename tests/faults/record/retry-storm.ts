/** Many clients that send everything several times at once, with answers that get lost: each entry stands in the record once, under one index. */
import { EntryChain } from '../../integration/entry-chain.ts';
import { setUp } from '../../integration/scene.ts';
import { startTestServer } from '../../integration/test-server.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { judgeRecord, noneAcknowledged, postEntries } from './writers.ts';

const CLIENTS = 6;
const BATCH = 5;
const TIMES = 4;

/** `rounds` batches of each client, each sent four times at once; an index that differs between two answers counts as a gap. */
export async function retryStorm(rounds: number): Promise<FaultLine> {
  const server = await startTestServer();
  try {
    const scene = await setUp(server.origin);
    const chains: EntryChain[] = [];
    for (let i = 0; i < CLIENTS; i++) chains.push(new EntryChain((await scene.enrol()).device, scene.deployment));
    const acknowledged = noneAcknowledged();
    const before = server.server.deps.trees;
    let attacks = 0;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        chains.map(async (chain) => {
          const made = await chain.next(BATCH);
          attacks += TIMES - 1;
          const statuses = await Promise.all(
            Array.from({ length: TIMES }, () => postEntries(scene, chain, made, acknowledged)),
          );
          if (statuses.some((status) => status !== 200)) acknowledged.bad += 1;
        }),
      );
    }
    const verdict = await judgeRecord(scene, acknowledged);
    const size = (await before.head(scene.deployment))?.frontier.size ?? 0;
    const distinct = new Set(acknowledged.indices.values()).size;
    const own = size - distinct; // statements and enrolments
    const doubled = acknowledged.indices.size - distinct + (own === 5 + 3 * CLIENTS ? 0 : 1);
    return faultLine('retry_storm', rounds, {
      acked: acknowledged.indices.size,
      lost: verdict.lost,
      gaps: verdict.gaps + acknowledged.bad + doubled,
      attacks,
    });
  } finally {
    await server.stop();
  }
}
