/** A stream of head numbers (server-sent events): tells that there is something to fetch, never what. Polling stays the truth. */
import { Hono } from 'hono';
import { ROUTES } from '@sealpost/shared/sealed/wire/paths';
import type { HeadNumbers } from '@sealpost/shared/sealed/wire/bodies';
import type { Kid } from '@sealpost/shared/sealed/crypto/keys';
import { roleOf } from '@sealpost/shared/sealed/directory/roles';
import type { Deps } from '../deps.ts';
import type { Guard, Member } from '../guard/caller.ts';
import { isOperator } from '../guard/caller.ts';
import { refuseForNow } from '../guard/problems.ts';
import { logSize } from '../store/audit.ts';
import { feedHeads } from '../store/manifests.ts';
import { lastRequestPosition } from '../store/requests.ts';
import { lastPosition } from '../store/statements.ts';
import { mayRead } from './access.ts';

const MAX_STREAMS = 2000;
const MAX_STREAMS_PER_KEY = 4;
const KEEP_ALIVE_MS = 25_000;
/** Events that may wait for a reader. */
const MAX_UNREAD = 64;
/** Changes of one moment are one event. */
const SETTLE_MS = 100;

/** GET `/:deployment/events`. */
export function eventRoutes(deps: Deps, guard: Guard): Hono {
  const app = new Hono();
  const openByKey = new Map<string, number>();
  let open = 0;

  app.get(ROUTES.events, async (c) => {
    const caller = await guard.member(c, 0);
    if (!caller.ok) return caller.error;
    const { kid } = caller.value;
    const mine = openByKey.get(kid) ?? 0;
    if (open >= MAX_STREAMS || mine >= MAX_STREAMS_PER_KEY) return refuseForNow(60);
    open += 1;
    openByKey.set(kid, mine + 1);
    const stream = eventStream(deps, caller.value, () => {
      open -= 1;
      const left = (openByKey.get(kid) ?? 1) - 1;
      if (left === 0) openByKey.delete(kid);
      else openByKey.set(kid, left);
    });
    return new Response(stream, { headers: { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' } });
  });

  return app;
}

function eventStream(deps: Deps, caller: Member, onEnd: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let finish = (): void => undefined;
  return new ReadableStream({
    start(controller) {
      let settling: ReturnType<typeof setTimeout> | null = null;
      let ended = false;
      const send = (text: string): void => {
        if (ended) return;
        // who reads nothing for so long is gone, or asks again
        if ((controller.desiredSize ?? 0) < -MAX_UNREAD) finish();
        else controller.enqueue(encoder.encode(text));
      };
      const sendHeads = async (): Promise<void> => {
        settling = null;
        const numbers = await headNumbers(deps, caller);
        if (numbers === null) finish();
        else send(`data: ${JSON.stringify(numbers)}\n\n`);
      };
      const announce = (): void => {
        settling ??= setTimeout(() => void sendHeads().catch(finish), SETTLE_MS);
      };
      const keepAlive = setInterval(() => send(':\n\n'), KEEP_ALIVE_MS);
      const stops = [deps.changes.listen(caller.deployment, announce), deps.changes.onClose(() => finish())];
      finish = () => {
        if (ended) return;
        ended = true;
        clearInterval(keepAlive);
        if (settling !== null) clearTimeout(settling);
        for (const stop of stops) stop();
        onEnd();
        try {
          controller.close();
        } catch {
          // the client went away first
        }
      };
      announce();
    },
    cancel: () => finish(),
  });
}

/** Newest numbers that concern the caller; `null` once its deployment or its role is gone. */
async function headNumbers(deps: Deps, caller: Member): Promise<HeadNumbers | null> {
  const { deployment } = caller;
  const directory = await deps.directories.current(deployment);
  if (directory === null || roleOf(directory, caller.kid) === null) return null;
  const feeds: Record<string, number> = {};
  for (const { org, feed, ver } of await feedHeads(deps.reader, deployment)) {
    // a writer has a feed in many mailboxes: the sum grows whenever one of them does
    if (mayRead(caller, org, feed)) feeds[feed] = (feeds[feed] ?? 0) + ver;
  }
  const numbers: HeadNumbers = {
    chains: await lastPosition(deps.reader, deployment),
    audit: await logSize(deps.reader, deployment),
    feeds: feeds as Record<Kid, number>,
  };
  if (!isOperator(caller)) return numbers;
  return { ...numbers, requests: await lastRequestPosition(deps.reader, deployment) };
}
