/** Stands between a client and S3 and spoils what goes through: errors, cut and altered bodies, answers that get lost. */
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * `cut`: half of the answer, then the line breaks. `short`: half of it, as if that were all. `flip`, `flip-sent`: one bit of the answer,
 * or of what is sent. `lost`: it is done, and nobody is told.
 */
export type LineFate = 'good' | 'error' | 'cut' | 'short' | 'flip' | 'flip-sent' | 'lost';

export interface BadLine {
  readonly url: string;
  /** Asked for each request. */
  fate: () => LineFate;
  stop(): Promise<void>;
}

/** A line to `target` that is good until `fate` says otherwise. */
export async function openBadLine(target: string): Promise<BadLine> {
  const server = createServer((incoming, answer) => void pass(incoming, answer).catch(() => answer.destroy()));
  const line: BadLine = {
    url: '',
    fate: () => 'good',
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  async function pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const sent = await bodyOf(incoming);
    const fate = line.fate();
    if (fate === 'error') {
      answer.writeHead(503).end('<Error/>');
      return;
    }
    if (fate === 'flip-sent') flip(sent);
    const { method, headers } = incoming;
    const onward = request(new URL(String(incoming.url), target), { method, headers });
    onward.end(sent);
    const [back] = (await once(onward, 'response')) as [IncomingMessage];
    const body = await bodyOf(back);
    if (fate === 'lost') {
      answer.destroy();
      return;
    }
    if (fate === 'flip') flip(body);
    const given = fate === 'short' ? body.subarray(0, body.length >> 1) : body;
    const kept = { ...back.headers, 'transfer-encoding': undefined };
    const length = method === 'HEAD' ? {} : { 'content-length': String(given.length) };
    answer.statusCode = Number(back.statusCode);
    for (const [name, value] of Object.entries({ ...kept, ...length }))
      if (value !== undefined) answer.setHeader(name, value);
    if (fate === 'cut') answer.write(body.subarray(0, body.length >> 1), () => answer.destroy());
    else answer.end(method === 'HEAD' ? undefined : given);
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(line, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function flip(body: Buffer): void {
  if (body.length > 0) body[body.length >> 1] = (body[body.length >> 1] as number) ^ 4;
}
