/** Access requests by people in no chain yet, invitations to them, and the sealed decisions they poll. */
import { Hono } from 'hono';
import { toBase64url } from '@sealpost/shared/base/base64url';
import { parseBase64url } from '@sealpost/shared/base/base64url';
import { sha256 } from '@sealpost/shared/sealed/crypto/hash';
import { parseSid } from '@sealpost/shared/sealed/envelope/statement';
import { InvitationsBodySchema } from '@sealpost/shared/sealed/wire/bodies';
import type { RequestMade, RequestsPage } from '@sealpost/shared/sealed/wire/bodies';
import { MAX_JSON_BODY_BYTES, MAX_REQUEST_BYTES, MAX_STATEMENTS_PER_PAGE } from '@sealpost/shared/sealed/wire/limits';
import { INVITATION_HEADER, ROUTES } from '@sealpost/shared/sealed/wire/paths';
import { msToSeconds, secondsToMs } from '@sealpost/shared/sealed/wire/times';
import type { Deps } from '../deps.ts';
import type { Guard } from '../guard/caller.ts';
import type { RateLimit } from '../guard/rate-limit.ts';
import { addressOf, writeOnce } from '../guard/caller.ts';
import { readBody } from '../guard/body.ts';
import { parseCount, parseJsonBody } from '../guard/json.ts';
import { refuse, refuseForNow } from '../guard/problems.ts';
import { isAgeFile } from '../blobs/age-file.ts';
import { appendOwn } from '../log/own-entries.ts';
import { findInvitation, insertInvitations, useInvitation } from '../store/invitations.ts';
import { countUninvited, findRequest, insertRequest, requestsAfter, setDecision } from '../store/requests.ts';

const HOUR_MS = 3_600_000;
const SEALED = { 'Content-Type': 'application/octet-stream', 'Content-Disposition': 'attachment' };

/** `/:deployment/invitations` and `/:deployment/requests…`. `strangers` limits requests without an invitation, by address. */
export function requestRoutes(deps: Deps, guard: Guard, strangers: RateLimit): Hono {
  const app = new Hono();

  app.post(ROUTES.invitations, async (c) => {
    const caller = await guard.operator(c, MAX_JSON_BODY_BYTES);
    if (!caller.ok) return caller.error;
    const parsed = parseJsonBody(InvitationsBodySchema, caller.value.body);
    if (parsed === null) return refuse('bad-request');
    const { deployment, directory, kid } = caller.value;
    const invitations = parsed.invitations.map(({ token, exp }) => ({
      tokenHash: token,
      expiresAtMs: secondsToMs(exp),
    }));
    return writeOnce(deps, caller.value, async (unit) => {
      const added = await insertInvitations(unit.trx, deployment, invitations, kid, deps.now());
      if (added > 0)
        await appendOwn(deps, unit, directory, [{ kind: 'admin_action', action: 'invitation', count: added }]);
      return c.body(null, 204);
    });
  });

  app.post(ROUTES.requests, async (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    const deployment = parseSid(c.req.param('deployment'));
    if (deployment === null || (await deps.directories.current(deployment)) === null) return refuse('not-found');
    const token = c.req.header(INVITATION_HEADER);
    const tokenBytes = token === undefined ? null : parseBase64url(token, 16);
    if (token !== undefined && tokenBytes === null) return refuse('forbidden');
    const body = await readBody(c, MAX_REQUEST_BYTES);
    if (!body.ok) return refuse(body.error.kind === 'too-large' ? 'too-large' : 'bad-request');
    if (!isAgeFile(body.value.bytes)) return refuse('refused');

    const id = toBase64url(sha256(body.value.bytes));
    const invitation = tokenBytes === null ? null : toBase64url(sha256(tokenBytes));
    return deps.sequencer.submit(async (unit) => {
      if ((await deps.directories.inUnit(unit, deployment)) === null) return refuse('not-found');
      const answer: RequestMade = { id };
      if ((await findRequest(unit.trx, deployment, id)) !== null) return c.json(answer, 200);
      const nowMs = deps.now();
      if (invitation === null) {
        if ((await countUninvited(unit.trx, deployment, nowMs - HOUR_MS)) >= deps.rates.requestsPerHour)
          return refuseForNow(HOUR_MS / 1000);
        const wait = strangers.take(addressOf(c));
        if (wait > 0) return refuseForNow(wait);
      } else {
        const known = await findInvitation(unit.trx, deployment, invitation);
        if (known === null || known.usedAtMs !== null || known.expiresAtMs < nowMs) return refuse('forbidden');
        await useInvitation(unit.trx, deployment, invitation, nowMs);
      }
      await insertRequest(unit.trx, deployment, { id, sealed: body.value.bytes, invitation }, nowMs);
      unit.after(() => deps.changes.announce(deployment));
      return c.json(answer, 201);
    });
  });

  app.get(ROUTES.requests, async (c) => {
    const caller = await guard.operator(c, 0);
    if (!caller.ok) return caller.error;
    const after = parseCount(c.req.query('after') ?? '0');
    if (after === null) return refuse('bad-request');
    const rows = await requestsAfter(deps.reader, caller.value.deployment, after, MAX_STATEMENTS_PER_PAGE + 1);
    const page = rows.slice(0, MAX_STATEMENTS_PER_PAGE);
    const answer: RequestsPage = {
      requests: page.map(({ position, id, receivedAtMs, size, invitation, decidedAtMs }) => {
        return { position, id, received: msToSeconds(receivedAtMs), size, invitation, decided: decidedAtMs !== null };
      }),
      position: page.at(-1)?.position ?? after,
      more: rows.length > page.length,
    };
    return c.json(answer);
  });

  app.get(ROUTES.request, async (c) => {
    const caller = await guard.operator(c, 0);
    if (!caller.ok) return caller.error;
    const found = await findRequest(deps.reader, caller.value.deployment, c.req.param('id'));
    return found === null ? refuse('not-found') : c.body(new Uint8Array(found.sealed), 200, SEALED);
  });

  app.get(ROUTES.decision, async (c) => {
    const refused = guard.stranger(c);
    if (refused !== null) return refused;
    const found = await findRequest(deps.reader, c.req.param('deployment'), c.req.param('id'));
    if (found === null) return refuse('not-found');
    return found.decision === null ? c.body(null, 204) : c.body(new Uint8Array(found.decision), 200, SEALED);
  });

  app.put(ROUTES.decision, async (c) => {
    const caller = await guard.operator(c, MAX_REQUEST_BYTES);
    if (!caller.ok) return caller.error;
    const { deployment, directory, body } = caller.value;
    if (!isAgeFile(body)) return refuse('refused');
    const id = c.req.param('id');
    return writeOnce(deps, caller.value, async (unit) => {
      if ((await findRequest(unit.trx, deployment, id)) === null) return refuse('not-found');
      await setDecision(unit.trx, deployment, id, body, deps.now());
      await appendOwn(deps, unit, directory, [{ kind: 'admin_action', action: 'request_decided', count: 1 }]);
      return c.body(null, 204);
    });
  });

  return app;
}
