/**
 * A witness that listens (C2SP tlog-witness): `POST …/add-checkpoint`. Whoever can reach it may ask; what counts is the log's
 * signature. Behind a reverse proxy with TLS, or within a network that is trusted to deliver.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Turn } from '@sealpost/shared/base/turn';
import { fromUtf8 } from '@sealpost/shared/base/bytes';
import type { CosignRefusal } from '@sealpost/shared/sealed/audit/cosign';
import { openSubmitted, refusalAfter } from '@sealpost/shared/sealed/audit/cosign';
import type { NoteKey } from '@sealpost/shared/sealed/audit/note';
import { encodeNoteKey, signNote } from '@sealpost/shared/sealed/audit/note';
import {
  encodeCosignatures,
  MAX_WITNESS_REQUEST_BYTES,
  parseWitnessRequest,
  SIZE_TYPE,
} from '@sealpost/shared/sealed/audit/witness-request';
import { WitnessStore } from './witness-store.ts';

const PATH = '/add-checkpoint';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const REQUEST_TIMEOUT_MS = 30_000;

export interface WitnessOptions {
  readonly folder: string;
  /** Of a new witness. */
  readonly name: string | null;
  /** Keys of the logs that it watches; the name of each is the log's origin. */
  readonly logs: readonly NoteKey[];
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly nowMs: () => number;
  /** One line about what happened; no content. */
  readonly say: (line: string) => void;
}

export interface RunningWitness {
  /** Its key as people hand it on: `name+hash+key`. */
  readonly key: string;
  readonly url: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Starts one; it listens when this resolves. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const store = await WitnessStore.open(options.folder, options.name);
  // one log after the other would do; one request after the other is simpler, and fast enough for hundreds of logs
  const turn = new Turn();
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!path.endsWith(PATH)) return plain(404, 'not found');
    if (request.method !== 'POST') return plain(405, 'POST only');
    const body = await readBody(request);
    return body === null ? plain(413, 'too large') : cosign(store, options, turn, body);
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (done) => send(response, done),
      (error: unknown) => {
        options.say(error instanceof Error ? error.message : 'a request failed');
        send(response, plain(500, 'the witness cannot keep what it would sign'));
      },
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    key: encodeNoteKey(store.signer),
    url: `http://${options.host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function cosign(
  store: WitnessStore,
  { logs, nowMs, say }: WitnessOptions,
  turn: Turn,
  body: Uint8Array,
): Promise<Answer> {
  const request = parseWitnessRequest(body);
  if (request === null) return plain(400, 'malformed request');
  const opened = await openSubmitted(request, (origin) => logs.find(({ name }) => name === origin) ?? null);
  if (!opened.ok) return refuse(opened.error);
  const { origin, size, root, note } = opened.value;
  return turn.run(async () => {
    const refusal = refusalAfter(await store.latest(origin), request, { size, root });
    if (refusal !== null) {
      // 409 with another size is how a log learns where the witness stands; the others are what a witness is there for
      if (refusal.kind !== 'other-size') say(`refused ${origin} at ${size}: ${refusal.kind}`);
      return refuse(refusal);
    }
    const signature = await signNote(note.text, store.signer, Math.floor(nowMs() / 1000));
    await store.keep(origin, { size, root }, fromUtf8(request.checkpoint) ?? '');
    say(`cosigned ${origin} at ${size}`);
    return { status: 200, type: TEXT_TYPE, body: encodeCosignatures([signature]) };
  });
}

function refuse(refusal: CosignRefusal): Answer {
  switch (refusal.kind) {
    case 'malformed':
      return plain(400, 'malformed request');
    case 'unsigned':
      return plain(403, 'not signed by the log');
    case 'unknown-log':
      return plain(404, 'unknown log');
    case 'not-consistent':
      return plain(422, 'the proof does not hold');
    case 'other-size':
    case 'other-root':
      return { status: 409, type: SIZE_TYPE, body: `${refusal.size}\n` };
  }
}

function plain(status: number, text: string): Answer {
  return { status, type: TEXT_TYPE, body: `${text}\n` };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** The body; `null` if it is larger than any request may be. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MAX_WITNESS_REQUEST_BYTES) return null;
    parts.push(part as Buffer);
  }
  return new Uint8Array(Buffer.concat(parts));
}
