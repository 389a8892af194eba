/** Audit entries of several devices, a hundred a request, signed before the clock runs and sent by raw sockets. */
import { connect } from 'node:net';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { EntryChain, entriesBody } from '../../integration/entry-chain.ts';
import { rawRequest } from '../../integration/raw-request.ts';
import type { Scene } from '../../integration/scene.ts';

/** Events of one request. */
export const BATCH = 100;

/** Requests as they go over the line, in the order of each writer. */
export type Load = readonly (readonly Bytes[])[];

/** Signs everything: about 0.2 ms an event. Signatures of requests live for 300 s. */
export async function prepareLoad(scene: Scene, writers: number, events: number): Promise<Load> {
  const load: Bytes[][] = [];
  const each = Math.floor(events / BATCH / writers);
  for (let writer = 0; writer < writers; writer++) {
    const chain = new EntryChain((await scene.enrol()).device, scene.deployment);
    const requests: Bytes[] = [];
    for (let i = 0; i < each; i++) {
      const headers = { 'Content-Type': 'application/json' };
      const body = entriesBody(await chain.next(BATCH));
      requests.push(
        await rawRequest(scene.origin, chain.signer, { method: 'POST', path: scene.at.audit(), body, headers }),
      );
    }
    load.push(requests);
  }
  return load;
}

/** Sends it, each writer over its own connection, one request after the other; how many events were acknowledged. */
export async function sendLoad(scene: Scene, load: Load): Promise<number> {
  const taken = await Promise.all(load.map((requests) => sendAll(new URL(scene.origin), requests)));
  return taken.reduce((sum, requests) => sum + requests * BATCH, 0);
}

function sendAll(origin: URL, requests: readonly Bytes[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(origin.port), '127.0.0.1');
    let at = 0;
    let head = '';
    let left = -1;
    socket.setNoDelay(true);
    const next = (): void => {
      const request = requests[at];
      if (request === undefined) socket.end(() => resolve(at));
      else socket.write(request);
    };
    socket.on('data', (chunk: Buffer) => {
      let body = chunk.length;
      if (left < 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        if (!head.startsWith('HTTP/1.1 200')) {
          reject(new Error(head.slice(0, end)));
          socket.destroy();
          return;
        }
        const length = /content-length: (\d+)/i.exec(head)?.[1];
        if (length === undefined) {
          reject(new Error('an answer without a length'));
          return;
        }
        left = Number(length);
        body = head.length - end - 4;
        head = '';
      }
      left -= body;
      if (left > 0) return;
      left = -1;
      at += 1;
      next();
    });
    socket.on('error', reject);
    socket.on('connect', next);
  });
}
