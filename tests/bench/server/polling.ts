/** Devices that ask whether anything is new: signed beforehand, over raw sockets that stay open. */
import { connect } from 'node:net';
import type { Bytes } from '@sealpost/shared/base/bytes';
import { rawRequest } from '../../integration/raw-request.ts';
import type { Enrolled, Scene } from '../../integration/scene.ts';
import { listFiles } from './mailbox.ts';
import type { BenchFile } from './mailbox.ts';

/** `count` organisations of one device, each with a mailbox that lists `file`; their polls as they go over the line. */
export async function preparePolls(scene: Scene, count: number, file: BenchFile): Promise<readonly Bytes[]> {
  const devices: Enrolled[] = [];
  for (let i = 0; i < count; i++) devices.push(await scene.enrol());
  const polls: Bytes[] = [];
  for (const device of devices) {
    const { path, etag } = await listFiles(scene, device, [file]);
    const headers = { 'If-None-Match': etag };
    polls.push(await rawRequest(scene.origin, device.device, { method: 'GET', path, headers }));
  }
  return polls;
}

/**
 * Polls over `connections` open sockets at once, `each` times; how long every answer took, in ms. Anything but a 304 throws. Each socket
 * has had one answer before: what is measured is asking, not connecting. Callbacks alone: who asks shares the cores with who answers.
 */
export async function poll(
  scene: Scene,
  polls: readonly Bytes[],
  connections: number,
  each: number,
): Promise<readonly number[]> {
  const port = Number(new URL(scene.origin).port);
  const pollers = Array.from({ length: connections }, (_, at) => openPoller(port, polls[at % polls.length] as Bytes));
  await Promise.all(pollers.map((ask) => ask(1)));
  const times = await Promise.all(pollers.map((ask) => ask(each)));
  await Promise.all(pollers.map((ask) => ask(0)));
  return times.flat();
}

/** A socket over which the same request is sent a number of times, each when the one before was answered; none: it is closed. */
function openPoller(port: number, request: Bytes): (count: number) => Promise<readonly number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let [head, left, startedMs] = ['', 0, 0];
  let times: number[] = [];
  let done: (times: readonly number[]) => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;
  const ask = (): void => {
    startedMs = performance.now();
    socket.write(request);
  };
  socket.on('error', (error) => failed(error));
  socket.on('close', () => failed(new Error('the server closed a connection')));
  socket.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    if (!head.endsWith('\r\n\r\n')) return;
    times.push(performance.now() - startedMs);
    left -= 1;
    if (!head.startsWith('HTTP/1.1 304')) failed(new Error(head));
    else if (left > 0) ask();
    else done(times);
    head = '';
  });
  return (count) =>
    new Promise((resolve, reject) => {
      [done, failed, left, times] = [resolve, reject, count, []];
      if (count > 0) return ask();
      socket.destroy();
      resolve([]);
    });
}
