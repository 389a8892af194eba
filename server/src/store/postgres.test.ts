import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { storageFault } from './fault.ts';
import { openPostgresStore } from './postgres.ts';

/** One message of PostgreSQL's protocol (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')]);
}

it('a database that cuts a connection in the moment in which it opens it is away, and ends no process', async () => {
  const ready = [message('R', '\0\0\0\0'), message('Z', 'I')];
  const cut = message('E', 'SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0');
  let connections = 0;
  const database = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([...ready, cut])));
  }).listen(0, '127.0.0.1');
  await once(database, 'listening');
  const { port } = database.address() as AddressInfo;
  try {
    const error: unknown = await openPostgresStore(`postgresql://a:b@127.0.0.1:${port}/c`, 'keys').catch(
      (reason: unknown) => reason,
    );
    expect(storageFault(error)).toBe('away');
    expect(connections).toBeGreaterThan(0);
  } finally {
    database.close();
  }
});
