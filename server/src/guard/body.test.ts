import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bytes } from '@sealpost/shared/base/bytes';
import type { Result } from '@sealpost/shared/base/result';
import { giveBack, readBody } from './body.ts';
import type { Body, BodyError } from './body.ts';

const MAX_BYTES = 3 << 20;

let server: Server;
let origin: string;
/** What was read, newest last. */
const results: Result<Body, BodyError>[] = [];
/** Readers wait for it before they answer. */
let held: Promise<void> = Promise.resolve();

const app = new Hono().all('/', async (c) => {
  const body = await readBody(c, MAX_BYTES);
  results.push(body);
  if (!body.ok) return c.text(body.error.kind, 400);
  await held;
  const answer = `${body.value.digest} ${sha256(body.value.bytes)}`;
  giveBack(body.value.bytes);
  giveBack(body.value.bytes); // once too often: it is lent once all the same
  return c.text(answer);
});

beforeAll(async () => {
  server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const sha256 = (bytes: Uint8Array): string => `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
const post = (body: Bytes): Promise<Response> => fetch(origin, { method: 'POST', body });
const bytesOf = (size: number): Bytes => new Uint8Array(randomBytes(size));

describe('a body', () => {
  it.each([0, 1, 70_000, MAX_BYTES])('of %i bytes is read whole, with its digest', async (size) => {
    const bytes = bytesOf(size);
    expect(await (await post(bytes)).text()).toBe(`${sha256(bytes)} ${sha256(bytes)}`);
  });

  it('of one of many large ones at once has its own memory, also where that was used before', async () => {
    for (let round = 0; round < 2; round++) {
      const { length } = results;
      let release: () => void = () => undefined;
      held = new Promise((resolve) => (release = resolve));
      const bodies = Array.from({ length: 6 }, () => bytesOf(MAX_BYTES));
      const answers = bodies.map((body) => post(body));
      await expect.poll(() => results.length, { timeout: 5000 }).toBe(length + 6); // all six are read and held
      release();
      for (const [at, answer] of answers.entries())
        expect(await (await answer).text()).toBe(`${sha256(bodies[at] as Bytes)} ${sha256(bodies[at] as Bytes)}`);
    }
  });

  it('that is larger than announced or allowed is refused, and the connection serves on', async () => {
    expect(await (await post(bytesOf(MAX_BYTES + 1))).text()).toBe('too-large');
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) });
    const chunked = await fetch(origin, { method: 'POST', body: endless, duplex: 'half' } as RequestInit);
    expect(await chunked.text()).toBe('too-large');
    expect((await fetch(origin)).status).toBe(200);
  });

  it('whose sender goes away is told as cut off', async () => {
    const { length } = results;
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\nonly the beginning', () =>
      socket.destroy(),
    );
    await expect.poll(() => results.slice(length)).toEqual([{ ok: false, error: { kind: 'cut-off' } }]);
  });
});
