import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeRecord, noneAcknowledged, postEntries, RecordWriter } from '../faults/record/writers.ts';
import { entriesBody, EntryChain } from '../integration/entry-chain.ts';
import { makeEnrolment, send, setUp, statementsOf } from '../integration/scene.ts';
import type { Scene } from '../integration/scene.ts';
import { startTestServer } from '../integration/test-server.ts';
import type { TestServer } from '../integration/test-server.ts';

let nodes: TestServer[];
let scene: Scene;
/** The same deployment as the other process serves it. */
let elsewhere: Scene;

beforeAll(async () => {
  const first = await startTestServer();
  const second = await startTestServer({ besides: first.dataDir });
  nodes = [second, first];
  scene = await setUp(first.origin);
  elsewhere = { ...scene, origin: second.origin };
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
});

const get = (at: Scene, path: string, signer = scene.operator) => send(at.origin, signer, { method: 'GET', path });

describe('two processes over one database', () => {
  it('keep one tree, whoever writes where, and prove it', async () => {
    const acknowledged = noneAcknowledged();
    const writers: RecordWriter[] = [];
    for (const at of [scene, elsewhere, scene, elsewhere]) {
      const { device } = await scene.enrol();
      writers.push(new RecordWriter(at, new EntryChain(device, scene.deployment), acknowledged));
    }
    const all = writers.map(async (writer) => {
      for (let i = 0; i < 15; i++) expect(await writer.post(3)).toBe(200);
    });
    await Promise.all(all);
    for (const at of [scene, elsewhere])
      expect(await judgeRecord(at, acknowledged)).toEqual({ lost: 0, gaps: 0, fault: null });
    expect([acknowledged.indices.size, acknowledged.bad]).toEqual([180, 0]);
  });

  it('know at once what the other accepted: a device that was enrolled there, an entry that was taken there', async () => {
    for (const [writes, reads] of [
      [scene, elsewhere],
      [elsewhere, scene],
    ] as const) {
      const { device } = await scene.enrol();
      const chain = new EntryChain(device, scene.deployment);
      const acknowledged = noneAcknowledged();
      expect(await postEntries(writes, chain, await chain.next(2), acknowledged)).toBe(200);
      expect((await get(reads, scene.at.checkpoint(), device)).status).toBe(200);
      expect(await postEntries(reads, chain, await chain.next(2), acknowledged)).toBe(200);
      expect(acknowledged.bad).toBe(0);
    }
  });

  it('take the same entries once, however often and wherever they come', async () => {
    const { device } = await scene.enrol();
    const chain = new EntryChain(device, scene.deployment);
    const made = await chain.next(5);
    const sending = { method: 'POST', path: scene.at.audit(), body: entriesBody(made) };
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, turn) => {
        const answer = await send((turn % 2 === 0 ? scene : elsewhere).origin, device, sending);
        return ((await answer.json()) as { indices: number[] }).indices;
      }),
    );
    expect(new Set(answers.map((indices) => indices.join())).size).toBe(1);
  });

  it('refuse a request that was played at the other one already', async () => {
    const { device } = await scene.enrol();
    const chain = new EntryChain(device, scene.deployment);
    const sending = {
      method: 'POST',
      path: scene.at.audit(),
      body: entriesBody(await chain.next(1)),
      nonce: 'A'.repeat(22),
    };
    expect((await send(scene.origin, device, sending)).status).toBe(200);
    expect((await send(elsewhere.origin, device, sending)).status).toBe(401);
  });

  it('tell the streams of both what one of them accepted', async () => {
    const { device } = await scene.enrol();
    const events = await get(elsewhere, scene.at.events());
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    const next = async (): Promise<{ audit: number }> => {
      for (let text = ''; ;) {
        const { value } = await reader.read();
        text += Buffer.from(value ?? []).toString('utf8');
        const found = /data: (.*)\n\n/.exec(text)?.[1];
        if (found !== undefined) return JSON.parse(found) as { audit: number };
      }
    };
    const before = await next();
    const chain = new EntryChain(device, scene.deployment);
    expect(await postEntries(scene, chain, await chain.next(1), noneAcknowledged())).toBe(200);
    expect((await next()).audit).toBeGreaterThan(before.audit);
    await reader.cancel();
  });

  it('accept one of two statements for the same place in a chain', async () => {
    const directory = await scene.directory();
    const answers = await Promise.all(
      [scene, elsewhere].map(async (at) => {
        const { statements } = await makeEnrolment(directory, scene.operator);
        const body = statementsOf(...statements);
        return (await send(at.origin, scene.operator, { method: 'POST', path: scene.at.chains(), body })).status;
      }),
    );
    expect(answers.sort()).toEqual([200, 409]);
  });
});

describe('a process with other keys', () => {
  it('does not start over logs that it did not sign', async () => {
    const start = startTestServer({ besides: nodes[1]?.dataDir ?? '', ownKeys: true });
    await expect(start).rejects.toThrow('the same server-keys.json');
  });
});
