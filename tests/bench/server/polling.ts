/** Devices that ask whether anything is new: signed beforehand, over raw sockets that stay open. */
import { once } from 'node:events';
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

/** Polls over `connections` sockets at once, `each` times; how long every answer took, in ms. Anything but a 304 throws. */
export async function poll(
  scene: Scene,
  polls: readonly Bytes[],
  connections: number,
  each: number,
): Promise<readonly number[]> {
  const times: number[] = [];
  const port = Number(new URL(scene.origin).port);
  const one = async (at: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    for (let i = 0; i < each; i++) {
      const startedMs = performance.now();
      socket.write(polls[at % polls.length] as Bytes);
      let head = '';
      while (!head.endsWith('\r\n\r\n')) head += String((await once(socket, 'data'))[0]);
      times.push(performance.now() - startedMs);
      if (!head.startsWith('HTTP/1.1 304')) throw new Error(head);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, (_, at) => one(at)));
  return times;
}
