/** Sealed files on their way out: each gets its own bytes out of buffers that all share, and whoever breaks off leaves nothing behind. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readlink, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOf, listFile } from '../faults/line/list-file.ts';
import type { MadeUpFile } from '../faults/line/list-file.ts';
import { rawRequest } from './raw-request.ts';
import { send, setUp } from './scene.ts';
import type { Enrolled, Scene } from './scene.ts';
import { startTestServer } from './test-server.ts';
import type { TestServer } from './test-server.ts';

/** More than the buffers of both sockets: the rest waits in the server. */
const BYTES = 24 << 20;

let running: TestServer;
let scene: Scene;
let agency: Enrolled;
let file: MadeUpFile;
const reported: string[] = [];

beforeAll(async () => {
  running = await startTestServer({ report: (line) => reported.push(line) });
  scene = await setUp(running.origin);
  agency = await scene.enrol();
  file = fileOf(BYTES);
  await listFile(scene, agency.org, file);
});
afterAll(() => running.stop());

const get = (headers: Record<string, string>, { sha256 } = file) =>
  send(scene.origin, agency.device, { method: 'GET', path: scene.at.blob(sha256), headers });

const request = () =>
  rawRequest(scene.origin, agency.device, { method: 'GET', path: scene.at.blob(file.sha256) }).then(Buffer.from);

/** Connects and sends; reads nothing. */
async function ask(bytes: Uint8Array): Promise<Socket> {
  const socket = connect(Number(new URL(scene.origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('downloads', () => {
  it('of many ranges at once get each their own bytes', async () => {
    const ranges = Array.from({ length: 16 }, (_, at) => [at * 1_300_007, at * 1_300_007 + 4_200_001 - at] as const);
    const answers = await Promise.all(ranges.map(([start, end]) => get({ Range: `bytes=${start}-${end - 1}` })));
    for (const [at, answer] of answers.entries()) {
      const [start, end] = ranges[at] ?? [0, 0];
      expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/${BYTES}`]);
      const bytes = new Uint8Array(await answer.arrayBuffer()); // the others wait in the server meanwhile
      expect([bytes.length, sha256(bytes)]).toEqual([end - start, sha256(file.bytes.subarray(start, end))]);
    }
    expect(answers[0]?.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it.runIf(process.platform === 'linux')('that nobody reads to the end leave no file open', async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 6; i++) sockets.push(await ask(await request()));
    // an answer that waits for its turn on a connection has its file, too
    for (let i = 0; i < 2; i++) sockets.push(await ask(Buffer.concat([await request(), await request()])));
    await expect.poll(openFiles, { timeout: 10_000 }).toBe(10);
    for (const socket of sockets) socket.destroy();
    await expect.poll(openFiles, { timeout: 10_000 }).toBe(0);
    const after = await get({});
    expect(sha256(new Uint8Array(await after.arrayBuffer()))).toBe(sha256(file.bytes));
  });

  it('of a file that lost its end break off, are told to the operator, and end no other', async () => {
    const short = fileOf(3 << 20);
    const other = await scene.enrol();
    await listFile(scene, other.org, short);
    const folder = join(running.dataDir, 'blobs', Buffer.from(scene.deployment, 'base64url').toString('hex'));
    const name = Buffer.from(short.sha256, 'base64url').toString('hex');
    await truncate(join(folder, name.slice(0, 2), name), 2 << 20);
    const path = scene.at.blob(short.sha256);
    const answer = await send(scene.origin, other.device, { method: 'GET', path });
    expect(answer.headers.get('content-length')).toBe(String(3 << 20));
    await expect(answer.arrayBuffer()).rejects.toThrow();
    await expect.poll(() => reported.join('\n')).toMatch(/shorter than its row/);
    expect(reported.join('\n')).not.toContain(short.sha256);
    expect((await get({ Range: 'bytes=0-9' })).status).toBe(206);
  });
});

/** Sealed files that this process, which is the server's, holds open. */
async function openFiles(): Promise<number> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(join(running.dataDir, 'blobs'))).length;
}
