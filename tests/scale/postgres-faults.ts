/**
 * PostgreSQL that cuts its connections, dies, finds deadlocks, under two to four server processes that all write: what was
 * acknowledged is there, in one tree, whichever of them is asked.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { DEFAULT_RATES } from '@sealpost/server/src/guard/rate-limit.ts';
import { faultLine } from '../faults/record/fault-line.ts';
import type { FaultLine } from '../faults/record/fault-line.ts';
import { judgeRecord, noneAcknowledged, RecordWriter } from '../faults/record/writers.ts';
import { EntryChain } from '../integration/entry-chain.ts';
import { setUp } from '../integration/scene.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';
import { databaseUrlOf } from '../integration/test-storage.ts';
import type { Postgres } from './postgres.ts';

const MAX_NODES = 4;
const MANY = { burst: 1_000_000, perHour: 1_000_000 };
const SETTLE_MS = 30_000;

/** One fault in each round, in turn: connections cut, the database killed, a deadlock, a process that leaves and one that comes. */
export async function postgresFaults(rounds: number, postgres: Postgres): Promise<FaultLine> {
  const fatal: unknown[] = [];
  const options = {
    rates: { ...DEFAULT_RATES, byKey: MANY, byAddress: MANY },
    report: () => undefined,
    onFatal: (error: unknown) => void fatal.push(error),
  };
  const first = await startTestServer(options);
  const nodes: TestServer[] = [first, await startTestServer({ ...options, besides: first.dataDir })];
  const database = databaseUrlOf(first.dataDir);
  try {
    const scene = await setUp(first.origin);
    const acknowledged = noneAcknowledged();
    const chains: EntryChain[] = [];
    for (let i = 0; i < MAX_NODES; i++) chains.push(new EntryChain((await scene.enrol()).device, scene.deployment));
    // a device goes to any process: what one of them answered, the next one must know
    const writers = chains.map((chain) => {
      const anywhere = { ...scene };
      Object.defineProperty(anywhere, 'origin', { get: () => nodes[randomInt(nodes.length)]?.origin });
      return new RecordWriter(anywhere, chain, acknowledged);
    });
    let attacks = 0;
    let wrong = 0;
    for (let round = 0; round < rounds; round++) {
      let isOver = false;
      const writing = writers.map(async (writer) => {
        while (!isOver) if ((await writer.post(randomInt(1, 5))) !== 200) await wait(20);
      });
      await wait(randomInt(20, 150));
      attacks += 1;
      if (round % 4 === 0) await cutConnections(postgres.url);
      if (round % 4 === 1) await postgres.crash();
      if (round % 4 === 2) await provokeDeadlock(database, scene.deployment);
      if (round % 4 === 3) {
        if (nodes.length < MAX_NODES) nodes.push(await startTestServer({ ...options, besides: first.dataDir }));
        else await nodes.splice(1, 1)[0]?.stop();
      }
      await wait(200);
      isOver = true;
      await Promise.all(writing);
      const deadlineMs = Date.now() + SETTLE_MS;
      for (const writer of writers) {
        let status = await writer.post(1);
        for (; status !== 200 && Date.now() < deadlineMs; status = await writer.post(1)) await wait(100);
        if (status !== 200) wrong += 1; // it does not come back by itself
      }
    }
    let [lost, gaps] = [0, 0];
    for (const { origin } of nodes) {
      const verdict = await judgeRecord({ ...scene, origin }, acknowledged);
      lost += verdict.lost;
      gaps += verdict.gaps;
    }
    gaps += acknowledged.bad + wrong + fatal.length;
    return faultLine('postgres', rounds, { acked: acknowledged.indices.size, lost, gaps, attacks });
  } finally {
    for (const node of nodes.reverse()) await node.stop();
  }
}

async function cutConnections(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'sealpost%'`,
    );
  });
}

/** Holds a row that every commit of the log writes, and then wants the sequencer's: the process that waits is told to run again. */
async function provokeDeadlock(url: string, deployment: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`set deadlock_timeout = '20s'`); // the server's connection finds it first, after one second
    await client.query('begin');
    await client.query('select 1 from log_heads where deployment = $1 for update', [deployment]);
    await wait(100);
    await client.query('select 1 from sequencer for update');
    await client.query('rollback');
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
