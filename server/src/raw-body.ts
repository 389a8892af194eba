/**
 * Bodies that go to the socket without a Web stream in between, which allocates anew for each piece: the first touch of fresh memory
 * costs more than reading a file into it. All headers are those of the answer, as middlewares left them.
 */
import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

/** A body that waits for its answer's head. One of the functions is called, once. */
export interface RawBody {
  /** Writes everything and ends the answer; resolves when that is done or the line is gone. Rejects if the bytes cannot be read. */
  sendTo(outgoing: ServerResponse): Promise<void>;
  /** Lets go of what it holds. */
  drop(): Promise<void>;
}

/** By the response that Node's adapter hands to a handler. */
const bodies = new WeakMap<object, { readonly outgoing: ServerResponse; readonly body: RawBody }>();

/** Node's response behind a request; `null` where a call comes from within the process. */
export function outgoingOf(c: Context): ServerResponse | null {
  return (c.env as { readonly outgoing?: ServerResponse } | undefined)?.outgoing ?? null;
}

/** Sends `body` behind the head of the answer to `outgoing`'s request, if that is a good one. */
export function answerWith(outgoing: ServerResponse, body: RawBody): void {
  bodies.set(outgoing, { outgoing, body });
}

/** `fetch` for Node's adapter: answers that have a raw body are sent here. `failed` is told of bytes that could not be read. */
export function withRawBodies<Env extends { readonly outgoing: object }>(
  fetch: (request: Request, env: Env) => Response | Promise<Response>,
  failed: (error: unknown) => void,
): (request: Request, env: Env) => Promise<Response> {
  return async (request, env) => {
    const answer = await fetch(request, env);
    const waiting = bodies.get(env.outgoing);
    if (waiting === undefined) return answer;
    bodies.delete(env.outgoing);
    const { outgoing, body } = waiting;
    if (!answer.ok) {
      await body.drop();
      return answer;
    }
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    await body.sendTo(outgoing).catch(failed);
    return RESPONSE_ALREADY_SENT;
  };
}
