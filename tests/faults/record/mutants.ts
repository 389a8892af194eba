/** Servers with a fault built in: each must be caught by the test that is there for it. A fault test that cannot fail is none. */
import { join } from 'node:path';
import { EntryChain, entriesBody } from '../../integration/entry-chain.ts';
import { random, send, setUp } from '../../integration/scene.ts';
import { durabilityOrder } from './durability-order.ts';
import { faultLine } from './fault-line.ts';
import type { FaultLine } from './fault-line.ts';
import { ServerProcess } from './server-process.ts';
import type { ProcessOptions } from './server-process.ts';
import { judgeRecord, noneAcknowledged, postEntries } from './writers.ts';

interface Mutant {
  readonly name: string;
  /** True if the fault was caught. */
  readonly isCaught: (options: ProcessOptions) => Promise<boolean>;
}

const ANSWERS = 12;
/** So many of the first ones. */
const NEED_TRACE = 4;

const MUTANTS: readonly Mutant[] = [
  {
    name: 'answer-before-commit',
    isCaught: async (options) => (await durabilityOrder(ANSWERS, options)).undetected > 0,
  },
  { name: 'fsync-removed', isCaught: async (options) => (await durabilityOrder(ANSWERS, options)).undetected > 0 },
  { name: 'blob-fsync-removed', isCaught: async (options) => (await durabilityOrder(ANSWERS, options)).undetected > 0 },
  {
    name: 'blob-folder-fsync-removed',
    isCaught: async (options) => (await durabilityOrder(ANSWERS, options)).undetected > 0,
  },
  { name: 'tile-off-by-one', isCaught: (options) => isRefused(options, false) },
  { name: 'previous-hash-skipped', isCaught: (options) => isRefused(options, true) },
];

/** Every mutant once a round. `tracing`: those that only strace sees are left out without it. */
export async function mutants(rounds: number, tracing: boolean, say: (line: string) => void): Promise<FaultLine> {
  let [attacks, undetected] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const { name, isCaught } of MUTANTS.slice(tracing ? 0 : NEED_TRACE)) {
      attacks += 1;
      const nodeOptions = ['--import', join(import.meta.dirname, 'mutate.mjs')];
      if (await isCaught({ nodeOptions, environment: { MUTANT: name } })) continue;
      undetected += 1;
      say(`not caught: ${name}`);
    }
  }
  return faultLine('mutants', rounds, { attacks, undetected });
}

/** Fills a log over the width of a tile; true if a reader from outside refuses it, or the server itself a receipt. */
async function isRefused(options: ProcessOptions, forking: boolean): Promise<boolean> {
  const server = await ServerProcess.prepare();
  try {
    await server.start(options);
    const scene = await setUp(server.origin);
    const acknowledged = noneAcknowledged();
    const chain = new EntryChain((await scene.enrol()).device, scene.deployment);
    if ((await postEntries(scene, chain, await chain.next(280), acknowledged)) !== 200) return true;
    if (forking) {
      chain.prev = random(32);
      const answer = await send(scene.origin, chain.signer, {
        method: 'POST',
        path: scene.at.audit(),
        body: entriesBody(await chain.next(1)),
      });
      if (answer.status !== 200) return false; // the mutant is none: it was refused
    }
    const verdict = await judgeRecord(scene, acknowledged);
    return verdict.fault !== null || acknowledged.bad > 0;
  } finally {
    await server.remove();
  }
}
